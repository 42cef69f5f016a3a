"""Whether the machine has a network at all, told from what came of the requests. Pure but for what it remembers."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from crawler.wire import CONNECT_FAILURES, Fetched, FetchFailure

# A host that does not answer is to blame only while others do. Two minutes span several requests of any real catalogue.
WITNESS = timedelta(minutes=2)


class NetworkSense:
    """`offline_since` is set while at least two hosts (or the only one ever asked) could not be reached and none answered."""

    def __init__(self) -> None:
        self.offline_since: datetime | None = None
        self._last_answer: datetime | None = None
        self._silent: dict[str, datetime] = {}
        self._hosts: set[str] = set()

    def observe(self, url: str, answer: Fetched | FetchFailure, now: datetime) -> bool:
        """Takes note of an answer; returns whether a failure is the network's and not the host's."""
        host = urlsplit(url).hostname or ""
        if isinstance(answer, FetchFailure) and answer.kind in {"guard", "robots"}:
            return False  # says nothing of the network
        self._hosts.add(host)
        if isinstance(answer, Fetched) or answer.kind not in CONNECT_FAILURES:
            self._last_answer, self.offline_since = now, None
            self._silent.clear()
            return False
        if self._last_answer is not None and now - self._last_answer <= WITNESS:
            return False
        self._silent.setdefault(host, now)
        if self.offline_since is None and (len(self._silent) >= 2 or self._silent.keys() >= self._hosts):
            self.offline_since = min(self._silent.values())
        return True
