"""Feeds of our own in every format and state: what must be read from each stands beside it in tests/feeds/*.toml."""

from __future__ import annotations

import gzip
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crawler.entry import Entry
from crawler.kinds import parser_for

FOLDER = Path(__file__).with_name("feeds")
NOW = datetime(2026, 9, 15, 12, tzinfo=UTC)
URL = "https://news.test/rss"
RSS = (
    '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xmlns:atom="http://www.w3.org/2005/Atom">'
    "<channel><title>N</title>{}</channel></rss>"
)
ITEM = "<item><title>Road open</title><link>https://news.test/1</link>{}</item>"
NOTHING: Mapping[str, Any] = {
    "summary": "",
    "content": False,
    "published": None,
    "updated": None,
    "guid": None,
    "language": None,
    "authors": [],
    "tags": [],
    "images": [],
}
_RAW = re.compile(rb"\\x\{([0-9a-f]+)\}")


def read_cases() -> Iterator[Any]:
    for path in sorted(FOLDER.glob("*.toml")):
        for feed in tomllib.loads(path.read_text(encoding="utf-8"))["feed"]:
            yield pytest.param(feed, id=f"{path.stem}: {feed['name']}")


CASES = list(read_cases())


def body_of(feed: Mapping[str, Any]) -> bytes:
    item = f"<pubDate>{feed['date']}</pubDate>" if "date" in feed else feed.get("item")
    inside = ITEM.format(item) if item is not None else feed.get("rss")
    text = feed["text"] if inside is None else RSS.replace("{}", inside)
    body = _RAW.sub(lambda found: bytes.fromhex(found[1].decode()), text.encode(feed.get("encoding", "utf-8")))
    return (gzip.compress(body) if feed.get("packed") == "gzip" else body)[: feed.get("cut")]


def expected_entries(feed: Mapping[str, Any]) -> list[dict[str, Any]]:
    only = {"published": feed["is"]} if "is" in feed else feed.get("gives", {})
    is_one = "item" in feed or "date" in feed
    listed = [{"link": "https://news.test/1", "title": "Road open", **only}] if is_one else feed.get("entries", [])
    return [{**NOTHING, **one} for one in listed]


def told(entry: Entry, expected: Mapping[str, Any] | None) -> dict[str, Any]:
    """An entry as the files put it; of its summary as much as `expected` names."""
    begins = expected is not None and expected["summary"] and entry.summary.startswith(expected["summary"])
    return {
        **{name: getattr(entry, name) for name in ("link", "title", "published", "updated", "guid", "language")},
        "summary": expected["summary"] if begins and expected else entry.summary,
        "content": bool(entry.content),
        **{name: list(getattr(entry, name)) for name in ("authors", "tags", "images")},
    }


@pytest.mark.parametrize("feed", CASES)
def test_a_feed_gives_what_stands_beside_it(feed: Mapping[str, Any]) -> None:
    url = feed.get("url", URL)

    found = parser_for(feed.get("kind", "feed"))(
        body_of(feed),
        url,
        content_type=feed.get("content_type"),
        now=NOW,
        zone=ZoneInfo(feed["zone"]) if "zone" in feed else None,
        options=feed.get("options", {}),
    )

    expected = expected_entries(feed)
    places = [*expected, *[None] * len(found.entries)]
    assert [told(entry, place) for entry, place in zip(found.entries, places, strict=False)] == expected
    problem = feed.get("problem")
    assert found.problem == (problem.replace("{url}", url) if problem else None)
    assert found.ask_again_after == (timedelta(minutes=feed["pause"]) if "pause" in feed else None)
    assert sorted(found.quiet_hours) == feed.get("quiet", [])
    assert found.next_url == feed.get("next")
    assert found.language == feed.get("language")
    assert len(found.notes) == feed.get("notes", 0)
    assert found.title == feed.get("title", found.title)


def test_the_feeds_are_as_many_as_there_are_traps() -> None:
    assert len(CASES) >= 150
