"""Python values to columns and back: moments as fixed-width UTC text, lists as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any


def stamp(moment: datetime) -> str:
    # Not strftime: its %Y has fewer than four digits for early years, and such columns would not sort.
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def stamp_or_none(moment: datetime | None) -> str | None:
    return None if moment is None else stamp(moment)


def moment(text: str) -> datetime:
    # A tenth of the time of strptime, which is much of that of loading an article.
    return datetime.fromisoformat(text)


def moment_or_none(text: str | None) -> datetime | None:
    return None if text is None else moment(text)


def listed(values: Iterable[str]) -> str:
    cleaned_ = [clean(value) for value in values]
    return json.dumps(cleaned_, ensure_ascii=False) if cleaned_ else "[]"


def unlisted(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


def clean(text: str) -> str:
    """Lone surrogates cannot be written as UTF-8; NULs end a text early in SQLite's own functions.

    The length stays: places of mentions are counted in characters.
    """
    if text.isascii() and "\x00" not in text:  # most columns of a row
        return text
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "\ufffd")


def cleaned(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a row, each text of them as `clean` leaves it."""
    return {name: clean(value) if isinstance(value, str) else value for name, value in values.items()}
