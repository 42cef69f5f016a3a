"""`karabakh crawl`: everything that is due, once; then matching and delivery; then the end. What cron runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.engine import Engine
from scheduler.assemble import Clock, Parts
from scheduler.dispatch import RENEW_SECONDS, Tally
from scheduler.lease_owner import owner_name
from scheduler.process import EXIT_ELSEWHERE, EXIT_FAILED
from scheduler.work import NETWORK_AWAY, Work, prepare_store, working

log = logging.getLogger(__name__)

DRAIN = timedelta(seconds=8)


@dataclass(frozen=True)
class PassRequest:
    """`only`: ids of sources to ask now, whatever the timetable says. `everything`: all that is on, due or not.
    `max_time`: when it is over, what is under way gets DRAIN to end."""

    only: frozenset[str] | None = None
    everything: bool = False
    max_time: timedelta | None = None

    def unpolled_since(self, began: datetime) -> datetime | None:
        """What has not been polled since then is asked; None leaves it to the timetable."""
        return began if self.everything or self.only is not None else None


@dataclass(frozen=True)
class PassResult:
    tally: Tally
    notices: int
    sent: int
    unsent: int
    elsewhere: int = 0
    offline: bool = False
    cut_short: str | None = None

    @property
    def exit_code(self) -> int:
        """0 all well, 1 some source or delivery failed or the pass was cut short, 75 another live run has it all."""
        if self.elsewhere and not self.tally.polls and not self.tally.articles:
            return EXIT_ELSEWHERE
        return EXIT_FAILED if self.tally.failed_sources or self.unsent or self.offline or self.cut_short else 0

    def line(self) -> str:
        text = f"{self.tally.line()}; notices: {self.notices} made, {self.sent} sent, {self.unsent} not sent"
        if self.elsewhere:
            text += f"; in the hands of another run: {self.elsewhere}"
        return text + (f"; {self.cut_short}" if self.cut_short else "")


async def crawl(
    parts: Parts, request: PassRequest, now: Clock, stop: asyncio.Event, engine: Engine | None = None
) -> PassResult:
    """Raises StorageError when the database fails; what sources do is in the result."""
    with prepare_store(parts, now) as store:
        began = now()
        run = store.begin_run("crawl", owner_name(), began)
        async with working(parts, store, now, once=True, engine=engine) as work:
            cut_short = await _visit_all(work, request, began, stop)
            result = await _tell(work, request, began, cut_short)
        store.end_run(run, result.line(), now())
        return result


async def _visit_all(work: Work, request: PassRequest, began: datetime, stop: asyncio.Event) -> str | None:
    """Visits until nothing is due; returns why it ended before that, if it did."""
    dispatcher, deadline = work.dispatcher, None if request.max_time is None else began + request.max_time
    renewed, away, why = began, False, None
    while True:
        away = work.note_network(was_away=away)
        if dispatcher.broken is not None:
            raise dispatcher.broken
        if stop.is_set():
            why = "stopped by a signal"
        elif deadline is not None and work.world.now() >= deadline:
            why = "stopped by --max-time"
        if why or away:
            break
        started = dispatcher.tick(only=request.only, unpolled_since=request.unpolled_since(began))
        if not started and not dispatcher.visits:
            break
        if work.world.now() - renewed > timedelta(seconds=RENEW_SECONDS):
            dispatcher.renew()
            renewed = work.world.now()
        await _until(dispatcher.visits, stop, deadline, work.world.now())
    await dispatcher.drain(DRAIN)
    if dispatcher.broken is not None:
        raise dispatcher.broken
    return why


async def _until(
    visits: Collection[asyncio.Task[object]], stop: asyncio.Event, deadline: datetime | None, now: datetime
) -> None:
    """Until a visit ends, the stop is asked for, the deadline comes or leases want renewing."""
    wait = RENEW_SECONDS if deadline is None else min(RENEW_SECONDS, max(0.0, (deadline - now).total_seconds()))
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({stopping, *visits}, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()


async def _tell(work: Work, request: PassRequest, began: datetime, cut_short: str | None) -> PassResult:
    await work.review_sources(stories_since=began)
    matched = await work.match()
    sent = unsent = 0
    while True:  # a round takes a bounded number of notices
        delivered = await work.deliver()
        sent += delivered.sent
        unsent += delivered.failed + delivered.dead
        if not (delivered.sent or delivered.failed or delivered.dead):
            break
    offline = work.world.network.offline_since is not None
    elsewhere = work.store.leased_by_others(
        work.world.owner, work.world.now(), request.only, request.unpolled_since(began)
    )
    return PassResult(
        tally=work.dispatcher.tally,
        notices=matched.notices,
        sent=sent,
        unsent=unsent,
        elsewhere=elsewhere,
        offline=offline,
        cut_short=NETWORK_AWAY if offline else cut_short,
    )
