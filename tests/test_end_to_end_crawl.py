"""`karabakh crawl` and the reading commands over the newsroom, as cron and a user would run them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler.newsroom.newsroom import Newsroom
from tests.program import configuration, karabakh, karabakh_here


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Newsroom, str]]:
    """The newsroom after one crawl of everything it has from the start."""
    folder = tmp_path_factory.mktemp("crawled")
    with Newsroom() as newsroom:
        config = configuration(folder, newsroom)
        done = karabakh(config, "crawl", "--verbose")
        yield config, newsroom, f"exit {done.returncode}: {done.stderr}"


def found(config: Path, *query: str) -> list[dict[str, object]]:
    done = karabakh_here(config, "search", *query, "--limit", "1000", "--format", "jsonl")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_story_that_was_there_is_stored_once_with_the_right_verdict(
    crawled: tuple[Path, Newsroom, str],
) -> None:
    config, newsroom, log = crawled
    there = [story for story in newsroom.stories if story.appears_after == 0 and not story.fallback]
    expected = {(s.outlet, s.canonical_url, "relevant" if s.relevant else "not") for s in there}
    stored = [(row["outlet"], row["canonical_url"], row["verdict"]) for row in found(config)]

    assert set(stored) >= expected, log
    assert len(stored) == len(set(stored))


def test_a_word_is_found_in_each_script(crawled: tuple[Path, Newsroom, str]) -> None:
    config, newsroom, _ = crawled

    for language in ("en", "ru", "hy", "az", "tr", "ka"):
        story = next(s for s in newsroom.stories if s.language == language and s.appears_after == 0 and not s.hostile)
        word = max(story.title.replace("«", " ").replace("»", " ").split(), key=len).strip(",.:;“”\"'")

        assert story.title in {row["title"] for row in found(config, f'"{word}"')}


def test_a_place_is_found_in_four_scripts_at_once(crawled: tuple[Path, Newsroom, str]) -> None:
    languages = {row["language"] for row in found(crawled[0], "@nagorno_karabakh OR @stepanakert OR @karabakh")}

    assert languages >= {"en", "az", "ru", "hy", "ka"}


def test_a_second_crawl_asks_conditionally_and_stores_nothing_twice(crawled: tuple[Path, Newsroom, str]) -> None:
    config, newsroom, _ = crawled
    before = len(found(config))
    done = karabakh(config, "crawl", "--all", "--verbose")
    feed = next(a for a in reversed(newsroom.requests("lori-herald.test")) if a.path == "/feed/")

    assert before <= len(found(config)) <= len(newsroom.stories)
    assert "if-none-match" in feed.headers
    assert "unchanged" in done.stderr


def test_when_all_has_appeared_nothing_is_missed_and_nothing_is_there_twice(
    crawled: tuple[Path, Newsroom, str],
) -> None:
    config, newsroom, _ = crawled
    newsroom.advance(120)
    done = karabakh(config, "crawl", "--all", "--verbose")
    expected = sorted((s.outlet, s.canonical_url, "relevant" if s.relevant else "not") for s in newsroom.stories)
    stored = sorted((row["outlet"], row["canonical_url"], row["verdict"]) for row in found(config))

    assert expected == stored, done.stderr


def test_what_fails_is_named_and_said_by_the_exit_code(crawled: tuple[Path, Newsroom, str]) -> None:
    config, _, log = crawled
    status = karabakh_here(config, "status")

    assert log.startswith("exit 1"), log
    assert "HTTP 500" in log
    assert "HTTP 500" in status.stdout
    assert status.returncode == 0


def test_a_search_that_does_not_parse_names_the_column(crawled: tuple[Path, Newsroom, str]) -> None:
    done = karabakh_here(crawled[0], "search", "lachin AND (title:")

    sentence, typed, caret = done.stderr.splitlines()
    assert done.returncode == 2
    assert "column 13" in sentence
    assert (typed.strip(), caret.strip()) == ("lachin AND (title:", "^")


def test_show_and_explain_tell_one_story(crawled: tuple[Path, Newsroom, str]) -> None:
    config, newsroom, _ = crawled
    story = next(s for s in newsroom.stories if s.relevant and s.page and s.appears_after == 0)
    shown = karabakh_here(config, "show", story.url)
    explained = karabakh_here(config, "explain", story.url)

    assert story.title in shown.stdout
    assert story.first_words[:20] in shown.stdout.replace("\n", " ")
    assert "verdict: relevant" in explained.stdout


def test_a_hostile_title_reaches_no_terminal_whole(crawled: tuple[Path, Newsroom, str]) -> None:
    done = karabakh_here(crawled[0], "search", "--limit", "1000")

    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout


def test_the_plain_sqlite_command_reads_the_view(crawled: tuple[Path, Newsroom, str]) -> None:
    config, newsroom, _ = crawled
    query = "SELECT count(*) FROM story WHERE verdict = 'relevant' AND published LIKE '____-__-__T__:__:__Z'"
    try:
        done = subprocess.run(
            ["sqlite3", "-readonly", str(config.parent / "karabakh.sqlite"), query],
            capture_output=True,
            text=True,
            check=True,
        )
    except FileNotFoundError:
        pytest.skip("needs the sqlite3 command")

    there = [s for s in newsroom.stories if s.appears_after == 0 and not s.fallback]
    assert int(done.stdout) >= sum(s.relevant for s in there)
