"""Rules and channels as configured."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.rules import ChannelSpec, RuleErrors, RuleSpec, compile_rules
from tests.alerts_world import HOUR, NOW, STORED, rules


def spec(name: str, query: str) -> RuleSpec:
    return RuleSpec(name=name, query=query, channels=("desk",))


def test_every_mistake_is_told_at_once_with_its_rule_and_column() -> None:
    specs = [
        spec("good", "lachin"),
        spec("open", "(lachin OR goris"),
        spec("empty", " "),
        spec("field", "titel:lachin"),
    ]

    with pytest.raises(RuleErrors) as caught:
        compile_rules(specs, now=NOW, topic=None)

    assert [one.split(":")[0] for one in caught.value.mistakes] == [f"alerts[{i}].query" for i in (1, 2, 3)]
    assert all(
        f"rule {specs[i].name!r}, column " in one for i, one in zip((1, 2, 3), caught.value.mistakes, strict=True)
    )
    assert "column 1: " in caught.value.mistakes[2]


def test_a_channel_never_shows_its_address_or_secret() -> None:
    shown = repr(ChannelSpec(name="desk", kind="webhook", url="https://hooks.test/T0K3N", secret="s3cret"))

    assert shown == "ChannelSpec(name='desk', kind='webhook')"


def test_relative_times_in_a_rule_count_from_the_moment_of_matching() -> None:
    (rule,) = rules(("fresh", "lachin since:2d"))
    in_a_month = NOW + timedelta(days=30)
    story = replace(STORED, published=in_a_month - HOUR, first_seen=in_a_month, fetched=in_a_month)
    old_story = replace(STORED, published=NOW - HOUR)

    assert rule.at(in_a_month).query.matches(story)
    assert rule.at(in_a_month).query.matches(old_story) is None
    assert rule.query.matches(old_story)


@pytest.mark.parametrize("query", ["lachin", "lachin since:2026-11-01", "lang:en until:2026-11"])
def test_a_rule_without_relative_times_is_compiled_once(query: str) -> None:
    (rule,) = rules(("steady", query))

    assert rule.at(NOW + timedelta(days=400)) is rule


@pytest.mark.parametrize("query", ["since:today", "until:yesterday", "lachin since:30min", "NOT (since:1w OR goris)"])
def test_relative_times_are_found_wherever_they_stand(query: str) -> None:
    (rule,) = rules(("moving", query))

    assert rule.moves
