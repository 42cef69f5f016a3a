"""`karabakh replay`: the pages that WARC files hold, read, stored and matched as if they had just been fetched.

Each file is read in a thread of its own, as far ahead as the pool keeps up with. A page that was read by an earlier run
is passed over, so that a run which was stopped goes on when the same command is given again.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from crawler.hosts import outlet_at, outlet_hosts
from crawler.replay import read_by, take_saved
from crawler.warc import NOT_CATALOGUED, PassedOver, SavedPage, saved_page
from crawler.warc_file import CUT, LONGEST_HEAD, Unread, read_records
from crawler.world import World
from scheduler.assemble import Clock, Parts
from scheduler.lease_owner import owner_name
from scheduler.process import EXIT_FAILED
from scheduler.work import prepare_store, working

log = logging.getLogger(__name__)

OUTSIDE = "from outside the time asked for"
FILES_AT_ONCE = os.cpu_count() or 2
# A step of a file's reading: what is held in memory of each file, and how often the bar moves.
_STEP_PAGES = 8
_STEP_BYTES = 16 << 20
_STEP_RECORDS = 500
_MOST_PROBLEMS = 5  # of one file

Progress = Callable[[int], None]  # bytes that were read


@dataclass(frozen=True)
class ReplayRequest:
    """`outlet`: whose the pages are, whatever their hosts; None: whom the catalogue names."""

    files: tuple[Path, ...]
    outlet: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass
class ReplayResult:
    """`known`: pages whose story is stored as they tell it, `again` of them such as an earlier replay has read.
    `problems` are sentences that name file and place."""

    files: int = 0
    records: int = 0
    pages: int = 0
    new: int = 0
    changed: int = 0
    known: int = 0
    again: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    unwanted: Counter[str] = field(default_factory=Counter)
    passed: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    held: int = 0
    stopped: bool = False

    def line(self) -> str:
        return (
            f"files: {self.files}; records: {self.records}; pages: {self.pages}; stories new: {self.new}, "
            f"changed: {self.changed}, known: {self.known}; pages refused: {self.refused.total()}"
        )

    @property
    def exit_code(self) -> int:
        return EXIT_FAILED if self.problems or self.stopped else 0


@dataclass(frozen=True)
class _Step:
    """What was read of a file since the last step; `upto` is how far that is."""

    pages: tuple[SavedPage, ...]
    unread: tuple[Unread, ...]
    passed: Counter[PassedOver]
    records: int
    upto: int


async def replay(
    parts: Parts, request: ReplayRequest, now: Clock, stop: asyncio.Event, *, progress: Progress
) -> ReplayResult:
    """Raises StorageError when the database fails; what ails files and pages is in the result."""
    with prepare_store(parts, now) as store:
        run = store.begin_run("replay", owner_name(), now())
        async with working(parts, store, now, once=True) as work:
            hosts = outlet_hosts(parts.catalogue.outlets)
            places = 2 * (parts.config.fetching.workers or FILES_AT_ONCE)
            result = await replay_files(request, hosts, work.world, stop, places=places, progress=progress)
            result.held = (await work.match()).held
        store.end_run(run, result.line(), now())
        return result


async def replay_files(
    request: ReplayRequest,
    hosts: Mapping[str, str],
    world: World,
    stop: asyncio.Event,
    *,
    places: int,
    progress: Progress = lambda _bytes: None,
) -> ReplayResult:
    """At most `places` pages wait for the pool or are in it."""
    replaying = _Replaying(request, hosts, world, stop, places=places, progress=progress)
    try:
        with ThreadPoolExecutor(FILES_AT_ONCE, "warc") as threads:
            async with asyncio.TaskGroup() as group:
                for path in request.files:
                    group.create_task(replaying.read(path, threads, group))
    except ExceptionGroup as failed:  # the first has stopped the others
        raise failed.exceptions[0] from None
    replaying.result.stopped = stop.is_set()
    return replaying.result


class _Replaying:
    """One run over its files."""

    def __init__(
        self,
        request: ReplayRequest,
        hosts: Mapping[str, str],
        world: World,
        stop: asyncio.Event,
        *,
        places: int,
        progress: Progress,
    ) -> None:
        self.result = ReplayResult()
        self._request, self._hosts, self._world, self._stop = request, hosts, world, stop
        self._progress = progress
        self._files = asyncio.Semaphore(FILES_AT_ONCE)
        self._places = asyncio.Semaphore(places)

    async def read(self, path: Path, threads: ThreadPoolExecutor, group: asyncio.TaskGroup) -> None:
        async with self._files:
            loop, at, found, problems = asyncio.get_running_loop(), 0, 0, list[Unread]()
            steps = _steps(path, self._world.max_bytes, self._wanted, self._world.now())
            try:
                while not self._stop.is_set():
                    step = await loop.run_in_executor(threads, next, steps, None)
                    if step is None:
                        break
                    await self._take(step, path, group)
                    self._progress(step.upto - at)
                    at, found = step.upto, found + step.records
                    problems += step.unread
                self.result.files += 1
            except OSError as error:
                self.result.problems.append(f"{path} cannot be read: {error.strerror or error}")
                return
        self.result.problems += told(path, problems, found, ended=not self._stop.is_set())

    def _wanted(self, url: str, moment: datetime) -> str | None:
        asked = self._request
        if asked.outlet is None and outlet_at(url, self._hosts) is None:
            return NOT_CATALOGUED
        outside = (asked.since and moment < asked.since) or (asked.until and moment >= asked.until)
        return OUTSIDE if outside else None

    async def _take(self, step: _Step, path: Path, group: asyncio.TaskGroup) -> None:
        result = self.result
        result.records += step.records
        for passed, count in step.passed.items():
            (result.unwanted if passed.page else result.passed)[passed.why] += count
        result.pages += len(step.pages) + sum(count for one, count in step.passed.items() if one.page)
        known = self._world.store.replayed([one.key for one in step.pages], read_by(self._world))
        result.known += len(known)
        result.again += len(known)
        for page in step.pages:
            if page.key in known:
                continue
            await self._places.acquire()
            group.create_task(self._store(page, path))

    async def _store(self, page: SavedPage, path: Path) -> None:
        try:
            outlet = self._request.outlet or outlet_at(page.page.url, self._hosts)
            assert outlet is not None, "such a page is not wanted"
            done = await take_saved(page, outlet=outlet, file=path.name, world=self._world)
        finally:
            self._places.release()
        self.result.new += done.event == "new"
        self.result.changed += done.event == "changed"
        self.result.known += done.event == "same"
        if done.event is None:
            self.result.refused[done.refusal] += 1


def _steps(path: Path, limit: int, wanted: Callable[[str, datetime], str | None], now: datetime) -> Iterator[_Step]:
    pages, unread, passed, records, held = list[SavedPage](), list[Unread](), Counter[PassedOver](), 0, 0
    with path.open("rb") as file:
        # Beside the page a block holds the head of its answer, and the lengths of its chunks.
        for record in read_records(file, longest=limit + limit // 8 + LONGEST_HEAD):
            if isinstance(record, Unread):
                unread.append(record)
                continue
            records += 1
            found = saved_page(record, limit=limit, wanted=wanted, now=now)
            if isinstance(found, SavedPage):
                pages.append(found)
                held += len(found.page.body)
            else:
                passed[found] += 1
            if len(pages) >= _STEP_PAGES or held >= _STEP_BYTES or records >= _STEP_RECORDS:
                yield _Step(tuple(pages), tuple(unread), passed, records, file.tell())
                pages, unread, passed, records, held = [], [], Counter(), 0, 0
        yield _Step(tuple(pages), tuple(unread), passed, records, file.tell())


def told(path: Path, unread: list[Unread], records: int, *, ended: bool) -> Iterator[str]:
    """A sentence for each place of a file that could not be read."""
    if not records and ended and not unread:
        yield f"{path} holds no WARC record"
        return
    if not records and len(unread) == 1 and unread[0].offset == 0 and unread[0].why != CUT:
        yield f"{path} cannot be read as WARC: {unread[0].why}"
        return
    for one in unread[:_MOST_PROBLEMS]:
        if one.until is not None:
            yield f"{path} is damaged at byte {one.offset}: {one.why}; it was read on from byte {one.until}"
        elif one.why == CUT:
            yield f"{path} is cut short at byte {one.offset}: {one.why}; what stands before was read"
        else:
            yield f"{path} is damaged at byte {one.offset}: {one.why}; nothing behind that could be read"
    if len(unread) > _MOST_PROBLEMS:
        yield f"{path} is damaged in {len(unread) - _MOST_PROBLEMS} more places"
