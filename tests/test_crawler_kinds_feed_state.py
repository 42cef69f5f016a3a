"""Feeds in the states that the world sends them in: wrong charsets, cut off, packed, hostile, or no feeds at all."""

from __future__ import annotations

import csv
import gzip
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.kinds.feed import parse_feed
from tests.data import shared

NOW = datetime(2026, 9, 15, 12, tzinfo=UTC)
URL = "https://news.test/rss.xml"
NAMESPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
)


def rss(items: str, channel: str = "") -> bytes:
    return f'<rss version="2.0" {NAMESPACES}><channel><title>News</title>{channel}{items}</channel></rss>'.encode()


def item(inside: str, link: str = "https://news.test/1") -> bytes:
    return rss(f"<item><link>{link}</link>{inside}</item>")


def test_every_capture_of_the_manifest_is_a_feed_with_items_or_reported_as_none() -> None:
    with shared("captures/manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] in {"feed", "listing"}]

    for row in rows:
        found = parse_feed(shared(row["file"]).read_bytes(), row["url"], now=NOW)
        assert bool(found.entries) == (row["kind"] == "feed"), row["file"]
        assert bool(found.problem) == (row["kind"] == "listing"), row["file"]
    assert len(rows) == 6


def whole(count: int) -> bytes:
    return rss("".join(f"<item><title>Story {n}</title><link>/{n}</link></item>" for n in range(count)))


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_an_answer_that_is_cut_off_keeps_the_items_that_came_whole(packed: bool) -> None:
    body = whole(40)
    cut = gzip.compress(body)[:-40] if packed else body[: body.index(b"Story 7") + 4]

    found = parse_feed(cut, URL, now=NOW)

    assert found.problem is not None
    assert "cut off" in found.problem
    assert len(found.entries) >= 7
    assert [entry.title for entry in found.entries] == [f"Story {n}" for n in range(len(found.entries))]


def test_a_gzip_that_the_server_did_not_declare_is_unpacked() -> None:
    assert len(parse_feed(gzip.compress(whole(3)), URL, now=NOW).entries) == 3


@given(st.binary(max_size=300), st.integers(min_value=0, max_value=600))
def test_no_bytes_make_the_parser_raise(noise: bytes, place: int) -> None:
    body = whole(4)

    found = parse_feed(body[:place] + noise + body[place + len(noise) :], URL, now=NOW)

    assert found.problem or found.entries
