"""Python values to columns and back: moments as fixed-width UTC text, lists as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def stamp_or_none(moment: datetime | None) -> str | None:
    return None if moment is None else stamp(moment)


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def moment_or_none(text: str | None) -> datetime | None:
    return None if text is None else moment(text)


def listed(values: Iterable[str]) -> str:
    return json.dumps(list(values), ensure_ascii=False)


def unlisted(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


def clean(text: str) -> str:
    """Lone surrogates cannot be written as UTF-8; NULs end a text early in SQLite's own functions."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")
