"""Feeds in the states that the world sends them in: wrong charsets, cut off, packed, hostile, or no feeds at all."""

from __future__ import annotations

import csv
import gzip
import time
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


def encoded(charset: str, declared: str | None) -> bytes:
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    text = f'{declaration}<rss version="2.0"><channel><item><title>Дорога открыта, ёлка и Шуша</title><link>/a</link>'
    return f"{text}</item></channel></rss>".encode(charset)


CYRILLIC = {
    "utf-8": (encoded("utf-8", "utf-8"), None),
    "utf-8 that says windows-1251": (encoded("utf-8", "windows-1251"), None),
    "windows-1251 by its declaration": (encoded("cp1251", "windows-1251"), None),
    "windows-1251 by the header": (encoded("cp1251", None), "text/xml; charset=windows-1251"),
    "windows-1251 that says utf-8": (encoded("cp1251", "utf-8"), "text/xml; charset=utf-8"),
    "windows-1251 that says nothing": (encoded("cp1251", None), None),
    "koi8-r by its declaration": (encoded("koi8-r", "koi8-r"), None),
    "utf-16 with a mark": (encoded("utf-16", "utf-16"), None),
    "utf-16 without a mark": (encoded("utf-16-le", None), None),
    "utf-8 with a mark": (encoded("utf-8-sig", "utf-8"), None),
}


@pytest.mark.parametrize(("body", "content_type"), CYRILLIC.values(), ids=CYRILLIC)
def test_cyrillic_is_read_in_the_charset_it_is_in(body: bytes, content_type: str | None) -> None:
    found = parse_feed(body, URL, content_type=content_type, now=NOW)

    assert found.entries[0].title == "Дорога открыта, ёлка и Шуша"


@pytest.mark.parametrize("stray", [b"\x92", b"\xd0", b"\xff", b"\x00", b"\x1f", b"&#8;", b"&nbsp;", b" & "], ids=repr)
def test_one_stray_byte_costs_itself_and_not_the_feed(stray: bytes) -> None:
    body = encoded("utf-8", "utf-8").replace("ёлка".encode(), "ёл".encode() + stray + "ка".encode())

    title = parse_feed(body, URL, now=NOW).entries[0].title

    assert title.startswith("Дорога открыта, ёл")
    assert title.endswith("ка и Шуша")
    assert len(title) <= len("Дорога открыта, ёлка и Шуша") + 3


WRONG = {
    "nothing": (b"", "answered nothing"),
    "html": (b"<!DOCTYPE html><html><head><title>Just a moment</title></head><body>x</body></html>", "an HTML page"),
    "html that shows rss": (b"<html><body><pre>&lt;rss&gt; <rss></pre></body></html>", "an HTML page"),
    "no items": (rss(""), "a feed without items"),
    "text": (b"service unavailable", "no feed (text/plain)"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00", "no feed"),
    "a sitemap": (b"<urlset><url><loc>https://news.test/a</loc></url></urlset>", "is a sitemap"),
    "broken gzip": (b"\x1f\x8b\x08 not gzip", "a broken gzip"),
    "json": (b'{"error": "no"}', "JSON that is no JSON Feed"),
    "items without a page": (item("<title>x</title>", "mailto:a@b.c"), "none of the 1 items"),
}


@pytest.mark.parametrize(("body", "said"), WRONG.values(), ids=WRONG)
def test_a_wrong_answer_is_one_sentence_that_names_the_address(body: bytes, said: str) -> None:
    found = parse_feed(body, URL, content_type="text/plain", now=NOW)

    assert found.entries == ()
    assert found.problem is not None
    assert URL in found.problem
    assert said in found.problem


def test_an_html_page_that_names_its_feed_is_reported_with_it() -> None:
    page = b'<html><head><link rel="alternate" type="application/rss+xml" href="/rss?a=1&amp;b=2"></head></html>'

    problem = parse_feed(page, "https://a.test/feed", now=NOW).problem

    said = "answered an HTML page instead of a feed; the page names https://a.test/rss?a=1&b=2 as one"
    assert problem == f"https://a.test/feed {said}"


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


def laughs() -> bytes:
    entities = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(12))
    return (
        f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY e0 "ha">{entities}]><rss version="2.0"><channel><item>'
        "<title>&e12;</title><link>/a</link></item></channel></rss>"
    ).encode()


HOSTILE = {
    "billion laughs": laughs(),
    "external entity": b'<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss version="2.0"><channel><item>'
    b"<title>&x;</title><link>/a</link></item></channel></rss>",
    "a hundred thousand attributes": b'<rss version="2.0"><channel><item '
    + b" ".join(b"a%d='b'" % n for n in range(100_000))
    + b"><link>/a</link></item></channel></rss>",
    "cdata without end": rss("<item><link>/a</link><title>" + "<![CDATA[" * 50_000 + "</title></item>"),
    "scripts without end": item("<description><![CDATA[" + "<script>" * 100_000 + "]]></description>"),
    "a stray size": item("<title>x</title></width></media:height>"),
    "a gzip of nothing but zeros": gzip.compress(b"\0" * (64 << 20), 1),
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_feed_neither_stalls_nor_expands(body: bytes) -> None:
    started = time.process_time()

    found = parse_feed(body, URL, now=NOW)

    assert time.process_time() - started < 5
    assert all(len(entry.title) < 1000 and "root:" not in entry.title for entry in found.entries)


@given(st.binary(max_size=300), st.integers(min_value=0, max_value=600))
def test_no_bytes_make_the_parser_raise(noise: bytes, place: int) -> None:
    body = whole(4)

    found = parse_feed(body[:place] + noise + body[place + len(noise) :], URL, now=NOW)

    assert found.problem or found.entries
