"""What an answer means for its source, case by case."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.decide import (
    BLOCKED_RETRY,
    DAY,
    GONE_TO_BELIEVE,
    LONGEST_BACK_OFF,
    MOVES_TO_BELIEVE,
    UNCONDITIONAL_EVERY,
    PollDecision,
    after_poll,
    spread,
    wants_conditional,
)
from crawler.entry import Entry, ParsedFeed
from crawler.retry_after import retry_after
from crawler.wire import FailureKind, Fetched, FetchFailure
from storage.records import SourceForPoll

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
URL = "https://outlet.am/feed"
QUARTER = timedelta(minutes=15)
SOURCE = SourceForPoll(
    id="outlet-hy", outlet="outlet", kind="feed", address=URL, languages=("hy",), poll_due=True, etag='"1"'
)
ENTRIES = ParsedFeed(entries=(Entry(link="https://outlet.am/1", title="One"),))


def answer(status: int = 200, moved_to: str | None = None, **headers: str) -> Fetched:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Fetched(url=URL, final_url=URL, status=status, headers=named, moved_to=moved_to)


def failed(kind: FailureKind = "timeout") -> FetchFailure:
    return FetchFailure(url=URL, kind=kind, detail="outlet.am did not answer in time")


def decide(
    got: Fetched | FetchFailure,
    parsed: ParsedFeed | None = None,
    source: SourceForPoll = SOURCE,
    *,
    offline: bool = False,
    now: datetime = NOW,
) -> PollDecision:
    return after_poll(source, got, parsed, offline=offline, now=now, polls_per_day=96)


def wait(decision: PollDecision) -> timedelta:
    return decision.next_check - NOW


def about(span: timedelta) -> object:
    """`span`, moved by up to a tenth."""
    return pytest.approx(span.total_seconds(), rel=0.1001)


@pytest.mark.parametrize(
    ("got", "parsed", "outcome", "problem"),
    [
        (answer(304), None, "unchanged", None),
        (answer(200), None, "unchanged", None),
        (answer(200), ENTRIES, "ok", None),
        (answer(200), replace(ENTRIES, problem="cut off"), "ok", "cut off"),
        (answer(200), ParsedFeed(problem="an HTML page"), "failed", "an HTML page"),
        (answer(200), ParsedFeed(), "ok", None),
        (answer(204), None, "failed", f"{URL} answered HTTP 204"),
        (answer(302), None, "failed", f"{URL} answered HTTP 302"),
        (answer(401), None, "blocked", f"{URL} answered HTTP 401: blocked here"),
        (answer(403), None, "blocked", f"{URL} answered HTTP 403: blocked here"),
        (answer(451), None, "blocked", f"{URL} answered HTTP 451: blocked here"),
        (answer(404), None, "failed", f"{URL} answered HTTP 404"),
        (answer(410), None, "gone", f"{URL} answered HTTP 410: gone for good"),
        (answer(429), None, "slow down", f"{URL} answered HTTP 429: it asks to be asked less often"),
        (answer(500), None, "failed", f"{URL} answered HTTP 500"),
        (answer(503), None, "failed", f"{URL} answered HTTP 503"),
        (answer(503, retry_after="60"), None, "slow down", f"{URL} answered HTTP 503: it asks to be asked less often"),
        (failed(), None, "failed", "outlet.am did not answer in time"),
        (failed("robots"), None, "blocked", "outlet.am did not answer in time"),
        (failed("guard"), None, "blocked", "outlet.am did not answer in time"),
    ],
)  # fmt: skip
def test_each_answer_has_its_outcome(
    got: Fetched | FetchFailure, parsed: ParsedFeed | None, outcome: str, problem: str | None
) -> None:
    decision = decide(got, parsed)

    assert (decision.outcome, decision.problem) == (outcome, problem)
    assert decision.failures == (0 if outcome in {"ok", "unchanged"} else 1)
    assert wait(decision).total_seconds() == about(BLOCKED_RETRY if "blocked here" in (problem or "") else QUARTER)


def test_without_a_network_nothing_is_blamed_and_nothing_forgotten() -> None:
    troubled = replace(SOURCE, failures=4, conditional_polls=7, moving_to="https://new.am/", moving_seen=2)
    decision = decide(failed("dns"), source=troubled, offline=True)

    assert decision == PollDecision(
        outcome="offline",
        next_check=NOW + timedelta(minutes=1),
        failures=4,
        problem="outlet.am did not answer in time; not blamed, for the network may be away",
        conditional_polls=7,
        moving_to="https://new.am/",
        moving_seen=2,
    )


class TestBackOff:
    @pytest.mark.parametrize(
        ("failures", "span"),
        [(0, QUARTER), (1, 2 * QUARTER), (3, 8 * QUARTER), (5, LONGEST_BACK_OFF), (500, LONGEST_BACK_OFF)],
    )
    def test_it_doubles_up_to_a_cap(self, failures: int, span: timedelta) -> None:
        decision = decide(answer(500), source=replace(SOURCE, failures=failures))

        assert wait(decision).total_seconds() == about(span)
        assert decision.failures == failures + 1

    def test_a_source_polled_less_often_than_the_cap_is_not_polled_more_often_for_failing(self) -> None:
        decision = after_poll(SOURCE, failed(), None, offline=False, now=NOW, polls_per_day=1)

        assert wait(decision).total_seconds() == about(DAY)

    def test_a_host_that_answers_nothing_usable_is_soon_asked_again(self) -> None:
        """An empty feed, or HTML in its place for a night: its next stories must not come six hours late."""
        decision = decide(answer(200), ParsedFeed(problem="empty"), replace(SOURCE, failures=50))

        assert (decision.outcome, decision.failures) == ("failed", 51)
        assert wait(decision).total_seconds() == about(4 * QUARTER)

    def test_one_good_poll_ends_it(self) -> None:
        decision = decide(answer(304), source=replace(SOURCE, failures=9))

        assert (decision.failures, wait(decision).total_seconds()) == (0, about(QUARTER))


class TestMoving:
    def test_a_lasting_move_is_believed_when_enough_polls_in_a_row_agree(self) -> None:
        source, new = SOURCE, "https://outlet.am/new"
        for seen in range(1, MOVES_TO_BELIEVE):
            decision = decide(answer(304, new) if seen % 2 else answer(200, new), None, source)
            assert (decision.address, decision.moving_to, decision.moving_seen) == (None, new, seen)
            source = replace(source, moving_to=decision.moving_to, moving_seen=decision.moving_seen)

        decision = decide(answer(200, new), ENTRIES, source)
        assert (decision.address, decision.moving_to, decision.moving_seen) == (new, None, 0)

    @pytest.mark.parametrize(
        ("moved_to", "expected"), [("https://other.am/", ("https://other.am/", 1)), (None, (None, 0))]
    )
    def test_another_target_or_none_starts_anew(self, moved_to: str | None, expected: tuple[str | None, int]) -> None:
        source = replace(SOURCE, moving_to="https://new.am/", moving_seen=MOVES_TO_BELIEVE - 1)
        decision = decide(answer(200, moved_to), ENTRIES, source)

        assert (decision.address, (decision.moving_to, decision.moving_seen)) == (None, expected)

    def test_a_move_to_something_that_is_no_feed_is_not_believed(self) -> None:
        """A domain that was given up moves everything to whoever parks it."""
        source = replace(SOURCE, moving_to="https://parked.test/", moving_seen=MOVES_TO_BELIEVE - 1)
        decision = decide(answer(200, "https://parked.test/"), ParsedFeed(problem="an HTML page"), source)

        assert decision.address is None


class TestGone:
    def test_enough_410s_in_a_row_retire_a_source(self) -> None:
        source, retired = SOURCE, []
        for _ in range(GONE_TO_BELIEVE):
            decision = decide(answer(410), source=source)
            retired.append(decision.retire)
            source = replace(source, failures=decision.failures, last_outcome=decision.outcome)

        assert retired == [False] * (GONE_TO_BELIEVE - 1) + [True]

    def test_failures_of_other_kinds_do_not_count_towards_it(self) -> None:
        decision = decide(answer(410), source=replace(SOURCE, failures=9, last_outcome="failed"))

        assert (decision.retire, decision.failures) == (False, 1)


class TestRetryAfter:
    @pytest.mark.parametrize(
        ("said", "span"),
        [
            ("120", timedelta(seconds=120)),
            (" 0 ", None),
            ("99999999999999", DAY),
            (format_datetime(NOW + timedelta(minutes=50), usegmt=True), timedelta(minutes=50)),
            (format_datetime(NOW + timedelta(days=50), usegmt=True), DAY),
            (format_datetime(NOW - timedelta(days=1), usegmt=True), None),
            ("soon", None),
            ("", None),
            ("-5", None),
            ("１２０", None),
            ("Tue, 99 Nov 2026 99:99:99 GMT", None),
        ],
    )
    def test_seconds_and_dates_are_read(self, said: str, span: timedelta | None) -> None:
        assert retry_after(answer(retry_after=said), NOW) == span

    def test_it_wins_over_the_plan_and_never_shortens_it(self) -> None:
        assert wait(decide(answer(429, retry_after="7200"))) == timedelta(hours=2)
        assert wait(decide(answer(429, retry_after="1"))).total_seconds() == about(QUARTER)

    def test_a_source_whose_site_wants_to_be_left_alone_is_asked_after_that_and_not_blamed(self) -> None:
        held = FetchFailure(url=URL, kind="held", detail="outlet.am waits", until=NOW + timedelta(hours=1))

        decision = decide(held, source=replace(SOURCE, failures=2))

        assert (decision.outcome, decision.failures, decision.problem) == ("held", 2, "outlet.am waits")
        assert timedelta(hours=1) <= decision.next_check - NOW <= timedelta(hours=1, minutes=2)

    @given(st.text(max_size=40))
    def test_any_text_is_read_without_an_error(self, said: str) -> None:
        span = retry_after(answer(retry_after=said), NOW)

        assert span is None or timedelta(0) <= span <= DAY


class TestPlan:
    @given(st.text(min_size=1, max_size=20), st.integers(1, 10**6))
    def test_the_spread_stays_within_a_tenth_and_is_the_same_at_every_run(self, name: str, seconds: int) -> None:
        span = timedelta(seconds=seconds)
        moved = spread(name, span, NOW)

        assert 0.9 * span <= moved <= 1.1 * span
        assert spread(name, span, NOW + timedelta(minutes=59)) == moved

    def test_sources_in_step_fall_out_of_it(self) -> None:
        assert len({spread(f"source-{n}", QUARTER, NOW) for n in range(100)}) > 95

    def test_a_feed_may_ask_for_longer_pauses_within_reason(self) -> None:
        def pause(wish: timedelta) -> float:
            return wait(decide(answer(), replace(ENTRIES, ask_again_after=wish))).total_seconds()

        assert pause(timedelta(minutes=30)) == about(timedelta(minutes=30))
        assert pause(timedelta(minutes=1)) == about(QUARTER)
        assert pause(timedelta(days=7)) == about(4 * QUARTER)

    def test_at_fixed_intervals_hours_in_which_a_feed_wants_no_polls_put_one_off_within_reason(self) -> None:
        def pause(*quiet: int) -> float:
            return wait(decide(answer(), replace(ENTRIES, quiet_hours=frozenset(quiet)))).total_seconds()

        assert pause(11) == about(QUARTER)
        assert pause(12, 13) == pytest.approx(5 * QUARTER.total_seconds(), rel=0.1)

    def test_now_and_then_everything_is_asked_for(self) -> None:
        source, conditional = replace(SOURCE, conditional_polls=0), []
        for _ in range(2 * UNCONDITIONAL_EVERY):
            conditional.append(wants_conditional(source))
            source = replace(source, conditional_polls=decide(answer(304), source=source).conditional_polls)

        assert conditional == ([True] * (UNCONDITIONAL_EVERY - 1) + [False]) * 2

    def test_without_validators_everything_is_asked_for(self) -> None:
        assert not wants_conditional(replace(SOURCE, etag=None))
        assert wants_conditional(replace(SOURCE, etag=None, last_modified="Tue, 24 Nov 2026 10:00:00 GMT"))
