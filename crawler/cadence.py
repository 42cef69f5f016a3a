"""When to ask each source next, so that stories wait as little as the polls there are allow.

What a source published gives its rhythm (cadence_rhythm), the budget gives a poll its price (cadence_price), and the
two give the best moments to ask (cadence_plan). All state follows from `learn` and what came after it: nothing needs
to be kept but what a database knows anyhow. docs/polling.md explains and measures.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right, insort
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from crawler.cadence_plan import plan
from crawler.cadence_price import Demand, Ledger, Share, day_shares, price_of
from crawler.cadence_rhythm import DAY, WEEK, Rhythm, guess_rhythm, is_weekend, learn_rhythm

MINUTE = timedelta(minutes=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
REMEMBERED_ITEMS = 1500
REMEMBERED_DAYS = 42
LEARN_EVERY = DAY
WELL_KNOWN, WELL_KNOWN_EVERY = 100, 3 * DAY  # items; a day more changes little, and learning costs milliseconds
LATE = 6 * 60  # minutes: what is older, and yet new, is a feed's past
LAG_GAIN = 0.3
SURGE = 2.0  # times the items, and a rhythm is learnt before its day is over
SURGE_FROM = 5  # items: of fewer, twice as many mean nothing
REWEIGH = 2.0  # times the items, and the readings of the rhythm are weighed again
PLANNED = DAY
GAPS_BEYOND = 2  # planned beyond the day that is used, a day at most: the end of a plan is blind to what follows
COARSEST, STEPS_IN_GAP = 5, 20  # minutes a step; steps in the mean gap: finer ones gain nothing and cost time
PRICE_STALE = 0.04  # a plan made at a price this far off is made again
SETTLE_EVERY = 60  # minutes
NEWCOMERS = 0.05  # of the sources, after which the price is found before its hour
SHARE_OF_SHOWN = 0.45  # expected at most, of what a feed shows: what comes in bursts must fit as well
FLOW_KEPT = 0.5  # of the flow, at each poll
LONGEST_FLOOR = timedelta(days=14)  # a floor further ahead was set by a clock that was wrong
LEAST_WEIGHT = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """`hours`: stories expected in each hour (UTC) of an average day; `why` is a sentence for a terminal."""

    per_day: float
    hours: tuple[float, ...]
    next_check: datetime
    why: str


@dataclass(slots=True)
class _Source:
    published: array[int] = field(default_factory=lambda: array("q"))  # a list would take five times the memory
    watched_since: int = 0
    last: int = 0
    shown: int = 20
    weight: float = 1.0
    floor: datetime = EPOCH
    floor_why: str = ""
    flow_items: float = 0.0
    flow_minutes: float = 0.0
    full_after: float = math.inf  # minutes in which a flow like the last polls' brings what may be expected at most
    rhythm: Rhythm | None = None
    demand: Demand | None = None
    learnt_at: int = 0
    learnt_from: int = 0
    weighed_from: int = 0
    following: array[int] = field(default_factory=lambda: array("H"))
    planned_at: int = 0
    planned_price: float = math.inf
    step: int = 1
    lag: float = 0.0  # minutes from the date of a story to its being in the feed

    def notice_lag(self, new: list[int], minute: int) -> None:
        """The poll before `minute` did not show them: they came between the two, whatever their dates say."""
        before = round(self.lag)
        for at in new:
            if self.last - at < LATE:
                bound = min(max(self.lag, self.last - at), minute - at)
                self.lag = max(0.0, self.lag + LAG_GAIN * (bound - self.lag))
        if round(self.lag) != before:
            self.planned_price = math.inf


class Planner:
    def __init__(self, polls_per_day: float, *, min_interval: timedelta, max_interval: timedelta) -> None:
        """`polls_per_day`: of all sources together, kept over a week. The intervals go before the budget."""
        if not 0 < polls_per_day < math.inf:
            raise ValueError(f"polls_per_day: expected a number above 0, found {polls_per_day}")
        if not timedelta(0) < min_interval <= max_interval:
            raise ValueError(f"min_interval: expected more than 0 and at most max_interval, found {min_interval}")
        self._min, self._max = min_interval, max_interval
        self._shortest = max(1, math.ceil(min_interval / MINUTE))
        self._longest = max(self._shortest, int(max_interval / MINUTE))
        self._ledger, self._share, self._price = Ledger(polls_per_day), Share(), 1.0
        self._days = (1.0, 1.0)
        self._sources: dict[str, _Source] = {}
        self._settled_at: int | None = None
        self._newcomers = 0

    def learn(
        self,
        source_id: str,
        published: Iterable[datetime | None],
        now: datetime,
        shown: int = 20,
        *,
        watched_since: datetime | None = None,
    ) -> None:
        """All that is known of what a source published; takes the place of what was learnt before.

        `watched_since` keeps a silent source from being taken for an unknown one; items may be older.
        """
        minute = _minute(now)
        source = self._source(source_id, minute)
        oldest = minute - REMEMBERED_DAYS * DAY
        source.published = array("q", [at for at in _minutes(published, now) if at > oldest][-REMEMBERED_ITEMS:])
        since = minute if watched_since is None else max(oldest, min(minute, _minute(watched_since)))
        source.watched_since = min([since, *source.published[:1]])
        source.last, source.shown, source.full_after = minute, max(1, shown), math.inf
        source.flow_items = source.flow_minutes = 0.0
        self._expect(source, None, guess_rhythm(source.published, source.watched_since, minute))
        self._newcomers += 1

    def observed(self, source_id: str, now: datetime, new: Iterable[datetime | None], shown: int | None) -> None:
        """A poll was answered: what it brought, of `shown` items in the feed (None: as many as before)."""
        minute = _minute(now)
        source = self._source(source_id, minute)
        times = _minutes(new, now)
        if source.published:
            source.notice_lag(times, minute)
        else:
            source.watched_since = min([source.watched_since, *times])
        for at in times:
            insort(source.published, at)
        del source.published[:-REMEMBERED_ITEMS]
        source.shown = source.shown if shown is None else max(1, shown)
        allowed = SHARE_OF_SHOWN * source.shown
        source.flow_items = FLOW_KEPT * source.flow_items + len(times)
        source.flow_minutes = FLOW_KEPT * source.flow_minutes + max(1, minute - source.last)
        busy = source.flow_items > allowed
        source.full_after = allowed * source.flow_minutes / source.flow_items if busy else math.inf
        source.last = minute
        self._ledger.count(minute, self._ledger.per_day * self._days[is_weekend(minute)])

    def next_check(self, source_id: str, now: datetime) -> datetime:
        """Between the two intervals from `now`; later only where `not_before` says so."""
        minute = _minute(now)
        source = self._source(source_id, minute)
        return self._bounded(source, self._following(source, minute)[1], now)[0]

    def weigh(self, source_id: str, weight: float) -> None:
        """How much a minute of delay of this source's stories matters; 1 unless told."""
        if not 0 <= weight < math.inf:
            raise ValueError(f"weight of {source_id}: expected a number from 0, found {weight}")
        source = self._source(source_id, None)
        source.weight = max(weight, LEAST_WEIGHT)
        likely = source.rhythm or guess_rhythm(source.published, source.watched_since, source.last)
        self._expect(source, source.rhythm, likely)
        self._newcomers += 1

    def not_before(self, source_id: str, at: datetime, why: str = "it asks not to be asked sooner") -> None:
        source = self._source(source_id, None)
        source.floor, source.floor_why = at, why

    def describe(self, source_id: str, now: datetime) -> Described:
        """What `next_check` would say, and why. The price comes from all sources: they must have been learnt too."""
        minute = _minute(now)
        source = self._source(source_id, minute)
        rhythm, following = self._following(source, minute)
        at, bound = self._bounded(source, following, now)
        lag = round(source.lag)
        stories = sum(rhythm.expected(minute - lag, _minute(at) - lag))
        per_day = rhythm.per_day()
        rate = f"about {per_day:.0f} stories a day" if per_day >= 2 else f"about {7 * per_day:.1f} stories a week"
        due = f"the next poll is due at {at.astimezone(UTC):%Y-%m-%d %H:%M} UTC, with {stories:.1f} expected"
        return Described(per_day=per_day, hours=rhythm.hours(), next_check=at, why=f"{rate}; {due} ({bound})")

    def _bounded(self, source: _Source, following: int, now: datetime) -> tuple[datetime, str]:
        at, why = EPOCH + following * MINUTE, "the best moment at the price of a poll"
        if source.full_after < following - source.last:
            at, why = (
                EPOCH + (source.last + source.full_after) * MINUTE,
                "soon, for the last polls found the feed filling up",
            )
        if at > now + self._max:
            at, why = now + self._max, "the longest interval"
        if at < now + self._min:
            at, why = now + self._min, "the shortest interval"
        if at < source.floor <= now + LONGEST_FLOOR:
            at, why = source.floor, source.floor_why
        return at, why

    def _source(self, source_id: str, minute: int | None) -> _Source:
        source = self._sources.get(source_id)
        if source is None:
            source = self._sources[source_id] = _Source()
            self._newcomers += 1
        if source.last == 0 and minute is not None:
            source.watched_since = source.last = minute
        return source

    def _following(self, source: _Source, minute: int) -> tuple[Rhythm, int]:
        """The rhythm, and the minute of the best next poll after one at `minute`."""
        rhythm = self._rhythm(source, minute)
        self._settle(minute)
        fresh = 0 <= minute - source.planned_at < PLANNED and abs(self._price / source.planned_price - 1) <= PRICE_STALE
        if not fresh:
            self._plan(source, rhythm, minute)
        place = (minute - source.planned_at) // source.step
        return rhythm, source.planned_at + source.following[place] * source.step

    def _rhythm(self, source: _Source, minute: int) -> Rhythm:
        count, rhythm = len(source.published), source.rhythm
        surge = count > SURGE * source.learnt_from + SURGE_FROM
        every = WELL_KNOWN_EVERY if source.learnt_from > WELL_KNOWN else LEARN_EVERY
        if rhythm and 0 <= minute - source.learnt_at < every and not surge:
            return rhythm
        # Items from after `minute` are there when the clock was set back.
        known = source.published[: bisect_right(source.published, minute)]
        readings = rhythm.readings if rhythm and count <= REWEIGH * source.weighed_from else None
        if readings is None:
            source.weighed_from = count
        learnt = learn_rhythm(known, min(source.watched_since, minute), minute, readings)
        source.learnt_at, source.learnt_from = minute, count
        self._expect(source, learnt, learnt)
        return learnt

    def _expect(self, source: _Source, rhythm: Rhythm | None, likely: Rhythm) -> None:
        """Keeps the rhythm, and the demand of what is likely until there is one."""
        source.rhythm, source.planned_price = rhythm, math.inf
        root = math.sqrt(source.weight)
        weekday, weekend = (root * wish for wish in likely.day_wishes())
        wish = 5 * weekday + 2 * weekend
        source.demand = Demand(wish, (weekday, weekend), WEEK / self._longest, WEEK / self._shortest)

    def _settle(self, minute: int) -> None:
        due = self._settled_at is None or abs(minute - self._settled_at) >= SETTLE_EVERY
        if not due and self._newcomers <= NEWCOMERS * len(self._sources):
            return
        demands = [source.demand for source in self._sources.values() if source.demand]
        self._price = price_of(demands, self._ledger.per_week(), self._share.now())
        self._days = day_shares(demands)
        self._settled_at, self._newcomers = minute, 0

    def _plan(self, source: _Source, rhythm: Rhythm, minute: int) -> None:
        assert source.demand
        gap = WEEK * math.sqrt(self._price) / source.demand.wish
        step = min(COARSEST, max(1, int(gap / STEPS_IN_GAP)))
        start = minute // step * step
        lag = round(source.lag / step) * step
        end = start + PLANNED + min(DAY, math.ceil(GAPS_BEYOND * gap / step) * step)
        following = plan(
            rhythm.expected(start - lag, end - lag, step),
            self._price / source.weight / step,
            shortest=math.ceil(self._shortest / step),
            longest=max(1, math.ceil(self._shortest / step), self._longest // step),
            most=SHARE_OF_SHOWN * source.shown,
        )
        source.following = array("H", following)
        source.planned_at, source.planned_price, source.step = start, self._price, step
        place, polls = 0, 0
        while place * step < PLANNED:
            place, polls = source.following[place], polls + 1
        wished = rhythm.wish(start, start + place * step) * math.sqrt(source.weight / self._price)
        self._share.count(polls, wished)


def _minute(moment: datetime) -> int:
    return (moment - EPOCH) // MINUTE


def _minutes(published: Iterable[datetime | None], now: datetime) -> list[int]:
    """Sorted; a date without a zone says too little, one that lies ahead counts as now."""
    latest = _minute(now)
    return sorted(min(-((EPOCH - at) // MINUTE) - 1, latest) for at in published if at and at.tzinfo)
