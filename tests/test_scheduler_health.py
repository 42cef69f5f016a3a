"""What a user reads of ailing sources: status, sources show, and the alerts that are about sources."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from alerts.rules import RuleSpec, compile_source_rules
from alerts.source_matching import match_events
from scheduler.assemble import assemble
from scheduler.cli import karabakh
from scheduler.config_file import load_config
from scheduler.config_place import ConfigError
from scheduler.rhythm_page import bar_chart
from storage.ailments import Sign
from storage.store import Store
from tests.alerts_world import HOUR, NOW

Ask = Callable[..., str]
RULES = """
[storage]
path = "k.sqlite"
[sources]
only = ["armenpress"]
[[channels]]
name = "desk"
kind = "stdout"
[[alerts]]
name = "Lost"
on = "source-blocked"
sources = ["armenpress"]
channels = ["desk"]
"""


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    folder = tmp_path_factory.mktemp("health")
    config = folder / "config.toml"
    config.write_text(RULES, "utf-8")
    parts = assemble(load_config(config, {}), NOW)
    with Store.open(folder / "k.sqlite") as store:
        store.sync_catalogue(parts.catalogue.outlets, parts.sources, NOW)
        (source,) = [one.id for one in parts.sources if one.enabled and one.outlet == "armenpress"][:1]
        for kind in ("silent", "blocked", "gap"):
            seen = f"{kind}, as a poll showed\x1b[2J"
            store.save_signs(source, [Sign(kind=kind, so=True, seen=seen, since=NOW - HOUR)], NOW)
        match_events(store, compile_source_rules([RuleSpec(name="Lost", channels=("desk",), on=("source",))]), NOW)

    def run(*command: str) -> str:
        done = CliRunner().invoke(karabakh, ["--config", str(config), *command], catch_exceptions=False)
        assert "\x1b" not in done.stdout
        return done.stdout

    return run


def test_status_has_a_line_for_each_ailment_with_what_was_seen(ask: Ask) -> None:
    shown = [line.split()[1] for line in ask("status").splitlines() if "as a poll showed" in line]
    (found,) = json.loads(ask("status", "--json"))

    assert sorted(shown) == ["blocked", "gap", "silent"]
    ails = [(one["kind"], one["since"]) for trouble in found["troubled"] for one in trouble["ails"]]
    assert sorted(ails) == [(kind, "2026-11-24T11:00:00Z") for kind in ("blocked", "gap", "silent")]


def test_a_source_tells_what_ails_it_and_since_when(ask: Ask) -> None:
    lines = [" ".join(line.split()) for line in ask("sources", "show", "armenpress").splitlines()]

    said = "since 2026-11-24T11:00:00Z, noticed 2026-11-24T12:00:00Z: silent, as a poll showed"
    assert any(line.startswith(f"silent {said}") for line in lines)


def test_a_source_tells_when_it_publishes_and_why_it_is_asked_when(ask: Ask) -> None:
    shown = ask("sources", "show", "armenpress")
    (found, *_) = [one for one in json.loads(ask("sources", "show", "armenpress", "--json")) if "hours_utc" in one]

    assert "the next poll is due at" in shown
    assert found["stories_per_day"] == pytest.approx(sum(found["hours_utc"]), abs=0.05)
    assert bar_chart([0, 1, 2, 4, 8]) == " ▁▂▄█"


def test_alerts_tell_rules_of_sources_from_rules_of_stories(ask: Ask) -> None:
    assert "on source-blocked of armenpress" in ask("alerts", "list")
    assert [one["condition"] for one in json.loads(ask("alerts", "test", "source-gap", "--json"))] == ["gap"]
    assert [one["condition"] for one in json.loads(ask("alerts", "test", "Lost", "--json"))] == ["blocked"]
    history = json.loads(ask("alerts", "history", "--json"))
    assert {(one["condition"], one["event"], one["article"]) for one in history} == {
        (kind, "began", None) for kind in ("silent", "blocked", "gap")
    }


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ('query = "a"\non = "source"', "alerts[0].on: a rule is of stories (query) or of sources (on), not of both"),
        ("", "alerts[0].query: is missing: a rule needs a query (of stories) or on (of sources)"),
        ('on = "source"\nrelevant_only = false', "alerts[0].relevant_only: says something of stories"),
        ('query = "a"\nsources = ["b"]', "alerts[0].sources: belongs to a rule of sources (on)"),
        ("on = 7", "alerts[0].on: should be a valid array"),
    ],
)
def test_each_mistake_in_a_rule_is_named_by_its_key(tmp_path: Path, rule: str, said: str) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        f'[[channels]]\nname = "desk"\nkind = "stdout"\n[[alerts]]\nname = "r"\nchannels = ["desk"]\n{rule}\n', "utf-8"
    )
    with pytest.raises(ConfigError) as caught:
        load_config(config, {})

    (mistake,) = caught.value.mistakes
    assert said in mistake
