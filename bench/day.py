"""A day of the daemon's work in some minutes: memory at its end, and how long the event loop was kept from turning.

    python bench/day.py [--sources 300] [--hours 24] [--every 3]

Real feeds and pages over loopback, from another process; a clock that is moved on a minute at a time, as fast as the
work gets done. Each source has a new story every --every hours, whose page is read and judged in the pool. The loop's
lag is how much later than asked a timer of 10 ms comes, all the while; memory is the resident set of this process and
of each worker.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import multiprocessing
import os
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from multiprocessing.connection import Connection
from pathlib import Path

from alerts.freshness import FreshnessLimits
from alerts.matching import match_changes
from alerts.rules import RuleSpec, compile_rules
from crawler.guard import GuardRules
from crawler.hub import Hub, run
from crawler.pool import ReadingPool
from crawler.rules import OutletRules
from crawler.settings import HubSettings
from crawler.timing import make_planner
from crawler.world import World
from scheduler.dispatch import Dispatcher, Tally
from scheduler.newsroom.server import Answer, Asked, LoopbackServer
from storage.records import OutletRow, SourceRow
from storage.store import Store
from topic import load

START = datetime(2026, 11, 24, tzinfo=UTC)
HOUR = timedelta(hours=1)
SHOWN = 20
TEXT = (
    "Officials said on Tuesday that the road through the Lachin corridor had been reopened for trucks, and that report "
    "number {n} on the return of people to Stepanakert would be published within the week by the commission. "
)


def serve(channel: Connection, every: int) -> None:
    """Feeds and pages as they are at the hour that was told last over `channel`, until None is told."""
    hour = {"now": 0}

    def respond(asked: Asked) -> Answer:
        if asked.path == "/robots.txt":
            return Answer(404)
        newest = hour["now"] // every
        tag = f'"{newest}"'
        if asked.path != "/feed":
            body = "".join(f"<p>{TEXT.format(n=n)}</p>" for n in range(8))
            page = (
                f"<html lang=en><title>Report {asked.path}</title><article><h1>Report {asked.path}</h1>{body}</article>"
            )
            return Answer(200, page.encode(), {"Content-Type": "text/html; charset=utf-8"})
        if asked.headers.get("if-none-match") == tag:
            return Answer(304, headers={"ETag": tag})
        items = "".join(
            f"<item><title>Lachin corridor report {n}</title><link>http://{asked.host}/{n}</link>"
            f"<pubDate>{format_datetime(START + n * every * HOUR)}</pubDate></item>"
            for n in range(newest, newest - SHOWN, -1)
        )
        body = f"<rss version='2.0'><channel><title>Reports</title>{items}</channel></rss>"
        return Answer(200, body.encode(), {"ETag": tag, "Content-Type": "application/rss+xml"})

    with LoopbackServer(respond) as server:
        channel.send(server.place)
        while (told := channel.recv()) is not None:
            hour["now"] = told
            channel.send("ok")


def resident(process: int | str) -> float:
    """Megabytes."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


def readers() -> list[int]:
    """The processes of the pool: children of the server that forks them."""
    parents = {int(one.name): _parent(one) for one in Path("/proc").iterdir() if one.name.isdigit()}
    own = {child for child, parent in parents.items() if parent == os.getpid()}
    return sorted(child for child, parent in parents.items() if parent in own)


def _parent(process: Path) -> int:
    try:
        return int(process.joinpath("stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1])
    except OSError:  # it has ended
        return 0


async def watch(lags: list[float]) -> None:
    while True:
        asked = time.perf_counter()
        await asyncio.sleep(0.01)
        lags.append(1000 * (time.perf_counter() - asked - 0.01))


async def day(channel: Connection, place: str, folder: Path, sources: int, hours: int) -> None:
    now = START
    hosts = {f"h{n}.test": place for n in range(sources)}
    settings = HubSettings(user_agent="bench", delay_seconds=0.001, guard=GuardRules(static_hosts=hosts))
    topic = load()
    rules = compile_rules([RuleSpec(name="road", query="@lachin road", channels=("desk",))], now=now, topic=topic)
    reading = {"desk": OutletRules(outlet="desk", name="Desk", languages=("en",))}
    pool = ReadingPool(1, topic, reading)
    lags: list[float] = []
    with Store.open(folder / "k.sqlite") as store:
        outlet = OutletRow(
            id="desk", name="Desk", homepage="http://desk.test/", side="International", kind="site", languages=("en",),
            zone="UTC", scope="regional",
        )  # fmt: skip
        store.sync_catalogue([outlet], [_source(n) for n in range(sources)], now)
        async with Hub(settings) as hub:
            world = World(
                hub=hub, pool=pool, store=store, topic=topic, rules=reading, general=frozenset(), owner="bench",
                now=lambda: now, planner=make_planner(store.rhythms(now), polls_per_day=96, now=now),
            )  # fmt: skip
            work = Dispatcher(world, 32, Tally())
            watching = asyncio.create_task(watch(lags))
            for minute in range(hours * 60):
                if minute % 60 == 0:
                    channel.send(minute // 60)
                    await asyncio.to_thread(channel.recv)
                if minute == 60:  # all that there was is read: now news come one by one
                    lags.clear()
                now = START + timedelta(minutes=minute)
                while work.tick() or work.visits:
                    if work.visits:
                        await asyncio.wait(set(work.visits), return_when=asyncio.FIRST_COMPLETED)
                for _ in match_changes(store, rules, FreshnessLimits(first_poll=6 * HOUR, later=48 * HOUR), now):
                    await asyncio.sleep(0)
                if work.broken:
                    raise work.broken
            watching.cancel()
            tell(work.tally, lags)
    pool.close()


def tell(tally: Tally, lags: list[float]) -> None:
    print(tally.line())
    workers = ", ".join(f"{resident(one):.0f}" for one in readers())
    print(f"resident: {resident('self'):.0f} MB, workers {workers} MB")
    cuts = statistics.quantiles(lags, n=1000)
    shown = {"median": cuts[499], "p99": cuts[989], "p99.9": cuts[998], "most": max(lags)}
    print("loop lag after the first hour: " + ", ".join(f"{name} {lag:.1f} ms" for name, lag in shown.items()))


def _source(n: int) -> SourceRow:
    return SourceRow(
        id=f"s{n}", outlet="desk", kind="feed", url=f"http://h{n}.test/feed", languages=("en",), enabled=True, ship="on"
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("--sources", type=int, default=300)
    options.add_argument("--hours", type=int, default=24)
    options.add_argument("--every", type=int, default=3)
    given = options.parse_args()
    logging.disable(logging.WARNING)
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(there, given.every))
    server.start()
    began = time.process_time()
    try:
        with tempfile.TemporaryDirectory() as folder:
            run(day(here, here.recv(), Path(folder), given.sources, given.hours))
    finally:
        here.send(None)
        server.join()
    print(f"{time.process_time() - began:.0f} s of CPU in this process")


if __name__ == "__main__":
    main()
