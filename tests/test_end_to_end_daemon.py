"""The daemon over the newsroom: signals, kills in mid-crawl, revisions, notices. Real processes, a real listener."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from scheduler.newsroom.listener import Listener
from scheduler.newsroom.many import many
from scheduler.newsroom.newsroom import Newsroom
from storage.errors import StorageError
from storage.reader import Reader
from tests.program import PATIENCE, configuration, daemon, karabakh
from tests.test_end_to_end_crawl import DESK


def until(true: Callable[[], bool], what: str) -> None:
    """Looks again and again: what is waited for happens in another process, which has no clock of ours."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if true():
            return
        time.sleep(0.05)
    pytest.fail(f"did not happen in {PATIENCE} s: {what}")


def stored(config: Path) -> list[str]:
    try:
        with Reader.open(config.parent / "karabakh.sqlite") as reader:
            return [story.title for story in reader.search(None, limit=None)]
    except StorageError:
        return []


def count(config: Path) -> int:
    try:
        with Reader.open(config.parent / "karabakh.sqlite") as reader:
            return sum(reader.status(datetime.now(UTC)).articles.values())
    except StorageError:
        return 0


def more_than(config: Path, before: int) -> bool:
    return count(config) > min(before, 6 * 40 - 1)


def test_ten_kills_in_mid_crawl_lose_no_story_and_no_notice_and_store_none_twice(tmp_path: Path) -> None:
    draw = random.Random(7)
    with Newsroom(press=many(6, 40)) as newsroom, Listener() as listener:
        config = configuration(tmp_path, newsroom, DESK.format(url=listener.url))
        for kill in range(10):
            with daemon(config) as process:
                before = count(config)
                until(partial(more_than, config, before), "a story is stored")
                time.sleep(draw.uniform(0, 0.3))
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(PATIENCE)
            assert len(stored(config)) == len(set(stored(config))), f"after kill {kill + 1}"
        done = karabakh(config, "crawl", "--all")
        titles = stored(config)
        notices = Counter(notice["key"] for notice in listener.notices)
        relevant = {s.title for s in newsroom.stories if s.relevant}
        with Reader.open(config.parent / "karabakh.sqlite") as reader:
            made = reader.notices(limit=10_000)

    assert done.returncode == 0, done.stderr
    assert sorted(s.title for s in newsroom.stories) == sorted(titles)
    assert relevant == {notice.title for notice in made}
    assert {n.state for n in made} <= {"sent", "held"}
    # A kill between sending and marking sends once more, under the same key: the receiver can tell.
    assert {n.key for n in made if n.state == "sent"} == set(notices)
    assert len(made) == len({(n.rule, n.article_id, n.channel) for n in made})


def test_a_signal_drains_within_ten_seconds_and_loses_nothing(tmp_path: Path) -> None:
    with Newsroom(press=many(6, 30)) as newsroom:
        config = configuration(tmp_path, newsroom)
        with daemon(config) as process:
            until(lambda: count(config) > 5, "the crawl is under way")
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            code = process.wait(PATIENCE)
            took = time.monotonic() - began
        at_the_end = count(config)
        karabakh(config, "crawl", "--all")

        assert (code, sorted(stored(config))) == (0, sorted(s.title for s in newsroom.stories))
        assert took < 10
        assert at_the_end <= 180


def test_a_second_signal_ends_at_once(tmp_path: Path) -> None:
    with Newsroom() as newsroom:
        config = configuration(tmp_path, newsroom)
        with daemon(config) as process:
            until(lambda: count(config) > 0, "the crawl is under way")
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(0.2)
            except subprocess.TimeoutExpired:
                began = time.monotonic()
                process.send_signal(signal.SIGTERM)
                code = process.wait(PATIENCE)

                assert code == 128 + signal.SIGTERM or code == 0
                assert time.monotonic() - began < 2


def test_stories_that_appear_and_change_are_told_while_the_daemon_runs(tmp_path: Path) -> None:
    with Newsroom() as newsroom, Listener() as listener:
        config = configuration(tmp_path, newsroom, DESK.format(url=listener.url))
        with daemon(config) as process:
            until(lambda: count(config) > 3, "the first stories are stored")
            newsroom.advance(120)
            wanted = {s.final_title for s in newsroom.stories if not s.hostile}
            until(lambda: wanted <= set(stored(config)), "every story is there as it reads in the end")
            told = {s.title for s in newsroom.stories if s.relevant and s.appears_after > 0}
            until(lambda: told <= {n["title"] for n in listener.notices}, "what appeared was told")
            process.send_signal(signal.SIGTERM)
            code = process.wait(PATIENCE)

    assert code == 0, (tmp_path / "daemon.log").read_text()
    assert len({n["key"] for n in listener.notices}) == len(listener.notices)
