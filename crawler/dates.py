"""Dates as outlets print them -> one exact instant, with what had to be inferred said aloud.

Reads ISO 8601, RFC 822 and 2822, epoch numbers, and the visible dates of every language in date_words.toml, with words
around them ("Updated: ...", a source glued to the end). The day comes before the month in 03.07.2024 and 03/07/2024.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Literal

from crawler import jalali
from crawler.date_words import ZONES, date_words, fold

Precision = Literal["second", "minute", "day"]

# A date with its label is far shorter; running text holds dates that say nothing about when it was published.
_LONGEST = 200
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_TOKEN = re.compile(
    r"""
    (?P<clock>(?<![\d:.])\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?![\d:]))
    | (?P<numeric>(?<![\d./-])\d{1,4}\s?(?P<sep>[./-])\s?\d{1,2}\s?(?P=sep)\s?(?:\d{4}|\d{2})(?![\d/-]|\.\d))
    | (?P<number>\d+)
    | (?P<word>[^\W\d_]+)
    """,
    re.VERBOSE,
)
_MERIDIEM = re.compile(r"\s*([ap])\.?m\b\.?")
_OFFSET = re.compile(r"\s*\(?(?:utc|gmt)?\s?([+-])(\d{2}):?(\d{2})?(?![\d.:/])|\s*\(?(?:utc|gmt)([+-])(\d{1,2})(?!\d)")
_ZONE_NAME = re.compile(r"[\s,(]*([^\W\d_]+)")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:t?(\d{2})(\d{2})(\d{2})?(?=z|[+-]|$))?")
_NUMBER_WORDS = frozenset(
    fold(word) for word in "st nd rd th er de of del the г года թ թվականի ci cı cu cü il წლის წ d".split()
)


@dataclass(frozen=True, slots=True)
class Moment:
    """`instant` is aware UTC. At precision "day" it is midnight, at the outlet, of that day."""

    instant: datetime
    precision: Precision
    zone_inferred: bool
    year_inferred: bool


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Day:
    """A calendar day as printed; `year` is None where the text names none."""

    year: int | None
    month: int
    day: int
    jalali: bool
    start: int
    end: int

    def in_year(self, year: int) -> date:
        return jalali.gregorian(year, self.month, self.day) if self.jalali else date(year, self.month, self.day)


@dataclass(frozen=True, slots=True)
class _Clock:
    time: time
    precision: Precision
    zone: tzinfo | None
    start: int
    end: int


def parse_date(text: str, *, language: str | None = None, now: datetime, zone: tzinfo | None = None) -> Moment | None:
    """The first date in `text`, or None where it holds none; never raises.

    `zone` is the outlet's, used where the text names none (UTC without it). A date without a year is the latest such day
    that is not more than a day after `now`.
    """
    if not text or len(text) > _LONGEST:
        return None
    folded = fold(text).strip()
    try:
        return _epoch(folded) or _calendar(folded, now, zone) or _relative(folded, now, zone)
    except (ValueError, OverflowError):
        return None


def _epoch(text: str) -> Moment | None:
    if not (text.isdigit() and len(text) in {10, 13}):
        return None
    instant = datetime.fromtimestamp(int(text[:10]), UTC)
    return Moment(instant, "second", zone_inferred=False, year_inferred=False)


def _calendar(text: str, now: datetime, zone: tzinfo | None) -> Moment | None:
    compact = _COMPACT.match(text)
    if compact:
        year, month, day, hour, minute, second = compact.groups()
        text = f"{year}-{month}-{day} " + (f"{hour}:{minute}:{second or '00'}" if hour else "") + text[compact.end() :]
    tokens = [_Token(found.lastgroup or "", found[0], *found.span()) for found in _TOKEN.finditer(text)]
    day = _find_day(tokens)
    clock = _find_clock(text, tokens, day)
    if day is None:
        return _today(tokens, clock, now, zone)
    return _moment(day, clock, now, zone)


def _moment(day: _Day, clock: _Clock | None, now: datetime, zone: tzinfo | None) -> Moment:
    stated = clock.zone if clock else None
    at = stated or zone or UTC

    def instant(year: int) -> datetime:
        return datetime.combine(day.in_year(year), clock.time if clock else time(), at).astimezone(UTC)

    return Moment(
        instant(day.year) if day.year is not None else _latest(instant, now),
        clock.precision if clock else "day",
        zone_inferred=stated is None,
        year_inferred=day.year is None,
    )


def _latest(instant: Callable[[int], datetime], now: datetime) -> datetime:
    """A day without a year: the latest that is not more than a day ahead. Nine years hold at least one 29 February."""
    for year in range(now.year + 1, now.year - 9, -1):
        try:
            found = instant(year)
        except ValueError:
            continue
        if found <= now + timedelta(days=1):
            return found
    raise ValueError("no such day")


def _find_day(tokens: list[_Token]) -> _Day | None:
    """The first day with a year, else the first without one."""
    days = list(_days(tokens))
    return next((day for day in days if day.year is not None), days[0] if days else None)


def _days(tokens: list[_Token]) -> Iterator[_Day]:
    for index, token in enumerate(tokens):
        if token.kind == "numeric":
            day = _numeric(token)
        elif token.kind == "word" and token.text in date_words().months:
            day = _worded(tokens, index)
        else:
            continue
        if day is not None:
            yield day


def _numeric(token: _Token) -> _Day | None:
    first, second, third = (int(part) for part in re.findall(r"\d+", token.text))
    if first > 31:
        year, month, day = first, second, third
    else:
        day, month, year = first, second, third
        if month > 12 >= day:
            day, month = month, day
    return _checked(year, month, day, token.start, token.end)


def _checked(year: int | None, month: int, day: int, start: int, end: int, *, is_jalali: bool = False) -> _Day | None:
    if year is not None:
        year = _full_year(year)
        is_jalali = is_jalali or 1300 <= year < 1500
    found = _Day(year, month, day, is_jalali, start, end)
    try:
        # A leap year of both calendars stands in for an unknown one.
        gregorian = found.in_year(year if year is not None else 1403 if is_jalali else 2024)
    except ValueError:
        return None
    return found if _FIRST_YEAR <= gregorian.year <= _LAST_YEAR else None


def _full_year(year: int) -> int:
    if year >= 100:
        return year
    return 2000 + year if year < 70 else 1900 + year


def _worded(tokens: list[_Token], index: int) -> _Day | None:
    month = date_words().months[tokens[index].text]
    before, after = _number_beside(tokens, index, -1), _number_beside(tokens, index, +1)
    if before and int(before.text) <= 31:
        year = after if after and (len(after.text) == 4 or len(after.text) == 2) else None
        day = before
    elif after and int(after.text) <= 31:
        day = after
        following = _number_beside(tokens, tokens.index(after), +1)
        year = (
            before
            if before and len(before.text) == 4
            else following
            if following and len(following.text) == 4
            else None
        )
    else:
        return None
    used = [tokens[index], day, *([year] if year else [])]
    return _checked(
        int(year.text) if year else None,
        month.number,
        int(day.text),
        min(token.start for token in used),
        max(token.end for token in used),
        is_jalali=month.jalali,
    )


def _number_beside(tokens: list[_Token], index: int, step: int) -> _Token | None:
    index += step
    while 0 <= index < len(tokens):
        token = tokens[index]
        if token.kind == "number":
            return token if len(token.text) in {1, 2, 4} else None
        if token.kind != "word" or token.text not in _NUMBER_WORDS:
            return None
        index += step
    return None


def _find_clock(text: str, tokens: list[_Token], day: _Day | None) -> _Clock | None:
    """The clock nearest to the day: a page's second date has one of its own."""
    clocks = [clock for token in tokens if token.kind == "clock" and (clock := _clock(text, token))]
    if day is None or not clocks:
        return clocks[0] if clocks else None
    return min(clocks, key=lambda clock: max(clock.start - day.end, day.start - clock.end))


def _clock(text: str, token: _Token) -> _Clock | None:
    hour, minute, *rest = token.text.replace(",", ".").split(":")
    end = token.end
    hours = int(hour)
    meridiem = _MERIDIEM.match(text, end)
    if meridiem:
        hours, end = hours % 12 + (12 if meridiem[1] == "p" else 0), meridiem.end()
    zone = _zone(text, end)
    try:
        return _Clock(
            # A leap second is read as the second before it.
            time(hours, int(minute), min(int(float(rest[0])), 59) if rest else 0),
            "second" if rest else "minute",
            zone,
            token.start,
            end,
        )
    except ValueError:
        return None


def _zone(text: str, position: int) -> tzinfo | None:
    offset = _OFFSET.match(text, position)
    if offset:
        sign, hours, minutes = offset[1] or offset[4], offset[2] or offset[5], offset[3] or "0"
        ahead = timedelta(hours=int(hours), minutes=int(minutes))
        if ahead <= timedelta(hours=14):
            return timezone(ahead if sign == "+" else -ahead)
    name = _ZONE_NAME.match(text, position)
    return ZONES.get(name[1]) if name else None


def _today(tokens: list[_Token], clock: _Clock | None, now: datetime, zone: tzinfo | None) -> Moment | None:
    """ "today 14:05", or a clock alone, which some outlets print on the day itself."""
    words = [token.text for token in tokens if token.kind == "word"]
    back = next((date_words().days_back[word] for word in words if word in date_words().days_back), None)
    if back is None and (clock is None or any(token.kind != "clock" and token.end <= clock.start for token in tokens)):
        return None
    local = now.astimezone((clock.zone if clock else None) or zone or UTC)
    that = local.date() - timedelta(days=back or 0)
    return _moment(_Day(that.year, that.month, that.day, False, 0, 0), clock, now, zone)


def _relative(text: str, now: datetime, zone: tzinfo | None) -> Moment | None:
    words = date_words()
    if not any(re.search(rf"\b{marker}\b", text) for marker in words.ago):
        return None
    found = re.findall(r"\d+|[^\W\d_]+", text)
    for number, unit in zip(found, found[1:], strict=False):
        if unit in words.units and (number.isdigit() or number in words.one):
            return _before(now, int(number) if number.isdigit() else 1, words.units[unit], zone)
    return None


def _before(now: datetime, count: int, unit: int, zone: tzinfo | None) -> Moment:
    instant = (now - timedelta(seconds=count * unit)).astimezone(UTC)
    if unit < 86400:
        return Moment(instant.replace(second=0, microsecond=0), "minute", zone_inferred=False, year_inferred=True)
    local = instant.astimezone(zone or UTC)
    midnight = datetime.combine(local.date(), time(), local.tzinfo)
    return Moment(midnight.astimezone(UTC), "day", zone_inferred=True, year_inferred=True)
