"""Whether a source has been quiet for longer than it ever is, by its own hours of the day and its weekends. Pure.

An hour of the night counts for as little as the source usually brings in it: a pause is measured in its working hours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RHYTHM = timedelta(weeks=6)
LEAST_STORIES, LEAST_SPAN = 10, timedelta(days=7)
# What a flat day and an even week count for, in stories: a few stories tell little of either.
BELIEF_IN_FLAT_DAY, BELIEF_IN_EVEN_WEEK = 12.0, 3.0


# In 108 months of 35 sources with a known past both together were passed .04 times a month; so was twice the longest
# pause in plain hours, which is passed a sixth later. The plain pause counts as well, or a holiday of an office that
# sleeps at night and at weekends would be a silence.
PAUSES, WORKING_PAUSES = 1.5, 1.75
SHORTEST = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Calm:
    """`pause` is the longest that a source has made, `working` its longest in working hours. `hours`: what each hour of
    a day (UTC) weighs, 1 on average; `days`: weekdays and weekends."""

    pause: timedelta
    working: float
    hours: tuple[float, ...]
    days: tuple[float, float]

    def is_passed(self, since: datetime, until: datetime, *, times: float = 1.0) -> bool:
        """Whether a pause from `since` to `until` is one that the source does not make; `times`: by far."""
        if until - since <= max(SHORTEST, times * PAUSES * self.pause):
            return False
        return weigh(since, until, self.hours, self.days) > times * WORKING_PAUSES * self.working


def learn_calm(times: Sequence[datetime]) -> Calm | None:
    """From the last six weeks in which stories came; None where they are too few to tell. `times` in order."""
    known = [one.astimezone(UTC) for one in times if one >= times[-1] - RHYTHM]
    if len(known) < LEAST_STORIES or known[-1] - known[0] < LEAST_SPAN:
        return None
    hours, days = _hours(known), _days(known)
    pause = max(following - one for one, following in pairwise(known))
    working = max(weigh(one, following, hours, days) for one, following in pairwise(known))
    return Calm(pause, working, hours, days)


def weigh(since: datetime, until: datetime, hours: Sequence[float], days: Sequence[float]) -> float:
    total, moment = 0.0, since.astimezone(UTC)
    while moment < until:
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        end = min(midnight + DAY, until)
        part = _until(hours, end - midnight) - _until(hours, moment - midnight)
        total, moment = total + days[moment.weekday() >= 5] * part, end
    return total


def _until(hours: Sequence[float], time: timedelta) -> float:
    """What a day weighs up to that time."""
    whole, rest = divmod(time, HOUR)
    return sum(hours[:whole]) + (hours[whole] * (rest / HOUR) if rest else 0.0)


def _hours(known: Sequence[datetime]) -> tuple[float, ...]:
    """Each with its neighbours, for a story is as good as one half an hour later."""
    counts = Counter(one.hour for one in known)
    smooth = [sum(counts[(hour + near) % 24] for near in (-1, 0, 1)) / 3 for hour in range(24)]
    believed = BELIEF_IN_FLAT_DAY / 24
    return tuple(24 * (count + believed) / (len(known) + BELIEF_IN_FLAT_DAY) for count in smooth)


def _days(known: Sequence[datetime]) -> tuple[float, float]:
    first, last = known[0].date().toordinal(), known[-1].date().toordinal()
    there = Counter((day - 1) % 7 >= 5 for day in range(first, last + 1))  # the first day of all was a Monday
    seen = Counter(one.weekday() >= 5 for one in known)
    mean = len(known) / (last - first + 1)
    weekday, weekend = (
        (seen[kind] + BELIEF_IN_EVEN_WEEK) / (there[kind] * mean + BELIEF_IN_EVEN_WEEK) for kind in (False, True)
    )
    return weekday, weekend
