"""Where notices go: standard output, a webhook, or any service that Apprise knows.

A channel's address holds tokens: what is said of a failure names the channel and at most a webhook's host.
"""

from __future__ import annotations

import logging
import ssl
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from alerts.notice import AnyNotice, as_message, as_payload, as_text
from alerts.rules import ChannelErrors, ChannelSpec
from alerts.signing import signature_headers, signing_key

if TYPE_CHECKING:
    from apprise import Apprise

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 15.0
SERVICE_SECONDS = 20  # for all that Apprise does in one sending
USER_AGENT = "karabakh-monitor"
TRY_AGAIN = frozenset({408, 425, 429})  # refusals of the 4xx class that say nothing about the request itself
# These libraries write whole addresses into the log, at levels down from WARNING.
for _name in ("urllib3", "apprise"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Sent:
    pass


@dataclass(frozen=True, slots=True)
class SendFailure:
    """`lasting`: trying the same again cannot help. `retry_after` is what the receiver asked for."""

    reason: str
    retry_after: timedelta | None = None
    lasting: bool = False


class Channel(Protocol):
    @property
    def name(self) -> str: ...

    def send(self, notice: AnyNotice) -> Sent | SendFailure:
        """Blocks until the receiver has taken the notice or has not."""


def utc_now() -> datetime:
    return datetime.now(UTC)


def open_channels(specs: Sequence[ChannelSpec], *, now: Callable[[], datetime] = utc_now) -> Mapping[str, Channel]:
    """By name; raises ChannelErrors with every mistake at once. Nothing is sent, no host is asked.

    `now` is what signatures are dated by: the true time, or the receiver takes them for a replay.
    """
    channels: dict[str, Channel] = {}
    mistakes = []
    for i, spec in enumerate(specs):
        try:
            channels[spec.name] = _open(spec, now)
        except _Mistake as mistake:
            mistakes.append(f"channels[{i}].{mistake.key}: {mistake}")
    if mistakes:
        raise ChannelErrors(mistakes)
    return channels


class _Mistake(ValueError):
    def __init__(self, key: str, sentence: str) -> None:
        super().__init__(sentence)
        self.key = key


def _open(spec: ChannelSpec, now: Callable[[], datetime]) -> Channel:
    if spec.kind == "stdout":
        return StdoutChannel(spec.name)
    if spec.kind == "webhook":
        return WebhookChannel(spec.name, spec.url, spec.secret, now)
    if spec.kind == "apprise":
        return AppriseChannel(spec.name, spec.url)
    raise _Mistake("kind", f"there is no kind {spec.kind!r} (stdout, webhook, apprise)")


class StdoutChannel:
    _one_at_a_time = threading.Lock()  # blocks of lines from several channels must not mix

    def __init__(self, name: str) -> None:
        self.name = name

    def send(self, notice: AnyNotice) -> Sent | SendFailure:
        stream = sys.stdout
        encoding = stream.encoding or "utf-8"
        text = as_text(notice).encode(encoding, "replace").decode(encoding)
        try:
            with self._one_at_a_time:
                stream.write(text)
                stream.flush()
        except (OSError, ValueError) as error:  # ValueError: the stream has been closed
            why = error.strerror if isinstance(error, OSError) and error.strerror else "it is closed"
            return SendFailure(f"channel {self.name!r}: standard output cannot be written: {why}")
        return Sent()


class WebhookChannel:
    """A JSON POST for each notice. Proxies, .netrc and cookies of the environment play no part."""

    def __init__(self, name: str, url: str, secret: str, now: Callable[[], datetime]) -> None:
        self.name = name
        self._url = url
        self._host = _host(url)
        self._now = now
        self._trust = _SystemTrust()
        try:
            self._key = signing_key(secret) if secret else None
        except ValueError as error:
            raise _Mistake("secret", str(error)) from None

    def send(self, notice: AnyNotice) -> Sent | SendFailure:
        body = as_payload(notice)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
            "Idempotency-Key": notice.key,
        }
        if self._key is not None:
            headers |= signature_headers(self._key, notice.key, body, self._now())
        try:
            with requests.Session() as session:
                session.trust_env = False
                session.mount("https://", self._trust)
                # The answer's body is nobody's business here: it is neither read nor kept.
                with session.post(
                    self._url,
                    data=body,
                    headers=headers,
                    timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
                    allow_redirects=False,
                    stream=True,
                ) as answer:
                    return self._taken(answer.status_code, answer.headers.get("Retry-After"))
        except requests.RequestException as error:
            return self._failure(_said_of(error))

    def _taken(self, status: int, retry_after: str | None) -> Sent | SendFailure:
        if 200 <= status < 300:
            return Sent()
        if 300 <= status < 400:
            return self._failure(f"answered {status}; redirects are not followed, its own address must be configured")
        lasting = 400 <= status < 500 and status not in TRY_AGAIN
        return self._failure(
            f"answered {status}", None if lasting else parse_retry_after(retry_after, self._now()), lasting=lasting
        )

    def _failure(self, said: str, retry_after: timedelta | None = None, *, lasting: bool = False) -> SendFailure:
        return SendFailure(f"channel {self.name!r}: {self._host} {said}", retry_after, lasting)


class _SystemTrust(HTTPAdapter):
    """Trusts the authorities of the system (and of SSL_CERT_FILE) besides those that come with requests: a webhook
    inside an organisation often has a certificate of its own authority. Reading them takes 40 ms, once a channel."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, ssl_context=ssl.create_default_context())


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
        if parts.hostname and parts.scheme in {"http", "https"}:
            return f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
    except ValueError:  # brackets or a port that make no sense
        pass
    raise _Mistake("url", "a webhook's address begins with http:// or https:// and names a host")


def _said_of(error: requests.RequestException) -> str:
    """The exception's own text holds the address."""
    if isinstance(error, requests.exceptions.SSLError):
        return "cannot be trusted: its certificate is not valid for it, or of an unknown authority"
    if isinstance(error, requests.Timeout):
        return "did not answer in time"
    if isinstance(error, requests.ConnectionError):
        return "cannot be reached"
    return f"could not be asked ({type(error).__name__})"


def parse_retry_after(text: str | None, now: datetime) -> timedelta | None:
    """Seconds or an HTTP date (RFC 9110, 10.2.3); None for what is neither."""
    if not text:
        return None
    text = text.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:10]), 10**9))
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now, timedelta())


class AppriseChannel:
    """One service of Apprise. Of several receivers behind one address (chats of one bot) all must take the notice:
    Apprise does not say which have, so that after a partial failure all are asked again."""

    def __init__(self, name: str, url: str) -> None:
        from apprise import Apprise, AppriseAsset

        self.name = name
        asset = AppriseAsset(
            storage_mode="memory",
            service_timeout=SERVICE_SECONDS,
            http_redirects=False,
            app_id=USER_AGENT,
            image_url_mask="",  # an icon from a third party's server would tell it who reads
        )
        self._apprise: Apprise = Apprise(asset=asset)
        if not self._apprise.add(url):
            raise _Mistake("url", "Apprise does not understand this address")
        if len(self._apprise) != 1:
            raise _Mistake("url", "holds several addresses: give each a channel of its own")

    def send(self, notice: AnyNotice) -> Sent | SendFailure:
        from apprise import NotifyFormat

        title, body = as_message(notice)
        if self._apprise.notify(body, title, body_format=NotifyFormat.TEXT, interpret_escapes=False):
            return Sent()
        return SendFailure(f"channel {self.name!r}: the service did not take the notice, or not everywhere")
