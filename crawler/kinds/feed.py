"""RSS 0.9 to 2.0, RDF and Atom, by feedparser on cleaned text; JSON Feed where a feed's address answers that.

feedparser reads the zone names AMT, AZT and MSK as UTC and some dates not at all: dates are read here, from its raw
strings.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from urllib.parse import parse_qsl, urlencode, urlsplit

import feedparser

from crawler.entry import ParsedFeed
from crawler.kinds import NO_OPTIONS, jsonfeed
from crawler.kinds.feed_entry import RawItem, read_entry, text_of
from crawler.kinds.plain_rss import read_plain
from crawler.kinds.text import page_address, plain_line
from crawler.kinds.xml_text import XmlText, read_xml, shortened

_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}
_BLANK = b"\xef\xbb\xbf \t\r\n"  # the mark of UTF-8 among them
_FEED_LINK = re.compile(r"<link\s[^<>]*application/(?:rss|atom)\+xml[^<>]*>", re.IGNORECASE)
_HREF = re.compile(r"""\shref\s*=\s*["']([^"']+)""", re.IGNORECASE)
_SKIPPED = re.compile(r"<skipHours>([^\[]{0,2000}?)</skipHours>", re.IGNORECASE)
_HOUR = re.compile(r"<hour>\s{0,9}(\d{1,2})\s{0,9}</hour>", re.IGNORECASE)
_ITEM = re.compile(r"<(?:[\w.-]{1,30}:)?(?:item|entry)[\s>]", re.IGNORECASE)
MOST_MARKS = 100_000  # a feed of a thousand items has 25,000 outside CDATA
LONGEST_HEAD = 100_000  # characters of a page in which links of its head are looked for
LONGEST_WISH = timedelta(days=7)


def parse_feed(body: bytes, url: str, *, content_type: str | None = None, now: datetime) -> ParsedFeed:
    return parse(body, url, content_type=content_type, now=now)


def parse(
    body: bytes,
    url: str,
    *,
    content_type: str | None = None,
    now: datetime,
    zone: tzinfo | None = None,
    options: Mapping[str, str] = NO_OPTIONS,
) -> ParsedFeed:
    if body.lstrip(_BLANK).startswith(b"{"):
        return jsonfeed.parse(body, url, content_type=content_type, now=now, zone=zone, options=options)
    document = read_xml(body, content_type)
    if document.root not in {"rss", "rdf", "feed"}:
        return ParsedFeed(problem=_not_a_feed(body, url, document, content_type))
    document = shortened(document, MOST_MARKS)
    channel, items = read_plain(document.text) or read_any(document, url)
    is_rdf = document.root == "rdf"
    found = [read_entry(one, url, now=now, zone=zone, named_by_page=is_rdf) for one in items]
    entries = tuple(entry for entry in found if entry is not None)
    lost = len(found) - len(entries)
    return ParsedFeed(
        entries=entries,
        title=plain_line(text_of(channel, "title")),
        language=text_of(channel, "language").strip() or None,
        ask_again_after=asked_pause(channel),
        quiet_hours=quiet_hours(document.text),
        next_url=older_page(channel, url),
        problem=_problem(url, document, shown=len(found), lost=lost),
        empty=not (found or document.is_cut or document.is_shortened),
        notes=(f"{lost} of {len(found)} items of {url} have no address of a page",) if lost and entries else (),
    )


def read_any(document: XmlText, url: str) -> tuple[RawItem, list[RawItem]]:
    """(channel, items) of a feed in whatever form."""
    raw = feedparser.parse(
        io.BytesIO(document.text.encode()),
        response_headers={"content-type": "application/xml; charset=utf-8"} | _base(document, url),
        resolve_relative_uris=False,
        sanitize_html=False,
    )
    return raw["feed"], raw["entries"]


def _base(document: XmlText, url: str) -> dict[str, str]:
    """What relative addresses count from is worked out for every element, at a quarter of the whole time: only where
    the feed has bases of its own does it take feedparser to know."""
    return {"content-location": url} if "xml:base" in document.text else {}


def _problem(url: str, document: XmlText, *, shown: int, lost: int) -> str | None:
    if document.is_shortened:
        return f"{url} holds more than {MOST_MARKS:,} elements; of its items {shown - lost} were read"
    if document.is_cut:
        return f"{url} was cut off before its end; {shown - lost} whole items of it were read"
    if shown == 0:
        return f"{url} is a feed without items"
    return f"none of the {shown} items of {url} has the address of a page" if lost == shown else None


def _not_a_feed(body: bytes, url: str, document: XmlText, content_type: str | None) -> str:
    if not body.strip(_BLANK):
        return f"{url} answered nothing instead of a feed"
    if document.root == "html":
        named = _named_feed(document.text, url)
        return f"{url} answered an HTML page instead of a feed" + (f"; the page names {named} as one" if named else "")
    if document.root:
        return f"{url} is a sitemap, not a feed: its kind should be sitemap"
    if document.is_cut:
        return f"{url} answered a broken gzip instead of a feed"
    return f"{url} answered something that is no feed ({content_type or 'of no declared type'})"


def _named_feed(page: str, url: str) -> str | None:
    """The feed that a page says it has, in the way that browsers and feed readers look for it."""
    for link in _FEED_LINK.finditer(page[:LONGEST_HEAD]):
        address = _HREF.search(link[0])
        if address and (found := page_address(html.unescape(address[1]), url)):
            return found
    return None


def older_page(feed: RawItem, url: str) -> str | None:
    """Where the stories before these are: the next page (RFC 5005), or the one that WordPress has of every feed."""
    links = feed.get("links")
    for link in links if isinstance(links, list) else ():
        if text_of(link, "rel") in {"next", "prev-archive"} and (found := page_address(text_of(link, "href"), url)):
            return found
    if "wordpress" not in text_of(feed, "generator").lower():
        return None
    parts = urlsplit(url)
    asked = dict(parse_qsl(parts.query, keep_blank_values=True))
    page = asked.get("paged", "1")
    asked["paged"] = str(int(page[:6]) + 1 if page.isascii() and page.isdigit() else 2)
    return parts._replace(query=urlencode(asked)).geturl()


def asked_pause(feed: RawItem) -> timedelta | None:
    """What <ttl> (minutes) or the syndication module (updatePeriod over updateFrequency) wish between two polls."""
    ttl = text_of(feed, "ttl").strip()
    if ttl.isascii() and ttl.isdigit() and int(ttl[:6]) > 0:
        return min(timedelta(minutes=int(ttl[:6])), LONGEST_WISH)
    period = _PERIODS.get(text_of(feed, "sy_updateperiod").strip().lower())
    times = text_of(feed, "sy_updatefrequency").strip()
    if period is None:
        return None
    frequency = int(times[:6]) if times.isascii() and times.isdigit() else 1
    return min(period / max(1, frequency), LONGEST_WISH)


def quiet_hours(text: str) -> frozenset[int]:
    """The hours of <skipHours>, all of them: feedparser keeps the last. Before RSS 0.92 they ran from 1 to 24."""
    first, last = _ITEM.search(text), text.rfind("</item>")
    channel = text[: first.start()] + text[max(last, 0) :] if first else text
    found = _SKIPPED.search(channel)
    hours = {int(hour) for hour in _HOUR.findall(found[1])} if found else set()
    return frozenset(hour % 24 for hour in hours if hour <= 24)
