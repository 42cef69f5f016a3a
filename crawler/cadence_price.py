"""What a poll costs, in minutes of delay times stories: the one number that spends a budget over all sources. Pure."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field

# Of polls planned to polls that a smooth flow would get: plans sit behind peaks, and gaps have bounds.
USUAL_SHARE = 0.985
BELIEF = 50.0  # polls that the usual share counts for
REMEMBERED = 0.9998  # of what is known of the share, at each further poll: the last five thousand count
HALVINGS = 40
LARGEST_DEBT = 0.5  # days of the budget: what was missed for longer is not made up for by a storm
REPAID_IN = 3.0  # days
UNWATCHED = 24  # hours without any poll after which the ledger begins anew; a few quiet sources are not asked all night


@dataclass(frozen=True, slots=True)
class Demand:
    """`wish`: polls a week at the price 1 if the flow were smooth; `days`: those of a weekday and of a weekend day.

    `least` and `most`: polls a week that the bounds of the intervals allow.
    """

    wish: float
    days: tuple[float, float]
    least: float
    most: float


@dataclass(slots=True)
class Share:
    """Polls planned, of those that the formula wishes for: what the formula is corrected by."""

    planned: float = BELIEF * USUAL_SHARE
    wished: float = BELIEF

    def count(self, planned: int, wished: float) -> None:
        kept = REMEMBERED**planned
        self.planned = self.planned * kept + planned
        self.wished = self.wished * kept + wished

    def now(self) -> float:
        return self.planned / self.wished


@dataclass(slots=True)
class Ledger:
    """Polls made beyond the budget, or left, smoothed over a day: by day more are made than at night, and no harm."""

    per_day: float
    debt: float = 0.0
    _hour: int | None = None
    _polls: int = 0
    _hours: deque[float] = field(default_factory=lambda: deque(maxlen=24))

    def count(self, minute: int, entitled: float) -> None:
        """One poll; `entitled`: what the budget has for a day such as this. A clock that jumps is not followed."""
        hour = minute // 60
        if self._hour is None or not 0 <= hour - self._hour <= UNWATCHED:
            self._hour, self._polls = hour, 0
            self._hours.clear()
        while self._hour < hour:
            self._hours.append(self._polls - entitled / 24)
            debt = self.debt + sum(self._hours) / 24
            self.debt = max(-LARGEST_DEBT * self.per_day, min(debt, LARGEST_DEBT * self.per_day))
            self._hour, self._polls = self._hour + 1, 0
        self._polls += 1

    def per_week(self) -> float:
        return 7 * (self.per_day - self.debt / REPAID_IN)


def price_of(demands: Collection[Demand], polls_per_week: float, share: float) -> float:
    """The price at which the sources together are planned `polls_per_week`, as near as the bounds let it be."""
    low, high = 1e-9, 1e12
    for _ in range(HALVINGS):
        middle = math.sqrt(low * high)
        scale = share / math.sqrt(middle)
        polls = sum([min(max(scale * one.wish, one.least), one.most) for one in demands])
        low, high = (middle, high) if polls > polls_per_week else (low, middle)
    return high


def day_shares(demands: Collection[Demand]) -> tuple[float, float]:
    """Of a day's budget, what a weekday and a weekend day get at one price."""
    weekday, weekend = (sum([one.days[kind] for one in demands]) for kind in (0, 1))
    mean = (5 * weekday + 2 * weekend) / 7
    return (weekday / mean, weekend / mean) if mean else (1.0, 1.0)
