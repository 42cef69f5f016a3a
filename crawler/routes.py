"""Which of a source's routes are asked in a poll, which one serves after it, and what the poll came to. Pure.

The route in use is asked; when it fails for a reason of its own, the others are, in their order. While a second route
serves, the first is asked again now and then, and taken again as soon as it answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from crawler.decide import DAY, PollDecision
from crawler.entry import ParsedFeed
from crawler.health import ailment_of, failing, moved, signs_of_answer, usual_seconds
from crawler.wire import Fetched, FetchFailure
from crawler.wishes import wishes_after
from storage.ailments import Sign
from storage.records import EntryToSave, PollToSave, RouteInUse, RouteToSave, SourceForPoll

GOOD = frozenset({"ok", "unchanged"})
AT_ONCE = frozenset({"blocked", "gone"})
# A server that stumbles once is up again at the next poll more often than not; what it missed comes then.
FAILURES_TO_LEAVE = 2
FIRST_PROBE = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A route that was asked in this poll; `asked` is the source as seen on that route."""

    number: int
    asked: SourceForPoll
    answer: Fetched | FetchFailure
    parsed: ParsedFeed | None
    decision: PollDecision

    @property
    def good(self) -> bool:
        return self.decision.outcome in GOOD

    @property
    def trouble(self) -> str:
        way = f"route {self.number + 1} ({self.asked.kind})"
        return f"{way}: {self.decision.problem or self.decision.outcome}"


def on_route(source: SourceForPoll, number: int) -> SourceForPoll:
    """The source as that route has it: what is asked, and what was learnt there. Failures are the source's."""
    if number == 0:
        return source
    way = source.routes[number - 1]
    return replace(
        source,
        kind=way.kind,
        address=way.address,
        user_agent=way.user_agent,
        options=way.options,
        mirror_of=way.mirror_of,
        etag=way.etag,
        last_modified=way.last_modified,
        body_hash=way.body_hash,
        conditional_polls=way.conditional_polls,
        moving_to=way.moving_to,
        moving_seen=way.moving_seen,
    )


def order(source: SourceForPoll, now: datetime) -> tuple[int, ...]:
    """Numbers of routes, 0 the first, as they may be asked in this poll."""
    used = source.in_use
    probe = used.number > 0 and (used.probe is None or used.probe <= now)
    return tuple(dict.fromkeys([*([0] if probe else []), used.number, *range(len(source.routes) + 1)]))


def tries_next(source: SourceForPoll, attempt: Attempt) -> bool:
    """Whether the next route is asked in the same poll."""
    outcome = attempt.decision.outcome
    if attempt.good:
        return False
    if attempt.number != source.in_use.number:
        return outcome != "offline"
    if outcome == "offline":  # another host can tell whether it is the network: none is blamed when that fails too
        host = urlsplit(attempt.asked.address).netloc
        return any(urlsplit(on_route(source, n).address).netloc != host for n in range(len(source.routes) + 1))
    if outcome in AT_ONCE or _is_unusable(attempt):
        return True
    return outcome == "failed" and attempt.decision.failures >= FAILURES_TO_LEAVE


def _is_unusable(attempt: Attempt) -> bool:
    return isinstance(attempt.answer, Fetched) and attempt.answer.status == 200


def settle(source: SourceForPoll, attempts: Sequence[Attempt], now: datetime) -> tuple[PollDecision, RouteInUse]:
    """What the poll came to, and the route that serves after it."""
    last = attempts[-1]
    if last.good:
        return last.decision, _after_success(source, attempts, now)
    blameless = next((one for one in attempts if one.decision.outcome in {"offline", "held"}), None)
    if blameless is not None:
        return replace(blameless.decision, failures=source.failures), source.in_use
    return _all_failed(source, attempts), _still(source, attempts, now)


def _after_success(source: SourceForPoll, attempts: Sequence[Attempt], now: datetime) -> RouteInUse:
    used, number = source.in_use, attempts[-1].number
    if number == 0:
        return RouteInUse()
    since = used.since if used.number == number and used.since else now
    return _still(replace(source, in_use=replace(used, number=number, since=since)), attempts, now)


def _still(source: SourceForPoll, attempts: Sequence[Attempt], now: datetime) -> RouteInUse:
    """The route in use goes on serving; if the first one was asked and failed, its next turn comes later."""
    used = source.in_use
    first = next((one for one in attempts if one.number == 0), None)
    if used.number == 0 or first is None:
        return used
    # As long again as it has been away, so that a dead address costs a request a day.
    wait = min(max(now - (used.since or now), FIRST_PROBE), DAY)
    return replace(used, problem=first.trouble, probe=now + wait)


def _all_failed(source: SourceForPoll, attempts: Sequence[Attempt]) -> PollDecision:
    """Counted once, as the route in use has it; asked again when the first of them may be."""
    base = next(one.decision for one in attempts if one.number == source.in_use.number)
    if len(attempts) == 1:
        return replace(base, retire=base.retire and not source.routes)
    patient = [one.decision.next_check for one in attempts if one.decision.outcome != "slow down"]
    return replace(
        base,
        next_check=base.next_check if base.outcome == "slow down" else min(patient),
        failures=source.failures + 1,
        problem="; ".join(one.trouble for one in attempts),
        retire=len(attempts) == len(source.routes) + 1 and all(one.decision.retire for one in attempts),
    )


def poll_to_save(
    source: SourceForPoll,
    attempts: Sequence[Attempt],
    entries: tuple[EntryToSave, ...],
    *,
    owner: str,
    started: datetime,
    ended: datetime,
) -> PollToSave:
    decision, in_use = settle(source, attempts, ended)
    learnt = {one.number: _learnt(one) for one in attempts}
    first = learnt.get(0) or _kept(source, 0)
    answer = attempts[-1].answer
    at_home = next((one for one in attempts if one.number == 0), None)
    return PollToSave(
        source=source.id,
        owner=owner,
        started=started,
        ended=ended,
        outcome=decision.outcome,
        next_check=decision.next_check,
        # A spider hands over what it found, not an answer of a host.
        http_status=answer.status if isinstance(answer, Fetched) and attempts[-1].asked.kind != "spider" else None,
        problem=decision.problem,
        failures=decision.failures,
        etag=first.etag,
        last_modified=first.last_modified,
        body_hash=first.body_hash,
        conditional_polls=first.conditional_polls,
        address=first.address,
        moving_to=first.moving_to,
        moving_seen=first.moving_seen,
        retire=decision.retire,
        shown=len(entries),
        entries=entries,
        in_use=in_use,
        routes=tuple(one for number, one in learnt.items() if number),
        usual_seconds=usual_seconds(source.usual_seconds, at_home.answer) if at_home else source.usual_seconds,
        wishes=wishes_after(source.wishes, attempts[-1].parsed),
        signs=tuple(_signs(source, attempts, decision)),
    )


def _signs(source: SourceForPoll, attempts: Sequence[Attempt], decision: PollDecision) -> Iterator[Sign]:
    """What the poll shows of the source's health; nothing of a route that was not asked, or only without a network."""
    if decision.outcome in {"offline", "held"}:
        return
    last, specific = attempts[-1], False
    for first in [one for one in attempts if one.number == 0]:
        problem = None if first.good else first.decision.problem or first.decision.outcome
        serves = f"route {last.number + 1} ({last.asked.kind}) serves" if last.good else ""
        specific = not first.good and ailment_of(first.asked.kind, first.answer, first.parsed) != "failing"
        yield from signs_of_answer(source, first.answer, first.parsed, problem=problem, served_by=serves)
        yield from moved(source, first.decision.address)
    yield from failing(decision.problem, good=last.good, specific=specific)


def _kept(asked: SourceForPoll, number: int) -> RouteToSave:
    return RouteToSave(
        number=number,
        etag=asked.etag,
        last_modified=asked.last_modified,
        body_hash=asked.body_hash,
        conditional_polls=asked.conditional_polls,
        moving_to=asked.moving_to,
        moving_seen=asked.moving_seen,
    )


def _learnt(attempt: Attempt) -> RouteToSave:
    answer, decision = attempt.answer, attempt.decision
    kept = replace(
        _kept(attempt.asked, attempt.number),
        conditional_polls=decision.conditional_polls,
        address=decision.address,
        moving_to=decision.moving_to,
        moving_seen=decision.moving_seen,
    )
    if not (isinstance(answer, Fetched) and answer.status == 200 and attempt.good):
        return kept
    # An answer with a problem (cut off, say) is asked for and read again, whole: nothing of it may be lost.
    whole = decision.problem is None
    return replace(
        kept,
        etag=answer.headers.get("etag") if whole else None,
        last_modified=answer.headers.get("last-modified") if whole else None,
        body_hash=answer.body_hash if whole else None,
    )


def address_at_home(link: str, asked: SourceForPoll) -> str:
    """On a mirror, the address that the story has on the host which the mirror repeats."""
    if asked.mirror_of is None:
        return link
    parts, mirror = urlsplit(link), urlsplit(asked.address).netloc
    if parts.netloc != mirror:
        return link
    return parts._replace(netloc=asked.mirror_of).geturl()
