"""`karabakh run`: the daemon. APScheduler ticks; the timetable, the queue of pages and the outbox are in the database.

A signal ends it in order: no new visits, those under way get a few seconds, what is stored is matched and told. A
second signal ends the process at once; that loses nothing, since every step is repeated that was not written. SIGHUP
ends the work in the same order and begins it anew with what configuration, catalogue and topic say by then.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from scheduler.assemble import Clock, Parts
from scheduler.config_place import ConfigError
from scheduler.dispatch import RENEW_SECONDS, Tally
from scheduler.lease_owner import owner_name
from scheduler.maintenance import apply_retention, back_up
from scheduler.process import on_hangup
from scheduler.timetable import Job, SteadyWatch, begin_anew, make_timer
from scheduler.work import Work, prepare_store, working
from storage.errors import DatabaseLocked

log = logging.getLogger(__name__)

TICK_SECONDS = 1.0
TELL_SECONDS = 2.0
CLOCK_SECONDS = 5.0
DRAIN = timedelta(seconds=6)  # with the last delivery inside the ten seconds that service managers are told to wait
LAST_WORDS = 2.0
SENTENCE = 1.5  # for a delivery that is under way when the end comes: cut off, it would be made again
SUMMARY_SECONDS = 3600.0
REVIEW_SECONDS = 300.0
RHYTHMS = "7 2 * * *"  # a cron expression: while the outlets of the region sleep


class Daemon:
    """`reload` is waited for beside `stop`; it ends the work if `read` then finds a configuration that can be used."""

    def __init__(self, work: Work, stop: asyncio.Event, reload: asyncio.Event, read: Callable[[], Parts]) -> None:
        self._work = work
        self._stop = stop
        self._reload = reload
        self._read = read
        self._failed: BaseException | None = None
        self._away = False
        self._telling = asyncio.Lock()

    async def run(self) -> Parts | None:
        """Until `stop` is set, or until something fails that no retry mends: that is raised after the drain. Returns
        what to go on with when a reload ended it."""
        schedule, keep = self._work.parts.config.schedule, self._work.parts.config.keep
        store, now = self._work.store, self._work.world.now
        every: dict[str, tuple[float, Job]] = {
            "dispatch": (TICK_SECONDS, self._job(self._tick)),
            "tell": (TELL_SECONDS, self._job(self._tell)),
            "renew": (RENEW_SECONDS, self._job(_later(self._work.dispatcher.renew))),
            "summary": (SUMMARY_SECONDS, self._job(_later(self._summarise))),
            "review": (REVIEW_SECONDS, self._job(self._review)),
        }
        crons: dict[str, tuple[str, Job]] = {
            "retention": (schedule.retention, self._job(_later(lambda: apply_retention(store, keep, now())))),
            "rhythms": (RHYTHMS, self._job(_later(self._work.learn_rhythms))),
            "backup": (schedule.backup, self._job(_later(lambda: back_up(store, keep.backups, now())))),
            "checkpoint": (schedule.checkpoint, self._job(_later(store.checkpoint))),
        }
        timer = make_timer(every, crons, schedule.zone)
        timer.start()
        parts, watching = None, asyncio.create_task(self._watch_clock(timer))
        try:
            parts = await self._next_parts()
        finally:
            watching.cancel()
            timer.pause()
            with suppress(TimeoutError):
                async with asyncio.timeout(SENTENCE), self._telling:
                    pass
            timer.shutdown(wait=False)
            await self._end()
        if self._failed is not None:
            raise self._failed
        return None if self._stop.is_set() else parts

    async def _watch_clock(self, timer: AsyncIOScheduler) -> None:
        watch, loop = SteadyWatch(), asyncio.get_running_loop()
        now = self._work.world.now
        mend = self._job(_later(lambda: log.warning("plans mended: rows=%s", self._work.store.mend_plans(now()))))
        while True:
            if back := watch.set_back(now(), loop.time()):
                log.warning("the clock was set back by %s", _span(back))
                await mend()
                begin_anew(timer, now())
            await asyncio.sleep(CLOCK_SECONDS)

    async def _next_parts(self) -> Parts | None:
        """None once the stop is set."""
        while not self._stop.is_set():
            stopping, reloading = (asyncio.ensure_future(event.wait()) for event in (self._stop, self._reload))
            await asyncio.wait({stopping, reloading}, return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            reloading.cancel()
            if self._reload.is_set() and not self._stop.is_set():
                self._reload.clear()
                parts = await self._read_anew()
                if parts is not None:
                    return parts
        return None

    async def _read_anew(self) -> Parts | None:
        """None when what was read cannot be used: the log says why, and all stays as it is."""
        try:
            parts = await asyncio.to_thread(self._read)
        except ConfigError as error:
            for mistake in error.mistakes:
                log.warning("reload refused, the old configuration stays: %s", mistake)
            return None
        if parts.loaded.database != self._work.parts.loaded.database:
            log.warning("reload refused, the old configuration stays: storage.path cannot change while this runs")
            return None
        log.info("reloading: topic=%s rules=%s", parts.topic.version, len(parts.config.alerts))
        return parts

    def _job(self, step: Callable[[], Awaitable[None]]) -> Job:
        """A lock that another program holds will pass; any other failure ends the daemon, which then says why."""

        async def guarded() -> None:
            try:
                await step()
            except DatabaseLocked as error:
                log.warning("put off: %s", error)
            except Exception as error:  # noqa: BLE001 - not swallowed: `run` raises it
                self._fail(error)

        return guarded

    def _fail(self, error: BaseException) -> None:
        self._failed = self._failed or error
        self._stop.set()

    async def _tick(self) -> None:
        if self._stop.is_set():
            return
        self._away = self._work.note_network(was_away=self._away)
        if self._work.dispatcher.broken is not None:
            self._fail(self._work.dispatcher.broken)
            return
        self._work.dispatcher.tick()

    async def _tell(self) -> None:
        async with self._telling:
            await self._match_and_deliver()

    async def _match_and_deliver(self) -> None:
        matched = await self._work.match()
        if matched.notices or matched.held:
            log.info("alerts: articles=%s notices=%s held=%s", matched.articles, matched.notices, matched.held)
        delivered = await self._work.deliver()
        if delivered.failed or delivered.dead:
            log.warning("deliveries: sent=%s failed=%s given_up=%s", delivered.sent, delivered.failed, delivered.dead)

    async def _review(self) -> None:
        # Of what was stored since the last time, and a little more: a review may be late, and repeats nothing.
        since = self._work.world.now() - timedelta(seconds=2 * REVIEW_SECONDS)
        await self._work.review_sources(stories_since=since)

    def _summarise(self) -> None:
        if self._work.dispatcher.tally.polls:
            log.info("so far: %s", self._work.dispatcher.tally.line())

    async def _end(self) -> None:
        log.info("stopping: visits_under_way=%s", len(self._work.dispatcher.visits))
        await self._work.dispatcher.drain(DRAIN)
        try:
            await asyncio.wait_for(self._tell(), LAST_WORDS)
        except TimeoutError:
            log.info("notices wait in the outbox for the next run")
        # What a delivery cut off in mid-send held is free for the next run.
        self._work.store.release_owner(self._work.world.owner)


def _later(step: Callable[[], object]) -> Callable[[], Awaitable[None]]:
    async def job() -> None:
        step()

    return job


async def run_daemon(parts: Parts, now: Clock, stop: asyncio.Event, read: Callable[[], Parts]) -> None:
    """`read` makes the parts anew when SIGHUP asks for it; it raises ConfigError."""
    reload = asyncio.Event()
    on_hangup(reload)
    with prepare_store(parts, now) as store:
        run = store.begin_run("run", owner_name(), now())
        started, tally = now(), Tally()
        while True:
            async with working(parts, store, now, tally=tally) as work:
                enabled = sum(source.enabled for source in parts.sources)
                log.info("started: database=%s sources=%s rules=%s", store.path, enabled, len(parts.config.alerts))
                following = await Daemon(work, stop, reload, read).run()
            if following is None:
                break
            parts = following
            store.sync_catalogue(parts.catalogue.outlets, parts.sources, now())
        store.end_run(run, tally.line(), now())
        log.info("ended: %s; ran for %s", tally.line(), _span(now() - started))


def _span(time: timedelta) -> str:
    return str(timedelta(seconds=int(time.total_seconds())))
