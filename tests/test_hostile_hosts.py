"""No hostile host or document of the tables gets through, at small sizes; bench/hostile_hosts.py has the full ones."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from crawler.hub import Hub
from crawler.wire import Fetched, FetchFailure, FetchRequest
from scheduler.newsroom.server import Answer, LoopbackServer
from tests.fakes import raw_server, run_hub
from tests.hostile_documents import DOCUMENTS, Document, wrong
from tests.hostile_hosts import CASES, SILENT, Case
from topic import Topic, load

SCALE = 0.001
LIMIT = 100_000  # bytes; the smallest of what is too large has 200,000
SECONDS = 0.15


@pytest.fixture(scope="module")
def topic() -> Topic:
    return load()


@pytest.fixture(scope="module")
def canary() -> Iterator[LoopbackServer]:
    """A server on loopback that nobody may ask."""
    with LoopbackServer(lambda _: Answer(200, b"inside")) as server:
        yield server


def ask(case: Case, canary: int) -> Fetched | FetchFailure:
    url = case.url.replace("{canary}", str(canary))
    request = FetchRequest(url=url, timeout=SECONDS if case.name == SILENT else 5, max_bytes=LIMIT)

    async def story(hub: Hub) -> Fetched | FetchFailure:
        return await hub.fetch(request)

    if case.talk is None:
        return run_hub(story, obey_robots=False)
    with raw_server(case.talk(SCALE, canary)) as place:
        return run_hub(story, static_hosts={"hostile.test": place}, obey_robots=case.robots)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_hostile_host_gets_through(case: Case, canary: LoopbackServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def private(_: str, port: int, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", port))]

    monkeypatch.setattr("crawler.bounded.WINDOW_SECONDS", SECONDS)
    monkeypatch.setattr("crawler.resolver.socket.getaddrinfo", private)
    monkeypatch.setenv("http_proxy", f"http://{canary.place}")
    got = ask(case, canary.address[1])

    told = got.detail if isinstance(got, FetchFailure) else got.body.decode()
    assert case.outcome == (got.kind if isinstance(got, FetchFailure) else "fetched"), told
    assert case.says in told
    assert canary.asked == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_no_hostile_document_gets_through(document: Document, topic: Topic) -> None:
    assert wrong(document, document.make(SCALE), topic) == ""
