"""The ledger: what is known of each hour of each source."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Literal

from storage.values import moment, moment_or_none, stamp

# Nothing can have been missed; stories may have been; they were fetched by another road; the source has failed since;
# no poll tells of it yet; nobody watched yet.
Hour = Literal["covered", "gap", "filled", "down", "open", "unwatched"]
Span = tuple[datetime, datetime, Hour]
HOUR = timedelta(hours=1)


def ledger(db: sqlite3.Connection, since: datetime, until: datetime) -> dict[str, list[Hour]]:
    begin = since.replace(minute=0, second=0, microsecond=0)
    spans: dict[str, list[Span]] = {}
    for row in db.execute(
        """SELECT source, coverage.since, until, state FROM coverage JOIN source ON source.id = coverage.source
           WHERE source.enabled AND until >= ? ORDER BY source, coverage.since, coverage.id""",
        (stamp(begin),),
    ):
        spans.setdefault(row["source"], []).append((moment(row["since"]), moment(row["until"]), row["state"]))
    ok = {row[0]: moment_or_none(row[1]) for row in db.execute("SELECT id, last_ok_at FROM source WHERE failures > 0")}
    return {
        source: list(hours(those, begin, until, down_since=ok.get(source))) for source, those in sorted(spans.items())
    }


def hours(spans: Sequence[Span], since: datetime, until: datetime, *, down_since: datetime | None) -> Iterator[Hour]:
    """The worst that is so in each hour from `since` on, up to the one that holds `until`. Pure."""
    told = max((last for _, last, _ in spans), default=since)
    while since <= until:
        end = since + HOUR
        states = {state for begin, last, state in spans if begin < end and last >= since}
        if down_since is not None and down_since < end:
            states.add("down")
        if since > told and not states:
            states.add("open")
        order: tuple[Hour, ...] = ("gap", "down", "filled", "covered", "open")
        yield next((one for one in order if one in states), "unwatched")
        since = end
