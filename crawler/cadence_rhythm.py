"""When a source publishes: how much in a day, at which minutes of it, and how much less at weekends. Pure.

Minutes are whole minutes since 1970 in UTC; minute m holds what was published after m and not after m + 1, so that a
poll at m + 1 sees it. docs/polling.md tells how the numbers here were found.
"""

from __future__ import annotations

import math
from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import sub

DAY = 1440
WEEK = 7 * DAY
HALF_LIFE = 21 * DAY  # of what an item tells; between 14 and 40 days nothing changes
# A source of which nothing is known: five stories a day, believed like half a story seen.
PRIOR_STORIES, PRIOR_PER_DAY = 0.5, 5.0
# The common day of the sources measured, from local midnight, each laid upon the others by its own best hour.
COMMON_DAY = (
    *(0.35, 0.32, 0.31, 0.32, 0.40, 0.47, 0.65, 1.19, 1.68, 1.66, 1.51, 1.41),
    *(1.32, 1.33, 1.32, 1.21, 1.06, 0.94, 0.95, 1.27, 1.64, 1.41, 0.82, 0.46),
)
COMMON_WEEKEND = 0.7  # of a weekday
HOURS_COUNTED = 96
BELIEF_IN_WEEK = 20.0  # stories that the common week counts for
BELIEF_IN_DAY = 5.0  # stories that the common day counts for in each reading
BELIEF_IN_MINUTES = 10.0
# Four readings of one day, mixed: nothing but the common day, within three hours, within twenty minutes, and within
# the hour by the minute of the hour. What each is worth is learnt for each source from days it had not seen.
WIDE, HOURLY, NARROW = 181, 61, 21
READINGS = (0.01, 0.32, 0.34, 0.33)
BELIEF_IN_READINGS = 10.0
FOLDS = 4
ROUNDS = 8
_COMMON_MINUTES = array("d", [share for share in COMMON_DAY for _ in range(60)])
_COMMON_ROOTS = array("d", accumulate(map(math.sqrt, _COMMON_MINUTES), initial=0.0))


@dataclass(frozen=True, slots=True)
class Rhythm:
    """`minutes`: 1440 shares of a day in UTC, 1 on average; `roots`: sums of their square roots.

    `days`: weekday and weekend, 1 on average over a week. `readings`: what each reading of the day was found worth.
    """

    per_minute: float
    minutes: array[float]
    roots: array[float]
    days: tuple[float, float]
    readings: tuple[float, ...]

    def expected(self, start: int, end: int, step: int = 1) -> list[float]:
        """Stories expected in each `step` minutes from `start` up to `end`; `step` divides both, and 60."""
        day = [sum(self.minutes[m : m + step]) for m in range(0, DAY, step)] if step > 1 else self.minutes
        out: list[float] = []
        while start < end:
            until = min(end, (start // DAY + 1) * DAY)
            factor = self.per_minute * self.days[is_weekend(start)]
            out += [factor * share for share in day[start % DAY // step : (start % DAY + until - start) // step]]
            start = until
        return out

    def wish(self, start: int, end: int) -> float:
        """Polls that a smooth flow gets from `start` up to `end` at the price 1: of sqrt(intensity / 2) a minute."""
        total = 0.0
        while start < end:
            until = min(end, (start // DAY + 1) * DAY)
            begin = start % DAY
            total += math.sqrt(self.days[is_weekend(start)]) * (self.roots[begin + until - start] - self.roots[begin])
            start = until
        return total * math.sqrt(self.per_minute / 2)

    def day_wishes(self) -> tuple[float, float]:
        """Such polls on a weekday and on a day of the weekend."""
        day = self.roots[-1] * math.sqrt(self.per_minute / 2)
        return day * math.sqrt(self.days[0]), day * math.sqrt(self.days[1])

    def per_day(self) -> float:
        return self.per_minute * DAY

    def hours(self) -> tuple[float, ...]:
        """Stories expected in each hour (UTC) of an average day."""
        return tuple(self.per_minute * sum(self.minutes[hour * 60 : hour * 60 + 60]) for hour in range(24))


def is_weekend(minute: int) -> bool:
    return (minute // DAY + 3) % 7 >= 5  # 1970 began on a Thursday


def guess_rhythm(published: Sequence[int], watched_since: int, now: int) -> Rhythm:
    """From the number of stories alone, at next to no cost."""
    exposure = now - watched_since + PRIOR_STORIES * DAY / PRIOR_PER_DAY
    common = 7 / (5 + 2 * COMMON_WEEKEND)
    return Rhythm(
        (len(published) + PRIOR_STORIES) / exposure,
        _COMMON_MINUTES,
        _COMMON_ROOTS,
        (common, common * COMMON_WEEKEND),
        READINGS,
    )


def learn_rhythm(
    published: Sequence[int], watched_since: int, now: int, readings: Sequence[float] | None = None
) -> Rhythm:
    """`published`: minutes, sorted. `readings`: what they were found to be worth before; None finds out."""
    weights = [0.5 ** (max(0, now - minute) / HALF_LIFE) for minute in published]
    common = _common_day(published, weights)
    if readings is None:
        readings = _weigh_readings(published, weights, common)
    shares = _mix(readings, _read(_day(published, weights), common))
    mean = sum(shares) / DAY
    shares = [share / mean for share in shares]
    watched = _watched(watched_since, now, shares)
    seen = [0.0, 0.0]
    for minute, weight in zip(published, weights, strict=True):
        seen[is_weekend(minute)] += weight
    days = _week(seen, watched)
    exposure = days[0] * watched[0] + days[1] * watched[1] + PRIOR_STORIES * DAY / PRIOR_PER_DAY
    roots = array("d", accumulate(map(math.sqrt, shares), initial=0.0))
    return Rhythm((sum(seen) + PRIOR_STORIES) / exposure, array("d", shares), roots, days, tuple(readings))


def _watched(since: int, now: int, shares: Sequence[float]) -> tuple[float, float]:
    """Minutes of weekdays and of weekends in which a story would have been seen, worth what such a story would be.

    The last days are counted by the hour: of a quiet night alone nothing follows.
    """
    watched = [0.0, 0.0]
    fine = now - HOURS_COUNTED * 60
    hours = [sum(shares[start : start + 60]) / 60 for start in range(0, DAY, 60)]
    minute = max(since, now - 4 * HALF_LIFE)
    while minute < now:
        length = min(DAY - minute % DAY, fine - minute) if minute < fine else min(60 - minute % 60, now - minute)
        share = 1.0 if length > 60 else hours[minute // 60 % 24]
        watched[is_weekend(minute)] += share * length * 0.5 ** ((now - minute - length / 2) / HALF_LIFE)
        minute += length
    return watched[0], watched[1]


def _week(seen: Sequence[float], watched: Sequence[float]) -> tuple[float, float]:
    """The common week, corrected by what was seen in the minutes watched."""
    common = 7 / (5 + 2 * COMMON_WEEKEND)
    usual = (common, common * COMMON_WEEKEND)
    if not sum(watched):
        return usual
    pace = sum(seen) / (usual[0] * watched[0] + usual[1] * watched[1])
    factors = []
    for kind in (0, 1):
        believed = BELIEF_IN_WEEK * watched[kind] / sum(watched)
        foreseen = pace * usual[kind] * watched[kind] + believed
        factors.append(usual[kind] * (seen[kind] + believed) / foreseen if foreseen else usual[kind])
    mean = (5 * factors[0] + 2 * factors[1]) / 7
    return factors[0] / mean, factors[1] / mean


def _day(published: Iterable[int], weights: Iterable[float]) -> list[float]:
    day = [0.0] * DAY
    for minute, weight in zip(published, weights, strict=True):
        day[minute % DAY] += weight
    return day


def _common_day(published: Iterable[int], weights: Iterable[float]) -> list[float]:
    """The common day in UTC, each zone by how well it explains what was seen."""
    hours = [0.0] * 24
    for minute, weight in zip(published, weights, strict=True):
        hours[minute // 60 % 24] += weight
    logs = [math.log(share) for share in COMMON_DAY]
    likely = [sum(seen * logs[(hour + shift) % 24] for hour, seen in enumerate(hours)) for shift in range(24)]
    best = max(likely)
    zones = [math.exp(value - best) for value in likely]
    total = sum(zones)
    shares = [
        sum(zone * COMMON_DAY[(hour + shift) % 24] for shift, zone in enumerate(zones)) / total for hour in range(24)
    ]
    return _smooth([share for share in shares for _ in range(60)], HOURLY)


def _read(day: Sequence[float], common: Sequence[float]) -> tuple[list[float], ...]:
    stories = sum(day)
    mixed = [
        (seen * DAY + BELIEF_IN_DAY * usual) / (stories + BELIEF_IN_DAY)
        for seen, usual in zip(day, common, strict=True)
    ]
    minutes = [(60 * sum(day[minute::60]) + BELIEF_IN_MINUTES) / (stories + BELIEF_IN_MINUTES) for minute in range(60)]
    hourly = [share * by_minute for share, by_minute in zip(_smooth(mixed, HOURLY), minutes * 24, strict=True)]
    return list(common), _smooth(mixed, WIDE), _smooth(mixed, NARROW), hourly


def _smooth(day: list[float], width: int) -> list[float]:
    """A triangle of twice `width` (odd) minutes laid over each, around the clock."""
    half, scale = width // 2, 1 / width**2
    for _ in range(2):
        sums = list(accumulate(day[-half:] + day + day[:half], initial=0.0))
        day = list(map(sub, sums[width:], sums))
    return [scale * share for share in day]


def _mix(readings: Sequence[float], days: Sequence[Sequence[float]]) -> list[float]:
    a, b, c, d = readings
    return [a * any_ + b * wide + c * narrow + d * hourly for any_, wide, narrow, hourly in zip(*days, strict=True)]


def _weigh_readings(published: Sequence[int], weights: Sequence[float], common: Sequence[float]) -> tuple[float, ...]:
    """Expectation maximisation over items read by what the other days show; days are dealt into folds."""
    folds: dict[int, list[int]] = defaultdict(list)
    for position, minute in enumerate(published):
        folds[minute // DAY % FOLDS].append(position)
    whole, values = _day(published, weights), []
    for fold in folds.values():
        rest = list(whole)
        for position in fold:
            rest[published[position] % DAY] -= weights[position]
        read = _read([max(0.0, seen) for seen in rest], common)
        values += [tuple(day[published[position] % DAY] for day in read) for position in fold]
    worth: tuple[float, ...] = READINGS
    for _ in range(ROUNDS):
        gained = [BELIEF_IN_READINGS * share for share in READINGS]
        for value in values:
            parts = [share * density for share, density in zip(worth, value, strict=True)]
            total = sum(parts)
            for place, part in enumerate(parts):
                gained[place] += part / total
        everything = sum(gained)
        worth = tuple([gain / everything for gain in gained])
    return worth
