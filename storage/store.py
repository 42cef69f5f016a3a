"""The writer. Every public method is one transaction (where it does not say otherwise): it happens whole or not at all,
and raises StorageError subclasses."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from storage import articles, entries, outbox, retention, sources, stored
from storage.article import Article, StoredArticle
from storage.connection import BUSY_SECONDS, open_reader, open_writer, reading, writing
from storage.errors import StorageError, translated
from storage.records import (
    Change,
    LeasedNotice,
    NoticeToSave,
    OutletRow,
    PageState,
    PendingEntry,
    PollToSave,
    Saved,
    SavedNotices,
    SavedPoll,
    SourceForPoll,
    SourceRow,
)
from storage.values import clean, stamp
from topic.verdict import Verdict


class Store:
    """Opened once by each process that writes; SQLite lets one write at a time and the others wait a little."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._db = connection
        self.path = path

    @classmethod
    def open(cls, path: Path, *, busy_seconds: float = BUSY_SECONDS) -> Self:
        """Makes the file and its folder where missing, and migrates an older file after copying it.

        `busy_seconds`: how long a method waits for another process's write before it raises DatabaseLocked.
        """
        return cls(open_writer(path, busy_seconds), path)

    @classmethod
    def open_existing(cls, path: Path) -> Self:
        """Makes and migrates nothing: raises StorageError where `Reader.open` does."""
        open_reader(path, BUSY_SECONDS).close()
        return cls.open(path)

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with writing(self._db, self.path) as db:
            yield db

    # The catalogue and the timetable

    def sync_catalogue(self, outlets: Sequence[OutletRow], rows: Sequence[SourceRow], now: datetime) -> None:
        with self._writing() as db:
            sources.sync_catalogue(db, outlets, rows, now)

    def claim_sources(
        self,
        *,
        owner: str,
        now: datetime,
        lease: timedelta,
        limit: int,
        only: Collection[str] | None = None,
        unpolled_since: datetime | None = None,
        held: Collection[str] = (),
    ) -> list[SourceForPoll]:
        """Leases up to `limit` due sources, longest due first. Due: the time has come, or pages wait to be fetched;
        with `unpolled_since`, any source that no run has polled since. `only` takes switched-off sources too."""
        with self._writing() as db:
            return sources.claim(
                db,
                owner=owner,
                now=now,
                lease=lease,
                limit=limit,
                only=only,
                unpolled_since=unpolled_since,
                held=held,
            )

    def leased_by_others(
        self, owner: str, now: datetime, only: Collection[str] | None = None, unpolled_since: datetime | None = None
    ) -> int:
        with translated(self.path):
            return sources.leased_by_others(self._db, owner, now, only, unpolled_since)

    def renew_leases(self, owner: str, now: datetime, lease: timedelta) -> None:
        with self._writing() as db:
            db.execute("UPDATE source SET lease_until = ? WHERE lease_owner = ?", (stamp(now + lease), owner))

    def release_source(self, source: str, owner: str) -> None:
        with self._writing() as db:
            db.execute(
                "UPDATE source SET lease_owner = NULL, lease_until = NULL WHERE id = ? AND lease_owner = ?",
                (source, owner),
            )

    def release_owner(self, owner: str) -> None:
        """Gives back everything that `owner` holds, when it stops or is known to be dead."""
        with self._writing() as db:
            db.execute("UPDATE source SET lease_owner = NULL, lease_until = NULL WHERE lease_owner = ?", (owner,))
            outbox.free(db, owner)

    def lease_owners(self) -> list[str]:
        with translated(self.path):
            rows = self._db.execute(
                """SELECT lease_owner FROM source WHERE lease_owner IS NOT NULL
                   UNION SELECT lease_owner FROM outbox WHERE lease_owner IS NOT NULL"""
            )
            return [row[0] for row in rows]

    def save_poll(self, poll: PollToSave) -> SavedPoll:
        with self._writing() as db:
            return sources.save_poll(db, poll)

    def make_offline_due(self, now: datetime) -> int:
        """Sources and pages that failed only because the network was away become due at once."""
        with self._writing() as db:
            db.execute(
                "UPDATE entry SET next_try_at = :now WHERE state = 'pending' AND attempts = 0 AND next_try_at > :now",
                {"now": stamp(now)},
            )
            return db.execute(
                "UPDATE source SET next_check_at = :now WHERE last_outcome = 'offline' AND next_check_at > :now",
                {"now": stamp(now)},
            ).rowcount

    # Stories

    def pending_entries(self, source: str, now: datetime, limit: int) -> list[PendingEntry]:
        with translated(self.path):
            return entries.pending(self._db, source, now, limit)

    def save_article(
        self,
        article: Article,
        verdict: Verdict,
        *,
        entry_id: int | None,
        now: datetime,
        page_state: PageState = "done",
        next_try: datetime | None = None,
    ) -> Saved:
        with self._writing() as db:
            return articles.save(
                db, article, verdict, entry_id=entry_id, now=now, page_state=page_state, next_try=next_try
            )

    def save_page_failure(
        self, entry_id: int, reason: str, *, state: PageState, next_try: datetime | None, blame: bool = True
    ) -> None:
        """`blame` False does not count as an attempt: the page was not at fault."""
        with self._writing() as db:
            entries.save_failure(db, entry_id, reason, state=state, next_try=next_try, blame=blame)

    def article(self, article_id: int) -> StoredArticle | None:
        with reading(self._db, self.path) as db:
            return stored.load(db, article_id)

    # Steps downstream

    def changes_after(self, step: str, limit: int) -> list[Change]:
        with translated(self.path):
            return outbox.changes_after(self._db, step, limit)

    def save_matches(self, step: str, upto: int, notices: Sequence[NoticeToSave], now: datetime) -> SavedNotices:
        """The notices and the mark of `step` together.

        A notice already there stays as it is, unless it was held back and no longer is.
        """
        with self._writing() as db:
            return outbox.save_matches(db, step, upto, notices, now)

    def lease_notices(self, *, owner: str, now: datetime, lease: timedelta, limit: int) -> list[LeasedNotice]:
        with self._writing() as db:
            return outbox.lease(db, owner, now, lease, limit)

    def mark_sent(self, notice_id: int, now: datetime) -> None:
        with self._writing() as db:
            outbox.mark_sent(db, notice_id, now)

    def mark_failed(self, notice_id: int, problem: str, next_try: datetime | None) -> None:
        """`next_try` None gives the notice up: it stays, as dead, until someone retries it."""
        with self._writing() as db:
            outbox.mark_failed(db, notice_id, problem, next_try)

    def put_off_notices(
        self, owner: str, ids: Sequence[int], *, next_try: datetime | None = None, problem: str | None = None
    ) -> None:
        """Gives back leased notices that were not tried: no attempt counts, and None leaves the moment or problem."""
        with self._writing() as db:
            outbox.put_off(db, owner, ids, next_try, problem)

    def retry_dead(self, now: datetime) -> int:
        with self._writing() as db:
            return outbox.retry_dead(db, now)

    # Runs and maintenance

    def set_condition(self, name: str, text: str | None, now: datetime) -> None:
        """None ends the condition; a condition that goes on keeps its beginning."""
        with self._writing() as db:
            if text is None:
                db.execute("DELETE FROM condition WHERE name = ?", (name,))
            else:
                db.execute(
                    """INSERT INTO condition (name, text, since) VALUES (?, ?, ?)
                       ON CONFLICT (name) DO UPDATE SET text = excluded.text""",
                    (name, clean(text), stamp(now)),
                )

    def begin_run(self, command: str, owner: str, now: datetime) -> int:
        with self._writing() as db:
            row = db.execute(
                "INSERT INTO run (command, owner, started_at) VALUES (?, ?, ?) RETURNING id",
                (command, owner, stamp(now)),
            ).fetchone()
            return int(row[0])

    def end_run(self, run_id: int, summary: str, now: datetime) -> None:
        with self._writing() as db:
            db.execute("UPDATE run SET ended_at = ?, summary = ? WHERE id = ?", (stamp(now), clean(summary), run_id))

    def drop_old_bodies(self, *, relevant: timedelta | None, other: timedelta | None, now: datetime) -> int:
        """None keeps for ever; what is unsure counts as other. Several transactions, each of which may be the last."""
        dropped = 0
        for outcomes, age in ((("relevant",), relevant), (("unsure", "not"), other)):
            batch = retention.BATCH
            while age is not None and batch == retention.BATCH:
                with self._writing() as db:
                    batch = retention.drop_bodies(db, outcomes, age, now)
                dropped += batch
        return dropped

    def prune_polls(self, before: datetime) -> int:
        """Forgets polls, runs and changes of before that moment that nobody needs; returns how many polls."""
        with self._writing() as db:
            return retention.prune(db, before)

    def checkpoint(self) -> None:
        with translated(self.path):
            self._db.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def backup(self, target: Path) -> None:
        """A compact copy that can be opened anywhere; never written over an existing file, never left half written."""
        if target.exists():
            raise StorageError(target, "exists already; a backup is never written over a file")
        part = target.with_name(target.name + ".part")
        with translated(target):
            part.unlink(missing_ok=True)
            try:
                self._db.execute("VACUUM INTO ?", (str(part),))
                part.rename(target)
            finally:
                part.unlink(missing_ok=True)

    def check(self) -> list[str]:
        """What SQLite's own checks and the full-text index find wrong; nothing when all is in order."""
        with translated(self.path):
            problems = [row[0] for row in self._db.execute("PRAGMA integrity_check") if row[0] != "ok"]
            problems += [
                f"foreign key: row {row[1]} of {row[0]} points to nothing in {row[2]}"
                for row in self._db.execute("PRAGMA foreign_key_check")
            ]
            try:
                self._db.execute("INSERT INTO article_fts (article_fts, rank) VALUES ('integrity-check', 1)")
            except sqlite3.DatabaseError as error:
                problems.append(f"full-text index: {error}")
            return problems
