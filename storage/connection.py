"""Opening the file, for the one who writes and for those who read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self
from urllib.parse import quote

from storage.errors import DatabaseMissing, NotADatabase, OlderDatabase, translated
from storage.migrations import MIGRATIONS, applied, migrate, refuse_foreign

# A writer's transaction takes milliseconds; whoever has waited longer than this for another's is told.
BUSY_SECONDS = 10.0
_NO_ROOM_BESIDE = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL}


def open_writer(path: Path, busy_seconds: float) -> sqlite3.Connection:
    """The file, made and migrated where needed. Autocommit mode: transactions are begun by `writing`."""
    with translated(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        _refuse_what_is_no_file(path)
        connection = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None)
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


def _refuse_what_is_no_file(path: Path) -> None:
    if path.exists() and not path.is_file():
        raise NotADatabase(path, "is not a file")


def open_reader(path: Path, busy_seconds: float) -> sqlite3.Connection:
    """The file, read only; works beside a writer and on a cleanly closed file in a folder that cannot be written."""
    with translated(path):
        if not path.exists():
            raise DatabaseMissing(path, "there is no such file; `karabakh run` or `karabakh crawl` makes it")
        _refuse_what_is_no_file(path)
        if path.stat().st_size == 0:
            raise NotADatabase(path, "is empty; `karabakh run` or `karabakh crawl` fills it")
        connection = _connect(path, busy_seconds)
        try:
            _refuse_unready(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def _connect(path: Path, busy_seconds: float) -> sqlite3.Connection:
    try:
        return _probed(path, "mode=ro", busy_seconds)
    except sqlite3.OperationalError as error:
        # A WAL file's reader needs its -shm file, which a read-only folder or a full disk refuses; without a -wal
        # nobody writes.
        cannot = error.sqlite_errorcode & 0xFF in _NO_ROOM_BESIDE
        log = path.with_name(path.name + "-wal")
        if not cannot or (log.exists() and log.stat().st_size):  # a reader may leave an empty one behind
            raise
        return _probed(path, "immutable=1", busy_seconds)


def _probed(path: Path, options: str, busy_seconds: float) -> sqlite3.Connection:
    address = f"file:{quote(str(path))}?{options}"
    connection = sqlite3.connect(address, uri=True, timeout=busy_seconds, isolation_level=None)
    try:
        _tune(connection)
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _refuse_unready(connection: sqlite3.Connection, path: Path) -> None:
    refuse_foreign(connection, path)
    done = applied(connection)
    if not done:
        raise NotADatabase(path, "holds nothing yet; `karabakh run` or `karabakh crawl` fills it")
    if len(done) < len(MIGRATIONS):
        raise OlderDatabase(
            path, "was written by an older karabakh-monitor; `karabakh run` or `karabakh crawl` brings it up to date"
        )


def _tune(connection: sqlite3.Connection) -> None:
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")


@contextmanager
def writing(connection: sqlite3.Connection, path: Path) -> Iterator[sqlite3.Connection]:
    """One transaction that has the write lock from its start: it commits whole or not at all."""
    with translated(path):
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


@contextmanager
def reading(connection: sqlite3.Connection, path: Path) -> Iterator[sqlite3.Connection]:
    """The database as it is at one moment, whatever is written meanwhile."""
    with translated(path):
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")


class Opened:
    """A connection to the database at `path`, closed at the end of a with block."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._db = connection
        self.path = path

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
