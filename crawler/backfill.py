"""The search for stories of a time that may have been missed, along other roads (crawler.roads).

Each step is one request and one transaction: a search that is cut off goes on where it stood.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from crawler.announced import entries_to_save
from crawler.entry import Entry, ParsedFeed
from crawler.pool import feed_job
from crawler.roads import NAMES, Span, Walk, after_poll, first_address, roads_of, step
from crawler.routes import address_at_home
from crawler.urls import canonical
from crawler.wire import Fetched, FetchFailure, FetchRequest
from crawler.world import World
from storage.read_records import Gap
from storage.records import FillToSave, SourceForPoll

log = logging.getLogger(__name__)

REQUESTS_A_VISIT = 10  # a gap must not keep a source's own polls waiting
# Until a gap that no road has closed is tried again: roads fail for hours, and sitemaps are written once a day.
AGAIN = (timedelta(minutes=30), timedelta(hours=3), timedelta(days=1), timedelta(days=3))
HELD_AGAIN = timedelta(minutes=5)
NO_ROAD = "no other road to its stories is known: no older pages of a feed, WordPress, sitemap or section page"


@dataclass(frozen=True, slots=True)
class Filled:
    """What a search has come to. Not `closed`: `note` says why; `goes_on` when only its requests ran out."""

    closed: bool
    found: int
    requests: int
    note: str
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class _Search:
    source: SourceForPoll
    gap: Gap
    span: Span
    roads: tuple[SourceForPoll, ...]
    world: World


async def fill(
    source: SourceForPoll,
    gap: Gap,
    world: World,
    *,
    requests: int = REQUESTS_A_VISIT,
    polled: ParsedFeed | None = None,
    told: Callable[[int], None] = lambda _new: None,
) -> Filled:
    """Walks on for at most `requests` requests. `polled` is the source's own list where that was just read; `told`
    hears after each request how many new entries it brought."""
    roads = roads_of(source, world.store.roads(source.id))
    search = _Search(source, gap, Span(gap.since, gap.until), roads, world)
    walk = after_poll(roads, source, polled.next_url) if polled and not gap.walk else Walk.resumed(gap.walk)
    found, made, notes = 0, 0, list[str]()
    while made < requests and walk.road < len(roads):
        road = roads[walk.road]
        url = walk.ahead[0] if walk.ahead else first_address(road, search.span)
        answer = await world.hub.fetch(
            FetchRequest(url=url, user_agent=road.user_agent, timeout=world.timeout, max_bytes=world.max_bytes)
        )
        if isinstance(answer, FetchFailure) and answer.kind == "held":
            return _put_off(search, walk, answer, Filled(closed=False, found=found, requests=made, note=answer.detail))
        made += 1
        parsed = await _parsed(road, answer, world)
        done = step(road, url, parsed, search.span, walk.ahead[1:])
        closes = done.past or (not done.ahead and _ends_in_known(search, road, parsed))
        note = f"{NAMES[road.kind]}: {parsed.problem or _reach(parsed, url, search.span, closes=closes)}"
        walk = Walk(walk.road, done.ahead) if done.ahead else Walk(walk.road + 1)
        new = _save(search, walk, note, road=road, entries=done.entries, closes=closes)
        found += new
        told(new)
        if closes:
            return Filled(closed=True, found=found, requests=made, note=note)
        notes += [] if done.ahead else [note]
    if walk.road < len(roads):
        return Filled(closed=False, found=found, requests=made, note="the search goes on", goes_on=True)
    return _give_up(search, Filled(closed=False, found=found, requests=made, note="; ".join(notes) or NO_ROAD))


async def _parsed(road: SourceForPoll, answer: Fetched | FetchFailure, world: World) -> ParsedFeed:
    """A road that cannot be gone has a problem and no entries."""
    if isinstance(answer, FetchFailure):
        return ParsedFeed(problem=answer.detail)
    if road.kind == "wordpress" and answer.status == 400 and "page=1" not in answer.url.split("&"):
        return ParsedFeed()  # the page behind the last one
    if answer.status != 200:
        return ParsedFeed(problem=f"{answer.url} answered HTTP {answer.status}")
    rules = world.rules.get(road.outlet)
    return await world.pool.parse(feed_job(road, answer, zone=rules.zone if rules else None, now=world.now()))


def _ends_in_known(search: _Search, road: SourceForPoll, parsed: ParsedFeed) -> bool:
    """Whether the last story of a list is one that the source had announced before the gap."""
    if not parsed.entries:
        return False
    last = canonical(address_at_home(parsed.entries[-1].link, road))
    return bool(search.world.store.known_before(search.source.id, [last], search.gap.since))


def _reach(parsed: ParsedFeed, url: str, span: Span, *, closes: bool) -> str:
    verb = "reaches back" if closes else "does not reach back yet"
    return f"{url} lists {len(parsed.entries)} stories and {verb} to {span.since:%Y-%m-%d %H:%M} UTC"


def _save(
    search: _Search,
    walk: Walk,
    note: str,
    *,
    road: SourceForPoll,
    entries: Iterable[Entry],
    closes: bool,
) -> int:
    fill_ = FillToSave(
        source=search.source.id,
        gap=search.gap.id,
        note=note,
        entries=tuple(entries_to_save(entries, road, search.world)),
        walk=str(walk),
        closes=closes,
    )
    return search.world.store.save_fill(fill_, search.world.now())


def _put_off(search: _Search, walk: Walk, answer: FetchFailure, so_far: Filled) -> Filled:
    now = search.world.now()
    step_ = FillToSave(
        source=search.source.id,
        gap=search.gap.id,
        note=answer.detail,
        walk=str(walk),
        requests=0,
        next_try=answer.until or now + HELD_AGAIN,
    )
    search.world.store.save_fill(step_, now)
    return replace(so_far, goes_on=True)


def _give_up(search: _Search, so_far: Filled) -> Filled:
    """For now: every road was gone to its end."""
    now = search.world.now()
    wait = AGAIN[min(search.gap.tries, len(AGAIN) - 1)]
    step_ = FillToSave(
        source=search.source.id, gap=search.gap.id, note=so_far.note, requests=0, tried=True, next_try=now + wait
    )
    search.world.store.save_fill(step_, now)
    log.info("gap stays open: source=%s since=%s why=%s", search.source.id, search.gap.since, so_far.note)
    return so_far
