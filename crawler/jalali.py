"""The Solar Hijri calendar of Iranian outlets, as Gregorian days."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

# Leap years by the 33-year rule, which agrees with the astronomical calendar from 1244 to 1472 (1865 to 2093).
_LEAP_REMAINDERS = frozenset({1, 5, 9, 13, 17, 22, 26, 30})
_FIRST_YEAR, _LAST_YEAR = 1244, 1472
_NEW_YEAR_1244 = date(1865, 3, 21)


def is_leap(year: int) -> bool:
    return year % 33 in _LEAP_REMAINDERS


def gregorian(year: int, month: int, day: int) -> date:
    """ValueError when there is no such day, or the year lies outside 1244..1472."""
    if not _FIRST_YEAR <= year <= _LAST_YEAR or not 1 <= month <= 12 or not 1 <= day <= _length(year, month):
        raise ValueError(f"no such day in the Solar Hijri calendar: {year}-{month}-{day}")
    days_of_months = min(month - 1, 6) * 31 + max(month - 7, 0) * 30
    return _new_year(year) + timedelta(days=days_of_months + day - 1)


@cache
def _new_year(year: int) -> date:
    leaps = sum(is_leap(earlier) for earlier in range(_FIRST_YEAR, year))
    return _NEW_YEAR_1244 + timedelta(days=(year - _FIRST_YEAR) * 365 + leaps)


def _length(year: int, month: int) -> int:
    if month <= 6:
        return 31
    return 30 if month < 12 or is_leap(year) else 29
