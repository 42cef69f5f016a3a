"""The header Retry-After (RFC 9110, 10.2.3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from crawler.wire import Fetched

LONGEST = timedelta(days=1)


def retry_after(answer: Fetched, now: datetime) -> timedelta | None:
    """The wait that seconds or an HTTP date ask for, at most a day; None when absent, past or unreadable."""
    text = answer.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), int(LONGEST.total_seconds()))) or None
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    wait = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    return min(wait, LONGEST) if wait > timedelta(0) else None
