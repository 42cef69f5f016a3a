"""The one connection that writes, as the parts of the store share it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from storage.connection import BUSY_SECONDS, Opened, open_reader, open_writer, writing


class Writer(Opened):
    """Opened once by each process that writes; SQLite lets one write at a time and the others wait a little."""

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

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with writing(self._db, self.path) as db:
            yield db
