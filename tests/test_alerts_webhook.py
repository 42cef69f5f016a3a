"""The webhook, against a listener that is really there."""

from __future__ import annotations

import base64
import hashlib
import hmac
import socket
import ssl
from datetime import timedelta
from pathlib import Path

import pytest
import trustme

from alerts import channels as channels_module
from alerts.channels import SendFailure, Sent, open_channels, parse_retry_after
from alerts.notice import as_payload
from alerts.rules import ChannelSpec
from alerts.signing import signature_headers, signing_key
from scheduler.newsroom.server import Answer, LoopbackServer
from tests.alerts_world import NOTICE, NOW, listening, webhook


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
