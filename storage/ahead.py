"""What a clock that ran ahead has planned: without mending, its moments would have to come first.

Its traces are rows that were last touched in what is still the future, and plans further ahead than any is made.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from storage.values import stamp

LONGEST_LEASE = timedelta(hours=1)  # twenty times what is taken
LONGEST_PLAN = timedelta(days=4)  # a gap is tried again after three days; all else waits a day at most

# What is mended is marked as touched now, so that it is mended once. Each source keeps the pause that was planned for
# it: all of them due at once would be a storm of polls.
_MENDS = (
    """UPDATE source SET last_polled_at = min(last_polled_at, :now), next_check_at = CASE
         WHEN last_polled_at > :now AND next_check_at > last_polled_at THEN strftime('%Y-%m-%dT%H:%M:%SZ',
           unixepoch(:now) + min(unixepoch(next_check_at) - unixepoch(last_polled_at), 86400), 'unixepoch')
         ELSE :now END
       WHERE last_polled_at > :now OR next_check_at > :far""",
    "UPDATE source SET lease_owner = NULL, lease_until = NULL WHERE lease_until > :lease",
    "UPDATE source SET probe_at = :now WHERE probe_at > :far",
    """UPDATE entry SET next_try_at = :now, last_seen = min(last_seen, :now)
       WHERE state = 'pending' AND next_try_at > :now AND (last_seen > :now OR next_try_at > :far)""",
    "UPDATE coverage SET next_try_at = :now WHERE next_try_at > :far",
    """UPDATE outbox SET next_try_at = :now WHERE state = 'waiting' AND next_try_at > :now
       AND (created_at > :now OR next_try_at > :far)""",
    "UPDATE outbox SET lease_owner = NULL, lease_until = NULL WHERE lease_until > :lease",
)


def mend(db: sqlite3.Connection, now: datetime) -> int:
    """Makes it due soon; returns how many rows that were."""
    values = {"now": stamp(now), "far": stamp(now + LONGEST_PLAN), "lease": stamp(now + LONGEST_LEASE)}
    return sum(db.execute(statement, values).rowcount for statement in _MENDS)
