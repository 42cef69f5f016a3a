"""When a source is asked next, by the planner (crawler.cadence) and by what its answers wish."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from crawler.cadence import Planner
from crawler.decide import spread
from crawler.wire import Fetched, FetchFailure
from crawler.wishes import out_of_quiet
from storage.read_records import SourceRhythm
from storage.wishes import Wishes

SHORTEST = timedelta(minutes=2)
LONGEST = timedelta(hours=6)
# The share of relevant stories decides what a minute of delay is worth. Until a source has shown about so many, it is
# taken for one with a usual share; and the rarest is still worth a visit now and then.
USUAL_SHARE, BELIEF = 0.1, 20
LEAST_WEIGHT = 0.02
# Sources in step with one another fall out of it by less than a minute, for the planner counts in minutes.
SPREAD = timedelta(seconds=40)
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age=(\d{1,9})", re.IGNORECASE)


def make_planner(rhythms: Sequence[SourceRhythm], *, polls_per_day: float, now: datetime) -> Planner:
    """`polls_per_day`: of each source on average; sources that matter more get more of them."""
    planner = Planner(polls_per_day * max(1, len(rhythms)), min_interval=SHORTEST, max_interval=LONGEST)
    learn(planner, rhythms, now)
    return planner


def learn(planner: Planner, rhythms: Sequence[SourceRhythm], now: datetime) -> None:
    for one in rhythms:
        planner.learn(one.source, one.published, now, one.shown, watched_since=one.watched_since)
        planner.weigh(one.source, worth(one.relevant, one.stories))


def worth(relevant: int, stories: int) -> float:
    """What a minute of delay of a source's stories is worth, against that of a source all of whose are relevant."""
    return max(LEAST_WEIGHT, (relevant + USUAL_SHARE * BELIEF) / (stories + BELIEF))


def next_check(
    planner: Planner,
    source: str,
    answer: Fetched | FetchFailure,
    wishes: Wishes,
    *,
    new: Sequence[datetime | None],
    shown: int | None,
    longest_wish: timedelta,
    now: datetime,
) -> datetime:
    """After a good poll. A wish of the source (ttl, updatePeriod, skipHours, max-age) is kept up to `longest_wish`."""
    planner.observed(source, now, new, shown)
    pause, why = _pause(answer, wishes)
    planner.not_before(source, now + min(pause, longest_wish), why)
    best = planner.next_check(source, now)
    at = out_of_quiet(best, wishes.quiet_hours, longest=longest_wish)
    if at > best:
        planner.not_before(source, at, "the feed wishes not to be asked before (skipHours)")
    return at + spread(source, SPREAD, now)


def _pause(answer: Fetched | FetchFailure, said: Wishes) -> tuple[timedelta, str]:
    wishes = [(timedelta(0), "")]
    if said.pause is not None:
        wishes.append((said.pause, "the feed wishes it (ttl or updatePeriod)"))
    if isinstance(answer, Fetched) and (found := _MAX_AGE.search(answer.headers.get("cache-control", ""))):
        wishes.append((timedelta(seconds=int(found[1])), "its answer is fresh that long (Cache-Control)"))
    return max(wishes)
