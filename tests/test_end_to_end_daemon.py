"""The daemon over the newsroom: signals, kills in mid-crawl, revisions, notices. Real processes, a real listener."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scheduler.newsroom.listener import Listener
from scheduler.newsroom.many import many
from scheduler.newsroom.newsroom import Newsroom
from storage.errors import StorageError
from storage.reader import Reader
from tests.kills import DESK
from tests.program import PATIENCE, configuration, daemon, karabakh


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


def test_a_hangup_has_the_configuration_read_anew_and_a_wrong_one_changes_nothing(tmp_path: Path) -> None:
    log = tmp_path / "daemon.log"
    with Newsroom(press=many(1, 3)) as newsroom, Listener() as listener:
        config = configuration(tmp_path, newsroom)
        good = config.read_text("utf-8")
        with daemon(config) as process:
            until(lambda: "started:" in log.read_text("utf-8"), "it runs")
            config.write_text(good + DESK.format(url=listener.url).replace("query = ", "query = '((' # "), "utf-8")
            process.send_signal(signal.SIGHUP)
            until(lambda: "reload refused" in log.read_text("utf-8"), "the mistake is told")
            config.write_text(good + DESK.format(url=listener.url), "utf-8")
            process.send_signal(signal.SIGHUP)
            until(lambda: log.read_text("utf-8").count("started:") == 2, "it works by the new configuration")
            until(lambda: count(config) == 3, "and goes on polling")
            process.send_signal(signal.SIGTERM)
            code = process.wait(PATIENCE)

    told = log.read_text("utf-8")
    assert code == 0, told
    assert "alerts[0].query" in told
    assert "rules=0" in told.split("reloading")[0]
    assert "rules=1" in told.split("reloading")[1]


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
