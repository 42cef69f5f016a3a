"""Documents that mean harm, as a table. What must come of any: an answer within its time and memory, nothing of this
machine's files in it, and no link with a control character. Sizes grow with `scale`; 1.0 is under what is fetched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from crawler.entry import Entry, ParsedFeed
from crawler.pool import FeedJob, Judged, PageJob, parse_source, read_and_judge
from topic import Topic

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)

SECRET = "root:x:0:0"  # how /etc/passwd begins
RSS = b'<?xml version="1.0"?>%b<rss version="2.0"><channel><title>News</title>%b</channel></rss>'
STORY = b"<p>" + b"The ministers met on Monday to discuss the return of displaced families. " * 8 + b"</p>"


@dataclass(frozen=True, slots=True)
class Document:
    """`kind` is one of crawler.kinds, or "article". `entries`: at least as many are read, and `most` at most."""

    name: str
    kind: str
    make: Callable[[float], bytes]
    entries: int = 0
    most: int | None = None


def wrong(document: Document, body: bytes, topic: Topic) -> str:
    """Reads `body` as a worker of the pool does, and says what should not have come of it."""
    url = "http://hostile.test/feed"
    if document.kind == "article":
        page = PageJob(html=body, url=url, outlet="", entry=Entry(link=url, title="T"), now=NOW)
        judged = read_and_judge(page, topic, None)
        told = judged.article.title + judged.article.body if isinstance(judged, Judged) else ""
        return "control characters are in the article" if any(c in told for c in "\x00\x1b") else ""
    parsed = parse_source(FeedJob(kind=document.kind, body=body, url=url, now=NOW))
    return _wrong_in(document, parsed)


def _wrong_in(document: Document, parsed: ParsedFeed) -> str:
    if SECRET in repr(parsed):
        return "a file of this machine was read"
    if any(not one.link.isprintable() for one in parsed.entries):
        return "a link has control characters"
    if any(not one.link.startswith(("http://", "https://")) for one in parsed.entries):
        return "a link is not of the web"
    if any("\x00" in one.title + one.summary for one in parsed.entries):
        return "a text has NULs"
    count = len(parsed.entries)
    if count < document.entries or (document.most is not None and count > document.most):
        return f"{count} entries are read"
    return ""


def _item(title: bytes = b"T", link: bytes = b"http://outlet.am/1", more: bytes = b"") -> bytes:
    return b"<item><title>%b</title><link>%b</link>%b</item>" % (title, link, more)


def _feed(items: bytes, doctype: bytes = b"") -> bytes:
    return RSS % (doctype, items)


def _laughs(_: float) -> bytes:
    steps = b"".join(b'<!ENTITY l%d "%b">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    return _feed(_item(b"&l9;"), b'<!DOCTYPE rss [<!ENTITY l0 "ha">' + steps + b"]>")


def _outside(_: float) -> bytes:
    return _feed(_item(b"&x;"), b'<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>')


def _blow_up(scale: float) -> bytes:
    long = b"x" * int(100_000 * scale)
    return _feed(_item(b"&a;" * int(50_000 * scale)), b'<!DOCTYPE rss [<!ENTITY a "' + long + b'">]>')


def _parameters(_: float) -> bytes:
    return _feed(_item(), b'<!DOCTYPE rss [<!ENTITY % p SYSTEM "http://127.0.0.1/x.dtd"> %p;]>')


def _items(scale: float) -> bytes:
    return _feed(b"".join(_item(b"T%d" % n, b"http://outlet.am/%d" % n) for n in range(int(100_000 * scale))))


def _times(piece: bytes, full: int, before: bytes = b"", after: bytes = b"") -> Callable[[float], bytes]:
    return lambda scale: before + piece * int(full * scale) + after


def _in_item(piece: bytes, full: int) -> Callable[[float], bytes]:
    return lambda scale: _feed(_item(more=b"<description>" + piece * int(full * scale) + b"</description>"))


def _json(inside: bytes) -> bytes:
    return b'{"version":"https://jsonfeed.org/version/1.1","title":"T","items":[' + inside + b"]}"


def _fixed(body: bytes) -> Callable[[float], bytes]:
    return lambda _: body


def _section(scale: float) -> bytes:
    links = b"".join(
        b'<h3><a href="/news/%d-a-story">A headline that is long enough %d</a></h3>' % (n, n)
        for n in range(int(50_000 * scale))
    )
    return b"<html><body>" + links


MAP = b'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">%b</sitemapindex>'
SELF = b"<sitemap><loc>http://hostile.test/feed</loc></sitemap>"
ATTRIBUTES = b"<item " + b" ".join(b'a%d="x"' % n for n in range(5000)) + b"><title>T</title></item>"
CONTROLS = "Title\x1b]0;owned\x07 \x9b31m \u202egnp.exe".encode()

DOCUMENTS = (
    Document("billion laughs", "feed", _laughs),
    Document("billion laughs in a sitemap", "sitemap", _laughs),
    Document("external entity", "feed", _outside),
    Document("external entity in a sitemap", "sitemap", _outside),
    Document("quadratic entities", "feed", _blow_up),
    Document("external DTD", "feed", _parameters),
    Document("deep XML", "feed", _times(b"<a>", 200_000, b'<rss version="2.0"><channel>')),
    Document("deep XML in a sitemap", "sitemap", _times(b"<a>", 200_000, b"<urlset>")),
    Document("deep JSON", "jsonfeed", _times(b"[", 1_000_000)),
    Document("deep JSON of WordPress", "wordpress", _times(b'{"a":', 500_000)),
    Document("huge numbers", "jsonfeed", _times(b"9", 1_000_000, b'{"version":', b"}")),
    Document("100,000 items", "feed", _items, 1),
    Document("an item of 5 MB", "feed", _in_item(b"word ", 1_000_000), 1),
    Document("an item of tags", "feed", _in_item(b"&lt;b&gt;", 500_000), 1),
    Document("attributes by the thousand", "feed", _times(ATTRIBUTES, 50, RSS[:60])),
    Document("a sitemap of itself", "sitemap", _fixed(MAP % SELF), most=0),
    Document("a sitemap of very many", "sitemap", _times(SELF, 100_000, MAP[:61], MAP[-15:]), most=0),
    Document("combining marks", "feed", _in_item("e\u0301\u0301\u0301".encode() * 4, 200_000), 1),
    Document("NULs", "feed", _fixed(_feed(_item(b"T\x00\x00\x01itle")))),
    Document(
        "escapes and overrides",
        "jsonfeed",
        _fixed(
            _json(
                b'{"id":"1","url":"http://outlet.am/1","title":"%b"}'
                % CONTROLS.replace(b"\x1b", b"\\u001b").replace(b"\x07", b"\\u0007")
            )
        ),
        1,
    ),
    Document("spreadsheet formulas", "feed", _fixed(_feed(_item(b"=HYPERLINK(&quot;http://127.0.0.1&quot;)"))), 1),
    Document(
        "line break in an item's link", "feed", _fixed(_feed(_item(link=b"http://outlet.am/&#13;&#10;X-Injected: 1")))
    ),
    Document("links to scripts", "feed", _fixed(_feed(_item(link=b"javascript:alert(1)")))),
    Document("50,000 links", "section", _section),
    Document("deep HTML", "article", _times(b"<div><span>", 100_000, b"<h1>T</h1>", STORY)),
    Document("megabytes of script", "article", _times(b"var a='<p>';", 500_000, b"<script>", b"</script>" + STORY)),
    Document("base on loopback", "article", _fixed(b'<base href="http://127.0.0.1/"><h1>Title</h1>' + STORY * 3)),
    Document("a page of attributes", "article", _times(b' data-x="y"', 500_000, b"<h1>T</h1><p", b">" + STORY)),
)
