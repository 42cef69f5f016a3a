"""What belongs to the process: its log, its signals, its exit codes, and the reactor that the work runs under."""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from storage.text import printable

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")

EXIT_FAILED = 1  # some sources or deliveries failed; or what was asked for is not there
EXIT_USAGE = 2  # a command line or a query that cannot be read
EXIT_DATABASE = 74  # EX_IOERR: the database cannot be used
EXIT_ELSEWHERE = 75  # EX_TEMPFAIL: another live run holds what was wanted
EXIT_CONFIG = 78  # EX_CONFIG

_NOISY = ("scrapy", "twisted", "apscheduler", "apprise", "urllib3", "htmldate", "pebble", "asyncio")


class _Line(logging.Formatter):
    """In UTC; texts from the world arrive here in URLs and error messages."""

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%SZ")

    def format(self, record: logging.LogRecord) -> str:
        return "\n".join(printable(line) for line in super().format(record).split("\n"))


def start_log(level: int) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Line())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _NOISY:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    logging.getLogger("trafilatura").setLevel(logging.ERROR)  # it warns of each page without a text; we refuse those


def under_reactor(make: Callable[[asyncio.Event], Coroutine[Any, Any, T]]) -> T:
    """Runs `make(stop)`. SIGTERM or SIGINT sets `stop`; a second one ends the process at once."""
    import asyncio

    from crawler.hub import run

    async def main() -> T:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, _asked_to_stop, stop, number)
        return await make(stop)

    return run(main())


def on_hangup(reload: asyncio.Event) -> None:
    """SIGHUP sets `reload`; to be called under the reactor."""
    import asyncio

    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reload.set)


def _asked_to_stop(stop: asyncio.Event, number: int) -> None:
    if stop.is_set():
        os._exit(128 + number)  # nothing to tidy up: whatever is not written yet is done again
    stop.set()
