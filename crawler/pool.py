"""Pages become articles in processes of their own: reading one costs tens of milliseconds, and a hostile one may never end.

A worker that exceeds its time or its memory is ended alone; its page is counted as refused and the others go on.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
import signal
from collections.abc import Mapping
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pebble import ProcessExpired, ProcessPool

from crawler.entry import Entry
from crawler.extract import Refused, read_entry, read_page
from crawler.rules import OutletRules
from storage.article import Article
from topic import Topic, load
from topic.verdict import Verdict

PAGE_SECONDS = 20.0  # a page of 5 MB takes under 3 s; what takes longer is not an article
PAGE_MEMORY = 3 << 30  # bytes of address space of a worker, which maps some 700 MB before its first page


@dataclass(frozen=True, slots=True, kw_only=True)
class PageJob:
    """A page to be read; with `html` None the entry alone is, since its page could not be had."""

    html: bytes | None
    url: str
    outlet: str
    entry: Entry
    now: datetime
    content_type: str | None = None
    http_status: int | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    article: Article
    verdict: Verdict


class _Worker:
    """What a worker process loads once."""

    topic: Topic
    rules: Mapping[str, OutletRules]


def _prepare(topic_folder: Path | None, rules: Mapping[str, OutletRules]) -> None:
    # The parent decides when a worker ends: an interrupt typed at the terminal reaches the whole process group.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (PAGE_MEMORY, PAGE_MEMORY))
    _Worker.topic = load(topic_folder)
    _Worker.rules = rules


def _work(job: PageJob) -> Judged | Refused:
    return read_and_judge(job, _Worker.topic, _Worker.rules.get(job.outlet))


def read_and_judge(job: PageJob, topic: Topic, rules: OutletRules | None) -> Judged | Refused:
    """The article of a page (or of its entry) and the verdict on it. Pure."""
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


class ReadingPool:
    """`workers` processes that read and judge pages; 0 takes one for each processor but one."""

    def __init__(self, workers: int, topic_folder: Path | None, rules: Mapping[str, OutletRules]) -> None:
        self._pool = ProcessPool(
            max_workers=workers or max(1, (os.cpu_count() or 2) - 1),
            max_tasks=2000,  # lxml and trafilatura keep caches that only grow
            initializer=_prepare,
            initargs=(topic_folder, rules),
            # forkserver: the parent has threads and a reactor that a plain fork would copy in mid-step.
            context=multiprocessing.get_context("forkserver"),
        )

    async def read(self, job: PageJob) -> Judged | Refused:
        future = self._pool.schedule(_work, args=(job,), timeout=PAGE_SECONDS)
        try:
            result: Judged | Refused = await asyncio.wrap_future(future)
        except (TimeoutError, FutureTimeout):
            return Refused(
                job.url, "too slow", f"reading {job.url} took more than {PAGE_SECONDS:.0f} s and was cut off"
            )
        except (ProcessExpired, MemoryError):
            return Refused(job.url, "too big", f"reading {job.url} needed more memory than a page may")
        return result

    def close(self) -> None:
        self._pool.stop()
        self._pool.join(timeout=5)
