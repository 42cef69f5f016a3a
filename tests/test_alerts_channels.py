"""Channels against a listener that is really there."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import json
import logging
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import trustme

from alerts import channels as channels_module
from alerts.channels import Channel, SendFailure, Sent, StdoutChannel, open_channels, parse_retry_after
from alerts.notice import as_payload, as_text
from alerts.rules import ChannelErrors, ChannelSpec
from alerts.signing import signature_headers, signing_key
from scheduler.newsroom.server import Answer, LoopbackServer
from tests.alerts_world import NOTICE, NOW

# Apprise imports it where Python still has it.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


@contextmanager
def listening(answer: Answer = Answer(204)) -> Iterator[LoopbackServer]:  # noqa: B008 - a frozen value
    with LoopbackServer(lambda _: answer) as server:
        yield server


def webhook(server: LoopbackServer, path: str = "/hook/T0K3N", secret: str = "") -> Channel:
    spec = ChannelSpec(name="desk", kind="webhook", url=f"http://{server.place}{path}", secret=secret)
    return open_channels([spec], now=lambda: NOW)["desk"]


def apprise(server: LoopbackServer, path: str = "/T0K3N") -> Channel:
    return open_channels([ChannelSpec(name="phone", kind="apprise", url=f"json://{server.place}{path}")])["phone"]


# The webhook


def test_a_webhook_gets_the_payload_with_its_key() -> None:
    with listening() as server:
        assert webhook(server).send(NOTICE) == Sent()

    (asked,) = server.asked
    assert (asked.method, asked.path, asked.body) == ("POST", "/hook/T0K3N", as_payload(NOTICE))
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["idempotency-key"] == NOTICE.key
    assert asked.headers["user-agent"] == "karabakh-monitor"
    assert not [name for name in asked.headers if name.startswith("webhook-")]


@pytest.mark.parametrize(
    ("secret", "key"),
    [
        pytest.param("whsec_" + base64.b64encode(b"sixteen bytes :)").decode(), b"sixteen bytes :)", id="whsec"),
        pytest.param("any words in clear", b"any words in clear", id="as it is"),
    ],
)
def test_a_secret_signs_the_request(secret: str, key: bytes) -> None:
    with listening() as server:
        webhook(server, secret=secret).send(NOTICE)

    (asked,) = server.asked
    moment = str(int(NOW.timestamp()))
    expected = hmac.new(key, f"{NOTICE.key}.{moment}.".encode() + asked.body, hashlib.sha256).digest()
    assert asked.headers["webhook-id"] == NOTICE.key
    assert asked.headers["webhook-timestamp"] == moment
    assert asked.headers["webhook-signature"] == "v1," + base64.b64encode(expected).decode()
    assert secret not in str(asked.headers)


def test_signatures_are_those_of_the_standard() -> None:
    # The example that the reference libraries of Standard Webhooks are tested with.
    key = signing_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    moment = NOW.fromtimestamp(1614265330, tz=NOW.tzinfo)

    signed = signature_headers(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', moment)

    assert signed["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_2xx_is_taken(status: int) -> None:
    with listening(Answer(status, b"thank you")) as server:
        assert webhook(server).send(NOTICE) == Sent()


@pytest.mark.parametrize(
    ("status", "lasting"),
    [
        *((status, True) for status in (400, 401, 404, 410, 422)),
        *((status, False) for status in (408, 425, 429, 500, 502, 503)),
    ],
)
def test_a_refusal_is_told_without_the_path(status: int, lasting: bool) -> None:
    with listening(Answer(status, b"secret answer")) as server:
        outcome = webhook(server).send(NOTICE)

    assert outcome == SendFailure(f"channel 'desk': {server.place} answered {status}", lasting=lasting)


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_passed_on(status: int) -> None:
    with listening(Answer(status, headers={"Retry-After": "120"})) as server:
        outcome = webhook(server).send(NOTICE)

    assert isinstance(outcome, SendFailure)
    assert outcome.retry_after == timedelta(minutes=2)


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("٣", None),
        ("0", timedelta(0)),
        (" 90 ", timedelta(seconds=90)),
        ("9" * 400, timedelta(seconds=10**9)),
        ("Tue, 24 Nov 2026 12:05:00 GMT", timedelta(minutes=5)),
        ("Tue, 24 Nov 2026 11:05:00 GMT", timedelta(0)),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str | None, wait: timedelta | None) -> None:
    assert parse_retry_after(text, NOW) == wait


def test_a_redirect_is_not_followed() -> None:
    with listening() as other, listening(Answer(307, headers={"Location": f"http://{other.place}/"})) as server:
        outcome = webhook(server).send(NOTICE)

    assert other.asked == []
    assert outcome == SendFailure(
        f"channel 'desk': {server.place} answered 307; redirects are not followed, its own address must be configured"
    )


def test_a_webhook_that_is_not_there_cannot_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    channel = open_channels([ChannelSpec(name="desk", kind="webhook", url=f"http://127.0.0.1:{port}/T0K3N")])["desk"]

    assert channel.send(NOTICE) == SendFailure(f"channel 'desk': 127.0.0.1:{port} cannot be reached")


def test_a_webhook_that_keeps_silent_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels_module, "ANSWER_SECONDS", 0.05)
    with listening(Answer(204, wait=30)) as server:
        assert webhook(server).send(NOTICE) == SendFailure(f"channel 'desk': {server.place} did not answer in time")


def test_the_answers_body_is_not_waited_for() -> None:
    with listening(Answer(200, b"x" * 100, cut=1)) as server:
        assert webhook(server).send(NOTICE) == Sent()


def test_certificates_are_verified_and_ssl_cert_file_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with LoopbackServer(lambda _: Answer(204), tls=context) as server:
        spec = ChannelSpec(name="desk", kind="webhook", url=f"https://{server.place}/")
        refused = open_channels([spec])["desk"].send(NOTICE)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        taken = open_channels([spec])["desk"].send(NOTICE)

    assert isinstance(refused, SendFailure)
    assert "its certificate is not valid for it, or of an unknown authority" in refused.reason
    assert taken == Sent()


def test_the_environments_proxies_and_netrc_play_no_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with listening() as proxy, listening() as server:
        monkeypatch.setenv("HTTP_PROXY", f"http://{proxy.place}")
        assert webhook(server).send(NOTICE) == Sent()

    assert proxy.asked == []
    assert "authorization" not in server.asked[0].headers


def test_a_name_and_password_in_the_address_are_sent_as_basic_authorisation() -> None:
    with listening(Answer(401)) as server:
        spec = ChannelSpec(name="desk", kind="webhook", url=f"http://me:pa55@{server.place}/hook")
        outcome = open_channels([spec])["desk"].send(NOTICE)

    assert server.asked[0].headers["authorization"] == "Basic " + base64.b64encode(b"me:pa55").decode()
    assert isinstance(outcome, SendFailure)
    assert outcome.reason == f"channel 'desk': {server.place} answered 401"


# Apprise


@pytest.fixture
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """Apprise takes its proxies from the environment."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("direct")
def test_a_service_of_apprise_gets_plain_text() -> None:
    with listening() as server:
        outcome = apprise(server).send(replace(NOTICE, title="<b>Lachin</b> [a](http://evil.test) @here"))

    (asked,) = server.asked
    payload = json.loads(asked.body)
    assert outcome == Sent()
    assert payload["title"] == "Lachin road: ‹b›Lachin‹/b› (a)(http://evil.test) ＠here"
    assert payload["message"].splitlines() == [
        "Khazar Post (Azerbaijan), en, published 2026-11-24 11:00 UTC",
        'why: title has "lachin"; Lachin in the title',
        "https://khazar-post.test/en/road",
    ]


@pytest.mark.usefixtures("direct")
def test_a_service_that_refuses_is_a_failure_that_may_pass() -> None:
    with listening(Answer(500)) as server:
        outcome = apprise(server).send(NOTICE)

    assert outcome == SendFailure("channel 'phone': the service did not take the notice, or not everywhere")


@pytest.mark.usefixtures("direct")
def test_apprise_follows_no_redirect() -> None:
    with listening() as other, listening(Answer(307, headers={"Location": f"http://{other.place}/"})) as server:
        outcome = apprise(server).send(NOTICE)

    assert other.asked == []
    assert isinstance(outcome, SendFailure)


def test_apprise_is_imported_only_for_its_own_channels() -> None:
    code = """
import sys
from alerts.channels import open_channels
from alerts.rules import ChannelSpec
import alerts.delivery, alerts.matching
open_channels([ChannelSpec(name="a", kind="stdout"), ChannelSpec(name="b", kind="webhook", url="http://127.0.0.1/")])
sys.exit("apprise" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# Standard output


def test_stdout_prints_a_block(capsys: pytest.CaptureFixture[str]) -> None:
    assert StdoutChannel("screen").send(NOTICE) == Sent()
    assert capsys.readouterr().out == as_text(NOTICE)


def test_a_narrow_encoding_loses_letters_and_not_the_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))

    assert StdoutChannel("screen").send(replace(NOTICE, title="Լաչին road")) == Sent()
    assert b"????? road" in raw.getvalue()


class Broken(io.StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError(32, "Broken pipe")


class Shut(io.StringIO):
    def write(self, text: str) -> int:
        raise ValueError("I/O operation on closed file")


@pytest.mark.parametrize(
    ("make", "why"), [pytest.param(Broken, "Broken pipe", id="pipe"), pytest.param(Shut, "it is closed", id="closed")]
)
def test_a_broken_pipe_is_a_failure(make: Callable[[], io.StringIO], why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", make())

    assert StdoutChannel("screen").send(NOTICE) == SendFailure(
        f"channel 'screen': standard output cannot be written: {why}"
    )


# Opening


def test_every_mistake_in_channels_is_told_at_once_and_no_address() -> None:
    token = "T0K3N"
    specs = [
        ChannelSpec(name="a", kind="webhook", url=f"ftp://hooks.test/{token}"),
        ChannelSpec(name="b", kind="webhook", url=f"https:///{token}"),
        ChannelSpec(name="c", kind="webhook", url=f"https://hooks.test:x/{token}"),
        ChannelSpec(name="d", kind="webhook", url="https://hooks.test/", secret=f"whsec_{token}"),
        ChannelSpec(name="e", kind="apprise", url=f"nosuch://{token}"),
        ChannelSpec(name="f", kind="apprise", url=f"json://127.0.0.1/{token}, json://127.0.0.2/{token}"),
        ChannelSpec(name="g", kind="pigeon"),
        ChannelSpec(name="h", kind="stdout"),
    ]

    with pytest.raises(ChannelErrors) as caught:
        open_channels(specs)

    webhook_address = "a webhook's address begins with http:// or https:// and names a host"
    assert caught.value.mistakes == [
        f"channels[0].url: {webhook_address}",
        f"channels[1].url: {webhook_address}",
        f"channels[2].url: {webhook_address}",
        "channels[3].secret: what follows whsec_ is not Base64",
        "channels[4].url: Apprise does not understand this address",
        "channels[5].url: holds several addresses: give each a channel of its own",
        "channels[6].kind: there is no kind 'pigeon' (stdout, webhook, apprise)",
    ]


@pytest.mark.usefixtures("direct")
@pytest.mark.parametrize("make", [webhook, apprise])
def test_nothing_of_an_address_gets_into_the_log(
    make: Callable[[LoopbackServer], Channel], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for status in (204, 404, 500):
        with listening(Answer(status, b"T0K3N")) as server:
            channel = make(server)
            channel.send(NOTICE)
    channel.send(NOTICE)  # the server is gone

    assert "T0K3N" not in caplog.text
    assert "T0K3N" not in repr(channel)
