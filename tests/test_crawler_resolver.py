"""Names that lead to private addresses, now or only at the second look; name servers that never answer."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from crawler import resolver
from crawler.guard import GuardRules
from crawler.hub import Hub
from crawler.wire import Fetched, FetchFailure, FetchRequest
from scheduler.newsroom.server import Answer, LoopbackServer
from tests.fakes import failure, fetched, run_hub


def looking_up(monkeypatch: pytest.MonkeyPatch, look_up: Callable[[str], list[str]]) -> None:
    def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        return [(None, None, None, "", (address, port)) for address in look_up(host)]

    monkeypatch.setattr("crawler.resolver.socket.getaddrinfo", getaddrinfo)


def fetch(*urls: str, **settings: Any) -> list[Fetched | FetchFailure]:
    async def story(hub: Hub) -> list[Fetched | FetchFailure]:
        return [await hub.fetch(FetchRequest(url=url, timeout=3)) for url in urls]

    return run_hub(story, obey_robots=False, **settings)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:10.0.0.1"])
def test_a_name_that_leads_to_a_private_address_is_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    looking_up(monkeypatch, lambda _: [address])

    (got,) = fetch("http://outlet.example.am/feed")

    assert failure(got).kind == "guard"
    assert failure(got).detail == "outlet.example.am leads to an address that is not public"


def test_a_name_that_is_moved_to_a_private_address_is_refused_from_then_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: what was allowed once says nothing of the next connection."""
    with LoopbackServer(lambda _: Answer(200, headers={"Connection": "close"}), host="127.0.0.81", port=8080) as server:
        answers = iter(["127.0.0.81", "127.0.0.1", "127.0.0.81"])
        looking_up(monkeypatch, lambda _: [next(answers)])
        first, second, third = fetch(*["http://outlet.example.am:8080/"] * 3, loopback=("127.0.0.81/32",))

    assert fetched(first).status == 200
    assert failure(second).kind == "guard"
    assert fetched(third).status == 200
    assert len(server.asked) == 2


def test_of_several_addresses_only_the_allowed_are_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    with LoopbackServer(lambda _: Answer(200), host="127.0.0.82", port=8080) as server:
        looking_up(monkeypatch, lambda _: ["127.0.0.1", "10.0.0.1", "127.0.0.82"])
        (got,) = fetch("http://outlet.example.am:8080/", loopback=("127.0.0.82/32",))

    assert (fetched(got).status, len(server.asked)) == (200, 1)


def test_a_name_that_cannot_be_looked_up_is_no_fault_of_the_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(_: str) -> list[str]:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    looking_up(monkeypatch, look_up)

    assert [failure(one).kind for one in fetch("http://outlet.example.am/")] == ["dns"]


def test_a_name_server_that_never_answers_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the other hosts, however many names hang, nor the end."""
    released = threading.Event()

    def look_up(host: str) -> list[str]:
        if host.startswith("hangs"):
            released.wait(20)
        return ["127.0.0.83"]

    looking_up(monkeypatch, look_up)
    with LoopbackServer(lambda _: Answer(200), host="127.0.0.83", port=8080):

        async def story(hub: Hub) -> Fetched | FetchFailure:
            hanging = [asyncio.ensure_future(hub.fetch(FetchRequest(url=f"http://hangs{n}.am/"))) for n in range(20)]
            await asyncio.sleep(0)
            answer = await hub.fetch(FetchRequest(url="http://outlet.example.am:8080/"))
            assert not any(one.done() for one in hanging)
            return answer

        started = time.monotonic()
        got = run_hub(story, obey_robots=False, loopback=("127.0.0.83/32",))
        took = time.monotonic() - started
    released.set()

    assert fetched(got).status == 200
    assert took < 3


def test_what_it_remembers_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolver, "REFUSED_KEPT", 3)
    guarded = resolver.GuardedResolver(None, GuardRules())
    for n in range(10):
        guarded._allowed(f"h{n}.am", [("10.0.0.1", 80)])

    assert guarded.refused == {"h7.am", "h8.am", "h9.am"}
