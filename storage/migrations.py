"""Bringing a database file to the present schema: under a lock, in one transaction, after a copy of what was there.

A migration is SQL text, run statement by statement: `executescript` would commit in the middle. Migrations are only
ever appended; each is recorded in the table that sqlite-utils keeps for the purpose (`_sqlite_migrations`).
"""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

from storage.errors import NewerDatabase, NotADatabase

SET = "karabakh-monitor"


def _statements(name: str) -> list[str]:
    return (files("storage") / name).read_text("utf-8").split("\n--\n")


MIGRATIONS: tuple[tuple[str, Callable[[], list[str]]], ...] = (("001 schema", lambda: _statements("schema.sql")),)


def applied(connection: sqlite3.Connection) -> list[str]:
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = '_sqlite_migrations'").fetchone()
    if not known:
        return []
    rows = connection.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = ? ORDER BY id", (SET,))
    return [row[0] for row in rows]


def refuse_foreign(connection: sqlite3.Connection, path: Path) -> None:
    """Raises NewerDatabase or NotADatabase for a file that this program must not touch."""
    # One look at the names: between two, another process may make the file ours.
    names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    done = applied(connection) if "_sqlite_migrations" in names else []
    if names and not done:
        raise NotADatabase(path, "is an SQLite database of another program; nothing was changed")
    unknown = [name for name in done if name not in {name for name, _ in MIGRATIONS}]
    if unknown:
        raise NewerDatabase(
            path, f"was written by a newer karabakh-monitor (it has the migration {unknown[0]!r}); nothing was changed"
        )


def migrate(connection: sqlite3.Connection, path: Path, now: datetime | None = None) -> bool:
    """Applies what is missing; returns whether anything was. `connection` is in autocommit mode."""
    refuse_foreign(connection, path)
    if len(applied(connection)) == len(MIGRATIONS):
        return False
    with _locked(path):
        done = set(applied(connection))
        missing = [(name, statements) for name, statements in MIGRATIONS if name not in done]
        if not missing:
            return False
        moment = now or datetime.now(UTC)
        if done:
            copy = path.with_name(f"{path.name}.before-{moment:%Y%m%dT%H%M%SZ}")
            connection.execute("VACUUM INTO ?", (str(copy),))
        _apply(connection, missing, moment)
    return True


def _apply(connection: sqlite3.Connection, missing: list[tuple[str, Callable[[], list[str]]]], now: datetime) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS _sqlite_migrations"
            " (id INTEGER PRIMARY KEY, migration_set TEXT, name TEXT, applied_at TEXT)"
        )
        connection.execute(
            "CREATE UNIQUE INDEX IF NOT EXISTS idx__sqlite_migrations_migration_set_name"
            " ON _sqlite_migrations (migration_set, name)"
        )
        for name, statements in missing:
            for statement in statements():
                connection.execute(statement)
            connection.execute(
                "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES (?, ?, ?)",
                (SET, name, now.isoformat()),
            )
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Two processes started at once migrate one after the other: the second then finds nothing to do."""
    with path.with_name(path.name + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
