"""What a poll costs in CPU time: our whole road from asking to stored entries, against floors measured in the same run.

    python bench/poll.py [--sources 40] [--rounds 5] [--items 20]

The floors: the bare engine downloads the same answers; for a fresh feed feedparser reads them as well. Where the peer
`reader` is installed (the bench extra), it polls the same feeds. The server is another process, so its work does not
count; feeds are parsed in this process and not in the pool, so that their parsing does. Pages are not fetched: the
items say nothing of the topic.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import itertools
import logging
import multiprocessing
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import feedparser

from crawler.entry import ParsedFeed
from crawler.extract import Refused
from crawler.guard import GuardRules
from crawler.hub import Hub, run
from crawler.pool import FeedJob, Judged, PageJob, parse_source
from crawler.settings import HubSettings
from crawler.visit import visit
from crawler.world import World
from scheduler.newsroom.server import Answer, Asked, LoopbackServer
from storage.records import OutletRow, SourceRow
from storage.store import Store
from topic import load

WORDS = "The mayor said on Thursday that the new bridge over the river will be opened in spring, weather permitting. "
START = datetime(2026, 11, 24, 12, tzinfo=UTC)


def source_row(n: int) -> SourceRow:
    return SourceRow(
        id=f"s{n}",
        outlet="bridge",
        kind="feed",
        url=f"http://h{n}.test/{n}",
        languages=("en",),
        enabled=True,
        ship="on",
    )


class InThisProcess:
    async def read(self, job: PageJob) -> Judged | Refused:
        raise AssertionError(job.url)

    async def parse(self, job: FeedJob) -> ParsedFeed:
        return parse_source(job)


def serve(channel: Connection, items: int) -> None:
    """Answers with feeds whose items all change whenever another round is told over `channel`, until None is."""
    state = {"round": 0}

    def respond(asked: Asked) -> Answer:
        if asked.path == "/robots.txt":
            return Answer(404)
        tag = f'"{asked.path}-{state["round"]}"'
        if asked.headers.get("if-none-match") == tag:
            return Answer(304, headers={"ETag": tag})
        first = state["round"] * items
        entries = "".join(
            f"<item><title>Bridge report {n}</title><link>http://bridge.test{asked.path}/{n}</link><guid>{n}</guid>"
            f"<pubDate>Tue, 24 Nov 2026 09:00:00 +0400</pubDate><description>{WORDS * 3}</description></item>"
            for n in range(first, first + items)
        )
        body = f"<rss version='2.0'><channel><title>Bridge</title>{entries}</channel></rss>".encode()
        return Answer(200, body, {"ETag": tag, "Content-Type": "application/rss+xml"})

    with LoopbackServer(respond) as server:
        channel.send(server.place)
        while (told := channel.recv()) is not None:
            state["round"] = told
            channel.send("ok")


class Bench:
    def __init__(self, channel: Connection, place: str, sources: int, rounds: int) -> None:
        self._channel, self.place, self.sources, self.rounds = channel, place, sources, rounds
        self._round = itertools.count(1)

    def change_feeds(self) -> None:
        self._channel.send(next(self._round))
        self._channel.recv()

    async def measure(self, poll_all: Callable[[], Awaitable[object]], *, fresh: bool) -> float:
        """CPU milliseconds for one poll, the best of all rounds: what disturbs a round only ever adds."""
        best = float("inf")
        for _ in range(self.rounds):
            if fresh:
                self.change_feeds()
            started = time.process_time()
            await poll_all()
            best = min(best, time.process_time() - started)
        return 1000 * best / self.sources


async def measure_ours(bench: Bench, hub: Hub, path: Path) -> tuple[float, float]:
    now = START

    def clock() -> datetime:
        return now

    with Store.open(path) as store:
        rows = [source_row(n) for n in range(bench.sources)]
        outlet = OutletRow(
            id="bridge", name="Bridge", homepage="http://bridge.test/", side="Georgia/regional", kind="site",
            languages=("en",), zone="Asia/Tbilisi", scope="general",
        )  # fmt: skip
        store.sync_catalogue([outlet], rows, now)
        world = World(
            hub=hub, pool=InThisProcess(), store=store, topic=load(), rules={}, general=frozenset({"bridge"}),
            owner="bench", now=clock,
        )  # fmt: skip

        async def poll_all() -> None:
            nonlocal now
            now += timedelta(hours=1)
            due = store.claim_sources(owner="bench", now=now, lease=timedelta(minutes=3), limit=bench.sources)
            done = await asyncio.gather(*(visit(one, world) for one in due))
            assert {one.outcome for one in done} <= {"ok", "unchanged"}, done
            assert len(done) == bench.sources

        await poll_all()
        unchanged = await bench.measure(poll_all, fresh=False)
        return unchanged, await bench.measure(poll_all, fresh=True)


async def measure_floor(bench: Bench, hub: Hub) -> tuple[float, float]:
    tags: dict[str, str] = {}

    async def ask(n: int, *, parse: bool) -> None:
        url = f"http://h{n}.test/{n}"
        headers = {"If-None-Match": tags[url]} if url in tags else {}
        answer: Any = await hub._engine.ask(url, headers, 30, 8 << 20)  # noqa: SLF001 - the floor is below the hub's door
        tags[url] = answer.headers["etag"]
        if parse:
            options: Mapping[str, bool] = {"sanitize_html": False, "resolve_relative_uris": False}
            assert feedparser.parse(io.BytesIO(answer.body), **options).entries

    async def poll_all(*, parse: bool) -> None:
        await asyncio.gather(*(ask(n, parse=parse) for n in range(bench.sources)))

    await poll_all(parse=False)
    unchanged = await bench.measure(lambda: poll_all(parse=False), fresh=False)
    return unchanged, await bench.measure(lambda: poll_all(parse=True), fresh=True)


async def measure_reader(bench: Bench, path: Path) -> tuple[float, float]:
    from reader import make_reader

    peer = make_reader(str(path), feed_root=None)
    for n in range(bench.sources):
        peer.add_feed(f"http://{bench.place}/{n}")

    async def poll_all() -> None:
        peer.update_feeds()

    await poll_all()
    unchanged = await bench.measure(poll_all, fresh=False)
    return unchanged, await bench.measure(poll_all, fresh=True)


async def measure_all(bench: Bench, folder: Path) -> None:
    hosts = {f"h{n}.test": bench.place for n in range(bench.sources)}
    settings = HubSettings(user_agent="bench", delay_seconds=0.0, guard=GuardRules(static_hosts=hosts))
    async with Hub(settings) as hub:
        floor = await measure_floor(bench, hub)
        rows = {
            "bare engine, and feedparser": floor,
            "ours, stored": await measure_ours(bench, hub, folder / "k.sqlite"),
        }
    try:
        rows["reader, stored"] = await measure_reader(bench, folder / "reader.sqlite")
    except ImportError as error:
        print(f"reader is left out: {error}")
    print(f"{'CPU ms a poll':32}{'unchanged':>12}{'ratio':>8}{'fresh':>12}{'ratio':>8}")
    for name, (unchanged, fresh) in rows.items():
        print(f"{name:32}{unchanged:12.2f}{unchanged / floor[0]:8.2f}{fresh:12.2f}{fresh / floor[1]:8.2f}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("--sources", type=int, default=40)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--items", type=int, default=20)
    given = options.parse_args()
    logging.disable(logging.WARNING)
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(there, given.items))
    server.start()
    try:
        bench = Bench(here, here.recv(), given.sources, given.rounds)
        with tempfile.TemporaryDirectory() as folder:
            run(measure_all(bench, Path(folder)))
    finally:
        here.send(None)
        server.join()


if __name__ == "__main__":
    main()
