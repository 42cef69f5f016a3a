"""What is written about the monitor itself, and what keeps its file in order."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

from storage import ahead, retention
from storage.errors import StorageError, translated
from storage.values import clean, stamp
from storage.writer import Writer


class Upkeep(Writer):
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

    def mend_plans(self, now: datetime) -> int:
        """After the clock was set back: what is planned by the clock before is due soon; returns how much was."""
        with self._writing() as db:
            return ahead.mend(db, now)

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
