"""Whether the machine has a network at all, told from what came of the requests.

A host that cannot be reached is to blame only if another one can be. That is asked, not guessed: the host that answered
last is asked again, after the failure. Before any has answered there is none to ask; then others in flight get a while.
A host that does not answer in time is more often slow than out of reach: the network is suspected only when nobody has
answered since that host was asked, and never on the word of one host.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from urllib.parse import urlsplit

from crawler.wire import CONNECT_FAILURES, SILENT, Fetched, FetchFailure, FetchRequest

PATIENCE = 10.0  # seconds that others get to answer while nobody has answered yet; most name servers fail within that
WITNESSES = 3  # hosts remembered: one of them may be the one that fails

Fetch = Callable[[FetchRequest], Awaitable[Fetched | FetchFailure]]


class NetworkSense:
    """`offline_since` is set from the moment that no host is found reachable until one answers."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self.offline_since: datetime | None = None
        self._patience = patience
        self._witnesses: dict[str, str] = {}  # host -> an address that answered, the latest last
        self._last_answer: datetime | None = None
        self._silent: dict[str, datetime] = {}  # hosts not reached since the last answer
        self._seen: set[str] = set()  # at most two: whether more than one host was ever asked
        self._answer = asyncio.Event()
        self._asking: asyncio.Task[bool] | None = None

    async def is_to_blame(
        self, fetch: Fetch, answer: Fetched | FetchFailure, *, asked: datetime, now: datetime
    ) -> bool:
        """Takes note of the answer to what was asked at `asked`; returns whether a failure is, or may well be, the
        network's and not the host's."""
        host = urlsplit(answer.url).netloc
        if isinstance(answer, FetchFailure):
            if answer.kind in SILENT:
                return False
            if answer.kind in CONNECT_FAILURES:
                return await self._note_silence(fetch, host, now)
            if answer.kind == "timeout":
                return await self._note_lateness(fetch, host, asked, now)
        self._note_answer(host, answer.url, now)
        return False

    def _note_answer(self, host: str, url: str, now: datetime) -> None:
        self.offline_since = None
        self._last_answer = now
        self._silent.clear()
        self._note_seen(host)
        self._witnesses.pop(host, None)
        self._witnesses[host] = url
        if len(self._witnesses) > WITNESSES:
            del self._witnesses[next(iter(self._witnesses))]
        self._answer.set()

    def _note_seen(self, host: str) -> None:
        if len(self._seen) < 2:
            self._seen.add(host)

    async def _note_lateness(self, fetch: Fetch, host: str, asked: datetime, now: datetime) -> bool:
        heard = self._last_answer is not None and self._last_answer > asked
        if self.offline_since is None and heard:
            return False
        return await self._note_silence(fetch, host, now, one_will_do=False) and self.offline_since is not None

    async def _note_silence(self, fetch: Fetch, host: str, now: datetime, *, one_will_do: bool = True) -> bool:
        self._note_seen(host)
        if self.offline_since is not None:
            return True
        self._silent.setdefault(host, now)
        self._answer.clear()
        if await self._another_answers(fetch, host, now):
            return False
        # With one silent host among several, and none to ask, it cannot be told yet: no blame, and no alarm.
        if self._silent and (len(self._silent) > 1 or (one_will_do and len(self._seen) == 1)):
            self.offline_since = min(self._silent.values())
        return True

    async def _another_answers(self, fetch: Fetch, host: str, now: datetime) -> bool:
        others = [url for other, url in self._witnesses.items() if other != host]
        if not others:
            try:
                async with asyncio.timeout(self._patience):
                    return await self._answer.wait()
            except TimeoutError:
                return False
        if self._asking is None or self._asking.done():
            self._asking = asyncio.ensure_future(self._ask(fetch, others[-1], now))
        return await asyncio.shield(self._asking)

    async def _ask(self, fetch: Fetch, url: str, now: datetime) -> bool:
        answer = await fetch(FetchRequest(url=url, timeout=self._patience))
        host = urlsplit(url).netloc
        if isinstance(answer, FetchFailure) and answer.kind in CONNECT_FAILURES | SILENT | {"timeout"}:
            self._silent.setdefault(host, now)
            return False
        self._note_answer(host, url, now)
        return True
