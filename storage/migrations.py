"""Bringing a database file to the present schema: under a lock, in one transaction, after a copy of what was there.

They are sqlite-utils migrations by name (table `_sqlite_migrations`). Each is SQL text, run statement by statement:
`executescript` would commit in the middle. Migrations are only ever appended.
"""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from storage.errors import NewerDatabase, NotADatabase

if TYPE_CHECKING:
    from sqlite_utils import Database

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
        done = applied(connection)
        if len(done) == len(MIGRATIONS):
            return False
        if done:
            moment = now or datetime.now(UTC)
            _copy(connection, path.with_name(f"{path.name}.before-{moment:%Y%m%dT%H%M%SZ}"))
        _apply(connection)
    return True


def _copy(connection: sqlite3.Connection, target: Path) -> None:
    """Takes the place of a copy that an attempt of the same second made before it was cut off."""
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    connection.execute("VACUUM INTO ?", (str(part),))
    part.replace(target)


def _apply(connection: sqlite3.Connection) -> None:
    # Here, since only a file to be made or migrated needs it, and it takes a tenth of a second to load.
    from sqlite_utils import Database, Migrations

    known = Migrations(SET)
    for name, statements in MIGRATIONS:
        known(name=name)(_step(statements))
    # Inside a transaction sqlite-utils takes savepoints: all that is missing is applied, or nothing.
    connection.execute("BEGIN IMMEDIATE")
    try:
        known.apply(Database(connection, recursive_triggers=False, execute_plugins=False))
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _step(statements: Callable[[], list[str]]) -> Callable[[Database], None]:
    def run(db: Database) -> None:
        for statement in statements():
            db.execute(statement)

    return run


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Two processes started at once migrate one after the other: the second then finds nothing to do."""
    with path.with_name(path.name + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
