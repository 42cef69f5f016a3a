"""A source tried once, without storing anything: what it answers, how far back, how much of it is understood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from crawler.entry import Entry, ParsedFeed
from crawler.pool import FeedJob, feed_job
from crawler.routes import on_route
from crawler.wire import Fetched, FetchFailure, FetchRequest
from storage.records import RouteForPoll, SourceForPoll, SourceRow
from topic import Topic

SPIDER = "spider"


class Asks(Protocol):
    async def fetch(self, request: FetchRequest) -> Fetched | FetchFailure: ...


class Parses(Protocol):
    async def parse(self, job: FeedJob) -> ParsedFeed: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """`route` is the one that is fine, or the first where none is; then `failed` are the others. `dated` (they state
    when they were published) and `relevant` count among `items`; `depth` lies between the oldest and the newest that
    state any moment. `moved_to` is where the address leads for good; `feed` is what was read there."""

    source: str
    route: int
    kind: str
    address: str
    status: str
    items: int = 0
    newest: datetime | None = None
    depth: timedelta | None = None
    dated: int = 0
    relevant: int = 0
    problem: str | None = None
    moved_to: str | None = None
    feed: ParsedFeed = field(default_factory=ParsedFeed)
    failed: tuple[Probed, ...] = ()

    @property
    def fine(self) -> bool:
        return self.items > 0 and self.problem is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What trying sources needs. `zone` of an outlet is an IANA name."""

    hub: Asks
    pool: Parses
    topic: Topic
    zones: dict[str, str]
    timeout: float
    max_bytes: int


def to_probe(row: SourceRow) -> SourceForPoll:
    """As a poll would see it that knows of none before."""
    return SourceForPoll(
        id=row.id,
        outlet=row.outlet,
        kind=row.kind,
        address=row.url,
        languages=row.languages,
        poll_due=True,
        user_agent=row.user_agent,
        options=row.options,
        routes=tuple(
            RouteForPoll(
                number=number,
                kind=way.kind,
                address=way.url,
                user_agent=way.user_agent,
                options=way.options,
                mirror_of=way.mirror_of,
            )
            for number, way in enumerate(row.routes, 1)
        ),
    )


async def probe(source: SourceForPoll, desk: Desk, now: datetime) -> Probed:
    """Asks its routes in their order until one is fine. Never raises for what a source does."""
    tried: list[Probed] = []
    for number in range(len(source.routes) + 1):
        tried.append(await _ask(on_route(source, number), number, desk, now))
        if tried[-1].fine:
            return tried[-1]
    return replace(tried[0], failed=tuple(tried[1:]))


async def _ask(source: SourceForPoll, number: int, desk: Desk, now: datetime) -> Probed:
    known = Probed(source=source.id, route=number, kind=source.kind, address=source.address, status="")
    if source.kind == SPIDER:
        return replace(known, status="spider", problem=f"is asked by a spider: karabakh crawl {source.id} tries it")
    first = read = await _read(source.address, source, desk, now)
    if isinstance(read, _Read) and read.parsed.next_url and not read.parsed.entries:
        read = await _read(read.parsed.next_url, source, desk, now)  # an index: a poll follows it once, too
    if isinstance(read, _Refused):
        return replace(known, status=read.status, problem=read.problem)
    moved = first.answer.moved_to if isinstance(first, _Read) else None
    return summed_up(replace(known, moved_to=moved), read.parsed, desk.topic)


@dataclass(frozen=True, slots=True)
class _Read:
    answer: Fetched
    parsed: ParsedFeed


@dataclass(frozen=True, slots=True)
class _Refused:
    status: str
    problem: str


async def _read(url: str, source: SourceForPoll, desk: Desk, now: datetime) -> _Read | _Refused:
    answer = await desk.hub.fetch(
        FetchRequest(url=url, user_agent=source.user_agent, timeout=desk.timeout, max_bytes=desk.max_bytes)
    )
    if isinstance(answer, FetchFailure):
        return _Refused(answer.kind, answer.detail)
    if answer.status != 200:
        return _Refused(f"HTTP {answer.status}", f"{url} answered HTTP {answer.status}")
    return _Read(answer, await desk.pool.parse(feed_job(source, answer, zone=desk.zones.get(source.outlet), now=now)))


def summed_up(known: Probed, parsed: ParsedFeed, topic: Topic) -> Probed:
    """What an answer that was parsed comes to. Pure."""
    moments = [moment for one in parsed.entries if (moment := one.published or one.updated) is not None]
    return replace(
        known,
        status="HTTP 200",
        items=len(parsed.entries),
        newest=max(moments, default=None),
        depth=max(moments) - min(moments) if moments else None,
        dated=sum(one.published is not None for one in parsed.entries),
        relevant=_relevant(parsed.entries, topic),
        problem=parsed.problem or (None if parsed.entries else f"{known.address} lists no stories"),
        feed=parsed,
    )


def _relevant(entries: Sequence[Entry], topic: Topic) -> int:
    return sum(topic.judge(one.title, one.summary).relevant for one in entries)
