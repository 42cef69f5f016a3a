"""Politeness: how many requests a host sees at once and how far apart they begin, and how many there are altogether.

The engine's own limits are not used: they forget requests that were cancelled while they waited, know no total for
requests made outside its scheduler, and let bursts through when the delay is 0.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

HOSTS_KEPT = 1000


@dataclass(slots=True)
class _Host:
    gate: asyncio.Semaphore
    free_at: float = 0.0  # on the loop's clock
    users: int = 0


class Pace:
    """`delay`: seconds between the beginnings of two requests to one host. Waiting costs no other host its turn."""

    def __init__(self, *, per_host: int, delay: float, total: int) -> None:
        self._per_host, self._delay = per_host, delay
        self._total = asyncio.Semaphore(total)
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def turn(self, name: str, delay: float = 0.0) -> AsyncIterator[None]:
        """`delay` is the host's own wish (Crawl-delay); the longer of the two holds."""
        host = self._hosts.get(name) or self._add(name)
        host.users += 1
        try:
            async with host.gate:
                await self._begin(host, max(delay, self._delay))
                try:
                    yield
                finally:
                    self._total.release()
        finally:
            host.users -= 1

    async def _begin(self, host: _Host, delay: float) -> None:
        loop = asyncio.get_running_loop()
        while True:
            if (wait := host.free_at - loop.time()) > 0:
                await asyncio.sleep(wait)
            await self._total.acquire()
            # Another request to the same host may have begun while this one waited for its place in the total.
            if host.free_at <= loop.time():
                host.free_at = loop.time() + delay
                return
            self._total.release()

    def _add(self, name: str) -> _Host:
        if len(self._hosts) >= HOSTS_KEPT:
            now = asyncio.get_running_loop().time()
            self._hosts = {n: host for n, host in self._hosts.items() if host.users or host.free_at > now}
        host = self._hosts[name] = _Host(asyncio.Semaphore(self._per_host))
        return host
