"""Dates as outlets print them -> one exact instant, with what had to be inferred said aloud.

Reads ISO 8601, RFC 822 and its successors, epoch numbers, and the visible dates of every language in date_words.toml
with words around them ("Updated: ...", a source glued to the end). 03.07.2024 and 03/07/2024 are the third of July,
except that `language` "en-US" puts the month first where there are slashes.

Own tables instead of dateparser: docs/decisions.md has the comparison.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise
from typing import Literal

from crawler.date_parts import Clock, Day, Printed, read_days, read_parts
from crawler.date_words import date_words, fold

Precision = Literal["second", "minute", "day"]

# A date with its label is far shorter; running text holds dates that say nothing about when it was published.
_LONGEST = 200
# How many other words a printed date may stand among. "28 November" in a sentence is what the sentence is about, not
# when it was published; the more a date tells, the likelier it is the latter. Keys: are there a year and a clock?
_MOST_WORDS = {(False, False): 2, (False, True): 6, (True, False): 10, (True, True): _LONGEST}
_WORDS_BESIDE_TODAY = 4
_MONTHS = {name: number for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}  # noqa: SIM905
_CLOCK = r"(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)"
_OFFSET = r"(?:(?P<sign>[+-])(?P<hours>0\d|1[0-4])"
# Not -0000, which says that the zone is unknown.
_RFC_5322 = re.compile(
    rf"(?:[A-Z][a-z][a-z], )?(?P<day>\d\d?) (?P<name>{'|'.join(_MONTHS)}) (?P<year>\d{{4}}) {_CLOCK})? "
    rf"(?!-0000){_OFFSET}(?P<minutes>\d\d)|GMT)",
    re.ASCII,
)
_ISO_8601 = re.compile(
    rf"(?P<year>\d{{4}})-(?P<month>\d\d)-(?P<day>\d\d)T{_CLOCK}(?:\.\d+)?)?(?:Z|{_OFFSET}:(?P<minutes>\d\d)))",
    re.ASCII,
)
_EPOCH = re.compile(r"([1-9]\d{9})(\d{3})?", re.ASCII)
_COUNT = re.compile(r"\d+|[^\W\d_]+")
_DAY_SECONDS = 86400
# An outlet's clock, or ours, may be a little ahead.
_SKEW = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Moment:
    """`instant` is aware UTC. At precision "day" it is midnight, at the outlet, of that day.

    `year_inferred` is true of every text that names no year, "3 hours ago" among them; such a distance is given to the
    minute, though it is good to its own unit only.
    """

    instant: datetime
    precision: Precision
    zone_inferred: bool
    year_inferred: bool


def parse_date(text: str, *, language: str | None = None, now: datetime, zone: tzinfo | None = None) -> Moment | None:
    """The date in `text` (the first with a year, else the first), or None where it holds none; never raises.

    `now` is aware. `zone` is the outlet's, used where the text names none; without it UTC. A day without a year is the
    latest such day that is not more than a day after `now`; a clock alone is the latest such time. The text is a date
    with a label at most: days that sentences and datelines speak of are not found here.
    """
    if not text or len(text) > _LONGEST:
        return None
    usual = _usual(text)
    if usual is not None:
        return usual
    folded = fold(text).strip()
    try:
        epoch = _EPOCH.fullmatch(folded)
        if epoch:
            return _epoch(int(epoch[1]), now)
        printed = read_parts(folded, language)
        local_now = now.astimezone(zone or UTC)
        if printed.day:
            return _moment(printed.day, printed, local_now)
        return _before_now(folded, local_now) or _near_today(folded, printed, local_now)
    except (ValueError, OverflowError):
        # A number that no calendar holds (an epoch in the year 9999, a million weeks ago).
        return None


@dataclass(frozen=True, slots=True)
class NamedDay:
    """A day that a text speaks of, at text[start:end]."""

    day: date
    year_inferred: bool
    start: int
    end: int


def dates_in(
    text: str, *, language: str | None = None, published: datetime, zone: tzinfo | None = None
) -> tuple[NamedDay, ...]:
    """The days named in running text, in its order; never raises. A day without a year is the one nearest to the day of
    `published` at the outlet, since stories speak of what was and of what will be."""
    spread = [(letter, place) for place, mark in enumerate(text) for letter in fold(mark)]
    places = [place for _, place in spread]
    home = published.astimezone(zone or UTC).date()
    found = []
    for named in read_days("".join(letter for letter, _ in spread), language):
        day = _nearest_day(named, home)
        if day is not None:
            found.append(NamedDay(day, named.year is None, places[named.start], places[named.end - 1] + 1))
    return tuple(found)


def _nearest_day(named: Day, home: date) -> date | None:
    middle = home.year - 621 if named.jalali else home.year
    years = range(middle - 4, middle + 5) if named.year is None else (named.year,)
    possible = []
    for year in years:
        with suppress(ValueError):
            possible.append(named.in_year(year))
    return min(possible, key=lambda day: abs(day - home), default=None)


def _usual(text: str) -> Moment | None:
    """What feeds and structured data nearly always write, RFC 5322 and ISO 8601 with a zone: read a tenth as long."""
    found = _RFC_5322.fullmatch(text) or _ISO_8601.fullmatch(text)
    if found is None:
        return None
    part = found.groupdict()
    month = _MONTHS[part["name"]] if part.get("name") else int(part["month"])
    sign = -1 if part["sign"] == "-" else 1
    ahead = sign * timedelta(hours=int(part["hours"] or 0), minutes=int(part["minutes"] or 0))
    try:
        day = date(int(part["year"]), month, int(part["day"]))
        clock = time(int(part["hour"]), int(part["minute"]), int(part["second"] or 0))
        instant = datetime.combine(day, clock, UTC) - ahead
    except (ValueError, OverflowError):
        return None
    return Moment(instant, "second" if part["second"] else "minute", zone_inferred=False, year_inferred=False)


def _epoch(seconds: int, now: datetime) -> Moment | None:
    """Seconds since 1970. Ten digits that lead years ahead are another number: 2012010414, or a telephone's."""
    instant = datetime.fromtimestamp(seconds, UTC)
    if instant > now + timedelta(days=366):
        return None
    return Moment(instant, "second", zone_inferred=False, year_inferred=False)


def _moment(day: Day, printed: Printed, now: datetime) -> Moment | None:
    if printed.words > _MOST_WORDS[day.year is not None, printed.clock is not None]:
        return None
    if day.year is None:
        return _latest(day, printed.clock, now)
    return _at(day.in_year(day.year), printed.clock, now, year_inferred=False)


def _at(day: date, clock: Clock | None, now: datetime, *, year_inferred: bool) -> Moment:
    """`now` lends its zone where the clock states none."""
    stated = clock.zone if clock else None
    local = datetime.combine(day, clock.time if clock else time(), stated or now.tzinfo)
    return Moment(local.astimezone(UTC), clock.precision if clock else "day", stated is None, year_inferred)


def _latest(day: Day, clock: Clock | None, now: datetime) -> Moment | None:
    """Nine years back hold at least one 29 February."""
    this_year = now.year - 621 if day.jalali else now.year
    for year in range(this_year + 1, this_year - 9, -1):
        try:
            found = _at(day.in_year(year), clock, now, year_inferred=True)
        except ValueError:
            continue
        if found.instant <= now + timedelta(days=1):
            return found
    return None


def _before_now(text: str, now: datetime) -> Moment | None:
    """ "3 hours ago", "2 saat əvvəl", "il y a un jour": all counts in the text, taken off together."""
    words = date_words()
    if not words.ago.search(text):
        return None
    found = _COUNT.findall(text)
    counts = [
        (int(number) if number.isdigit() else 1, words.units[unit])
        for number, unit in pairwise(found)
        if unit in words.units and (number.isdigit() or number in words.one)
    ] or [(1, words.units[unit]) for unit in found[:1] if unit in words.alone]
    if not counts:
        return None
    instant = now.astimezone(UTC) - timedelta(seconds=sum(count * unit for count, unit in counts))
    if counts[-1][1] >= _DAY_SECONDS:
        return _at(instant.astimezone(now.tzinfo).date(), None, now, year_inferred=True)
    return Moment(instant.replace(second=0, microsecond=0), "minute", zone_inferred=False, year_inferred=True)


def _near_today(text: str, printed: Printed, now: datetime) -> Moment | None:
    """ "today, 10:15", "вчера", or a clock alone, which is how some outlets print the day itself."""
    words, clock = date_words(), printed.clock
    local = now.astimezone((clock.zone if clock else None) or now.tzinfo)
    named = words.day_word.search(text)
    if named and printed.words - len(_COUNT.findall(named[0])) <= (_WORDS_BESIDE_TODAY if clock else 0):
        return _at(local.date() - timedelta(days=words.days_back[named[0]]), clock, now, year_inferred=True)
    if named or not clock or printed.words or clock.start > 0:
        return None
    today = _at(local.date(), clock, now, year_inferred=True)
    if today.instant <= now + _SKEW:
        return today
    return _at(local.date() - timedelta(days=1), clock, now, year_inferred=True)
