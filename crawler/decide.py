"""What an answer means for the source that was asked: outcome, blame, and when to ask again. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crawler.entry import ParsedFeed
from crawler.retry_after import retry_after
from crawler.wire import Fetched, FetchFailure
from crawler.wishes import out_of_quiet, wishes_after
from storage.records import PollOutcome, SourceForPoll

DAY = timedelta(days=1)
OFFLINE_RETRY = timedelta(minutes=1)
LONGEST_BACK_OFF = timedelta(hours=6)
# A block by address or agent rarely lifts within the hour, and asking on makes it worse.
BLOCKED_RETRY = timedelta(hours=3)
MOVES_TO_BELIEVE = 3  # polls that must agree before a permanent redirect is taken at its word
GONE_TO_BELIEVE = 3  # 410s in a row before a source is retired
UNCONDITIONAL_EVERY = 24  # some servers answer 304 for ever: about once in six hours they are asked for everything
# A host that answers, though nothing that can be used, costs it and us little to ask: its stories should not come late.
LONGEST_WAIT_FOR_USABLE = 4  # intervals
# What a feed wishes between two polls is kept up to so many intervals: "daily" is a program's default, not a wish.
LONGEST_WISHED = 4
BLOCKED = frozenset({401, 402, 403, 407, 451})


@dataclass(frozen=True, slots=True, kw_only=True)
class PollDecision:
    outcome: PollOutcome
    next_check: datetime
    failures: int = 0
    problem: str | None = None
    conditional_polls: int = 0
    address: str | None = None
    moving_to: str | None = None
    moving_seen: int = 0
    retire: bool = False


def wants_conditional(source: SourceForPoll) -> bool:
    return bool(source.etag or source.last_modified) and source.conditional_polls < UNCONDITIONAL_EVERY - 1


def after_poll(
    source: SourceForPoll,
    answer: Fetched | FetchFailure,
    parsed: ParsedFeed | None,
    *,
    offline: bool,
    now: datetime,
    polls_per_day: float,
) -> PollDecision:
    """`parsed` is None when nothing was parsed; with a 200 that means the same bytes as last time."""
    interval = DAY / polls_per_day
    if isinstance(answer, FetchFailure):
        if offline:
            return PollDecision(
                outcome="offline",
                next_check=now + min(OFFLINE_RETRY, interval),
                failures=source.failures,
                problem=f"{answer.detail}; not blamed, for the network may be away",
                conditional_polls=source.conditional_polls,
                moving_to=source.moving_to,
                moving_seen=source.moving_seen,
            )
        if answer.kind == "held":
            return _held(source, answer, interval, now)
        blocked: PollOutcome = "blocked" if answer.kind in {"robots", "guard"} else "failed"
        return _failed(source, answer.detail, interval, now, outcome=blocked)
    if answer.status == 304 or (answer.status == 200 and parsed is None):
        return _good(source, answer, None, interval, now)
    if answer.status == 200 and parsed is not None:
        if parsed.problem and not parsed.entries:
            decision = _failed(source, parsed.problem, interval, now)
            longest = spread(source.id, LONGEST_WAIT_FOR_USABLE * interval, now)
            return replace(decision, next_check=min(decision.next_check, now + longest))
        return _good(source, answer, parsed, interval, now)
    return _refused(source, answer, interval, now)


def _good(
    source: SourceForPoll,
    answer: Fetched,
    parsed: ParsedFeed | None,
    interval: timedelta,
    now: datetime,
) -> PollDecision:
    address, moving_to, seen = _moved(source, answer)
    wishes, longest = wishes_after(source.wishes, parsed), LONGEST_WISHED * interval
    wait = max(interval, min(wishes.pause or interval, longest))
    return PollDecision(
        outcome="unchanged" if parsed is None else "ok",
        next_check=out_of_quiet(now + spread(source.id, wait, now), wishes.quiet_hours, longest=longest),
        problem=parsed.problem if parsed else None,
        conditional_polls=source.conditional_polls + 1 if wants_conditional(source) else 0,
        address=address,
        moving_to=moving_to,
        moving_seen=seen,
    )


def _moved(source: SourceForPoll, answer: Fetched) -> tuple[str | None, str | None, int]:
    """(address to use from now on, address it seems to move to, polls that agreed)."""
    if answer.moved_to is None:
        return None, None, 0
    seen = source.moving_seen + 1 if answer.moved_to == source.moving_to else 1
    if seen >= MOVES_TO_BELIEVE:
        return answer.moved_to, None, 0
    return None, answer.moved_to, seen


def _refused(source: SourceForPoll, answer: Fetched, interval: timedelta, now: datetime) -> PollDecision:
    said = f"{source.address} answered HTTP {answer.status}"
    wait = retry_after(answer, now)
    if answer.status in {429, 503} and (wait is not None or answer.status == 429):
        decision = _failed(source, f"{said}: it asks to be asked less often", interval, now, outcome="slow down")
        return _later(decision, now + wait) if wait else decision
    if answer.status in BLOCKED:
        decision = _failed(source, f"{said}: blocked here", interval, now, outcome="blocked")
        return _later(decision, now + spread(source.id, BLOCKED_RETRY, now))
    if answer.status == 410:
        # Failures of other kinds do not count towards the 410s that must agree.
        before = source if source.last_outcome == "gone" else replace(source, failures=0)
        decision = _failed(before, f"{said}: gone for good", interval, now, outcome="gone")
        return replace(decision, retire=decision.failures >= GONE_TO_BELIEVE)
    return _failed(source, said, interval, now)


def _failed(
    source: SourceForPoll,
    problem: str,
    interval: timedelta,
    now: datetime,
    *,
    outcome: PollOutcome = "failed",
) -> PollDecision:
    longest = max(LONGEST_BACK_OFF, interval)
    back_off = min(interval * 2 ** min(source.failures, 10), longest)
    return PollDecision(
        outcome=outcome,
        next_check=now + spread(source.id, back_off, now),
        failures=source.failures + 1,
        problem=problem,
        conditional_polls=source.conditional_polls,
        moving_to=source.moving_to,
        moving_seen=source.moving_seen,
    )


def _held(source: SourceForPoll, answer: FetchFailure, interval: timedelta, now: datetime) -> PollDecision:
    """The source was not asked, for another address of its site said to wait: no failure of its own."""
    until = answer.until or now + OFFLINE_RETRY
    return PollDecision(
        outcome="held",
        next_check=until + spread(source.id, min(OFFLINE_RETRY, interval), now),
        failures=source.failures,
        problem=answer.detail,
        conditional_polls=source.conditional_polls,
        moving_to=source.moving_to,
        moving_seen=source.moving_seen,
    )


def _later(decision: PollDecision, moment: datetime) -> PollDecision:
    return replace(decision, next_check=max(decision.next_check, moment))


def spread(source_id: str, wait: timedelta, now: datetime) -> timedelta:
    """`wait` moved by up to a tenth, by a hash: sources that fell into step fall out of it, the same at every run."""
    digest = hashlib.sha256(f"{source_id}|{now:%Y%m%d%H}".encode()).digest()
    part = int.from_bytes(digest[:4], "big") / 2**32  # 0 to 1
    return wait * (0.9 + 0.2 * part)
