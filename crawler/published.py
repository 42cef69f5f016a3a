"""When a story was published and last changed: the best of what the feed, the page's structure and its text say.

docs/extraction.md, "Moments", states the rules in the order in which they are asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice
from typing import Literal

from lxml.html import HtmlElement

from crawler.dates import Moment, parse_date
from crawler.entry import Entry
from crawler.markup import Block, elements
from crawler.structured import Stated, microdata

Method = Literal["feed", "json-ld", "meta", "time tag", "text", "url"]
# Why a moment may be wrong: a better source named a day to come, or feed and page name days apart.
Doubt = Literal["future", "feed"]

_META_PUBLISHED = (
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished", "article:published",
    "parsely-pub-date", "sailthru.date", "cxenseparse:recs:publishtime", "publishdate", "publish-date", "publish_date",
    "published_time", "pubdate", "publication_date", "dc.date.issued", "dcterms.created", "dc.date.created", "dc.date",
    "dcterms.date", "dc.date.published", "dc:date", "dc:created", "dcterms:created", "rnews:datepublished",
    "og:pubdate", "bt:pubdate", "pub_date", "pdate", "originalpublicationdate", "iso-8601-publish-date",
    "article:create_time",
    "article.published", "datecreated", "date", "mediator_published_time",
)  # fmt: skip
_META_MODIFIED = (
    "article:modified_time", "og:updated_time", "datemodified", "article:modified", "last-modified", "lastmod",
    "dcterms.modified", "dc.date.modified", "article.updated",
)  # fmt: skip
_URL_DAY = re.compile(
    r"(?<!\d)((?:19|20)\d\d)[/-]?(\d{2})[/-]?(\d{2})(?!\d)|(?<!\d)(\d{1,2})-(\d{1,2})-((?:19|20)\d\d)(?!\d)"
)
_CALLED_UTC = re.compile(r"(?<=\d)\s?(?:Z|UTC|GMT|\+00(?::?00)?)$", re.IGNORECASE)
_AHEAD = timedelta(days=1)
_CLOCK_SKEW = timedelta(minutes=10)  # the outlet's clock or ours
_SAME_MOMENT = timedelta(minutes=5)  # a feed may be written some minutes after its story
_PLACEHOLDER = timedelta(days=366)  # a feed's date that is so much older than the page's is none
_OFF_ADDRESS = timedelta(days=3)  # a story may be put out some days after its address was made
_SAME_DAY = timedelta(hours=36)
_NEAR_TITLE = 12  # blocks before and after the title in which a printed date stands
_LONGEST_DATE_LINE = 120
_SAYS_UPDATED = re.compile(
    r"\W*(?:(?:last|son|последнее|dernière|letzte|última|վերջին|آخرین)\s+)?(?:updat|modified|обновл|изменен|g[uü]ncelle|yenilən"
    r"|թարմաց|განახლ|mis[e]? à jour|aktualis|geändert|actualiz|به\s?روز|بروز|оновлен|تحديث)",
    re.IGNORECASE,
)
_RDFA_PUBLISHED = frozenset({"dc:date", "dc:created", "dcterms:created", "datepublished", "schema:datepublished"})
_DIGIT = re.compile(r"\d")
# A moment in front of a story's first line, which older systems do not part from it.
_LEADING_MOMENT = re.compile(
    r"(?:\d{1,2}:\d\d(?::\d\d)?[\s,|•-]{1,3})?(?:[0-3]?\d[./-][01]?\d[./-]20\d\d|20\d\d-[01]\d-[0-3]\d)"
    r"(?:[\s,|•-]{1,3}\d{1,2}:\d\d(?::\d\d)?)?(?=[\s|•-])"
)
# "20 noyabr, 202614:05": two elements of a line without a blank between them.
_GLUED = re.compile(r"\b((?:19|20)\d\d)(\d\d:\d\d)\b")
_FULL_MOMENT = re.compile(r"(?=.*\d{1,2}:\d\d)(?=.*\b(?:19|20)\d\d\b)")


@dataclass(frozen=True, slots=True)
class Published:
    moment: Moment
    raw: str
    method: Method
    doubt: Doubt | None = None


@dataclass(frozen=True, slots=True)
class _Page:
    """What reading the claims of a page needs beside them."""

    lines: Sequence[str]
    days: Sequence[datetime]
    now: datetime
    zone: tzinfo | None
    entry: Entry | None
    utc_means_local: bool


def find_published(
    stated: Stated,
    times: Sequence[str],
    lines: Sequence[str],
    *,
    url: str,
    now: datetime,
    zone: tzinfo | None,
    entry: Entry | None = None,
    utc_means_local: bool = False,
) -> Published | None:
    """`times` are values of the page's time elements, `lines` the short texts beside its title, both nearest first.
    `utc_means_local`: the outlet is known to write Z behind its own clock."""
    days = [moment.instant for raw in _days_in_address(url) if (moment := parse_date(raw, now=now, zone=zone))]
    page = _Page(lines, days, now, zone, entry, utc_means_local)
    found, exact = _first_believed(_claims(stated, times, lines, url), page)
    best = _with_feed(found, days, entry, now, exact=exact)
    if best is None:
        best, _ = _first_believed((("text", line) for line in lines if _SAYS_UPDATED.match(line)), page)
    return best


def _first_believed(claims: Iterable[tuple[Method, str]], page: _Page) -> tuple[Published | None, bool]:
    """The first claim that tells the day, made exact by the first that tells the minute of that day; and whether it
    does."""
    by_day: Published | None = None
    doubt: Doubt | None = None
    for method, raw in claims:
        moment = parse_date(raw, now=page.now, zone=page.zone)
        if moment is None:
            continue
        moment = _local_called_utc(moment, raw, page)
        if moment.instant > page.now + _AHEAD:
            doubt = "future"
            continue
        off_address = page.days and all(abs(moment.instant - day) > _OFF_ADDRESS for day in page.days)
        if off_address and method in {"time tag", "text"}:
            continue
        if by_day is not None and abs(moment.instant - by_day.moment.instant) > _SAME_DAY:
            continue
        if moment.precision != "day" and not _is_midnight(raw):
            return Published(moment, raw, method, doubt), True
        by_day = by_day or Published(moment, raw, method, doubt)
    return by_day, False


def _local_called_utc(moment: Moment, raw: str, page: _Page) -> Moment:
    """Some outlets write Z behind their own clock. That it is so shows where the moment would lie ahead of `now`, where
    the feed names the other instant, or where the page shows that very clock to its readers."""
    bare = _CALLED_UTC.sub("", raw)
    if page.zone is None or bare == raw or moment.precision == "day":
        return moment
    local = parse_date(bare, now=page.now, zone=page.zone)
    if local is None or local.instant == moment.instant:
        return moment
    if moment.instant > page.now + _CLOCK_SKEW >= local.instant:
        return local
    fed = page.entry.published if page.entry is not None else None
    for reading in (local, moment):
        if fed is not None and abs(fed - reading.instant) <= _SAME_MOMENT:
            return reading
    return local if page.utc_means_local or _is_shown(local, page) else moment


def _is_shown(local: Moment, page: _Page) -> bool:
    minute = local.instant.replace(second=0)
    shown = (parse_date(line, now=page.now, zone=page.zone) for line in page.lines)
    return any(m and m.precision != "day" and m.zone_inferred and m.instant.replace(second=0) == minute for m in shown)


def _with_feed(
    page: Published | None, days: Sequence[datetime], entry: Entry | None, now: datetime, *, exact: bool
) -> Published | None:
    fed = from_feed(entry, now) if entry is not None else None
    if page is None or fed is None:
        return page or fed
    apart = abs(fed.moment.instant - page.moment.instant)
    if exact and apart <= _AHEAD:
        return page
    if not exact and apart <= _SAME_DAY:
        return replace(fed, doubt=page.doubt)
    return replace(_better(page, fed, days), doubt="feed")


def _better(page: Published, fed: Published, days: Sequence[datetime]) -> Published:
    """Of two that name days apart: the one whose day the address names; a feed before what is merely printed on the
    page; else the earlier, since nobody can tell of a story before it is published."""
    named = [one for one in (page, fed) if any(abs(one.moment.instant - day) <= _SAME_DAY for day in days)]
    if len(named) == 1:
        return named[0]
    if page.moment.instant - fed.moment.instant > _PLACEHOLDER:
        return page
    if page.method in {"time tag", "text"}:
        return fed
    return min(page, fed, key=lambda one: one.moment.instant)


def from_feed(entry: Entry, now: datetime) -> Published | None:
    if entry.published is None or entry.published > now + _AHEAD:
        return None
    moment = Moment(entry.published.astimezone(UTC), "second", zone_inferred=False, year_inferred=False)
    return Published(moment, entry.published_raw or entry.published.isoformat(), "feed")


def find_modified(
    stated: Stated,
    lines: Sequence[str] = (),
    *,
    now: datetime,
    zone: tzinfo | None,
    entry: Entry | None = None,
    published: Published | None = None,
) -> datetime | None:
    """Never before `published`; with the same misnamed zone where that was found to have one."""
    misnamed = published is not None and published.moment.zone_inferred and _CALLED_UTC.search(published.raw)
    updated = (line for line in lines if _SAYS_UPDATED.match(line))
    for raw in (stated.text("dateModified"), stated.first(*_META_MODIFIED), *updated):
        moment = parse_date(_CALLED_UTC.sub("", raw) if misnamed else raw, now=now, zone=zone)
        if moment is None or moment.instant > now + _AHEAD:
            continue
        if published is None or moment.precision == "day" or moment.instant >= published.moment.instant:
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
        if _DIGIT.search(raw) and not _SAYS_UPDATED.match(raw):
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
    marked += [
        element.get("content", "")
        for element in tree.iterfind(".//span[@content]")
        if _RDFA_PUBLISHED.intersection((element.get("property") or "").lower().split())
    ]
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
    leading = (leading_moment(text) for text in lines if len(text) > _LONGEST_DATE_LINE)
    return [*(_GLUED.sub(r"\1 \2", text) for text in lines if len(text) <= _LONGEST_DATE_LINE), *filter(None, leading)]


def leading_moment(text: str) -> str:
    """The moment at the start of a longer text, or nothing."""
    found = _LEADING_MOMENT.match(text)
    return found[0] if found else ""
