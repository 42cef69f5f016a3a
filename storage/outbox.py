"""Notices on their way: marks of the steps downstream, and the outbox with its leases."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta

from storage.records import Change, LeasedNotice, NoticeToSave, SavedNotices
from storage.values import clean, cleaned, listed, stamp, stamp_or_none, unlisted


def changes_after(db: sqlite3.Connection, step: str, limit: int) -> list[Change]:
    rows = db.execute(
        """SELECT seq, article_id FROM change WHERE seq > coalesce((SELECT seq FROM mark WHERE step = ?), 0)
           ORDER BY seq LIMIT ?""",
        (step, limit),
    )
    return [Change(*row) for row in rows]


def save_matches(
    db: sqlite3.Connection, step: str, upto: int, notices: Sequence[NoticeToSave], now: datetime
) -> SavedNotices:
    """A notice already there stays as it is, unless it was held back and no longer is: its story proved to be news."""
    waiting = _insert(db, [n for n in notices if n.held is None], now)
    held = _insert(db, [n for n in notices if n.held is not None], now)
    db.execute(
        "INSERT INTO mark (step, seq) VALUES (?, ?) ON CONFLICT (step) DO UPDATE SET seq = max(seq, excluded.seq)",
        (step, upto),
    )
    return SavedNotices(waiting, held)


def _insert(db: sqlite3.Connection, notices: Sequence[NoticeToSave], now: datetime) -> int:
    before = db.total_changes
    db.executemany(
        """INSERT INTO outbox (rule, article_id, event_id, channel, key, why, state, held, created_at, next_try_at)
           SELECT :rule, :article_id, :event_id, :channel, :key, :why, :state, :held, :now, :next
           WHERE :follows IS NULL
             OR EXISTS (SELECT 1 FROM outbox WHERE event_id = :follows AND rule = :rule AND channel = :channel)
           ON CONFLICT (article_id, rule, channel) DO UPDATE SET why = excluded.why, state = excluded.state,
             held = NULL, created_at = excluded.created_at, next_try_at = excluded.next_try_at
           WHERE outbox.state = 'held' AND excluded.state = 'waiting'
           ON CONFLICT (event_id, rule, channel) DO NOTHING""",
        [_row(notice, now) for notice in notices],
    )
    return db.total_changes - before


def _row(notice: NoticeToSave, now: datetime) -> dict[str, object]:
    return cleaned(
        {
            "rule": notice.rule,
            "article_id": notice.article_id,
            "event_id": notice.event_id,
            "follows": notice.follows,
            "channel": notice.channel,
            "key": notice.key,
            "why": listed(notice.why),
            "state": "held" if notice.held else "waiting",
            "held": notice.held,
            "now": stamp(now),
            "next": None if notice.held else stamp(now),
        }
    )


def lease(db: sqlite3.Connection, owner: str, now: datetime, length: timedelta, limit: int) -> list[LeasedNotice]:
    rows = db.execute(
        """SELECT * FROM outbox WHERE state = 'waiting' AND next_try_at <= :now
           AND (lease_until IS NULL OR lease_until <= :now) ORDER BY next_try_at, id LIMIT :limit""",
        {"now": stamp(now), "limit": limit},
    ).fetchall()
    db.executemany(
        "UPDATE outbox SET lease_owner = ?, lease_until = ? WHERE id = ?",
        [(owner, stamp(now + length), row["id"]) for row in rows],
    )
    return [
        LeasedNotice(
            id=row["id"],
            rule=row["rule"],
            article_id=row["article_id"],
            event_id=row["event_id"],
            channel=row["channel"],
            key=row["key"],
            why=unlisted(row["why"]),
            attempts=row["attempts"],
        )
        for row in rows
    ]


def mark_sent(db: sqlite3.Connection, notice_id: int, now: datetime) -> None:
    db.execute(
        """UPDATE outbox SET state = 'sent', sent_at = ?, next_try_at = NULL, lease_owner = NULL, lease_until = NULL,
           attempts = attempts + 1, problem = NULL WHERE id = ?""",
        (stamp(now), notice_id),
    )


def mark_failed(db: sqlite3.Connection, notice_id: int, problem: str, next_try: datetime | None) -> None:
    db.execute(
        """UPDATE outbox SET state = CASE WHEN :next IS NULL THEN 'dead' ELSE 'waiting' END, next_try_at = :next,
           problem = :problem, attempts = attempts + 1, lease_owner = NULL, lease_until = NULL
           WHERE id = :id AND state = 'waiting'""",
        {"next": stamp_or_none(next_try), "problem": clean(problem), "id": notice_id},
    )


def put_off(
    db: sqlite3.Connection, owner: str, ids: Sequence[int], next_try: datetime | None, problem: str | None
) -> None:
    db.executemany(
        """UPDATE outbox SET next_try_at = coalesce(?, next_try_at), problem = coalesce(?, problem),
           lease_owner = NULL, lease_until = NULL WHERE id = ? AND lease_owner = ? AND state = 'waiting'""",
        [(stamp_or_none(next_try), problem and clean(problem), one, owner) for one in ids],
    )


def retry_dead(db: sqlite3.Connection, now: datetime) -> int:
    return db.execute(
        "UPDATE outbox SET state = 'waiting', attempts = 0, next_try_at = ? WHERE state = 'dead'", (stamp(now),)
    ).rowcount


def free(db: sqlite3.Connection, owner: str) -> None:
    db.execute("UPDATE outbox SET lease_owner = NULL, lease_until = NULL WHERE lease_owner = ?", (owner,))
