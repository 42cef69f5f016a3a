"""How fast saved pages are replayed, against the reading pool alone on the same pages in the same run.

    python bench/replay.py FOLDER... [--pages 300] [--files 2] [--workers 1]

A FOLDER is searched for *.html and *.html.gz. Their pages are written into WARC files in a temporary folder, under the
address of an outlet of the catalogue, then read three times: by the pool alone; by a replay into a fresh database; and
by the same replay again. Pages a second of the clock are counted, and the CPU time of this process, without that of the
pool's workers: it reads the files, stores the stories, and bounds how many workers it can feed. Ends with 1 when the
replay takes more than a tenth longer than the pool alone, or a second replay more than a tenth of the first's time.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from crawler.entry import Entry
from crawler.pool import PageJob, ReadingPool
from scheduler.assemble import Parts, assemble, utc_now
from scheduler.config_file import load_config
from scheduler.process import under_reactor
from scheduler.replay import ReplayRequest, replay

OUTLET, URL = "armenpress", "https://armenpress.am/en/article/1{:06}"
SAVED = datetime(2026, 11, 20, tzinfo=UTC)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--files", type=int, default=2)
    parser.add_argument("--workers", type=int, default=1)
    asked = parser.parse_args()
    found = sorted(f for folder in asked.folders for f in folder.rglob("*") if f.name.endswith((".html", ".html.gz")))
    if not found:
        print("no *.html or *.html.gz in the folders", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        pages = [_content(found[n % len(found)]) for n in range(asked.pages)]
        files = _write(folder, pages, asked.files)
        config = folder / "config.toml"
        config.write_text(f'[storage]\npath = "k.sqlite"\n[fetching]\nworkers = {asked.workers}\n', "utf-8")
        parts = assemble(load_config(config), utc_now())
        return _measure(parts, pages, files, asked.workers)


def _measure(parts: Parts, pages: list[bytes], files: tuple[Path, ...], workers: int) -> int:
    async def all_three(stop: asyncio.Event) -> tuple[float, float, float]:
        return (
            await _timed("pool alone", pages, lambda: _pool_alone(parts, pages, workers)),
            await _timed("replay", pages, lambda: _replayed(parts, files, stop)),
            await _timed("replay again", pages, lambda: _replayed(parts, files, stop)),
        )

    alone, once, again = under_reactor(all_three)
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"the replay takes {once / alone:.2f} of the time of the pool alone; this process: {megabytes:.0f} MB")
    return int(once > 1.1 * alone or again > 0.1 * once)


async def _timed(name: str, pages: list[bytes], work: Callable[[], Awaitable[str]]) -> float:
    began, cpu = time.perf_counter(), time.process_time()
    said = await work()
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    print(f"{name:12} {len(pages) / seconds:7.1f} pages/s, {1000 * cpu / len(pages):5.1f} ms CPU here a page; {said}")
    return seconds


async def _pool_alone(parts: Parts, pages: list[bytes], workers: int) -> str:
    pool, room = ReadingPool(workers, parts.topic, parts.catalogue.rules()), asyncio.Semaphore(2 * workers)

    async def read(number: int, html: bytes) -> None:
        async with room:
            url = URL.format(number)
            await pool.read(
                PageJob(html=html, url=url, outlet=OUTLET, entry=Entry(link=url, title=""), now=SAVED, http_status=200)
            )

    try:
        await asyncio.gather(*(read(number, html) for number, html in enumerate(pages)))
    finally:
        pool.close()
    return "read and judged"


async def _replayed(parts: Parts, files: tuple[Path, ...], stop: asyncio.Event) -> str:
    result = await replay(parts, ReplayRequest(files), utc_now, stop, progress=lambda _bytes: None)
    return result.line()


def _content(file: Path) -> bytes:
    return gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()


def _write(folder: Path, pages: list[bytes], files: int) -> tuple[Path, ...]:
    paths = tuple(folder / f"{n}.warc.gz" for n in range(files))
    for n, path in enumerate(paths):
        with path.open("wb") as file:
            for number in range(n, len(pages), files):
                file.write(gzip.compress(_record(URL.format(number), HEAD + pages[number])))
    return paths


def _record(url: str, block: bytes) -> bytes:
    lines = ("WARC/1.0", "WARC-Type: response", f"WARC-Target-URI: {url}", f"WARC-Date: {SAVED.isoformat()}")
    return "\r\n".join([*lines, f"Content-Length: {len(block)}", "", ""]).encode() + block + b"\r\n\r\n"


if __name__ == "__main__":
    sys.exit(main())
