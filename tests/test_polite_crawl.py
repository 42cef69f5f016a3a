"""Politeness of the real `karabakh crawl`, as the outlet's server counts it."""

from __future__ import annotations

import itertools
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from crawler.decide import UNCONDITIONAL_EVERY
from scheduler.newsroom.server import Answer, Asked, LoopbackServer
from tests.program import karabakh

TEXT = "<p>Officials said on Tuesday that the road through the Lachin corridor had been reopened. Report {n}.</p>"


@dataclass
class Outlet:
    """A feed of as many stories as there are `pages`; `answers` stand in for what a path would otherwise answer."""

    pages: int = 6
    robots: bytes | None = None
    wait: float = 0.0
    answers: dict[str, Answer] = field(default_factory=dict)
    began: list[tuple[float, str]] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Answer:
        self.began.append((time.monotonic(), asked.path))
        if asked.path in self.answers:
            return self.answers[asked.path]
        if asked.path == "/robots.txt":
            return Answer(404) if self.robots is None else Answer(200, self.robots)
        if asked.path == "/feed":
            return self._feed(asked)
        body = "".join(TEXT.format(n=n) for n in range(8))
        page = f"<html lang=en><title>Story</title><article><h1>Lachin road: {asked.path}</h1>{body}</article></html>"
        return Answer(200, page.encode(), {"Content-Type": "text/html"}, wait=self.wait)

    def _feed(self, asked: Asked) -> Answer:
        if asked.headers.get("if-none-match") == '"1"':
            return Answer(304, headers={"ETag": '"1"'})
        items = "".join(
            f"<item><title>Lachin road, report {n}</title><link>http://news.test/story/{n}</link></item>"
            for n in range(self.pages)
        )
        body = f"<rss version='2.0'><channel><title>Herald</title>{items}</channel></rss>"
        return Answer(200, body.encode(), {"Content-Type": "application/rss+xml", "ETag": '"1"'})

    def times(self, path: str = "") -> list[float]:
        return [moment for moment, asked in self.began if asked.startswith(path)]


Crawl = Callable[..., str]


@contextmanager
def crawling(folder: Path, outlet: Outlet, **fetching: float) -> Iterator[tuple[LoopbackServer, Crawl]]:
    settings = {"delay_seconds": 0.01, "per_site": 1, "workers": 1, "polls_per_day": 96, **fetching}
    with LoopbackServer(outlet) as server:
        config = folder / "config.toml"
        config.write_text(
            '[storage]\npath = "k.sqlite"\n[fetching]\n'
            + "".join(f"{name} = {value}\n" for name, value in settings.items())
            + f'[network]\nstatic_hosts = {{ "news.test" = "{server.place}" }}\n[sources]\nonly = ["herald"]\n'
            '[[sources.own]]\nid = "herald"\nurl = "http://news.test/feed"\nside = "Armenia"\nlanguages = ["en"]\n'
            'zone = "Asia/Yerevan"\nname = "Herald"\n',
            "utf-8",
        )

        def crawl(*arguments: str, code: int = 0) -> str:
            done = karabakh(config, "crawl", *arguments)
            assert done.returncode == code, done.stderr
            return done.stderr

        yield server, crawl


def test_a_site_sees_as_many_requests_at_once_as_are_configured_and_never_more(tmp_path: Path) -> None:
    with crawling(tmp_path, Outlet(wait=0.3), per_site=3) as (server, crawl):
        crawl()

    assert server.most_at_once == 3
    assert len(server.asked) == 8  # robots.txt, the feed, six pages


def test_requests_begin_the_delay_apart_and_robots_txt_may_ask_for_more(tmp_path: Path) -> None:
    outlet = Outlet(pages=3, robots=b"User-agent: *\nCrawl-delay: 0.3\nDisallow: /story/1\n")
    with crawling(tmp_path, outlet, per_site=3, delay_seconds=0.1) as (_, crawl):
        crawl()
    gaps = [later - earlier for earlier, later in itertools.pairwise(outlet.times())]

    assert gaps[0] > 0.05  # a request's time is taken when the server gets to it, which may be late on a busy machine
    assert min(gaps[1:]) > 0.2
    assert sorted(path for _, path in outlet.began) == ["/feed", "/robots.txt", "/story/0", "/story/2"]


def _make_due(path: Path, conditional_polls: int) -> None:
    """As it stands after so many polls in a row that asked conditionally."""
    if path.exists():
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute(
                "UPDATE source SET next_check_at = '2026-01-01T00:00:00Z', conditional_polls = ? WHERE id = 'herald'",
                (conditional_polls,),
            )


def test_an_unchanged_feed_is_fetched_whole_once_and_then_at_the_documented_interval(tmp_path: Path) -> None:
    with crawling(tmp_path, Outlet(pages=1)) as (server, crawl):
        for polls in (0, UNCONDITIONAL_EVERY - 2, UNCONDITIONAL_EVERY - 1):
            _make_due(tmp_path / "k.sqlite", polls)
            crawl()
        whole = ["if-none-match" not in one.headers for one in server.asked if one.path == "/feed"]

    assert whole == [True, False, True]


def test_a_feed_that_asks_for_time_is_not_asked_before(tmp_path: Path) -> None:
    outlet = Outlet(answers={"/feed": Answer(429, headers={"Retry-After": "5400"})})
    with crawling(tmp_path, outlet, polls_per_day=1440) as (_, crawl):
        said = crawl(code=1)
        crawl()
        with closing(sqlite3.connect(tmp_path / "k.sqlite")) as db:
            wait = db.execute(
                "SELECT unixepoch(next_check_at) - unixepoch(last_polled_at) FROM source WHERE id = 'herald'"
            ).fetchone()[0]

    assert "asks to be asked less often" in said
    assert len(outlet.times("/feed")) == 1
    assert 5400 <= wait <= 5460


def test_a_page_that_asks_for_time_is_not_asked_before_and_its_story_is_told_from_the_feed(tmp_path: Path) -> None:
    outlet = Outlet(pages=2, answers={"/story/0": Answer(429, headers={"Retry-After": "5400"})})
    with crawling(tmp_path, outlet) as (_, crawl):
        crawl()
        _make_due(tmp_path / "k.sqlite", 0)
        crawl()
    with closing(sqlite3.connect(tmp_path / "k.sqlite")) as db:
        waits = db.execute(
            "SELECT unixepoch(next_try_at) - unixepoch(first_seen) FROM entry WHERE state = 'pending'"
        ).fetchall()
        stories = db.execute("SELECT count(*) FROM story").fetchone()[0]

    assert len(outlet.times("/story/0")) == 1
    assert len(outlet.times("/story/1")) <= 1  # its site was asked to wait, so that no other page is asked either
    assert all(5400 <= wait <= 5460 for (wait,) in waits)
    assert stories == 2
