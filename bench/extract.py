"""What reading a page costs, against trafilatura's extraction of the body alone on the same pages in the same run.

usage: python bench/extract.py [--pages N] FOLDER...

A FOLDER is searched for *.html and *.html.gz. Each page is read by both, one after the other, so that a busy machine
weighs on both alike; a first round that is not counted loads what both load once. CPU milliseconds of this process are
counted. Ends with 1 when the whole of read_page costs more on the mean than trafilatura alone, or its slowest page in a
hundred more than 400 ms. --profile lists where the time goes.
"""

from __future__ import annotations

import argparse
import cProfile
import gzip
import pstats
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from trafilatura import extract

from crawler.extract import read_page

NOW = datetime(2026, 11, 23, tzinfo=UTC)
MOST_P99 = 400.0  # milliseconds
WARM_UP = 5  # pages


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--pages", type=int, default=None, help="read every k-th page, so that about N are read")
    parser.add_argument("--profile", action="store_true", help="list the functions that take the most time")
    asked = parser.parse_args()
    pages = list(_pages(asked.folders, asked.pages))
    if not pages:
        print("no *.html or *.html.gz in the folders", file=sys.stderr)
        return 2
    for html in pages[:WARM_UP]:
        extract(html, favor_precision=True)
        _read(html)
    alone, whole = [], []
    for html in pages:
        alone.append(_milliseconds(lambda: extract(html, favor_precision=True)))  # noqa: B023 - called at once
        whole.append(_milliseconds(lambda: _read(html)))  # noqa: B023
    for name, spent in (("trafilatura", alone), ("read_page", whole)):
        print(_line(name, spent))
    ratio = statistics.mean(whole) / statistics.mean(alone)
    print(f"{len(pages)} pages, read_page / trafilatura = {ratio:.2f}")
    if asked.profile:
        _profile(pages)
    return int(ratio > 1 or _percentile(whole, 0.99) > MOST_P99)


def _pages(folders: list[Path], wanted: int | None) -> Iterator[bytes]:
    files = sorted(f for folder in folders for f in folder.rglob("*") if f.name.endswith((".html", ".html.gz")))
    step = max(1, len(files) // wanted) if wanted else 1
    for file in islice(files, 0, None, step):
        yield gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()


def _read(html: bytes) -> object:
    return read_page(html, "https://news.example/story", now=NOW)


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return 1000 * (time.process_time() - began)


def _line(name: str, spent: list[float]) -> str:
    middle, slow = statistics.median(spent), _percentile(spent, 0.99)
    return f"{name:12} mean {statistics.mean(spent):6.1f}  p50 {middle:6.1f}  p99 {slow:6.1f}  max {max(spent):6.1f} ms"


def _percentile(spent: list[float], share: float) -> float:
    return sorted(spent)[min(len(spent) - 1, int(share * len(spent)))]


def _profile(pages: list[bytes]) -> None:
    profile = cProfile.Profile()
    profile.enable()
    for html in pages:
        _read(html)
    profile.disable()
    pstats.Stats(profile).sort_stats("tottime").print_stats(25)
    pstats.Stats(profile).sort_stats("cumtime").print_stats("crawler/", 40)


if __name__ == "__main__":
    sys.exit(main())
