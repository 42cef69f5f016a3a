"""The parts of a printed date: a calendar day as far as the text names it, and the clock and zone that belong to it.

Texts here are folded (crawler.date_words.fold) already.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, time, timedelta, timezone, tzinfo
from typing import Literal

from crawler import jalali
from crawler.date_words import WORDLIKE_ZONES, ZONE_PHRASE, ZONE_PHRASES, ZONES, date_words

# Years that a news page can mean; the others come from placeholders (0001-01-01) and from numbers that are no dates.
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
# A leap year of each calendar: what a day without a year is checked in.
_LEAP_YEAR, _JALALI_LEAP_YEAR = 2024, 1403

_ISO = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)(?:(?:t|\s+(?=\d\d:))(\d\d):?(\d\d)(?::?(\d\d)(?:[.,]\d+)?)?)?(?![\d:])", re.ASCII
)
_TOKEN = re.compile(
    r"""
    (?P<clock> (?<![\d:.]) \d{1,2}:\d{2} (?: :\d{2} (?:[.,]\d+)? )? (?![\d:])
             | (?<!\d) \d{1,2} \s?h\s?\d{2} (?!\w)
             | (?<![\d.]) \d{1,2} \.\d{2} (?=\s?(?:uhr|[ap]\.?m|gmt|bst|utc)\b) )
  | (?P<full> (?<!\d) (?<!\d[./-]) \d{1,4} \s? (?P<mark>[./-]) \s? \d{1,2} \s? (?P=mark) \s? (?:\d{4} | \d{1,2})
              (?! \d | [./-]\d{1,2}(?![:\d]) ) )
  | (?P<short> (?<!\d) (?<!\d[./-]) \d{1,2} [./] \d{1,2} (?! \d | [./-]\d ) )
  | (?P<number> \d+ )
  | (?P<word> [^\W\d_]+ )
    """,
    re.VERBOSE,
)
# "Nov 24 08:22:33 +0000 2020", as C and Unix print it: the year comes last.
_YEAR_LAST = re.compile(r"([^\W\d_]+ +\d{1,2}),? +(\d{1,2}:\d\d(?::\d\d)?(?: +(?:[+-]\d{4}|[a-z]{2,5}))?) +(\d{4})$")
_MERIDIEM = re.compile(r"\s*([ap])\.?\s?m\b\.?")
_AFTER_CLOCK = re.compile(r"\s?uhr\b")
_OFFSET = re.compile(r"[\s(]*(utc|gmt)?\s?([+-])(\d{2}|\d(?!\d))(?:(:?)(\d{2}))?(?![\d.:/])")
_ZONE_NAME = re.compile(r"[\s,(]*([^\W\d_]+)(\s+\w)?")
_ZONE_BEFORE = re.compile(r"(?:utc|gmt)\s*$")


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day as printed; `year` is None where the text names none. `start` and `end` are places in the text."""

    year: int | None
    month: int
    day: int
    start: int
    end: int
    jalali: bool = False

    def in_year(self, year: int) -> date:
        """ValueError where that year has no such day."""
        return jalali.gregorian(year, self.month, self.day) if self.jalali else date(year, self.month, self.day)


@dataclass(frozen=True, slots=True)
class Clock:
    time: time
    precision: Literal["second", "minute"]
    zone: tzinfo | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Printed:
    """What a text says of a moment. `words` counts the words that are no part of it."""

    day: Day | None
    clock: Clock | None
    words: int = 0


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


def read_parts(text: str, language: str | None) -> Printed:
    iso = _read_iso(text)
    if iso:
        return iso
    text = _YEAR_LAST.sub(r"\1 \3 \2", text)
    tokens = _tokens(text)
    days = list(_days(tokens, language))
    clocks = [clock for token in tokens if token.kind == "clock" and (clock := _read_clock(text, token))]
    if not days and clocks:
        days = [day for token in tokens if token.kind == "short" and (day := _short_day(token))]
    day = next((day for day in days if day.year is not None), days[0] if days else None)
    clock = _nearest(clocks, day, days) if day else next(iter(clocks), None)
    used = [part for part in (day, clock) if part]
    return Printed(day, clock, sum(token.kind == "word" and not _within(token, used) for token in tokens))


def read_days(text: str, language: str | None) -> list[Day]:
    """All days named in a text, in its order."""
    return list(_days(_tokens(text), language))


def _tokens(text: str) -> list[_Token]:
    return [_Token(found.lastgroup or "", found[0], *found.span()) for found in _TOKEN.finditer(text)]


def _within(token: _Token, parts: Sequence[Day | Clock]) -> bool:
    return any(part.start <= token.start and token.end <= part.end for part in parts)


def _read_iso(text: str) -> Printed | None:
    found = _ISO.match(text)
    if not found:
        return None
    year, month, day, hour, minute, second = found.groups()
    printed = _checked(int(year), int(month), int(day), found.start(), found.end())
    if printed is None:
        return None
    if hour is None:
        return Printed(printed, None)
    return Printed(printed, _clock(text, (hour, minute, second), found.start(4), found.end()))


def _checked(year: int | None, month: int, day: int, start: int, end: int, *, is_jalali: bool = False) -> Day | None:
    """None where no year has such a day. Years from 1300 to 1499 are of the Solar Hijri calendar: 1921 to 2120."""
    is_jalali = is_jalali or (year is not None and 1300 <= year < 1500)
    found = Day(year, month, day, start, end, is_jalali)
    try:
        gregorian = found.in_year(year if year is not None else _JALALI_LEAP_YEAR if is_jalali else _LEAP_YEAR)
    except ValueError:
        return None
    return found if _FIRST_YEAR <= gregorian.year <= _LAST_YEAR else None


def _days(tokens: Sequence[_Token], language: str | None) -> Iterator[Day]:
    for index, token in enumerate(tokens):
        if token.kind == "full":
            day = _numeric_day(token, language)
        elif token.kind == "word" and token.text in date_words().months:
            day = _worded_day(tokens, index)
        else:
            continue
        if day:
            yield day


def _numeric_day(token: _Token, language: str | None) -> Day | None:
    """Day first, except where the month cannot be one, and with slashes in American English."""
    first, second, third = re.findall(r"\d+", token.text)
    if len(first) == 4 or int(first) > 31:
        is_jalali = len(first) == 2 and (language or "").startswith("fa")
        year = _full_year(first, is_jalali=is_jalali)
        return _checked(year, int(second), int(third), token.start, token.end, is_jalali=is_jalali)
    if len(third) == 1:  # 1.2.3 is a version
        return None
    day, month = int(first), int(second)
    if month > 12 or (day <= 12 and "/" in token.text and (language or "").lower() == "en-us"):
        day, month = month, day
    return _checked(_full_year(third), month, day, token.start, token.end)


def _full_year(digits: str, *, is_jalali: bool = False) -> int:
    """Two digits are read as RFC 2822 reads them, from 1950 to 2049; in the Solar Hijri calendar from 1350 to 1449."""
    year = int(digits)
    if len(digits) != 2:
        return year
    century = 1300 if is_jalali else 1900
    return year + (century + 100 if year < 50 else century)


def _short_day(token: _Token) -> Day | None:
    """05/11, which is a date only beside a clock."""
    day, month = (int(part) for part in re.findall(r"\d+", token.text))
    return _checked(None, month, day, token.start, token.end)


def _worded_day(tokens: Sequence[_Token], index: int) -> Day | None:
    """24 November 2020, November 24 2020, 2020 November 24, 24-Nov-20, and the same without a year."""
    month = date_words().months[tokens[index].text]
    before, after = _number_beside(tokens, index, -1), _number_beside(tokens, index, +1)
    if before and int(before.text) <= 31:
        day, year, beyond = before, after, _number_beside(tokens, tokens.index(before), -1)
    elif after and int(after.text) <= 31:
        day, year, beyond = after, before, _number_beside(tokens, tokens.index(after), +1)
    else:
        return None
    if year is None and beyond and len(beyond.text) == 4:
        year = beyond
    full = None
    if year and len(year.text) in {2, 4}:
        full = _full_year(year.text, is_jalali=month.jalali)
    used = [tokens[index], day, *([year] if full is not None and year else [])]
    start, end = min(token.start for token in used), max(token.end for token in used)
    return _checked(full, month.number, int(day.text), start, end, is_jalali=month.jalali)


def _number_beside(tokens: Sequence[_Token], index: int, step: int) -> _Token | None:
    """The number before or after a month's name, with nothing but such words as "de" and "th" between."""
    index += step
    while 0 <= index < len(tokens):
        token = tokens[index]
        if token.kind == "number":
            return token if len(token.text) in {1, 2, 4} else None
        if token.text not in date_words().between:
            return None
        index += step
    return None


def _nearest(clocks: Sequence[Clock], day: Day, days: Sequence[Day]) -> Clock | None:
    """The clock nearest to `day` that no other day stands nearer to: a second date has a clock of its own."""
    own = [clock for clock in clocks if all(_distance(clock, day) <= _distance(clock, other) for other in days)]
    return min(own, key=lambda clock: _distance(clock, day), default=None)


def _distance(clock: Clock, day: Day) -> int:
    return max(clock.start - day.end, day.start - clock.end)


def _read_clock(text: str, token: _Token) -> Clock | None:
    digits = re.findall(r"\d+", token.text)
    return _clock(text, (digits[0], digits[1], digits[2] if len(digits) > 2 else None), token.start, token.end)


def _clock(text: str, digits: tuple[str, str, str | None], start: int, end: int) -> Clock | None:
    """None where no clock shows such a time. A leap second is read as the second before it."""
    hour, minute, second = int(digits[0]), int(digits[1]), digits[2]
    meridiem = _MERIDIEM.match(text, end)
    if meridiem:
        hour, end = hour % 12 + (12 if meridiem[1] == "p" else 0), meridiem.end()
    zone, end = _zone(text, start, end)
    if hour > 23 or minute > 59 or int(second or 0) > 60:
        return None
    shown = time(hour, minute, min(int(second or 0), 59))
    return Clock(shown, "second" if second else "minute", zone, start, end)


def _zone(text: str, start: int, end: int) -> tuple[tzinfo | None, int]:
    """The zone stated beside the clock at start..end, and where the clock ends with it."""
    said = _AFTER_CLOCK.match(text, end)
    end = said.end() if said else end
    offset = _OFFSET.match(text, end)
    zone = _offset_zone(offset, is_range=text[start - 1 : start] != "t" and end - start <= 5) if offset else None
    if offset and zone:
        return zone, offset.end()
    name = _ZONE_NAME.match(text, end)
    if name and name[1] in ZONES and not (name[2] and name[1] in WORDLIKE_ZONES):
        return ZONES[name[1]], name.end(1)
    phrase = ZONE_PHRASE.match(text, end)
    if phrase:
        return ZONE_PHRASES[phrase[1]], phrase.end()
    return (UTC if _ZONE_BEFORE.search(text, 0, start) else None), end


def _offset_zone(offset: re.Match[str], *, is_range: bool) -> tzinfo | None:
    """`is_range`: 10:00-11:30 may be from ten to half past eleven, so a bare -11:30 is no offset there."""
    named, sign, hours, colon, minutes = offset.groups()
    if not named and (len(hours) == 1 or (is_range and sign == "-" and (colon or not minutes))):
        return None
    ahead = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if ahead > timedelta(hours=14) or int(minutes or 0) not in {0, 30, 45}:
        return None
    return timezone(ahead if sign == "+" else -ahead)
