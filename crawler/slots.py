"""A site's turns, shared by all runs on this machine that use one folder: the daemon, cron, a check by hand.

Each site has a small file for each request it may see at once. Whoever holds the lock of that file may ask, once the
moment has come that stands in it; a process that dies lets go of its locks. A second file, there only when needed, says
until when the site asked to be left alone.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

LOOK_AGAIN = 0.05  # seconds between two tries for a lock that another process holds
DAY = 86_400.0
_PLAIN = re.compile(r"[a-z0-9][a-z0-9.-]{0,99}\Z")


class SiteHeld(Exception):
    """A site is not to be asked before `until` (seconds since 1970); `why` completes "the site ..."."""

    def __init__(self, until: float, why: str) -> None:
        super().__init__(why)
        self.until = until
        self.why = why


@dataclass(frozen=True, slots=True)
class _Use:
    """When the last request of a slot began, and how many there were on its UTC day."""

    began: float = 0.0
    count: int = 0

    def on_day_of(self, now: float) -> int:
        return self.count if self.began // DAY == now // DAY else 0


class Slots:
    """`per_day`: requests that a site sees from here on one UTC day, over all its slots. `now` is in seconds since
    1970, for the runs have no other clock in common. Raises OSError when `folder` cannot be made."""

    def __init__(self, folder: Path, *, slots: int, per_day: int, now: Callable[[], float] = time.time) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._per_slot = max(1, per_day // slots)
        self._now = now

    @asynccontextmanager
    async def turn(self, site: str, number: int, delay: float) -> AsyncIterator[None]:
        """Slot `number` of `site`, `delay` seconds after the last request in it began; raises SiteHeld."""
        file = os.open(self._folder / f"{_name(site)}.{number}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            while not _locked(file):  # noqa: ASYNC110 - no event of another process reaches this loop
                await asyncio.sleep(LOOK_AGAIN)
            use = _read(file)
            # A clock that was set back must not keep anyone waiting for what it once said.
            if (wait := min(use.began + delay - self._now(), delay)) > 0:
                await asyncio.sleep(wait)
            now = self._now()
            count = use.on_day_of(now)
            if count >= self._per_slot:
                tomorrow = (now // DAY + 1) * DAY
                raise SiteHeld(tomorrow, "has been asked as often as it may be on one day (fetching.per_site_daily)")
            with suppress(OSError):  # a full disk: the pace of this process still holds
                os.pwrite(file, f"{now:020.6f} {count + 1:010d}\n".encode(), 0)
            yield
        finally:
            os.close(file)

    def hold(self, site: str, until: float) -> None:
        """Whatever run asks next keeps to it."""
        part = self._folder / f"{_name(site)}.held.{os.getpid()}"
        with suppress(OSError):
            part.write_text(f"{max(until, self.held_until(site)):.3f}\n", encoding="ascii")
            part.rename(self._folder / f"{_name(site)}.held")

    def held_until(self, site: str) -> float:
        """0.0 when the site may be asked."""
        file = self._folder / f"{_name(site)}.held"
        try:
            until = float(file.read_text(encoding="ascii"))
        except FileNotFoundError:
            return 0.0
        except ValueError:
            until = 0.0
        if self._now() < until <= self._now() + DAY:
            return until
        with suppress(FileNotFoundError):
            file.unlink()
        return 0.0


def _name(site: str) -> str:
    return site if _PLAIN.match(site) else hashlib.sha256(site.encode()).hexdigest()[:32]


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(file: int) -> _Use:
    """A file cut off by a full disk counts as new."""
    try:
        began, count = os.pread(file, 64, 0).split()
        return _Use(float(began), int(count))
    except ValueError:
        return _Use()
