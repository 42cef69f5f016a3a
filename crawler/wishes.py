"""What a source wishes of those who ask it (ttl, updatePeriod, skipHours): heard with its list, kept till the next.

A wish is kept within bounds. "Daily" and a night without polls are defaults of programs more often than wishes of
people, and a source that is followed for its news cannot be left for half a day.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from crawler.entry import ParsedFeed
from storage.wishes import Wishes

HOUR = timedelta(hours=1)


def wishes_after(known: Wishes, parsed: ParsedFeed | None) -> Wishes:
    """An answer that was not read (unchanged, failed) takes nothing back."""
    if parsed is None or not (parsed.entries or parsed.empty):
        return known
    return Wishes(pause=parsed.ask_again_after, quiet_hours=parsed.quiet_hours)


def out_of_quiet(at: datetime, quiet_hours: frozenset[int], *, longest: timedelta) -> datetime:
    """`at`, or the end of the quiet hours it falls into, though no more than `longest` later. Hours are of UTC."""
    end = at
    for _ in range(24):
        if end.hour not in quiet_hours:
            return min(end, at + longest)
        end = end.replace(minute=0, second=0, microsecond=0) + HOUR
    return at  # no hour is left: that wish says nothing
