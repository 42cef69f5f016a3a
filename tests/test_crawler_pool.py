"""Reading in processes of their own: what a hostile page can do there, and what is left when they end."""

from __future__ import annotations

import asyncio
import ctypes
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler import pool as pool_module
from crawler.entry import Entry
from crawler.extract import Refused
from crawler.pool import FeedJob, Judged, PageJob, ReadingPool
from crawler.rules import OutletRules
from tests.data import ROOT
from tests.fakes import under_reactor
from topic import load

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
URL = "http://news.test/1"
ENTRY = Entry(
    link=URL, title="Road through the Lachin corridor reopens", summary="Trucks reached Stepanakert on Monday."
)
PARAGRAPH = (
    "Officials in Yerevan said on Tuesday that the road through the Lachin corridor had been reopened for trucks."
)
PAGE = f"<html lang=en><title>{ENTRY.title}</title><article><h1>{ENTRY.title}</h1>{f'<p>{PARAGRAPH}</p>' * 6}</article>"
FEED = f"<rss><channel><item><title>{ENTRY.title}</title><link>{URL}</link></item></channel></rss>".encode()


def page_job(html: bytes | None = PAGE.encode()) -> PageJob:
    return PageJob(html=html, url=URL, outlet="herald", entry=ENTRY, now=NOW, content_type="text/html", http_status=200)


def feed_job() -> FeedJob:
    return FeedJob(kind="feed", body=FEED, url="http://news.test/feed", now=NOW)


@pytest.fixture(scope="module")
def pool() -> Iterator[ReadingPool]:
    opened = ReadingPool(1, load(), {"herald": OutletRules(outlet="herald", name="Herald", zone="Asia/Yerevan")})
    yield opened
    opened.close()


def read(pool: ReadingPool, job: PageJob) -> Judged | Refused:
    return under_reactor(pool.read(job))


def worker(pool: ReadingPool) -> int:
    return under_reactor(pool._run(own_process, feed_job()))


# What runs in a worker must be a function of a module.
def own_process(_: FeedJob) -> int:
    return os.getpid()


def hang(_: FeedJob) -> str:
    return str(re.match(r"(a|a)*b", "a" * 60))  # runs in C for ever, deaf to signals


def eat(_: FeedJob) -> str:
    return str(len(bytearray(16 << 30)))


def crash(_: FeedJob) -> str:
    return ctypes.string_at(0).decode()


def start_badly(*_: object) -> None:
    raise RuntimeError("a worker cannot start")


def fail(_: FeedJob) -> str:
    raise ZeroDivisionError("a fault of ours")


def test_a_page_becomes_an_article_with_a_verdict(pool: ReadingPool) -> None:
    judged = read(pool, page_job())

    assert isinstance(judged, Judged), judged
    assert (judged.article.title, judged.article.outlet, judged.article.language) == (ENTRY.title, "herald", "en")
    assert judged.article.text_source == "page"
    assert PARAGRAPH in judged.article.body
    assert judged.verdict.relevant


def test_without_a_page_the_entry_is_read(pool: ReadingPool) -> None:
    judged = read(pool, page_job(html=None))

    assert isinstance(judged, Judged), judged
    assert (judged.article.title, judged.article.text_source, judged.article.body) == (ENTRY.title, "summary", "")
    assert judged.verdict.relevant


def test_what_is_no_story_is_refused_in_a_sentence(pool: ReadingPool) -> None:
    refused = read(pool, page_job(html=b"%PDF-1.7"))

    assert isinstance(refused, Refused)
    assert URL in refused.detail


def test_a_feed_is_parsed_there_too(pool: ReadingPool) -> None:
    parsed = under_reactor(pool.parse(feed_job()))

    assert [(one.title, one.link) for one in parsed.entries] == [(ENTRY.title, URL)]


def test_what_hangs_is_cut_off_alone(pool: ReadingPool, monkeypatch: pytest.MonkeyPatch) -> None:
    before = worker(pool)
    with monkeypatch.context() as patch:
        patch.setattr(pool_module, "READ_SECONDS", 0.3)
        patch.setattr(pool_module, "parse_source", hang)
        parsed = under_reactor(pool.parse(feed_job()))

    assert parsed.problem == "reading the answer of http://news.test/feed took more than 0 s and was cut off"
    assert worker(pool) != before
    assert isinstance(read(pool, page_job()), Judged)


@pytest.mark.parametrize("harm", [eat, crash], ids=["memory", "crash"])
def test_what_eats_memory_or_breaks_its_process_is_cut_off_alone(
    pool: ReadingPool, monkeypatch: pytest.MonkeyPatch, harm: Callable[[FeedJob], str]
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(pool_module, "_work", harm)
        refused = read(pool, page_job())

    assert isinstance(refused, Refused)
    assert refused.detail == f"reading {URL} needed more memory than it may, or ended its process"
    assert isinstance(read(pool, page_job()), Judged)


def test_a_worker_that_is_killed_from_outside_costs_no_page(pool: ReadingPool) -> None:
    for _ in range(2):
        os.kill(worker(pool), signal.SIGKILL)

        assert isinstance(read(pool, page_job()), Judged)


def test_a_fault_of_ours_is_raised_where_it_was_asked_for(pool: ReadingPool) -> None:
    with pytest.raises(ZeroDivisionError, match="a fault of ours"):
        under_reactor(pool._run(fail, feed_job()))


def test_one_who_gives_up_frees_the_worker(pool: ReadingPool) -> None:
    async def story() -> Judged | Refused:
        task = asyncio.ensure_future(pool._run(hang, feed_job()))
        await asyncio.sleep(0.2)
        task.cancel()
        await asyncio.wait([task])
        return await pool.read(page_job())

    assert isinstance(under_reactor(story()), Judged)


def test_workers_that_cannot_start_are_no_page_s_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "_prepare", start_badly)
    broken = ReadingPool(1, load(), {})
    with pytest.raises(BrokenProcessPool):
        under_reactor(broken.read(page_job()))
    broken.close()


PROGRAM = """
import asyncio, sys
sys.path.insert(0, {root!r})
from tests.test_crawler_pool import descendants, page_job
from crawler.pool import ReadingPool
from topic import load

async def main():
    pool = ReadingPool(2, load(), {{}})
    await asyncio.gather(*(pool.read(page_job()) for _ in range(4)))
    print(*descendants("self"))
    pool.close()

print(__name__)
if __name__ == "__main__":
    asyncio.run(main())
"""


def descendants(process: str) -> list[str]:
    """Ids of the processes that a process has started, and those that they have."""
    children = Path(f"/proc/{process}/task").glob("*/children")
    found = [child for one in children for child in one.read_text().split()]
    return found + [deeper for child in found for deeper in descendants(child)]


def test_nothing_is_left_running_and_nothing_is_said(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM.format(root=str(ROOT)))
    done = subprocess.run(
        [sys.executable, "-W", "error", str(program)], capture_output=True, text=True, timeout=60, check=False
    )
    name, *said = done.stdout.splitlines()

    assert (done.returncode, done.stderr, name) == (0, "", "__main__")
    started = said[-1].split()
    assert len(started) >= 3  # the fork server and two workers
    deadline = time.monotonic() + 5
    while any(Path(f"/proc/{one}").exists() for one in started):
        assert time.monotonic() < deadline, "processes outlive the program"


HANGING = """
import asyncio, sys
sys.path.insert(0, {root!r})
from tests.test_crawler_pool import descendants, feed_job, hang, own_process
from crawler import pool as module
from topic import load

async def main():
    pool = module.ReadingPool(1, load(), {{}})
    print(await pool._run(own_process, feed_job()), flush=True)
    module.READ_SECONDS = 3.0
    await pool._run(hang, feed_job())

if __name__ == "__main__":
    asyncio.run(main())
"""


def test_a_worker_that_hangs_does_not_outlive_a_killed_program_for_long(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(HANGING.format(root=str(ROOT)))
    with subprocess.Popen([sys.executable, str(program)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        worker_id = int(process.stdout.readline())
        before = cpu_ticks(worker_id)
        while cpu_ticks(worker_id) < before + 10:  # it has come to hang: a tenth of a second of CPU time
            assert process.poll() is None
        process.kill()
    deadline = time.monotonic() + 30
    while cpu_ticks(worker_id) >= 0:
        assert time.monotonic() < deadline, "the worker hangs on"


def cpu_ticks(process: int) -> int:
    """-1 when it is no more."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return -1
    return -1 if fields[2] == "Z" else int(fields[13])
