"""What can go wrong with the database file, each as one sentence that names the file.

StorageError
    DatabaseMissing     there is no such file
    NotADatabase        the file is something else
    NewerDatabase       a later version of this program wrote it
    OlderDatabase       an earlier version did, and a reader cannot bring it up to date
    DatabaseLocked      another process holds it (a later try may succeed)
    DatabaseReadOnly    it cannot be written here
    DiskFull            nothing more fits on the disk
    DatabaseDamaged     SQLite finds it corrupt
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class StorageError(Exception):
    def __init__(self, path: Path, sentence: str) -> None:
        super().__init__(f"{path}: {sentence}")
        self.path = path


class DatabaseMissing(StorageError):
    pass


class NotADatabase(StorageError):
    pass


class NewerDatabase(StorageError):
    pass


class OlderDatabase(StorageError):
    pass


class DatabaseLocked(StorageError):
    pass


class DatabaseReadOnly(StorageError):
    pass


class DiskFull(StorageError):
    pass


class DatabaseDamaged(StorageError):
    pass


# By SQLite's primary result code, see https://www.sqlite.org/rescode.html
_KINDS: dict[int, tuple[type[StorageError], str]] = {
    sqlite3.SQLITE_BUSY: (DatabaseLocked, "is locked by another process; nothing was written, try again"),
    sqlite3.SQLITE_LOCKED: (DatabaseLocked, "is locked by another process; nothing was written, try again"),
    sqlite3.SQLITE_READONLY: (DatabaseReadOnly, "cannot be written here: it, its folder or its disk is read-only"),
    sqlite3.SQLITE_FULL: (DiskFull, "the disk is full; nothing was written"),
    sqlite3.SQLITE_IOERR: (DiskFull, "the disk refuses to read or write it (full, or failing); nothing was written"),
    sqlite3.SQLITE_NOTADB: (NotADatabase, "is not an SQLite database"),
    sqlite3.SQLITE_CORRUPT: (DatabaseDamaged, "is damaged; `karabakh db check` tells more, a backup may help"),
    sqlite3.SQLITE_CANTOPEN: (DatabaseMissing, "cannot be opened (no such file or folder, or no permission)"),
    sqlite3.SQLITE_PERM: (DatabaseReadOnly, "cannot be accessed: no permission"),
}
# Of the files beside it: its folder, the lock of a migration, a copy.
_FILE_KINDS: dict[int, tuple[type[StorageError], str]] = {
    errno.ENOSPC: _KINDS[sqlite3.SQLITE_FULL],
    errno.EDQUOT: _KINDS[sqlite3.SQLITE_FULL],
    errno.EROFS: _KINDS[sqlite3.SQLITE_READONLY],
    errno.EACCES: _KINDS[sqlite3.SQLITE_READONLY],
    errno.EPERM: _KINDS[sqlite3.SQLITE_READONLY],
}


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Lets what a user can cause or cure leave as a StorageError; a bug in our SQL flies as it is."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_CANTOPEN and path.is_file() and os.access(path, os.R_OK):
            code = sqlite3.SQLITE_READONLY  # what cannot be opened is a file that has to be made beside it
        if code in _KINDS:
            kind, sentence = _KINDS[code]
            raise kind(path, sentence) from error
        raise
    except OSError as error:
        kind, sentence = _FILE_KINDS.get(error.errno or 0, (StorageError, f"cannot be used: {error.strerror}"))
        raise kind(path, sentence) from error
