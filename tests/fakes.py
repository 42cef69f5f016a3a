"""Stand-ins written once, and the one reactor that the tests of a process share.

    def test_something() -> None:
        with LoopbackServer(respond) as server:
            async def story(hub: Hub) -> None:
                answer = await hub.fetch(FetchRequest(url="http://news.test/feed"))
                ...
            run_hub(story, static_hosts={"news.test": server.place})

A reactor cannot start twice in a process, and pytest-xdist has several processes: `under_reactor` starts it at the
first use, in a daemon thread of its own, and hands it coroutines from then on. `run_hub` opens a hub for each call
(some milliseconds) and fails when a task outlives it.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from twisted.internet import asyncioreactor

from crawler.entry import ParsedFeed
from crawler.extract import Refused
from crawler.guard import GuardRules
from crawler.hub import Hub
from crawler.pool import FeedJob, Judged, PageJob, parse_source, read_and_judge
from crawler.rules import OutletRules
from crawler.settings import HubSettings
from crawler.wire import Fetched, FetchFailure, FetchRequest
from scheduler.newsroom.server import Answer, Asked, LoopbackServer
from topic import Topic

T = TypeVar("T")

AGENT = "Mozilla/5.0 (compatible; karabakh-monitor/0; +mailto:desk@news.test)"
FEED = "http://news.test/feed"
LONGEST_TEST = 60.0  # seconds; a coroutine that hangs fails its test and not the whole run


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """The loop of the running reactor."""
    loop = asyncio.new_event_loop()
    running = threading.Event()

    def serve() -> None:
        asyncio.set_event_loop(loop)
        asyncioreactor.install(loop)  # type: ignore[no-untyped-call]
        from twisted.internet import reactor as installed

        reactor: Any = installed
        loop.call_soon(running.set)
        reactor.run(installSignalHandlers=False)

    threading.Thread(target=serve, name="reactor", daemon=True).start()
    assert running.wait(10), "the reactor does not start"
    return loop


def under_reactor(main: Coroutine[Any, Any, T]) -> T:
    """Runs `main` to its end under the process's reactor and returns what it returns."""
    future = asyncio.run_coroutine_threadsafe(main, _loop())
    try:
        return future.result(LONGEST_TEST)
    except TimeoutError:
        future.cancel()
        raise


def hub_settings(
    *,
    static_hosts: Mapping[str, str] | None = None,
    loopback: tuple[str, ...] = (),
    delay_seconds: float = 0.001,
    per_site: int = 1,
    concurrency: int = 32,
    obey_robots: bool = True,
    slots_folder: Path | None = None,
) -> HubSettings:
    return HubSettings(
        user_agent=AGENT,
        delay_seconds=delay_seconds,
        per_site=per_site,
        concurrency=concurrency,
        obey_robots=obey_robots,
        slots_folder=slots_folder,
        guard=GuardRules(loopback=loopback, static_hosts=static_hosts or {}),
    )


def run_hub(story: Callable[[Hub], Awaitable[T]], **settings: Any) -> T:
    """Opens a hub, awaits `story(hub)`, closes it. `settings` are those of `hub_settings`."""
    chosen = hub_settings(**settings)

    async def main() -> T:
        before = asyncio.all_tasks()
        async with Hub(chosen) as hub:
            result = await story(hub)
        left = asyncio.all_tasks() - before
        assert not left, f"tasks outlive the hub: {left}"
        return result

    return under_reactor(main())


async def until(so: Callable[[], bool]) -> None:
    """Waits for what happens in another thread, such as a request that reaches a server."""
    async with asyncio.timeout(30):
        while not so():  # noqa: ASYNC110 - no event of that thread reaches this loop
            await asyncio.sleep(0.002)


def answering(answer: Answer, robots: Answer | None = None) -> Callable[[Asked], Answer]:
    """Answers everything with `answer`, and robots.txt with `robots` (404 when there is none)."""
    return lambda asked: (robots or Answer(404)) if asked.path == "/robots.txt" else answer


def fetch_from(
    respond: Callable[[Asked], Answer] | LoopbackServer, request: FetchRequest | None = None
) -> Fetched | FetchFailure:
    async def story(hub: Hub) -> Fetched | FetchFailure:
        return await hub.fetch(request or FetchRequest(url=FEED))

    if isinstance(respond, LoopbackServer):
        return run_hub(story, static_hosts={"news.test": respond.place})
    with LoopbackServer(respond) as server:
        return run_hub(story, static_hosts={"news.test": server.place})


def fetched(answer: Fetched | FetchFailure) -> Fetched:
    assert isinstance(answer, Fetched), answer
    return answer


def failure(answer: Fetched | FetchFailure) -> FetchFailure:
    assert isinstance(answer, FetchFailure), answer
    return answer


@contextmanager
def raw_server(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """A host that breaks the protocol: `talk` gets each connection once a request has come in."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=16)
    listener.settimeout(10)

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection, suppress(OSError):
                    connection.settimeout(10)
                    connection.recv(65536)
                    talk(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def fetch_raw(talk: Callable[[socket.socket], None], *, seconds: float = 10.0) -> Fetched | FetchFailure:
    async def story(hub: Hub) -> Fetched | FetchFailure:
        return await hub.fetch(FetchRequest(url=FEED, timeout=seconds))

    with raw_server(talk) as place:
        return run_hub(story, static_hosts={"news.test": place}, obey_robots=False)


class InlineReader:
    """Reads in this process what the pool reads in others."""

    def __init__(self, topic: Topic, rules: Mapping[str, OutletRules]) -> None:
        self.topic, self.rules = topic, rules

    async def read(self, job: PageJob) -> Judged | Refused:
        return read_and_judge(job, self.topic, self.rules.get(job.outlet))

    async def parse(self, job: FeedJob) -> ParsedFeed:
        return parse_source(job)

    def close(self) -> None:
        """There is nothing to close."""


@dataclass
class Clock:
    """Time that stands still until it is moved on."""

    moment: datetime

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **time: float) -> None:
        self.moment += timedelta(**time)
