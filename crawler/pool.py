"""Pages become articles in processes of their own: one costs tens of milliseconds, and a hostile one may never end.

A worker that exceeds its time or its memory is ended alone; its page is counted as refused and the others go on.
"""

from __future__ import annotations

import asyncio
import math
import multiprocessing
import os
import resource
import signal
from collections.abc import Callable, Mapping
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from pebble import ProcessExpired, ProcessPool

from crawler.entry import Entry, ParsedFeed
from crawler.extract import Refused, read_entry, read_page
from crawler.kinds import parser_for
from crawler.rules import OutletRules
from crawler.wire import Fetched
from storage.article import Article
from storage.records import SourceForPoll
from topic import Topic
from topic.verdict import Verdict

Job = TypeVar("Job")
Result = TypeVar("Result")

READ_SECONDS = 20.0  # a page or feed of 5 MB takes under 3 s; what takes longer is neither
READ_MEMORY = 3 << 30  # bytes of address space of a worker, which maps some 700 MB before its first page


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedJob:
    """A source's answer to be parsed; `zone` is the IANA name of what its times without a zone are in."""

    kind: str
    body: bytes
    url: str
    now: datetime
    content_type: str | None = None
    zone: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)


def feed_job(source: SourceForPoll, answer: Fetched, *, zone: str | None, now: datetime) -> FeedJob:
    """What a source answered, to be parsed as its kind is."""
    return FeedJob(
        kind=source.kind,
        body=answer.body,
        url=answer.final_url,
        now=now,
        content_type=answer.headers.get("content-type"),
        zone=zone,
        options=source.options,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PageJob:
    """A page to be read; with `html` None the entry alone is, since its page could not be had. `boilerplate` are the
    hashes of what its outlet says on page after page; `utc_means_local` is of `OutletRules`, too."""

    html: bytes | None
    url: str
    outlet: str
    entry: Entry
    now: datetime
    content_type: str | None = None
    http_status: int | None = None
    boilerplate: frozenset[str] = frozenset()
    utc_means_local: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    article: Article
    verdict: Verdict


class _Worker:
    """What a worker process is given once."""

    topic: Topic
    rules: Mapping[str, OutletRules]


def _prepare(topic: Topic, rules: Mapping[str, OutletRules]) -> None:
    # The parent decides when a worker ends: an interrupt typed at the terminal reaches the whole process group.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (READ_MEMORY, READ_MEMORY))
    _Worker.topic = topic
    _Worker.rules = rules


def _in_time(work: Callable[[Job], Result], job: Job, seconds: int) -> Result:
    """A parent that was killed cuts nothing off any more: the alarm then ends this worker, even deaf in C code."""
    signal.alarm(seconds)
    try:
        return work(job)
    finally:
        signal.alarm(0)


def _work(job: PageJob) -> Judged | Refused:
    return read_and_judge(job, _Worker.topic, _Worker.rules.get(job.outlet))


def read_and_judge(job: PageJob, topic: Topic, rules: OutletRules | None) -> Judged | Refused:
    """The article of a page (or of its entry) and the verdict on it. Pure."""
    if rules is not None and (job.boilerplate or job.utc_means_local):
        learnt = rules.boilerplate | job.boilerplate
        rules = replace(rules, boilerplate=learnt, utc_means_local=job.utc_means_local)
    if job.html is None:
        article = read_entry(job.entry, now=job.now, outlet=rules)
    else:
        article = read_page(
            job.html,
            job.url,
            content_type=job.content_type,
            now=job.now,
            outlet=rules,
            entry=job.entry,
            http_status=job.http_status,
        )
    if isinstance(article, Refused):
        return article
    text = article.body or article.summary or ""
    return Judged(article, topic.judge(article.title, text, article.language))


def parse_source(job: FeedJob) -> ParsedFeed:
    """The entries of a source's answer. Pure."""
    return parser_for(job.kind)(
        job.body,
        job.url,
        content_type=job.content_type,
        now=job.now,
        zone=ZoneInfo(job.zone) if job.zone else None,
        options=job.options,
    )


class _TooMuch(Exception):
    """A job took more time or memory than it may; the text completes a sentence that names it."""


class ReadingPool:
    """`workers` processes that read and judge pages and parse feeds; 0 takes one for each processor but one.

    A pool whose workers cannot even start raises BrokenProcessPool: no page is at fault for that.
    """

    def __init__(self, workers: int, topic: Topic, rules: Mapping[str, OutletRules]) -> None:
        self._workers = workers or max(1, (os.cpu_count() or 2) - 1)
        # Handed over, not loaded anew: files that are edited meanwhile would have workers judge by another topic.
        self._prepared = (topic, dict(rules))
        self._pool = self._open()

    def _open(self) -> ProcessPool:
        # forkserver: the parent has threads and a reactor that a plain fork would copy in mid-step.
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["crawler.preloaded"])
        return ProcessPool(
            max_workers=self._workers,
            max_tasks=2000,  # lxml and trafilatura keep caches that only grow
            initializer=_prepare,
            initargs=self._prepared,
            context=context,
        )

    async def read(self, job: PageJob) -> Judged | Refused:
        try:
            return await self._run(_work, job)
        except _TooMuch as error:
            return Refused(job.url, "too much", f"reading {job.url} {error}")

    async def parse(self, job: FeedJob) -> ParsedFeed:
        try:
            return await self._run(parse_source, job)
        except _TooMuch as error:
            return ParsedFeed(problem=f"reading the answer of {job.url} {error}")

    async def _run(self, work: Callable[[Job], Result], job: Job) -> Result:
        """A worker may die through no fault of its job (the system's memory, a signal to the whole group): the job is
        tried on another one before it is blamed."""
        broken: BrokenProcessPool | None = None
        for _ in range(2):
            if not self._pool.active:  # an idle worker that is killed breaks the pool for good
                self.close()
                self._pool = self._open()
            own_end = math.ceil(2 * READ_SECONDS)
            future = self._pool.schedule(_in_time, args=(work, job, own_end), timeout=READ_SECONDS)
            try:
                result: Result = await asyncio.wrap_future(future)
            except TimeoutError:
                raise _TooMuch(f"took more than {READ_SECONDS:.0f} s and was cut off") from None
            except MemoryError:
                break
            except ProcessExpired:
                broken = None
            except BrokenProcessPool as error:
                broken = error
            else:
                return result
        if broken is not None:
            raise broken
        raise _TooMuch("needed more memory than it may, or ended its process")

    def close(self) -> None:
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join(timeout=5)
