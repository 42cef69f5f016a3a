"""When a story was published and last changed: the best of what the feed, the page's structure and its text say.

1. What lies more than a day ahead of `now` is not believed.
2. Of the page's own words: JSON-LD, then meta tags, then <time>, then the date printed beside the title, then the
   address.   The first that tells the day wins, and the first of the rest that tells the minute of that day.
   A date beside the title that is days away from the one in the address belongs to something else.
3. Where the page tells no more than the day, a feed's moment on that day (or the next, in another zone) is more exact.
4. Where the page tells nothing, the feed decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice
from typing import Literal

from lxml.html import HtmlElement

from crawler.dates import Moment, parse_date
from crawler.entry import Entry
from crawler.markup import Block, elements
from crawler.structured import Stated, microdata

Method = Literal["feed", "json-ld", "meta", "time tag", "text", "url"]

_META_PUBLISHED = (
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished", "article:published",
    "parsely-pub-date", "sailthru.date", "cxenseparse:recs:publishtime", "publishdate", "publish-date", "publish_date",
    "published_time", "pubdate", "publication_date", "dc.date.issued", "dcterms.created", "dc.date.created", "dc.date",
    "dcterms.date", "dc.date.published", "article.published", "datecreated", "date", "mediator_published_time",
)  # fmt: skip
_META_MODIFIED = (
    "article:modified_time", "og:updated_time", "datemodified", "article:modified", "last-modified", "lastmod",
    "dcterms.modified", "dc.date.modified", "article.updated",
)  # fmt: skip
_URL_DAY = re.compile(
    r"(?<!\d)((?:19|20)\d\d)[/-]?(\d{2})[/-]?(\d{2})(?!\d)|(?<!\d)(\d{1,2})-(\d{1,2})-((?:19|20)\d\d)(?!\d)"
)
_CALLED_UTC = re.compile(r"(?:Z|\+00:?00)$")
_AHEAD = timedelta(days=1)
_OFF_ADDRESS = timedelta(days=3)  # a story may be put out some days after its address was made
_SAME_DAY = timedelta(hours=36)
_NEAR_TITLE = 12  # blocks before and after the title in which a printed date stands
_LONGEST_DATE_LINE = 120
_FULL_MOMENT = re.compile(r"(?=.*\d{1,2}:\d\d)(?=.*\b(?:19|20)\d\d\b)")


@dataclass(frozen=True, slots=True)
class Published:
    moment: Moment
    raw: str
    method: Method


def find_published(
    stated: Stated,
    times: Sequence[str],
    lines: Sequence[str],
    *,
    url: str,
    now: datetime,
    zone: tzinfo | None,
    entry: Entry | None = None,
) -> Published | None:
    """`times` are values of the page's time elements, `lines` the short texts beside its title, both nearest first."""
    days = [moment.instant for raw in _days_in_address(url) if (moment := parse_date(raw, now=now, zone=zone))]
    by_day: Published | None = None
    for method, raw in _claims(stated, times, lines, url):
        moment = parse_date(raw, now=now, zone=zone)
        if moment is None or moment.instant > now + _AHEAD:
            continue
        if method in {"time tag", "text"} and days and all(abs(moment.instant - day) > _OFF_ADDRESS for day in days):
            continue
        if by_day is not None and abs(moment.instant - by_day.moment.instant) > _SAME_DAY:
            continue
        if moment.precision != "day" and not _is_midnight(raw):
            return Published(_local_called_utc(moment, raw, lines, now, zone), raw, method)
        by_day = by_day or Published(moment, raw, method)
    return _with_feed(by_day, entry, now)


def _local_called_utc(moment: Moment, raw: str, lines: Iterable[str], now: datetime, zone: tzinfo | None) -> Moment:
    """Some outlets write Z behind their own clock: then the page shows that very clock to its readers."""
    bare = _CALLED_UTC.sub("", raw)
    if zone is None or bare == raw:
        return moment
    local = parse_date(bare, now=now, zone=zone)
    if local is None or local.instant == moment.instant:
        return moment
    shown = (parse_date(line, now=now, zone=zone) for line in lines)
    minute = local.instant.replace(second=0)
    return local if any(m and m.precision != "day" and m.instant.replace(second=0) == minute for m in shown) else moment


def _with_feed(by_day: Published | None, entry: Entry | None, now: datetime) -> Published | None:
    if entry is None or entry.published is None:
        return by_day
    if by_day is not None and not -_SAME_DAY <= entry.published - by_day.moment.instant <= _SAME_DAY:
        return by_day
    return from_feed(entry, now) or by_day


def from_feed(entry: Entry, now: datetime) -> Published | None:
    if entry.published is None or entry.published > now + _AHEAD:
        return None
    moment = Moment(entry.published.astimezone(UTC), "second", zone_inferred=False, year_inferred=False)
    return Published(moment, entry.published_raw or entry.published.isoformat(), "feed")


def find_modified(stated: Stated, *, now: datetime, zone: tzinfo | None, entry: Entry | None = None) -> datetime | None:
    for raw in (stated.text("dateModified"), stated.first(*_META_MODIFIED)):
        moment = parse_date(raw, now=now, zone=zone)
        if moment is not None and moment.instant <= now + _AHEAD:
            return moment.instant
    return entry.updated if entry is not None else None


def _claims(stated: Stated, times: Iterable[str], lines: Iterable[str], url: str) -> Iterator[tuple[Method, str]]:
    for key in ("datePublished", "dateCreated"):
        if raw := stated.text(key):
            yield "json-ld", raw
    for node in stated.nodes.values():
        if str(node.get("@type", "")).lower() == "webpage" and isinstance(node.get("datePublished"), str):
            yield "json-ld", node["datePublished"]
    for name in _META_PUBLISHED:
        for raw in stated.meta.get(name, ()):
            yield "meta", raw
    for raw in times:
        yield "time tag", raw
    for raw in lines:
        if re.search(r"\d", raw):
            yield "text", raw
    yield from (("url", raw) for raw in _days_in_address(url))


def _days_in_address(url: str) -> Iterator[str]:
    path = url.partition("://")[2].partition("/")[2].partition("?")[0]
    for found in _URL_DAY.finditer(path):
        year, month, day, day2, month2, year2 = found.groups()
        yield f"{year or year2}-{int(month or month2):02}-{int(day or day2):02}"


def _is_midnight(raw: str) -> bool:
    """Systems that know the day alone often fill in zeros."""
    return re.search(r"[T ]00:00(?::00(?:\.0+)?)?(?:Z|[+-]\d\d:?\d\d)?$", raw) is not None


def times_of(tree: HtmlElement) -> list[str]:
    """Values of the elements that say when the story was published: marked ones first, then those after the title."""
    marked = [raw for prop in ("datePublished", "dateCreated") for raw in microdata(tree, prop)]
    after_title: list[str] = []
    before: list[str] = []
    seen_title = False
    for element in elements(tree, "h1", "time"):
        if element.tag == "h1":
            seen_title = True
            continue
        raw = element.get("datetime") or element.text_content().strip()
        if element.get("pubdate") is not None:
            marked.append(raw)
        elif raw:
            (after_title if seen_title else before).append(raw)
    return marked + after_title[:1] + (before[:1] if not after_title else [])


def lines_near(blocks: list[Block], title: str) -> list[str]:
    """Short texts beside the title, nearest first, those after it before those that lead up to it; then the first after
    them that states a full moment, since some outlets print it under the story."""
    places = [i for i, block in enumerate(blocks) if title and title in block.text]
    place = min(places, key=lambda i: (blocks[i].element.tag != "h1", len(blocks[i].text), i)) if places else 0
    before, after = blocks[max(0, place - _NEAR_TITLE) : place], blocks[place:]
    further = (block for block in after[_NEAR_TITLE:] if _FULL_MOMENT.match(block.text[:_LONGEST_DATE_LINE]))
    under = [*islice(further, 1)]
    lines = [block.text for block in [*after[:_NEAR_TITLE], *reversed(before), *under]]
    return [text for text in lines if len(text) <= _LONGEST_DATE_LINE]
