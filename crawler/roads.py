"""Other roads to the stories of a time past: further pages of a feed, WordPress, sitemaps, section pages. Pure.

A walk along a road asks one address after another, newest stories first, until it has come past the time that is
wanted. Where it stands is a short text, so that it can be resumed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

from crawler.entry import Entry, ParsedFeed
from storage.records import RouteForPoll, SourceForPoll

# Clocks of outlets differ, and a feed may show a story a while after the moment that it states.
MARGIN = timedelta(hours=1)
POSTS = 100  # that WordPress gives at a time, at most
# Cheapest and surest first.
KINDS = ("feed", "jsonfeed", "wordpress", "sitemap", "section")
NAMES = {
    "feed": "older pages of its feed",
    "jsonfeed": "older pages of its feed",
    "wordpress": "WordPress",
    "sitemap": "sitemap",
    "section": "section page",
}


@dataclass(frozen=True, slots=True)
class Span:
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a search stands: on which of the roads, and the addresses still to be asked there, the next one first."""

    road: int = 0
    ahead: tuple[str, ...] = ()

    def __str__(self) -> str:
        return json.dumps([self.road, self.ahead])

    @classmethod
    def resumed(cls, text: str | None) -> Walk:
        road, ahead = json.loads(text) if text else (0, ())
        return cls(road, tuple(ahead))


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one answer brought: the entries of the wanted time, whether the walk has come past it, what is ahead."""

    entries: tuple[Entry, ...] = ()
    past: bool = False
    ahead: tuple[str, ...] = field(default=())


def roads_of(source: SourceForPoll, others: Iterable[RouteForPoll]) -> tuple[SourceForPoll, ...]:
    """The source as seen on each road, its own first; `others` are further ways to the same outlet's stories."""
    own = RouteForPoll(
        number=0, kind=source.kind, address=source.address, user_agent=source.user_agent, options=source.options,
        mirror_of=source.mirror_of,
    )  # fmt: skip
    ways = {way.address: way for way in (*others, *source.routes, own) if way.kind in KINDS}
    first = ways.pop(own.address, None)
    ordered = [*([first] if first else []), *sorted(ways.values(), key=lambda way: KINDS.index(way.kind))]
    return tuple(
        replace(
            source,
            kind=way.kind,
            address=way.address,
            user_agent=way.user_agent,
            # A sitemap's own limit would hide just what is looked for.
            options={**way.options, "days": "0"} if way.kind == "sitemap" else way.options,
            mirror_of=way.mirror_of,
        )
        for way in ordered
    )


def after_poll(roads: Sequence[SourceForPoll], source: SourceForPoll, older: str | None) -> Walk:
    """Where a search begins when the source's own list was just read: on its older page, or else on the next road."""
    if not roads or roads[0].address != source.address:
        return Walk()
    return Walk(0, (older,)) if older else Walk(1)


def first_address(road: SourceForPoll, span: Span) -> str:
    if road.kind != "wordpress":
        return road.address
    asked = {
        "after": f"{span.since - MARGIN:%Y-%m-%dT%H:%M:%S}",
        "before": f"{span.until + MARGIN:%Y-%m-%dT%H:%M:%S}",
        "per_page": str(POSTS),
        "page": "1",
    }
    return _with_query(road.address, asked)


def step(road: SourceForPoll, asked: str, parsed: ParsedFeed, span: Span, rest: Sequence[str]) -> Step:
    """What the answer at `asked` comes to; `rest` was ahead behind it."""
    entries = tuple(one for one in parsed.entries if _is_within(one, span))
    if parsed.parts:
        parts = sorted((part for part in parsed.parts if _may_hold(part[1], span)), key=_newest_first)
        return Step(ahead=(*(place for place, _ in parts), *rest))
    if road.kind == "sitemap":
        return Step(entries=entries, past=not rest and parsed.problem is None, ahead=tuple(rest))
    if road.kind == "wordpress":
        whole = len(parsed.entries) < POSTS
        return Step(entries=entries, past=whole, ahead=() if whole else (_next_page(asked),))
    moments = [one.published for one in parsed.entries if one.published is not None]
    past = bool(moments) and min(moments) < span.since
    return Step(entries=entries, past=past, ahead=(parsed.next_url,) if parsed.next_url and parsed.entries else ())


def _is_within(entry: Entry, span: Span) -> bool:
    """A story without a moment may be of that time; its page will say."""
    moment = entry.published or entry.updated
    return moment is None or span.since - MARGIN <= moment <= span.until + MARGIN


def _may_hold(changed: datetime | None, span: Span) -> bool:
    """Whether a part of a sitemap may list stories of that time: not when it has not changed since before."""
    return changed is None or changed >= span.since - MARGIN


def _newest_first(part: tuple[str, datetime | None]) -> tuple[bool, float]:
    return part[1] is None, -part[1].timestamp() if part[1] else 0.0


def _with_query(url: str, values: dict[str, str]) -> str:
    parts = urlsplit(url)
    return parts._replace(query=urlencode(dict(parse_qsl(parts.query, keep_blank_values=True)) | values)).geturl()


def _next_page(url: str) -> str:
    page = dict(parse_qsl(urlsplit(url).query)).get("page", "1")
    return _with_query(url, {"page": str(int(page) + 1)})
