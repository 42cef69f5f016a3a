"""Standard output, Apprise, and the opening of channels. The webhook has a file of its own."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest

from alerts.channels import Channel, SendFailure, Sent, StdoutChannel, open_channels
from alerts.notice import as_text
from alerts.rules import ChannelErrors, ChannelSpec
from scheduler.newsroom.server import Answer, LoopbackServer
from tests.alerts_world import NOTICE, listening, webhook

# Apprise imports it where Python still has it.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


def apprise(server: LoopbackServer, path: str = "/T0K3N") -> Channel:
    return open_channels([ChannelSpec(name="phone", kind="apprise", url=f"json://{server.place}{path}")])["phone"]


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
    assert asked.headers["user-agent"] == "karabakh-monitor"
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
