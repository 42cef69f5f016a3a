"""When the page of a story is looked at again. Pure."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from crawler.wire import Fetched
from storage.pages import PageSeen

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PLAN = (HOUR, 6 * HOUR, DAY, 3 * DAY, 14 * DAY)  # after the first fetch: outlets correct early, and withdraw late
LATER = 0.1  # a look is up to this part of its wait later: stories of one poll fall out of step


def page_seen(answer: Fetched, now: datetime) -> PageSeen:
    """Of a page that was had for the first time."""
    return PageSeen(
        url=answer.final_url,
        etag=answer.headers.get("etag"),
        last_modified=answer.headers.get("last-modified"),
        body_hash=answer.body_hash,
        next_visit=now + late(answer.final_url, PLAN[0]),
    )


def late(key: str, wait: timedelta) -> timedelta:
    """`wait`, or up to a tenth more by a hash: never less."""
    digest = hashlib.sha256(f"{key}|{wait}".encode("utf-8", "replace")).digest()
    return wait * (1 + LATER * int.from_bytes(digest[:4], "big") / 2**32)


def next_visit(key: str, first: datetime, now: datetime, steps: tuple[timedelta, ...] = PLAN) -> datetime | None:
    """The first step that lies well ahead: those that were slept through are not made up for."""
    before = timedelta(0)
    for step in steps:
        if first + step - now >= (step - before) / 2:
            return first + late(key, step)
        before = step
    return None
