"""A visit to one claimed source: poll it when it is due, fetch the pages that wait, give it back.

    claim -> fetch (conditional) -> parse by kind -> judge each entry on title and summary -> save poll and entries
          -> where the windows of two polls do not overlap, other roads to what may have been missed
          -> for each waiting entry: page -> article -> verdict -> save      -> release

A crash anywhere repeats the step it fell into: the poll is one transaction, and so is each story.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from crawler.announced import entries_to_save
from crawler.backfill import fill
from crawler.decide import DAY, LONGEST_WISHED, after_poll, wants_conditional
from crawler.entry import ParsedFeed
from crawler.pool import feed_job
from crawler.revisits import look_again
from crawler.routes import GOOD, Attempt, on_route, order, poll_to_save, tries_next
from crawler.story import Taken, take_story
from crawler.timing import next_check
from crawler.wire import Fetched, FetchFailure, FetchRequest
from crawler.world import World
from storage.errors import StorageError
from storage.records import FillToSave, PendingEntry, PollOutcome, PollToSave, SourceForPoll

log = logging.getLogger(__name__)

PAGES_AT_ONCE = 4  # of one source; the hub spaces the requests to each host
BATCH = 50
SPIDER = "spider"  # the kind that asks by itself: its answer is the stories it found
INTERNAL_RETRY = timedelta(minutes=15)
# What stops every visit alike: no source or page may be blamed for it.
FOR_ALL = (StorageError, BrokenProcessPool)


@dataclass(frozen=True, slots=True)
class Visit:
    """What came of a visit. `outcome` is None when only waiting pages were fetched."""

    source: str
    outcome: PollOutcome | None = None
    problem: str | None = None
    new_entries: int = 0
    articles: int = 0
    pages_failed: int = 0


async def visit(source: SourceForPoll, world: World) -> Visit:
    """Never raises for what a source does; FOR_ALL and cancellation pass through."""
    poll: PollToSave | None = None
    new = 0
    try:
        if source.poll_due:
            poll, new, polled = await _poll(source, world)
            if poll.outcome in GOOD:
                new += await _fill_gaps(source, polled, world)
        articles, failed = await fetch_pages(source, world)
        await look_again(source, world)
    finally:
        world.store.release_source(source.id, world.owner)
    if poll is None:
        return Visit(source.id, articles=articles, pages_failed=failed)
    return Visit(source.id, poll.outcome, poll.problem, new, articles, failed)


async def _poll(source: SourceForPoll, world: World) -> tuple[PollToSave, int, ParsedFeed | None]:
    """The poll as it was saved, how many entries were new, and its own list where that was read."""
    started = world.now()
    try:
        attempts = await _ask_all(source, world, started)
        last = attempts[-1]
        async with world.at_the_desk():
            shown = last.parsed.entries if last.good and last.parsed else ()
            entries = tuple(entries_to_save(shown, last.asked, world))
            poll = poll_to_save(source, attempts, entries, owner=world.owner, started=started, ended=world.now())
            return poll, _save(poll, last, world), last.parsed if last.number == 0 else None
    except FOR_ALL:
        raise
    except Exception:  # the bulkhead: a bug met in one source's answer must not stop the others
        log.exception("poll broke: source=%s", source.id)
        poll = _broken(source, world, started)
        return poll, world.store.save_poll(poll).new, None


def _save(poll: PollToSave, last: Attempt, world: World) -> int:
    """The poll, and when the next one is; returns how many entries are new. A crash between the two writes leaves the
    next poll at the fixed interval."""
    if world.planner is None or poll.outcome not in GOOD:
        return world.store.save_poll(poll).new
    plan = partial(
        next_check,
        world.planner,
        poll.source,
        last.answer,
        poll.wishes,
        longest_wish=LONGEST_WISHED * DAY / world.polls_per_day,
        now=poll.ended,
    )
    if not poll.entries:
        return world.store.save_poll(replace(poll, next_check=plan(new=(), shown=None))).new
    saved = world.store.save_poll(poll)
    world.store.plan_poll(poll.source, poll.owner, plan(new=saved.published, shown=poll.shown))
    return saved.new


async def _fill_gaps(source: SourceForPoll, polled: ParsedFeed | None, world: World) -> int:
    """Looks elsewhere for what may have been missed, a few requests at each visit; returns how many entries are new."""
    found = 0
    for gap in world.store.open_gaps(source.id, world.now())[:1]:
        try:
            found += (await fill(source, gap, world, polled=polled)).found
        except FOR_ALL:
            raise
        except Exception:  # the bulkhead of one gap: the poll stands, and the gap is tried again
            log.exception("filling a gap broke: source=%s", source.id)
            note = "a fault of this program, see its log"
            again = world.now() + INTERNAL_RETRY
            failed = FillToSave(source=source.id, gap=gap.id, note=note, requests=0, tried=True, next_try=again)
            world.store.save_fill(failed, world.now())
    return found


def _broken(source: SourceForPoll, world: World, started: datetime) -> PollToSave:
    ended = world.now()
    return PollToSave(
        source=source.id,
        owner=world.owner,
        started=started,
        ended=ended,
        outcome="failed",
        next_check=ended + INTERNAL_RETRY,
        problem="a fault of this program, see its log",
        failures=source.failures + 1,
        etag=source.etag,
        last_modified=source.last_modified,
        body_hash=source.body_hash,
        conditional_polls=source.conditional_polls,
        moving_to=source.moving_to,
        moving_seen=source.moving_seen,
        in_use=source.in_use,
        wishes=source.wishes,
    )


async def _ask_all(source: SourceForPoll, world: World, started: datetime) -> list[Attempt]:
    """Asks the route in use, and the others as far as `crawler.routes` says."""
    attempts: list[Attempt] = []
    for number in order(source, started):
        attempts.append(await _ask(on_route(source, number), number, world))
        if not tries_next(source, attempts[-1]):
            break
    return attempts


async def _ask(source: SourceForPoll, number: int, world: World) -> Attempt:
    """One route, the source being as it is seen there."""
    started = world.now()
    answer = await _fetch(source, world)
    now = world.now()
    # What a spider found says which stories there are, not which host answered.
    tells = source.kind != SPIDER or isinstance(answer, FetchFailure)
    offline = tells and await world.network.is_to_blame(world.hub.fetch, answer, asked=started, now=now)
    parsed = await _parse(source, answer, world, now)
    if isinstance(answer, Fetched) and parsed is not None and parsed.next_url and not parsed.entries:
        answer, parsed = await _follow(source, answer, parsed.next_url, world)
    decision = after_poll(source, answer, parsed, offline=offline, now=now, polls_per_day=world.polls_per_day)
    if decision.problem:
        log.info("poll: source=%s outcome=%s problem=%s", source.id, decision.outcome, decision.problem)
    return Attempt(number=number, asked=source, answer=answer, parsed=parsed, decision=decision)


async def _follow(
    source: SourceForPoll, index: Fetched, url: str, world: World
) -> tuple[Fetched | FetchFailure, ParsedFeed | None]:
    """An answer that only tells where the stories are listed (an index of sitemaps), once further.

    The list's validators are left out, for it is the index that is asked next, and that may stay as it is while the
    list grows; the list's bytes tell whether it has.
    """
    answer = await world.hub.fetch(
        FetchRequest(url=url, user_agent=source.user_agent, timeout=world.timeout, max_bytes=world.max_bytes)
    )
    if isinstance(answer, FetchFailure):
        return answer, None
    headers = {name: value for name, value in answer.headers.items() if name not in {"etag", "last-modified"}}
    listed = replace(answer, url=index.url, moved_to=index.moved_to, headers=headers)
    return listed, await _parse(source, listed, world, world.now())


async def _fetch(source: SourceForPoll, world: World) -> Fetched | FetchFailure:
    if source.kind == SPIDER:
        assert world.spiders is not None, "whoever makes a world for sources of kind spider gives it a runner"
        return await world.spiders.ask(source)
    conditional = wants_conditional(source)
    return await world.hub.fetch(
        FetchRequest(
            url=source.address,
            etag=source.etag if conditional else None,
            last_modified=source.last_modified if conditional else None,
            user_agent=source.user_agent,
            timeout=world.timeout,
            max_bytes=world.max_bytes,
        )
    )


async def _parse(
    source: SourceForPoll, answer: Fetched | FetchFailure, world: World, now: datetime
) -> ParsedFeed | None:
    """None when there is nothing to parse: no answer, no success, or the same bytes as last time."""
    if not isinstance(answer, Fetched) or answer.status != 200 or answer.body_hash == source.body_hash:
        return None
    rules = world.rules.get(source.outlet)
    return await world.pool.parse(feed_job(source, answer, zone=rules.zone if rules else None, now=now))


async def fetch_pages(
    source: SourceForPoll, world: World, *, told: Callable[[int], bool] = lambda _pages: True
) -> tuple[int, int]:
    """Fetches what waits; returns (articles stored, pages not had). `told` hears of each batch and says whether to go
    on."""
    gate = asyncio.Semaphore(PAGES_AT_ONCE)
    articles = failed = 0
    while waiting := world.store.pending_entries(source.id, world.now(), BATCH):
        tasks = [asyncio.ensure_future(_page(one, source.user_agent, gate, world)) for one in waiting]
        try:
            results = await asyncio.gather(*tasks)
        finally:  # a database that fails ends all of them: none goes on behind the back of whoever hears of it
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        articles += sum(taken.saved is not None for taken in results)
        failed += sum(not taken.page_had for taken in results)
        if not told(len(results)):
            break
    return articles, failed


async def _page(waiting: PendingEntry, user_agent: str | None, gate: asyncio.Semaphore, world: World) -> Taken:
    async with gate:
        try:
            return await take_story(waiting, user_agent, world)
        except FOR_ALL:
            raise
        except Exception:  # the bulkhead of one page; the entry leaves the queue, or it would break every visit
            log.exception("page broke: url=%s", waiting.url)
            reason = "a fault of this program, see its log"
            world.store.save_page_failure(waiting.id, reason, state="failed", next_try=None)
            return Taken(None, page_had=False)
