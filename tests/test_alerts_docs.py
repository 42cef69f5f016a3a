"""docs/alerts.md is true to the letter."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from alerts.channels import Sent, open_channels
from alerts.delivery import BACK_OFF, LONGEST_WAIT, REST, SEND_TIME, SHORTEST_WAIT, UNKNOWN_CHANNEL_RETRY
from alerts.notice import as_payload, as_text
from alerts.rules import ChannelSpec, RuleErrors, RuleSpec, compile_rules, compile_source_rules
from scheduler.assemble import channel_specs, rule_specs
from scheduler.config import AlertingConfig
from scheduler.config_file import load_config
from scheduler.newsroom.server import Answer, LoopbackServer
from storage.ailments import KINDS
from tests.alerts_world import NOTICE, NOW, SOURCE_NOTICE
from tests.data import ROOT

PAGE = (ROOT / "docs" / "alerts.md").read_text("utf-8")
PROSE = " ".join(PAGE.split())


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
def test_the_configuration_is_one_that_works(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(blocks("toml")[0], "utf-8")
    environment = {"DESK_URL": "https://desk.test/hook", "DESK_SECRET": "s3cret", "PHONE_URL": "json://127.0.0.1/"}

    values = load_config(tmp_path / "config.toml", environment).values

    assert set(open_channels(channel_specs(values))) == {"desk", "phone", "screen"}
    rules = compile_rules(rule_specs(values), now=NOW, topic=None)
    assert [(rule.name, rule.relevant_only) for rule in rules] == [
        ("Lachin road", True),
        ("Anything that names Goris", False),
    ]


def test_the_rules_of_sources_are_ones_that_work(tmp_path: Path) -> None:
    channel = '[[channels]]\nname = "desk"\nkind = "stdout"\n'
    (tmp_path / "config.toml").write_text(channel + blocks("toml")[1], "utf-8")

    rules = compile_source_rules(rule_specs(load_config(tmp_path / "config.toml").values))

    assert [(sorted(rule.conditions), sorted(rule.sources)) for rule in rules] == [
        (["source-blocked", "source-gone", "source-silent"], []),
        (["source"], ["armenpress", "azertag-en"]),
    ]


def test_a_mistake_reads_as_shown() -> None:
    specs = [
        RuleSpec(name="good", query="lachin", channels=("desk",)),
        RuleSpec(name="Lachin road", query="OR lachin", channels=("desk",)),
    ]
    with pytest.raises(RuleErrors) as caught:
        compile_rules(specs, now=NOW, topic=None)

    (shown,) = re.findall(r"`(alerts\[1\].query: .*?)\.\.\.`", PAGE)
    assert caught.value.mistakes[0].startswith(shown)


def test_the_texts_are_what_is_printed() -> None:
    assert blocks("text") == [as_text(NOTICE), as_text(SOURCE_NOTICE)]


def test_the_payloads_are_what_is_sent() -> None:
    shown = [json.loads(block) for block in blocks("json")]
    sent = [json.loads(as_payload(notice)) for notice in (NOTICE, SOURCE_NOTICE)]

    assert shown == sent
    assert [list(one) for one in shown] == [list(one) for one in sent]


def test_every_condition_is_listed_once_and_no_other() -> None:
    assert re.findall(r"^\| `source-([a-z-]+)` ", PAGE, re.MULTILINE) == list(KINDS)


def test_every_header_is_sent_and_no_other_of_ours() -> None:
    with LoopbackServer(lambda _: Answer(204)) as server:
        spec = ChannelSpec(name="desk", kind="webhook", url=f"http://{server.place}/", secret="s3cret")
        assert open_channels([spec])["desk"].send(NOTICE) == Sent()

    usual = {"host", "accept", "accept-encoding", "connection", "content-length"}
    named = {name.lower() for name in re.findall(r"^\| `(?!source-)([\w-]+)` +\| ", PAGE, re.MULTILINE)}
    assert set(server.asked[0].headers) - usual == named


@pytest.mark.parametrize(
    ("secret", "key"),
    [
        pytest.param("s3cret", b"s3cret", id="as it is"),
        pytest.param("whsec_" + base64.b64encode(b"key of bytes").decode(), b"key of bytes", id="whsec"),
    ],
)
def test_the_snippet_knows_a_genuine_request_from_others(secret: str, key: bytes) -> None:
    scope: dict[str, Any] = {}
    exec(blocks("python")[0], scope)
    is_genuine = cast("Callable[..., bool]", scope["is_genuine"])
    with LoopbackServer(lambda _: Answer(204)) as server:
        spec = ChannelSpec(name="desk", kind="webhook", url=f"http://{server.place}/", secret=secret)
        open_channels([spec], now=lambda: NOW)["desk"].send(NOTICE)
    (asked,) = server.asked
    moment = NOW.timestamp()

    assert is_genuine(asked.headers, asked.body, key, moment + 5)
    assert not is_genuine(asked.headers, asked.body + b" ", key, moment)
    assert not is_genuine(asked.headers, asked.body, b"another", moment)
    assert not is_genuine(asked.headers, asked.body, key, moment + 301)


def test_the_waits_are_those_of_the_program() -> None:
    minutes = [wait / timedelta(minutes=1) for wait in BACK_OFF]

    assert minutes[:4] == [1, 5, 20, 60]
    assert set(minutes[4:]) == {240}
    assert "after 1, 5, 20 and 60 minutes and then every 4 hours; after the eleventh, 25 hours after" in PROSE
    assert len(BACK_OFF) + 1 == 11
    assert int(sum(BACK_OFF, timedelta()) / timedelta(hours=1)) == 25
    assert (timedelta(seconds=5), timedelta(days=1)) == (SHORTEST_WAIT, LONGEST_WAIT)
    assert (timedelta(minutes=1), timedelta(seconds=30), timedelta(hours=1)) == (REST, SEND_TIME, UNKNOWN_CHANNEL_RETRY)


def test_the_limits_of_age_are_the_defaults() -> None:
    config = AlertingConfig()

    assert f"`alerting.first_poll_hours` ({config.first_poll_hours:g})" in PROSE
    assert f"`alerting.later_hours` ({config.later_hours:g})" in PROSE
