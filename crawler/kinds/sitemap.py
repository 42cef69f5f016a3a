"""Sitemaps (sitemaps.org) and Google's news sitemaps as sources of links.

A news sitemap gives titles and moments and is taken whole. A plain one may list every page since the first: of those,
only the pages changed in the last `days` (option, 7; "0": all) are taken. `path` is a pattern that addresses of stories
match.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo

from lxml import etree

from crawler.entry import Entry, ParsedFeed
from crawler.kinds import NO_OPTIONS
from crawler.kinds.text import page_address, plain_line
from crawler.kinds.times import read_moment
from crawler.kinds.xml_text import read_xml, shortened

RECENT_DAYS = "7"
MOST_MARKS = 1_000_000  # 50,000 addresses, the most that sitemaps.org allows, with all of its elements have 600,000
_PREFIX = re.compile(r"(</?)[A-Za-z_][\w.-]{0,30}:(?=[A-Za-z_])")
_PICTURES = frozenset({"image", "video"})


def parse(
    body: bytes,
    url: str,
    *,
    content_type: str | None = None,
    now: datetime,
    zone: tzinfo | None = None,
    options: Mapping[str, str] = NO_OPTIONS,
) -> ParsedFeed:
    document = read_xml(body, content_type)
    if document.root not in {"urlset", "sitemapindex"}:
        return ParsedFeed(problem=f"{url} answered something that is no sitemap")
    document = shortened(document, MOST_MARKS)
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True)
    # Names count without their prefixes, which many a sitemap forgets to declare.
    root = etree.fromstring(_PREFIX.sub(r"\1", document.text).encode(), parser)
    if document.root == "sitemapindex":
        return _index(root, url, now, zone)
    pattern = re.compile(options.get("path", ""))
    days = int(options.get("days", RECENT_DAYS))
    listed = [_entry(one, url, now, zone) for one in root.iterfind("{*}url")]
    fitting = [one for one in listed if one is not None and pattern.search(one.link)]
    entries = tuple(one for one in fitting if one.title or _is_recent(one, now, days))
    problem = None if entries else f"{url} lists no recent pages of stories ({len(listed)} addresses in all)"
    if document.is_shortened:
        problem = f"{url} holds more than {MOST_MARKS:,} elements; {len(listed)} addresses of it were read"
    if document.is_cut:
        problem = f"{url} was cut off before its end; {len(listed)} addresses of it were read"
    return ParsedFeed(entries=entries, problem=problem, empty=not entries)


def _index(root: etree._Element, url: str, now: datetime, zone: tzinfo | None) -> ParsedFeed:
    named = [(page_address(_said(one, "loc"), url), _said(one, "lastmod")) for one in root.iterfind("{*}sitemap")]
    parts = tuple((place, read_moment(said, now, zone)) for place, said in named if place)
    dated = [(changed, place) for place, changed in parts if changed]
    newest = max(dated)[1] if dated else parts[-1][0] if parts else None
    problem = f"{url} is an index of sitemaps that leads to no list of stories"
    return ParsedFeed(next_url=newest, parts=parts, problem=problem)


def _entry(element: etree._Element, base: str, now: datetime, zone: tzinfo | None) -> Entry | None:
    link = page_address(_said(element, "loc"), base)
    if link is None:
        return None
    published, changed = _said(element, "publication_date"), _said(element, "lastmod")
    images = (page_address(one.findtext("{*}loc") or "", base) for one in element.iterfind("{*}image"))
    return Entry(
        link=link,
        title=plain_line(_said(element, "title")),
        published=read_moment(published, now, zone),
        published_raw=published or None,
        updated=read_moment(changed, now, zone),
        tags=tuple(tag for one in _said(element, "keywords").split(",") if (tag := plain_line(one))),
        language=_said(element, "language") or None,
        images=tuple(image for image in images if image),
    )


def _said(element: etree._Element, name: str) -> str:
    """The text of the first descendant of that name, of any namespace; pictures and films have titles of their own."""
    for found in element.iterfind(f".//{{*}}{name}"):
        parent = found.getparent()
        if parent is element or (parent is not None and parent.tag.rpartition("}")[2] not in _PICTURES):
            return (found.text or "").strip()
    return ""


def _is_recent(entry: Entry, now: datetime, days: int) -> bool:
    moment = entry.published or entry.updated
    return days == 0 or (moment is not None and moment > now - timedelta(days=days))
