"""What an answer may hold to trip its parser, beside tests/hostile_documents.py: up to seven megabytes for each kind.

`size` goes from 0 to 1, the full one.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from crawler.pool import FeedJob

MB = 1 << 20
SECRET = "root:"  # what /etc/passwd says


@dataclass(frozen=True, slots=True)
class Content:
    """`make` gets the size from 0 to 1; `options` are the source's own."""

    make: Callable[[float], bytes]
    kind: str = "feed"
    content_type: str = "text/xml"


def _rss(items: bytes, head: bytes = b"") -> bytes:
    return b'%s<rss version="2.0"><channel><title>N</title>%s</channel></rss>' % (head, items)


def _item(inside: bytes) -> bytes:
    return _rss(b"<item><link>/1</link>%s</item>" % inside)


def _filled(before: bytes, piece: bytes, after: bytes = b"", megabytes: float = 7) -> Callable[[float], bytes]:
    """As many pieces as there is room for."""
    return lambda size: before + piece * max(20, int(megabytes * MB * size / len(piece))) + after


def _in_item(before: bytes, piece: bytes, after: bytes = b"", megabytes: float = 7) -> Callable[[float], bytes]:
    head, _, tail = _item(b"|").partition(b"|")
    return _filled(head + before, piece, after + tail, megabytes)


def _nested(opened: bytes, closed: bytes, depth: int) -> Callable[[float], bytes]:
    def make(size: float) -> bytes:
        count = max(200, int(depth * size))
        return _item(b"<description>" + opened * count + b"x" + closed * count + b"</description>")

    return make


def _spaces(size: float) -> bytes:
    many = b" ".join(b"xmlns:a%d='urn:%d'" % (n, n) for n in range(int(200_000 * size) + 200))
    return _rss(b"<item " + many + b"><link>/1</link></item>")


def _codec(name: str) -> Callable[[float], bytes]:
    return lambda _: f'<?xml version="1.0" encoding="{name}"?>'.encode() + _item(b"<title>\xff\xfe\xd0\x80</title>")


def _json(items: object) -> bytes:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}).encode()


_ENTITY = b'<!DOCTYPE rss [<!ENTITY %% p SYSTEM "file:///etc/passwd"><!ENTITY x SYSTEM "%s">%%p;]>'
_FILE = _ENTITY % b"file:///etc/passwd"
_ASKS = b"<item><title>&x;</title><link>/1</link></item>"
_XINCLUDE = b'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'

CODECS = ("zlib", "hex", "rot13", "idna", "punycode", "undefined", "unicode_escape", "utf-7", "cp037", "mbcs")

CONTENTS: Mapping[str, Content] = {
    "a file that is to be included": Content(lambda _: _item(b"<title>" + _XINCLUDE + b"</title>")),
    "a file as an entity of a page": Content(
        lambda _: _FILE + b"<html><a href='/news/1-2-3-4'>&x; one two three four five</a></html>", "section"
    ),
    "elements in elements": Content(_nested(b"<a>", b"</a>", 900_000)),
    "mark-up in mark-up": Content(_nested(b"&lt;div&gt;", b"&lt;/div&gt;", 300_000)),
    "tables in tables": Content(_nested(b"<table><tr><td>", b"</td></tr></table>", 200_000)),
    "elements that never close": Content(_in_item(b"<description>", b"<a>")),
    "scripts that never close": Content(_in_item(b"<description><![CDATA[", b"<script>", b"]]></description>")),
    "tags that never close": Content(_in_item(b"<description>", b"<a ")),
    "comments that never close": Content(_filled(b"<rss>", b"<!-- ")),
    "instructions that never close": Content(_filled(b"<rss>", b"<? ")),
    "document types that never close": Content(_filled(b"", b"<!DOCTYPE rss [ ", b"<rss></rss>")),
    "CDATA that never closes": Content(_in_item(b"<title>", b"<![CDATA[", b"</title>")),
    "roots without end": Content(_filled(b"", b"<rss>")),
    "roots inside comments without end": Content(_filled(b"", b"<!-- <rss> -->", b"<rss></rss>")),
    "ends without beginnings": Content(_filled(b"<rss><channel>", b"</item>", b"</channel></rss>")),
    "items without end": Content(_filled(b"<rss><channel>", b"<item>", b"</channel></rss>", 1)),
    "very many namespaces": Content(_spaces),
    "an attribute of megabytes": Content(
        _filled(b"<rss><channel><item a='", b"b", b"'><link>/1</link></item></channel></rss>")
    ),
    "a name of megabytes": Content(_filled(b"<rss><channel><", b"b", b"/></channel></rss>")),
    "a title of megabytes": Content(_in_item(b"<title>", b"long ", b"</title>")),
    "a title of tags": Content(_in_item(b"<title>", b"&lt;b&gt;", b"</title>")),
    "a link of megabytes": Content(
        _filled(b"<rss><channel><item><link>http://a.test/", b"b", b"</link></item></channel></rss>")
    ),
    "a date of megabytes": Content(_in_item(b"<pubDate>", b"1", b"</pubDate>")),
    "a wish of megabytes": Content(
        _filled(b"<rss><channel><ttl>", b"9", b"</ttl><item><link>/1</link></item></channel></rss>")
    ),
    "hours without end": Content(_filled(b"<rss><channel>", b"<skipHours><hour>", b"</channel></rss>")),
    "categories without end": Content(_in_item(b"", b"<category>a</category>", megabytes=1)),
    "links without end": Content(_in_item(b"", b'<link rel="alternate" href="/2"/>', megabytes=1)),
    "bare signs of references": Content(_in_item(b"<title>", b"&", b"</title>")),
    "references that are none": Content(_in_item(b"<title>", b"&#x110000;", b"</title>")),
    "references escaped again and again": Content(_in_item(b"<title>&", b"amp;", b"lt;b></title>")),
    "empty links without end": Content(_in_item(b"", b"<link>")),
    "signs that open tags": Content(_in_item(b"<title>", b"<", b"</title>")),
    "control characters": Content(_in_item(b"<title>", b"\x1b[2J\x07\x9b\x90", b"</title>")),
    "bytes of no charset": Content(_filled(b"<rss>", b"\xff", b"</rss>")),
    "accents on accents": Content(_in_item(b"<title>a", "\u0301\u0489".encode(), b"</title>")),
    "marks of direction": Content(_in_item(b"<title>", "\u202e\u2066".encode(), b"</title>")),
    "letters that become whole sentences": Content(_in_item(b"<pubDate>", "\ufdfa".encode(), b"</pubDate>")),
    "half a pair of UTF-16": Content(
        lambda size: "<rss><channel><item><title>".encode("utf-16-le") + b"\x00\xd8" * int(MB * size + 9)
    ),
    **{f"the codec {name}": Content(_codec(name)) for name in CODECS},
    "a codec of a long name": Content(_codec("x" * 5000)),
    "a gzip of zeros": Content(lambda size: gzip.compress(bytes(int(256 * size + 17) * MB), 1)),
    "JSON nested without end, in a feed's place": Content(_filled(b"", b'{"a":')),
    "JSON with a number of megabytes": Content(
        _filled(b'{"version":"https://jsonfeed.org/version/1","items":[{"id":', b"9", b"}]}"), "jsonfeed"
    ),
    "JSON with numbers beyond numbers": Content(
        lambda _: (
            b'{"version":"https://jsonfeed.org/version/1","items":[{"id":1e999,"url":"/1"},{"id":NaN,"url":"/2","date_published":"9999999999999"}]}'
        ),
        "jsonfeed",
    ),
    "JSON with halves of pairs": Content(
        lambda _: _json(
            [
                {
                    "id": "\ud800",
                    "url": "/\ud800",
                    "title": "\udfff",
                    "content_html": "\ud800",
                    "language": "\ud800",
                    "date_published": "\ud800",
                    "tags": ["\ud800"],
                }
            ]
        ),
        "jsonfeed",
    ),
    "JSON of the wrong types": Content(
        lambda _: _json([{"id": {}, "url": [], "title": 1, "authors": {"name": 1}, "tags": "x", "image": {}}, [], 7]),
        "jsonfeed",
    ),
    "posts of the wrong types": Content(
        lambda _: json.dumps(
            [{"link": "/1", "title": [], "content": 7, "_embedded": {"author": "x", "wp:term": [7, [[]]]}, "date": {}}]
        ).encode(),
        "wordpress",
    ),
    "posts with halves of pairs": Content(
        lambda _: json.dumps(
            [{"link": "/1", "guid": "\ud800", "title": "\ud800", "content": "\udc00", "date": "\ud800"}]
        ).encode(),
        "wordpress",
    ),
    "notices without end before posts": Content(_filled(b"", b"\n<br>", b"[]"), "wordpress"),
    "prefixes without end": Content(_filled(b"<urlset>", b"<a:", b"</urlset>"), "sitemap"),
    "a link in links": Content(
        _filled(b"<html>", b"<a href='/news/12345'><h1>The road to the village is open", megabytes=0.5), "section"
    ),
    "very many data of a page": Content(_filled(b"<html>", b"<div data-page='{'>"), "embedded-json"),
}

_NOW = datetime(2026, 9, 15, 12, tzinfo=UTC)
_OPTIONS = {"embedded-json": {"hits": "props.hits", "link": "/{article_id}"}}


def job_of(kind: str, body: bytes, content_type: str = "text/xml") -> FeedJob:
    return FeedJob(
        kind=kind,
        body=body,
        url="http://hostile.test/feed",
        now=_NOW,
        content_type=content_type,
        options=_OPTIONS.get(kind, {}),
    )
