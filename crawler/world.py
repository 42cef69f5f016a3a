"""What a visit to a source works with, made once by whoever runs visits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from crawler.cadence import Planner
from crawler.entry import ParsedFeed
from crawler.extract import Refused
from crawler.network import NetworkSense
from crawler.pool import FeedJob, Judged, PageJob
from crawler.rules import OutletRules
from crawler.wire import Fetched, FetchFailure, FetchRequest
from storage.records import SourceForPoll
from storage.store import Store
from topic import Topic


class Fetches(Protocol):
    async def fetch(self, request: FetchRequest) -> Fetched | FetchFailure: ...


class Reads(Protocol):
    async def read(self, job: PageJob) -> Judged | Refused: ...

    async def parse(self, job: FeedJob) -> ParsedFeed: ...


class RunsSpiders(Protocol):
    async def ask(self, source: SourceForPoll) -> Fetched | FetchFailure: ...


@dataclass(frozen=True, kw_only=True)
class World:
    """`owner` names this process in leases; `general` are the outlets most of whose stories are about other things.
    Without a `planner` sources are polled at fixed intervals."""

    hub: Fetches
    pool: Reads
    store: Store
    topic: Topic
    rules: Mapping[str, OutletRules]
    general: frozenset[str]
    owner: str
    now: Callable[[], datetime]
    polls_per_day: float = 96
    revisits_per_day: int = 0
    timeout: float = 30.0
    max_bytes: int = 8 << 20
    lease: timedelta = timedelta(minutes=3)
    network: NetworkSense = field(default_factory=NetworkSense)
    spiders: RunsSpiders | None = None
    planner: Planner | None = None
    _desk: asyncio.Lock = field(default_factory=asyncio.Lock)

    @asynccontextmanager
    async def at_the_desk(self) -> AsyncIterator[None]:
        """Judging and writing take milliseconds, in the loop: one at a time, and the loop turns between two of them."""
        async with self._desk:
            await asyncio.sleep(0)
            yield
