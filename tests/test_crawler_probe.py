"""Sources tried once over a real site: what they answer, how far back, and which route."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from functools import cache
from pathlib import Path

import pytest

from crawler.entry import ParsedFeed
from crawler.hub import Hub
from crawler.probe import Desk, Probed, probe, summed_up, to_probe
from scheduler.newsroom.newsroom import Newsroom
from scheduler.newsroom.server import Answer, Asked, LoopbackServer
from storage.records import Route
from tests.desk import NOW, RULES, source_row
from tests.fakes import InlineReader, run_hub
from tests.program import configuration, karabakh
from topic import load

topic = cache(load)
HOUR = timedelta(hours=1)


def respond(asked: Asked) -> Answer:
    if asked.path == "/feed":
        items = "".join(
            f"<item><title>{title}</title><link>http://news.test/{n}</link>{date}</item>"
            for n, (title, date) in enumerate(
                [
                    ("Lachin corridor reopens", f"<pubDate>{format_datetime(NOW - HOUR)}</pubDate>"),
                    ("A school opens", f"<pubDate>{format_datetime(NOW - 7 * HOUR)}</pubDate>"),
                    ("A bridge closes", ""),
                ]
            )
        )
        return Answer(200, f"<rss version='2.0'><channel>{items}</channel></rss>".encode())
    if asked.path == "/index.xml":
        place = "<sitemap><loc>http://news.test/news.xml</loc></sitemap>"
        return Answer(200, f"<sitemapindex>{place}</sitemapindex>".encode())
    if asked.path == "/news.xml":
        day = f"<lastmod>{(NOW - HOUR).isoformat()}</lastmod>"
        return Answer(200, f"<urlset><url><loc>http://news.test/7</loc>{day}</url></urlset>".encode())
    return Answer(200, b"<html><p>Welcome</p></html>") if asked.path == "/page" else Answer(404)


def tried(path: str, routes: tuple[Route, ...] = (), kind: str = "feed") -> Probed:
    source = to_probe(replace(source_row(path=path), kind=kind, routes=routes))

    async def story(hub: Hub) -> Probed:
        desk = Desk(hub=hub, pool=InlineReader(topic(), RULES), topic=topic(), zones={}, timeout=5, max_bytes=1 << 20)
        return await probe(source, desk, NOW)

    with LoopbackServer(respond) as server:
        return run_hub(story, static_hosts={"news.test": server.place})


def test_a_good_source_says_how_far_back_it_reaches_and_how_much_is_understood() -> None:
    found = tried("/feed")

    assert (found.fine, found.status, found.items, found.dated, found.relevant) == (True, "HTTP 200", 3, 2, 1)
    assert (found.newest, found.depth, found.problem) == (NOW - HOUR, 6 * HOUR, None)


@pytest.mark.parametrize(
    ("path", "status", "problem"),
    [
        ("/nothing", "HTTP 404", "http://news.test/nothing answered HTTP 404"),
        ("/page", "HTTP 200", "http://news.test/page answered an HTML page instead of a feed"),
    ],
)
def test_what_is_wrong_is_one_sentence(path: str, status: str, problem: str) -> None:
    found = tried(path)

    assert (found.fine, found.status, found.problem) == (False, status, problem)


def test_the_next_route_is_tried_when_the_first_fails() -> None:
    found = tried("/nothing", (Route(kind="feed", url="http://news.test/feed"),))

    assert (found.fine, found.route, found.address) == (True, 1, "http://news.test/feed")


def test_an_index_of_sitemaps_is_followed_as_a_poll_does() -> None:
    found = tried("/index.xml", kind="sitemap")

    assert (found.fine, found.items, found.dated, found.newest) == (True, 1, 0, NOW - HOUR)


def test_where_no_route_is_fine_each_says_why() -> None:
    found = tried("/nothing", (Route(kind="section", url="http://news.test/page"),))

    assert (found.problem, [one.problem for one in found.failed]) == (
        "http://news.test/nothing answered HTTP 404",
        ["http://news.test/page lists no stories that its rules can find (0 links on the page)"],
    )


def test_an_answer_without_stories_says_so() -> None:
    known = Probed(source="herald", route=0, kind="feed", address="http://news.test/feed", status="")

    assert summed_up(known, ParsedFeed(), topic()).problem == "http://news.test/feed lists no stories"


def test_the_command_shows_a_row_for_each_and_stores_nothing(tmp_path: Path) -> None:
    with Newsroom() as newsroom:
        config = configuration(tmp_path, newsroom)
        done = karabakh(config, "sources", "check", "khazar-post", "closed-press")

    rows = {line.split()[0]: line for line in done.stdout.splitlines()}
    assert done.returncode == 1
    assert "HTTP 410" in rows["closed-press"]
    assert "HTTP 200" in rows["khazar-post"]
    assert not (tmp_path / "karabakh.sqlite").exists()
