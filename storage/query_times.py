"""The times of `since:` and `until:`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

EXPECTED = (
    "a date (2026-11-24, 2026-11), a moment in UTC (2026-11-24T15:30) or a span back from now "
    "(30min, 6h, 2d, 1w, today, yesterday)"
)

_DAY = timedelta(days=1)
_SPAN = re.compile(r"([0-9]{1,6})(min|h|d|w)\Z")
_UNITS = {"min": timedelta(minutes=1), "h": timedelta(hours=1), "d": _DAY, "w": timedelta(weeks=1)}
_ISO = re.compile(
    r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2})"
    r"(?:[T ](?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?"
    r"(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})?)?)?)?\Z"
)


def period(text: str, now: datetime) -> tuple[datetime, datetime] | None:
    """The period that `text` names, as (beginning, end after its last second), in UTC; None when it names none.

    A date is that whole day of UTC, a month the whole month; a span back from `now` is one second long.
    """
    try:
        return _period(text.strip().lower(), now.astimezone(UTC).replace(microsecond=0))
    except (ValueError, OverflowError):  # a 31st of April, a year 0, a million weeks ago
        return None


def _period(text: str, now: datetime) -> tuple[datetime, datetime] | None:
    if text in {"today", "yesterday"}:
        day = now.replace(hour=0, minute=0, second=0) - (_DAY if text == "yesterday" else timedelta(0))
        return day, day + _DAY
    if span := _SPAN.match(text):
        moment = now - int(span[1]) * _UNITS[span[2]]
        return moment, moment + timedelta(seconds=1)
    if iso := _ISO.match(text.upper()):
        return _iso_period(iso)
    return None


def _iso_period(iso: re.Match[str]) -> tuple[datetime, datetime]:
    year, month, day, hour, minute, second = (
        int(iso[name]) if iso[name] else None for name in ("year", "month", "day", "hour", "minute", "second")
    )
    assert year is not None
    zone: tzinfo = UTC
    if iso["zone"] and iso["zone"] != "Z":
        sign = -1 if iso["zone"][0] == "-" else 1
        zone = timezone(sign * timedelta(hours=int(iso["zone"][1:3]), minutes=int(iso["zone"][4:])))
    start = datetime(year, month or 1, day or 1, hour or 0, minute or 0, second or 0, tzinfo=zone).astimezone(UTC)
    if month is None:
        return start, start.replace(year=year + 1)
    if day is None:
        return start, (start + 31 * _DAY).replace(day=1)
    if hour is None:
        return start, start + _DAY
    return start, start + (timedelta(minutes=1) if second is None else timedelta(seconds=1))
