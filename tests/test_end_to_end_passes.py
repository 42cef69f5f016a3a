"""Passes of `karabakh crawl` over newsrooms of their own: side by side, to the end, with what they deliver."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from scheduler.newsroom.listener import Listener
from scheduler.newsroom.many import many
from scheduler.newsroom.newsroom import Newsroom
from tests.kills import DESK
from tests.program import PATIENCE, ROOT, command, configuration, karabakh, karabakh_here


def test_two_crawls_at_once_share_the_sources_and_poll_none_twice(tmp_path: Path) -> None:
    with Newsroom(press=many(6, 10)) as newsroom:
        config = configuration(tmp_path, newsroom).rename(tmp_path / "both.toml")
        text = config.read_text("utf-8").replace("polls_per_day = 43200", "polls_per_day = 96")
        config.write_text(text, "utf-8")
        both = [subprocess.Popen(command(config, "crawl"), cwd=ROOT) for _ in range(2)]
        codes = [one.wait(PATIENCE) for one in both]
        polls = {f: newsroom.asked(h, p) for f, h, p in _feeds(newsroom)}

    assert set(codes) <= {0, 75}
    assert 0 in codes
    assert set(polls.values()) == {1}


def _feeds(newsroom: Newsroom) -> list[tuple[str, str, str]]:
    return [(feed.id, outlet.host, feed.path) for outlet in newsroom.outlets for feed in outlet.feeds]


def test_crawl_delivers_before_it_ends_and_the_first_poll_does_not_flood(tmp_path: Path) -> None:
    with Newsroom(press=many(2, 40)) as newsroom, Listener() as listener:
        config = configuration(tmp_path, newsroom, DESK.format(url=listener.url))
        done = karabakh(config, "crawl")
        held = json.loads(karabakh_here(config, "status", "--json").stdout)[0]["held"]
        keys = [notice["key"] for notice in listener.notices]

    relevant = [s for s in newsroom.stories if s.relevant]
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert len(keys) == len(set(keys)) == len(relevant) or held
    assert sum(held.values()) + len(keys) == len(relevant)
