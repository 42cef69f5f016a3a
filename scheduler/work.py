"""The machine of daemon and single pass: hub, reading pool, database and dispatcher, opened and closed in order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from alerts.delivery import Delivered, deliver_due
from alerts.matching import Matched, match_changes
from alerts.source_matching import match_events
from crawler.cadence import Planner
from crawler.engine import Engine
from crawler.health import GAPS_TOLD, review
from crawler.hub import Hub
from crawler.network import PATIENCE, NetworkSense
from crawler.pool import ReadingPool
from crawler.silence import SHORTEST
from crawler.spiders.runner import SpiderRunner
from crawler.timing import learn, make_planner
from crawler.world import World
from scheduler.assemble import NO_CONTACT, Clock, Parts
from scheduler.config import MAX_POLLS_PER_DAY
from scheduler.dispatch import Dispatcher, Tally
from scheduler.lease_owner import is_dead, owner_name
from storage.store import Store

log = logging.getLogger(__name__)

NETWORK = "network"
NETWORK_AWAY = "the network seems away: no host can be reached; no source is blamed, and polling resumes by itself"


@dataclass(frozen=True)
class Work:
    parts: Parts
    store: Store
    world: World
    dispatcher: Dispatcher

    async def match(self) -> Matched:
        """Visits go on between two batches."""
        now, told = self.world.now(), Matched()
        for batch in match_changes(self.store, self.parts.rules, self.parts.limits, now):
            told += batch
            await asyncio.sleep(0)
        events = match_events(self.store, self.parts.source_rules, now)
        return replace(told, notices=told.notices + events.notices)

    async def review_sources(self, *, stories_since: datetime) -> None:
        """What time alone brings to sources, such as silence. One source at a time: visits go on in between."""
        now = self.world.now()
        for source in self.store.to_review(quiet=SHORTEST, stories_since=stories_since):
            facts = self.store.health_facts(source, quiet=SHORTEST, gaps_since=now - GAPS_TOLD)
            signs = [sign for sign in review(facts) if sign.so or sign.kind in facts.ails]
            if signs:
                self.store.save_signs(source, signs, now)
            await asyncio.sleep(0)

    def learn_rhythms(self) -> None:
        """Anew from the database: shares of relevant stories change, and the past is forgotten."""
        if self.world.planner is not None:
            learn(self.world.planner, self.store.rhythms(self.world.now()), self.world.now())

    async def deliver(self) -> Delivered:
        return await deliver_due(self.store, self.parts.channels, owner=self.world.owner, now=self.world.now)

    def note_network(self, *, was_away: bool) -> bool:
        """Says once that the network is away and once that it is back; returns whether it is away."""
        away = self.world.network.offline_since is not None
        if away and not was_away:
            log.warning(NETWORK_AWAY)
            self.store.set_condition(NETWORK, NETWORK_AWAY, self.world.now())
        if was_away and not away:
            due = self.store.make_offline_due(self.world.now())
            log.warning("the network is back: sources_due=%s", due)
            self.store.set_condition(NETWORK, None, self.world.now())
        return away


def _planner(store: Store, polls_per_day: float, now: datetime) -> Planner | None:
    """None for the paces of tests and the demo, faster than the minutes that a planner counts in."""
    if polls_per_day > MAX_POLLS_PER_DAY:
        return None
    return make_planner(store.rhythms(now), polls_per_day=polls_per_day, now=now)


def prepare_store(parts: Parts, now: Clock) -> Store:
    """The database with the catalogue synced into it, and without the leases of processes that are no more."""
    store = Store.open(parts.loaded.database)
    try:
        store.sync_catalogue(parts.catalogue.outlets, parts.sources, now())
        for owner in store.lease_owners():
            if is_dead(owner):
                store.release_owner(owner)
                log.info("leases of a dead run released: owner=%s", owner)
        if mended := store.mend_plans(now()):
            log.warning("the clock ran ahead before: plans_mended=%s", mended)
        # A run that was cut off in mid-outage leaves its condition behind; this one finds out for itself.
        store.set_condition(NETWORK, None, now())
    except BaseException:
        store.close()
        raise
    return store


@asynccontextmanager
async def working(
    parts: Parts,
    store: Store,
    now: Clock,
    *,
    once: bool = False,
    engine: Engine | None = None,
    tally: Tally | None = None,
) -> AsyncIterator[Work]:
    """To be entered under the reactor. On the way out the pool and the engine are closed; the store is the caller's.
    `engine` is one to fetch with instead of an own, `tally` one to go on counting in."""
    fetching = parts.config.fetching
    if not fetching.contact:
        log.info(NO_CONTACT)
    rules = parts.catalogue.rules()
    pool = ReadingPool(fetching.workers, parts.topic, rules)
    try:
        async with Hub(parts.hub, engine) as hub:
            max_bytes = int(fetching.max_megabytes * (1 << 20))
            world = World(
                hub=hub,
                pool=pool,
                store=store,
                topic=parts.topic,
                rules=rules,
                general=parts.catalogue.general(),
                owner=owner_name(),
                now=now,
                polls_per_day=fetching.polls_per_day,
                revisits_per_day=fetching.revisits_per_day,
                timeout=fetching.timeout_seconds,
                max_bytes=max_bytes,
                network=NetworkSense(min(PATIENCE, fetching.timeout_seconds)),
                planner=_planner(store, fetching.polls_per_day, now()),
                spiders=SpiderRunner(
                    hub, parts.loaded.base, request_seconds=fetching.timeout_seconds, max_bytes=max_bytes
                ),
            )
            yield Work(parts, store, world, Dispatcher(world, fetching.concurrency, tally or Tally(), once=once))
    finally:
        pool.close()
