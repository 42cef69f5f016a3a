"""What the entries of sources tell of when each of them publishes."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta

from storage.read_records import SourceRhythm
from storage.values import moment_or_none, stamp

REMEMBERED = timedelta(days=42)
SHOWN = 20  # until a poll tells


def rhythms(db: sqlite3.Connection, now: datetime) -> list[SourceRhythm]:
    """Of every source that is switched on, those never polled among them.

    The moment of a story is the one it states, if that is not after its first sight; of stories that state none, those
    of a source's first poll tell nothing, for they were seen when the watching began.
    """
    moments: dict[str, list[datetime]] = {}
    counts: dict[str, list[int]] = {}
    for source, at, relevant in db.execute(
        """SELECT source, CASE WHEN published <= first_seen THEN unixepoch(published)
             WHEN NOT first_poll THEN unixepoch(first_seen) END, outcome = 'relevant'
           FROM entry WHERE first_seen >= ?""",
        (stamp(now - REMEMBERED),),
    ):
        count = counts.setdefault(source, [0, 0])
        count[0] += relevant
        count[1] += 1
        if at is not None:
            moments.setdefault(source, []).append(datetime.fromtimestamp(at, UTC))
    shown = dict(
        db.execute("SELECT source, shown FROM poll WHERE id IN (SELECT max(id) FROM poll WHERE shown GROUP BY source)")
    )
    return [
        SourceRhythm(
            source=row["id"],
            published=tuple(moments.get(row["id"], ())),
            shown=shown.get(row["id"], SHOWN),
            watched_since=moment_or_none(row["first_ok_at"]),
            relevant=counts.get(row["id"], [0, 0])[0],
            stories=counts.get(row["id"], [0, 0])[1],
        )
        for row in db.execute("SELECT id, first_ok_at FROM source WHERE enabled AND NOT retired ORDER BY id")
    ]
