"""robots.txt by RFC 9309: what may be asked, and how often."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from protego import Protego

from crawler.wire import Fetched, FetchFailure

KEEP = timedelta(hours=24)  # RFC 9309, 2.4
KEEP_ON_ERROR = timedelta(minutes=10)
KEEP_ON_FAILURE = timedelta(seconds=20)  # the pages of a dead host share one failure; it is asked again soon
MAX_BYTES = 500 << 10  # RFC 9309, 2.5
LONGEST_DELAY = 60.0  # seconds; a longer Crawl-delay would keep a story for hours


def allowed(robots: str, agent: str, url: str) -> bool:
    """Whether `robots` lets `agent` (its product name or whole User-Agent) ask for `url`."""
    return bool(Protego.parse(robots).can_fetch(url, product(agent)))


def product(agent: str) -> str:
    """The name that a robots.txt addresses: in "Mozilla/5.0 (compatible; NAME/1.0; ...)" it is NAME, not Mozilla."""
    found = re.search(r"compatible;\s*([^\s/;)]+)", agent) or re.match(r"\s*([^\s/;(]+)", agent)
    return found[1] if found else agent


@dataclass(frozen=True)
class Rules:
    """What a host's robots.txt came to. `parser` None: everything is allowed, or with `closed` nothing is."""

    until: datetime
    parser: Protego | None = None
    closed: bool = False

    def allows(self, agent: str, url: str) -> bool:
        if self.closed:
            return False
        return self.parser is None or bool(self.parser.can_fetch(url, product(agent)))

    def delay(self, agent: str) -> float:
        """Crawl-delay in seconds; 0 when none is asked for."""
        asked = self.parser.crawl_delay(product(agent)) if self.parser else None
        return min(asked, LONGEST_DELAY) if asked and asked > 0 else 0.0


def rules_from(answer: Fetched | FetchFailure, now: datetime) -> Rules:
    """4xx: there are none. 5xx and no answer: closed for now (RFC 9309, 2.3.1.3 and 2.3.1.4)."""
    if isinstance(answer, Fetched) and answer.status == 200:
        return Rules(now + KEEP, Protego.parse(answer.body[:MAX_BYTES].decode("utf-8-sig", "replace")))
    if isinstance(answer, Fetched) and 400 <= answer.status < 500 and answer.status != 429:
        return Rules(now + KEEP)
    return Rules(now + KEEP_ON_ERROR, closed=True)
