"""The moments that sources give their entries: read, and believed when they can be true."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

from crawler.dates import parse_date

# Some outlets announce stories hours before they are due (qafqazinfo.az at 01:40 with 11:00): those are kept. What lies
# further ahead is a wrong year or a wrong clock, and would stand before every other story until that day comes.
FURTHEST_AHEAD = timedelta(days=1)
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # before the web: a zero read as a date


def believable(moment: datetime, now: datetime) -> datetime | None:
    """`moment` in UTC, or None when a story that is shown now cannot be of then."""
    try:
        instant = moment.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return instant if EARLIEST <= instant <= now + FURTHEST_AHEAD else None


def read_moment(text: str | None, now: datetime, zone: tzinfo | None) -> datetime | None:
    if not text:
        return None
    found = parse_date(text[:200], now=now, zone=zone)
    return believable(found.instant, now) if found else None


def from_seconds(seconds: object, now: datetime) -> datetime | None:
    """Unix time, as a number or its digits."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float | str):
        return None
    try:
        return believable(datetime.fromtimestamp(float(seconds), UTC), now)
    except (OverflowError, OSError, ValueError):
        return None
