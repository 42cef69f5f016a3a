"""More sources for config.toml: a file that would not load is never put in its place."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from scheduler.config_place import ConfigError

T = TypeVar("T")

NEW_FILE = 0o644


class NotAppended(Exception):
    """The file is as it was; one sentence says why."""


def append_entries(path: Path, entries: Sequence[str], check: Callable[[Path], T]) -> T:
    """Puts `entries` at the end of `path` (made where it is missing) and returns what `check` makes of the new file.

    `check` gets the new text as a file in the same folder before it replaces the old one, at once and whole; raises
    what `check` raises, ConfigError under the file's own name, and NotAppended.
    """
    real = path.resolve()
    try:
        old = real.read_bytes() if real.exists() else b""
        return _replace(path, real, old, _joined(old, entries), check)
    except OSError as error:
        raise NotAppended(f"{path}: cannot be written: {error.strerror}") from error


def _joined(old: bytes, entries: Sequence[str]) -> bytes:
    """With the file's own ends of lines."""
    ends = "\r\n" if b"\r\n" in old else "\n"
    before = "" if not old else "\n" if old.endswith(b"\n") else "\n\n"
    return old + (before + "\n\n".join(entries) + "\n").replace("\n", ends).encode()


def _replace(path: Path, real: Path, old: bytes, new: bytes, check: Callable[[Path], T]) -> T:
    handle, name = tempfile.mkstemp(dir=real.parent, prefix=f".{real.name}.", suffix=".new")
    fresh = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(new)
            file.flush()
            os.fsync(file.fileno())
        _as_before(fresh, real)
        checked = _under_its_name(path, fresh, check)
        if old != (real.read_bytes() if real.exists() else b""):
            raise NotAppended(f"{path}: was changed by somebody else meanwhile; nothing was written")
        fresh.replace(real)
    finally:
        fresh.unlink(missing_ok=True)
    return checked


def _as_before(fresh: Path, real: Path) -> None:
    if not real.exists():
        fresh.chmod(NEW_FILE)
        return
    was = real.stat()
    with suppress(PermissionError):  # only root gives files away
        os.chown(fresh, was.st_uid, was.st_gid)
    fresh.chmod(stat.S_IMODE(was.st_mode))


def _under_its_name(path: Path, fresh: Path, check: Callable[[Path], T]) -> T:
    try:
        return check(fresh)
    except ConfigError as error:
        raise ConfigError([one.replace(str(fresh), str(path)) for one in error.mistakes]) from None
