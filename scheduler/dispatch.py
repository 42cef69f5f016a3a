"""Visits to due sources, side by side, for the daemon and for one pass alike."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crawler.revisits import limits
from crawler.visit import Visit, visit
from crawler.world import World
from storage.errors import DatabaseLocked
from storage.pages import RevisitLimits

log = logging.getLogger(__name__)

RENEW_SECONDS = 30.0  # a lease lasts three minutes, so that two renewals may fail
OFFLINE_PROBES = 2  # sources asked at a time while the network seems away: enough to notice that it is back


@dataclass
class Tally:
    """What a run has done so far, for its summary line."""

    polls: Counter[str] = field(default_factory=Counter)
    new_entries: int = 0
    articles: int = 0
    pages_failed: int = 0
    failed_sources: dict[str, str] = field(default_factory=dict)

    def count(self, done: Visit) -> None:
        if done.outcome is not None:
            self.polls[done.outcome] += 1
            if done.outcome in {"ok", "unchanged"}:
                self.failed_sources.pop(done.source, None)
            elif done.outcome != "held":  # was not asked, for another address of its site said to wait
                self.failed_sources[done.source] = done.problem or done.outcome
        self.new_entries += done.new_entries
        self.articles += done.articles
        self.pages_failed += done.pages_failed

    def line(self) -> str:
        polls = ", ".join(f"{count} {outcome}" for outcome, count in sorted(self.polls.items())) or "none"
        return (
            f"polls: {polls}; new entries: {self.new_entries}; articles stored: {self.articles}; "
            f"pages not had: {self.pages_failed}"
        )


class Dispatcher:
    """Claims what is due up to `capacity` visits at a time. `tick` never waits for a visit.

    `once`: no source is visited a second time, even if it is due again. `broken` is set when a visit fails for more
    than its source: the database, or a bug.
    """

    def __init__(self, world: World, capacity: int, tally: Tally, *, once: bool = False) -> None:
        self.world = world
        self.capacity = capacity
        self._once = once
        self._visited: set[str] = set()
        self.tally = tally
        self.visits: set[asyncio.Task[Visit]] = set()
        self.broken: BaseException | None = None

    def tick(self, *, only: Collection[str] | None = None, unpolled_since: datetime | None = None) -> int:
        """Starts visits to due sources; returns how many."""
        free = self.capacity - len(self.visits)
        if self.world.network.offline_since is not None:
            free = min(free, OFFLINE_PROBES - len(self.visits))
        if free <= 0:
            return 0
        claimed = self.world.store.claim_sources(
            owner=self.world.owner,
            now=self.world.now(),
            lease=self.world.lease,
            limit=free,
            only=only,
            unpolled_since=unpolled_since,
            held=self._visited | {task.get_name() for task in self.visits},
            revisits=self._revisits(free),
        )
        for source in claimed:
            task = asyncio.create_task(visit(source, self.world), name=source.id)
            self.visits.add(task)
            if self._once:
                self._visited.add(source.id)
            task.add_done_callback(self._done)
        return len(claimed)

    def _revisits(self, free: int) -> RevisitLimits | None:
        """Half of the visits are never for nothing but looking again: a poll that comes due finds a place."""
        if not self.world.revisits_per_day or self.world.network.offline_since is not None:
            return None
        return limits(self.world, places=max(0, free - self.capacity // 2))

    def _done(self, task: asyncio.Task[Visit]) -> None:
        self.visits.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is None:
            self.tally.count(task.result())
        elif isinstance(error, DatabaseLocked):
            # Another program holds the file for longer than we wait. The lease runs out and the visit is made again.
            log.warning("visit put off: source=%s reason=%s", task.get_name(), error)
        else:
            self.broken = error

    def renew(self) -> None:
        """Keeps what is being visited leased to us."""
        if self.visits:
            self.world.store.renew_leases(self.world.owner, self.world.now(), self.world.lease)

    async def drain(self, patience: timedelta) -> None:
        """Lets running visits end for at most `patience`, then cuts them off: what is not stored is asked again."""
        if self.visits:
            _, late = await asyncio.wait(set(self.visits), timeout=patience.total_seconds())
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self.world.store.release_owner(self.world.owner)
