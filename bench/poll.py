"""What a poll costs in CPU time: our whole road from asking to stored entries, against floors measured in the same run.

    python bench/poll.py [--sources 40] [--rounds 5] [--items 20] [--peer PYTHON]

The floors: the bare engine downloads the same answers; for a fresh feed feedparser reads them as well. PYTHON is that
of an environment with the peer `reader` in it (python -m venv peer; peer/bin/pip install reader==3.26 sgmllib3k), which
then polls the same feeds by bench/peer_reader.py. The server is another process, so its work does not count, and it
counts the requests: a round with fewer than there are feeds fails the run. Feeds are parsed in this process and not in
the pool, so that their parsing counts. Pages are not fetched: the items say nothing of the topic.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import logging
import multiprocessing
import subprocess
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
    """Answers with feeds whose items all change whenever another round is told over `channel`, until None is; says how
    many were asked for since the last time."""
    state = {"round": 0, "asked": 0}

    def respond(asked: Asked) -> Answer:
        if asked.path == "/robots.txt":
            return Answer(404)
        state["asked"] += 1
        tag = f'"{asked.path}-{state["round"]}"'
        if asked.headers.get("if-none-match") == tag:
            return Answer(304, headers={"ETag": tag})
        # Below the fresh ones stands one of the round before, or the feed would seem to have lost some in between.
        newest = (state["round"] + 1) * items
        entries = "".join(
            f"<item><title>Bridge report {n}</title><link>http://bridge.test{asked.path}/{n}</link><guid>{n}</guid>"
            f"<pubDate>Tue, 24 Nov 2026 09:00:00 +0400</pubDate><description>{WORDS * 3}</description></item>"
            for n in range(newest, newest - items - 1, -1)
        )
        body = f"<rss version='2.0'><channel><title>Bridge</title>{entries}</channel></rss>".encode()
        return Answer(200, body, {"ETag": tag, "Content-Type": "application/rss+xml"})

    with LoopbackServer(respond) as server:
        channel.send(server.place)
        while (told := channel.recv()) is not None:
            channel.send(state["asked"])
            state |= {"round": told, "asked": 0}


class Bench:
    def __init__(self, channel: Connection, place: str, sources: int, rounds: int) -> None:
        self._channel, self.place, self.sources, self.rounds = channel, place, sources, rounds
        self._at = 0

    def next_round(self, *, fresh: bool) -> int:
        """Returns how many feeds were asked for since the last call."""
        self._at += fresh
        self._channel.send(self._at)
        asked: int = self._channel.recv()
        return asked

    async def measure(self, poll_all: Callable[[], Awaitable[object]], *, fresh: bool) -> float:
        """CPU milliseconds for one poll, the best of all rounds: what disturbs a round only ever adds."""
        best = float("inf")
        for _ in range(self.rounds):
            self.next_round(fresh=fresh)
            started = time.process_time()
            await poll_all()
            best = min(best, time.process_time() - started)
            self.check(self.next_round(fresh=False))
        return 1000 * best / self.sources

    def check(self, asked: int) -> None:
        if asked < self.sources:
            raise SystemExit(f"a round asked for {asked} of {self.sources} feeds: what it took says nothing")


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


def measure_peer(bench: Bench, python: str, path: Path) -> tuple[float, float]:
    """As `measure`, of `reader` in an environment and a process of its own, which is told of each round by a line."""
    program = [python, str(Path(__file__).with_name("peer_reader.py")), str(path), f"http://{bench.place}"]
    peer = subprocess.Popen([*program, str(bench.sources)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    told, heard = peer.stdin, peer.stdout
    assert told is not None
    assert heard is not None

    def spent(*, fresh: bool) -> float:
        bench.next_round(fresh=fresh)
        print("poll", file=told, flush=True)
        seconds = float(heard.readline())
        bench.check(bench.next_round(fresh=False))
        return seconds

    spent(fresh=True)
    unchanged = min(spent(fresh=False) for _ in range(bench.rounds))
    fresh = min(spent(fresh=True) for _ in range(bench.rounds))
    told.close()
    peer.wait()
    return 1000 * unchanged / bench.sources, 1000 * fresh / bench.sources


async def measure_all(bench: Bench, folder: Path, peer: str | None) -> None:
    hosts = {f"h{n}.test": bench.place for n in range(bench.sources)}
    settings = HubSettings(user_agent="bench", delay_seconds=0.0, guard=GuardRules(static_hosts=hosts))
    async with Hub(settings) as hub:
        floor = await measure_floor(bench, hub)
        rows = {
            "bare engine, and feedparser": floor,
            "ours, stored": await measure_ours(bench, hub, folder / "k.sqlite"),
        }
    if peer:
        rows["reader, stored"] = measure_peer(bench, peer, folder / "reader.sqlite")
    print(f"{'CPU ms a poll':32}{'unchanged':>12}{'ratio':>8}{'fresh':>12}{'ratio':>8}")
    for name, (unchanged, fresh) in rows.items():
        print(f"{name:32}{unchanged:12.2f}{unchanged / floor[0]:8.2f}{fresh:12.2f}{fresh / floor[1]:8.2f}")
    if peer:
        (unchanged, fresh), (theirs, theirs_fresh) = rows["ours, stored"], rows["reader, stored"]
        ratios = theirs / unchanged, theirs_fresh / fresh
        print(
            "in a CPU second ours polls {:.2f} times as many unchanged and {:.2f} times as many fresh".format(*ratios)
        )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("--sources", type=int, default=40)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--items", type=int, default=20)
    options.add_argument("--peer", metavar="PYTHON", help="an interpreter that has reader installed")
    given = options.parse_args()
    logging.disable(logging.WARNING)
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(there, given.items))
    server.start()
    try:
        bench = Bench(here, here.recv(), given.sources, given.rounds)
        with tempfile.TemporaryDirectory() as folder:
            run(measure_all(bench, Path(folder), given.peer))
    finally:
        here.send(None)
        server.join()


if __name__ == "__main__":
    main()
