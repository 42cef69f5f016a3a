"""Politeness: how many requests a site sees at once and how far apart they begin, and how many there are altogether.

A site is a registrable domain: its hosts mostly are one machine. The engine's own limits are not used: they forget
requests that were cancelled while they waited, know no total for requests made outside its scheduler, and let bursts
through when the delay is 0.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from crawler.slots import SiteHeld, Slots

SITES_KEPT = 1000


@dataclass(slots=True)
class _Site:
    gate: asyncio.Semaphore
    free_slots: list[int]
    free_at: float = 0.0  # on the loop's clock
    users: int = 0
    held_until: float = 0.0


class Pace:
    """`delay`: seconds between the beginnings of two requests to one site. Waiting costs no other site its turn.
    `slots` are shared with other runs; without them the pace is this process's own. `now`: seconds since 1970."""

    def __init__(
        self,
        *,
        per_site: int,
        delay: float,
        total: int,
        slots: Slots | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._per_site, self._delay = per_site, delay
        self._total = asyncio.Semaphore(total)
        self._sites: dict[str, _Site] = {}
        self._slots = slots
        self._now = now

    @asynccontextmanager
    async def turn(self, name: str, delay: float = 0.0) -> AsyncIterator[None]:
        """`delay` is the site's own wish (Crawl-delay); the longer of the two holds. Raises SiteHeld."""
        site = self._sites.get(name) or self._add(name)
        site.users += 1
        try:
            async with site.gate:
                self._refuse_held(name, site)
                async with self._shared(name, site, max(delay, self._delay)):
                    await self._begin(site, max(delay, self._delay))
                    try:
                        self._refuse_held(name, site)  # the answer to the request before may have said so
                        yield
                    finally:
                        self._total.release()
        finally:
            site.users -= 1

    def hold(self, name: str, until: float) -> None:
        """Nobody asks the site before `until`, in seconds since 1970."""
        site = self._sites.get(name) or self._add(name)
        site.held_until = max(site.held_until, until)
        if self._slots is not None:
            self._slots.hold(name, until)

    def _is_needed(self, site: _Site, loop_now: float) -> bool:
        return bool(site.users) or site.free_at > loop_now or site.held_until > self._now()

    def _refuse_held(self, name: str, site: _Site) -> None:
        until = max(site.held_until, self._slots.held_until(name) if self._slots is not None else 0.0)
        if until > self._now():
            raise SiteHeld(until, "has asked to be asked less often")

    @asynccontextmanager
    async def _shared(self, name: str, site: _Site, delay: float) -> AsyncIterator[None]:
        if self._slots is None:
            yield
            return
        number = site.free_slots.pop()
        try:
            async with self._slots.turn(name, number, delay):
                yield
        finally:
            site.free_slots.append(number)

    async def _begin(self, site: _Site, delay: float) -> None:
        loop = asyncio.get_running_loop()
        while True:
            if (wait := site.free_at - loop.time()) > 0:
                await asyncio.sleep(wait)
            await self._total.acquire()
            # Another request to the same site may have begun while this one waited for its place in the total.
            if site.free_at <= loop.time():
                site.free_at = loop.time() + delay
                return
            self._total.release()

    def _add(self, name: str) -> _Site:
        if len(self._sites) >= SITES_KEPT:
            now = asyncio.get_running_loop().time()
            self._sites = {
                n: site
                for n, site in self._sites.items()
                if site.users or site.free_at > now or site.held_until > self._now()
            }
        slots = list(range(self._per_site - 1, -1, -1))
        site = self._sites[name] = _Site(asyncio.Semaphore(self._per_site), slots)
        return site
