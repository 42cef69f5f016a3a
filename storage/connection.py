"""Opening the file, for the one who writes and for those who read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from storage.errors import DatabaseMissing, NotADatabase, translated
from storage.migrations import applied, migrate, refuse_foreign

BUSY_SECONDS = 10.0  # a writer's transaction takes milliseconds; who waits longer is told


def open_writer(path: Path) -> sqlite3.Connection:
    """The file, made and migrated where needed. Autocommit mode: transactions are begun by `writing`."""
    with translated(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            _tune(connection)
            refuse_foreign(connection, path)
            connection.execute("PRAGMA journal_mode = WAL")
            # With WAL a power cut may undo the last commits but never damages the file; all our steps may be repeated.
            connection.execute("PRAGMA synchronous = NORMAL")
            migrate(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def open_reader(path: Path) -> sqlite3.Connection:
    """The file, read only; works beside a writer and on a cleanly closed file in a folder that cannot be written."""
    if not path.exists():
        raise DatabaseMissing(path, "there is no such file; `karabakh run` or `karabakh crawl` makes it")
    if path.stat().st_size == 0:
        raise NotADatabase(path, "is empty; `karabakh run` or `karabakh crawl` fills it")
    with translated(path):
        try:
            connection = _connect(path, "mode=ro")
            done = applied(connection)
        except sqlite3.OperationalError:
            # A WAL file's reader needs its -shm file, which a read-only folder refuses; without a -wal nothing can change.
            if path.with_name(path.name + "-wal").exists():
                raise
            connection = _connect(path, "immutable=1")
            done = applied(connection)
        refuse_foreign(connection, path)
        if not done:
            raise NotADatabase(path, "holds nothing yet; `karabakh run` or `karabakh crawl` fills it")
    return connection


def _connect(path: Path, options: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"file:{quote(str(path))}?{options}", uri=True, timeout=BUSY_SECONDS, isolation_level=None
    )
    _tune(connection)
    return connection


def _tune(connection: sqlite3.Connection) -> None:
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")


@contextmanager
def writing(connection: sqlite3.Connection, path: Path) -> Iterator[sqlite3.Connection]:
    """One transaction that has the write lock from its start: it commits whole or not at all."""
    with translated(path):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
