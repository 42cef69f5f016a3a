"""`karabakh search`: options mean what the query's fields mean, and a feed reader can read what it finds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import feedparser
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from scheduler.atom import atom
from scheduler.cli import karabakh
from storage import Store
from tests.agree import TOPIC
from tests.program import karabakh as program
from tests.query_samples import stored
from tests.storage_samples import DAY, NOW, article, fill, save, verdict

Ask = Callable[..., Result]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("search")
    (folder / "config.toml").write_text('[storage]\npath = "k.sqlite"\n', "utf-8")
    with Store.open(folder / "k.sqlite") as store:
        fill(store)
        save(store, article("road", title="Lachin road <closed> & open\x1b", language="hy", authors=("Ann", "Bob")))
        save(store, article("old", title="An old road", published=NOW - 9 * DAY), judged=verdict("unsure"))
        save(store, article("sea", title="The sea", outlet="khazar-post"), judged=verdict("not"))
    return folder / "config.toml"


@pytest.fixture
def ask(config: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    monkeypatch.setattr("scheduler.commands.reading.topic_of", lambda _: TOPIC)
    return lambda *arguments: CliRunner().invoke(karabakh, ["--config", str(config), "search", *arguments])


@pytest.mark.parametrize(
    ("arguments", "ids"),
    [
        ((), "3 1 2"),
        (("title:road",), "1 2"),
        (("road OR sea", "--outlet", "khazar-post"), "3"),
        (("road OR sea", "--side", "Azerbaijan"), "3"),
        (("--lang", "hy"), "1"),
        (("--since", "2026-11-20"), "3 1"),
        (("--until", "2026-11-20"), "2"),
        (("road", "--verdict", "unsure"), "2"),
        (("verdict:unsure",), "2"),
        (("lachin NEAR/0 road", "--limit", "1"), "1"),
        (("--side", 'x" OR "sea'), ""),
    ],
)
def test_options_narrow_the_query(ask: Ask, arguments: tuple[str, ...], ids: str) -> None:
    rows = ask(*arguments, "--format", "csv").stdout.splitlines()[1:]

    assert " ".join(row.split(",")[0] for row in rows) == ids


@pytest.mark.parametrize(("option", "value"), [("--since", "tomorrow"), ("--lang", "h*"), ("--outlet", "")])
def test_an_option_s_mistake_is_said_with_its_name(ask: Ask, option: str, value: str) -> None:
    done = ask("road", option, value)

    assert done.exit_code == 2
    assert f"Invalid value for {option}: " in done.output


def test_an_outlet_that_is_not_known_is_named_when_nothing_is_found(ask: Ask) -> None:
    said = ask("road side:armenia", "--outlet", "armenpres").stderr

    assert said == "no story matches; no outlet is called armenpres (`karabakh sources list` shows them)\n"


def test_a_mistake_in_the_query_is_pointed_at_and_exits_with_2(config: Path) -> None:
    done = program(config, "search", "字 road NEAR sea")

    assert done.returncode == 2
    assert done.stderr.splitlines()[1:] == ["  字 road NEAR sea", "          ^"]


def test_a_feed_reader_reads_what_is_found(ask: Ask) -> None:
    feed = feedparser.parse(ask("title:road", "--format", "atom").stdout.encode())

    assert feed.bozo is False
    assert feed.feed.title == "karabakh search title:road"
    assert [entry.title for entry in feed.entries] == ["Lachin road <closed> & open", "An old road"]
    first = feed.entries[0]
    assert (first.id, first.link) == ("https://lori.test/road", "https://lori.test/road")
    assert [author.name for author in first.authors] == ["Ann", "Bob"]
    assert [tag.term for tag in first.tags] == ["lori-herald", "Armenia", "relevant"]


def test_a_feed_without_stories_is_one_and_has_the_id_of_its_query(ask: Ask) -> None:
    feeds = [feedparser.parse(ask(word, "--format", "atom").stdout.encode()) for word in ("absent", "absent", "gone")]

    assert [feed.bozo for feed in feeds] == [False] * 3
    assert feeds[0].feed.id == feeds[1].feed.id != feeds[2].feed.id


@given(st.text(max_size=20))
def test_any_text_makes_a_feed_that_parses(text: str) -> None:
    story = stored(title=text, summary=text, authors=(text,), language=text)
    feed = feedparser.parse(atom([story], text, NOW).encode())

    assert feed.bozo is False
