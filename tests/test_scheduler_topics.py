"""`karabakh topic`: every concept can be looked up under any of its names, and says how a query names it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from scheduler.cli import karabakh
from tests.agree import TOPIC


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    config = tmp_path / "config.toml"
    config.write_text("")
    monkeypatch.setattr("scheduler.commands.topics.topic_of", lambda _: TOPIC)

    def ask(*arguments: str) -> Result:
        return CliRunner().invoke(karabakh, ["--config", str(config), "topic", *arguments])

    return ask


@pytest.mark.parametrize("name", ["Ханкенди", "Stepanakert", "Ստեփանակերտ", "xankəndi", "stepanakert"])
def test_a_concept_is_shown_whole_under_any_of_its_names(asked: Any, name: str) -> None:
    said = asked("find", name).output

    assert "in a query    @stepanakert\n" in said
    for line in (
        "  az          Xankəndi",
        "  hy          Ստեփանակերտ",
        "kind          place",
        "groups        @karabakh.",
    ):
        assert line in said


def test_those_whose_names_contain_it_come_after(asked: Any) -> None:
    ids = [one["id"] for one in json.loads(asked("find", "lachin", "--json").output)]

    assert ids[0] == "lachin"
    assert "lachin_corridor" in ids[1:]


def test_the_region_says_how_it_is_told_from_the_topic(asked: Any) -> None:
    assert "in a query    @karabakh.karabakh\n" in asked("find", "karabakh").output


def test_a_name_that_nothing_bears_is_an_error(asked: Any) -> None:
    done = asked("find", "Atlantis\x1b")

    assert (done.exit_code, done.output) == (1, "no concept is called Atlantis\n")


def test_the_list_ends_with_the_groups(asked: Any) -> None:
    said = asked("list", "--kind", "person").output

    assert "bako_sahakyan" in said
    assert "stepanakert" not in said
    assert "@karabakh.people (" in said.partition("\ngroups: ")[2]


def test_every_concept_stands_in_the_list_for_programs(asked: Any) -> None:
    rows = json.loads(asked("list", "--json").output)

    assert [row["id"] for row in rows] == [one.id for one in TOPIC.concepts]
    assert all(row["names"] for row in rows)
