"""What the list of a source wishes of those who ask for it, as it is kept with the source."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """Not to be asked sooner than `pause` after the last time, and not in `quiet_hours` (0 to 23, UTC)."""

    pause: timedelta | None = None
    quiet_hours: frozenset[int] = frozenset()


def wishes_of(row: sqlite3.Row) -> Wishes:
    """Of a row of `source`."""
    seconds = row["wished_pause"]
    pause = None if seconds is None else timedelta(seconds=seconds)
    return Wishes(pause=pause, quiet_hours=frozenset(json.loads(row["quiet_hours"])))


def values_of(wishes: Wishes) -> Mapping[str, object]:
    return {
        "pause": None if wishes.pause is None else int(wishes.pause.total_seconds()),
        "quiet": json.dumps(sorted(wishes.quiet_hours)),
    }
