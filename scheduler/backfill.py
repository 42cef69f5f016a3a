"""`karabakh backfill`: the stories of a time past, found by other roads, then fetched, stored and matched.

Where a run stands is a row for each source: another run with the same times goes on from there.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from crawler.backfill import fill
from crawler.visit import fetch_pages
from scheduler.assemble import Clock, Parts
from scheduler.dispatch import RENEW_SECONDS
from scheduler.lease_owner import owner_name
from scheduler.process import EXIT_ELSEWHERE, EXIT_FAILED
from scheduler.work import Work, prepare_store, working
from storage.records import SourceForPoll

log = logging.getLogger(__name__)

STEP = 5  # requests between two looks at whether to stop


@dataclass(frozen=True)
class BackfillRequest:
    """`requests`: how many may be spent on finding stories, over all sources; their pages come on top."""

    sources: frozenset[str]
    since: datetime
    until: datetime | None
    requests: int


@dataclass
class BackfillResult:
    """`open`: sources whose time is not covered, with the reason."""

    found: int = 0
    requests: int = 0
    stored: int = 0
    not_had: int = 0
    elsewhere: int = 0
    open: dict[str, str] = field(default_factory=dict)

    def line(self) -> str:
        return (
            f"stories found: {self.found}, with {self.requests} requests; articles stored: {self.stored}; "
            f"pages not had: {self.not_had}"
        )

    @property
    def exit_code(self) -> int:
        if self.elsewhere and not self.requests:
            return EXIT_ELSEWHERE
        return EXIT_FAILED if self.open or self.elsewhere else 0


Progress = Callable[[str, int], None]  # what is being done, and how much more of it was


async def backfill(
    parts: Parts, request: BackfillRequest, now: Clock, stop: asyncio.Event, *, progress: Progress
) -> BackfillResult:
    """Raises StorageError when the database fails; what sources do is in the result."""
    with prepare_store(parts, now) as store:
        run = store.begin_run("backfill", owner_name(), now())
        result = BackfillResult()
        async with working(parts, store, now, once=True) as work:
            claimed = store.claim_sources(
                owner=work.world.owner,
                now=now(),
                lease=work.world.lease,
                limit=len(request.sources),
                only=request.sources,
                unpolled_since=now(),
            )
            result.elsewhere = len(request.sources) - len(claimed)
            renewing = asyncio.create_task(_renew(work))
            try:
                for source in claimed:
                    await _search(source, work, request, result, stop=stop, progress=progress)
                    if not stop.is_set():
                        await _fetch(source, work, result, stop=stop, progress=progress)
            finally:
                renewing.cancel()
                store.release_owner(work.world.owner)
            await work.match()
        store.end_run(run, result.line(), now())
        return result


async def _renew(work: Work) -> None:
    while True:
        await asyncio.sleep(RENEW_SECONDS)
        work.store.renew_leases(work.world.owner, work.world.now(), work.world.lease)


async def _search(
    source: SourceForPoll,
    work: Work,
    request: BackfillRequest,
    result: BackfillResult,
    *,
    stop: asyncio.Event,
    progress: Progress,
) -> None:
    world = work.world
    while True:
        gap = work.store.ask_backfill(source.id, request.since, request.until, world.now())
        spare = min(STEP, request.requests - result.requests)
        if stop.is_set() or spare <= 0:
            result.open[source.id] = "stopped" if stop.is_set() else "as many requests were made as --requests allows"
            return
        done = await fill(source, gap, world, requests=spare, told=lambda new: progress("stories found", new))
        result.found += done.found
        result.requests += done.requests
        if done.closed:
            return
        if not done.goes_on or done.requests < spare:  # no road is left, or its site wants to be left alone
            result.open[source.id] = done.note
            return


async def _fetch(
    source: SourceForPoll, work: Work, result: BackfillResult, *, stop: asyncio.Event, progress: Progress
) -> None:
    def told(pages: int) -> bool:
        progress("pages asked for", pages)
        return not stop.is_set()

    stored, not_had = await fetch_pages(source, work.world, told=told)
    result.stored += stored
    result.not_had += not_had
