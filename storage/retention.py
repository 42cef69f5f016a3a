"""What is given up with time: texts that nobody keeps for ever, and records of work that is done."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from storage.values import listed, stamp

# Bodies dropped in one transaction: it takes a fraction of a second, so that nobody waits long for the write lock.
BATCH = 500


def drop_bodies(db: sqlite3.Connection, outcomes: tuple[str, ...], age: timedelta, now: datetime) -> int:
    """Empties up to BATCH bodies (and what search knows of them) first seen longer than `age` ago; counts them.

    Entries that have waited so long for their pages, since their source is switched off, wait no more.
    """
    values = {"before": stamp(now - age), "now": stamp(now), "outcomes": listed(outcomes)}
    old = """SELECT id FROM article WHERE body <> '' AND first_seen < :before
             AND outcome IN (SELECT value FROM json_each(:outcomes)) LIMIT :batch"""
    ids = [str(row[0]) for row in db.execute(old, values | {"batch": BATCH})]
    wanted = "(SELECT cast(value AS INTEGER) FROM json_each(:ids))"
    values["ids"] = listed(ids)
    db.execute(f"UPDATE article_text SET body = '' WHERE article_id IN {wanted}", values)  # noqa: S608 - a constant
    db.execute(f"UPDATE revision SET body = '' WHERE article_id IN {wanted}", values)  # noqa: S608
    db.execute(
        f"UPDATE article SET body = '', body_dropped_at = :now WHERE id IN {wanted}",  # noqa: S608
        values,
    )
    db.execute(
        """UPDATE entry SET state = 'failed', next_try_at = NULL, content = '',
           problem = coalesce(problem, 'its page was never asked for: the source is switched off')
           WHERE state = 'pending' AND next_try_at < :before
           AND outcome IN (SELECT value FROM json_each(:outcomes))""",
        values,
    )
    return len(ids)


def prune(db: sqlite3.Connection, before: datetime) -> int:
    """Removes polls, ended runs and changes that every step has handled, from before that moment; counts the polls."""
    polls = db.execute("DELETE FROM poll WHERE started_at < ?", (stamp(before),)).rowcount
    db.execute("DELETE FROM coverage WHERE until < ?", (stamp(before),))
    db.execute("DELETE FROM run WHERE ended_at < ?", (stamp(before),))
    # A step that has no mark yet is one of a later version; it begins with the articles themselves.
    db.execute(
        """DELETE FROM change WHERE at < ?
           AND seq <= (SELECT coalesce(min(seq), 0) FROM mark WHERE step <> 'source alerts')""",
        (stamp(before),),
    )
    return polls
