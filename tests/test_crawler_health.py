"""What an answer, or time alone, says of a source's health."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.entry import ParsedFeed
from crawler.health import ailment_of, review, signs_of_answer, usual_seconds
from crawler.silence import RHYTHM, learn_calm
from crawler.wire import FailureKind, Fetched, FetchFailure
from storage.ailments import AilmentKind, OpenGap, Sign, SourceFacts, StoryPage
from storage.records import SourceForPoll

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
URL = "http://news.test/feed"
SOURCE = SourceForPoll(id="herald", outlet="herald", kind="feed", address=URL, languages=("en",), poll_due=True)
WALL = b"<html><head><title>Just a moment...</title><script>var a = '<b>';</script></head><body>Wait.</body></html>"
HTML = {"content-type": "text/html; charset=utf-8"}


def answered(status: int, body: bytes = b"", seconds: float = 0.2, **headers: str) -> Fetched:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Fetched(url=URL, final_url=URL, status=status, body=body, headers=HTML | named, seconds=seconds)


def failed(kind: FailureKind) -> FetchFailure:
    return FetchFailure(url=URL, kind=kind, detail="news.test did not do its part")


PAGE = ParsedFeed(problem="an HTML page instead of a feed")
BARE = ParsedFeed(problem="a feed without items", empty=True)


@pytest.mark.parametrize(
    ("answer", "parsed", "expected"),
    [
        pytest.param(answered(403), None, "blocked", id="403"),
        pytest.param(answered(401), None, "blocked", id="401"),
        pytest.param(answered(429), None, "blocked", id="429"),
        pytest.param(answered(503, WALL), None, "blocked", id="challenge with 503"),
        pytest.param(answered(200, WALL), PAGE, "blocked", id="challenge with 200"),
        pytest.param(answered(503, cf_mitigated="challenge"), None, "blocked", id="challenge by header"),
        pytest.param(failed("robots"), None, "blocked", id="robots.txt"),
        pytest.param(answered(410), None, "gone", id="410"),
        pytest.param(answered(200, b"<p>A story about a moment.</p>"), PAGE, "wrong-type", id="a page"),
        pytest.param(answered(200), BARE, "empty", id="no items"),
        pytest.param(failed("tls"), None, "certificate", id="certificate"),
        pytest.param(failed("timeout"), None, "slow", id="timeout"),
        pytest.param(answered(404), None, "failing", id="404"),
        pytest.param(answered(503), None, "failing", id="503"),
        pytest.param(failed("dns"), None, "failing", id="no such name"),
    ],
)
def test_what_an_answer_of_no_use_shows(
    answer: Fetched | FetchFailure, parsed: ParsedFeed | None, expected: AilmentKind
) -> None:
    assert ailment_of("feed", answer, parsed) == expected


def test_a_spider_that_breaks_fails() -> None:
    broken = ParsedFeed(problem="the spider S raised ValueError")

    assert ailment_of("spider", answered(200, b"{}"), broken) == "failing"


def test_an_answer_of_use_clears_what_answers_have_shown() -> None:
    signs = list(signs_of_answer(SOURCE, answered(304), None, problem=None, served_by=""))

    assert {sign.kind for sign in signs} == {"blocked", "gone", "certificate", "wrong-type", "empty", "slow"}
    assert not any(sign.so for sign in signs)


def test_a_first_route_that_is_blocked_says_which_one_serves() -> None:
    (sign,) = signs_of_answer(SOURCE, answered(403), None, problem="HTTP 403", served_by="route 2 (section) serves")

    assert sign == Sign(kind="blocked", so=True, seen="HTTP 403; route 2 (section) serves", confirm=2)


@pytest.mark.parametrize(
    ("usual", "seconds", "slow"), [(0.5, 9.0, False), (0.5, 11.0, True), (3.0, 14.0, False), (3.0, 16.0, True)]
)
def test_slow_is_far_slower_than_usual_and_ten_seconds_at_least(usual: float, seconds: float, slow: bool) -> None:
    known = replace(SOURCE, usual_seconds=usual)
    *_, sign = signs_of_answer(known, answered(200, seconds=seconds), PAGE, problem=None, served_by="")

    assert (sign.kind, sign.so) == ("slow", slow)


def test_slow_answers_do_not_become_the_usual_ones() -> None:
    usual = usual_seconds(None, answered(200, seconds=1.0))
    for _ in range(50):
        usual = usual_seconds(usual, answered(200, seconds=20.0))

    assert usual == 1.0
    assert usual_seconds(usual, answered(200, seconds=2.0)) == pytest.approx(1.1)


def office_hours(until: datetime, weeks: int = 5) -> tuple[datetime, ...]:
    """Stories from eight to eighteen hours, one in fifty minutes, none at weekends."""
    day = (until - weeks * 7 * DAY).replace(hour=0, minute=0)
    times = []
    while day <= until:
        if day.weekday() < 5:
            times += [day + 8 * HOUR + n * timedelta(minutes=50) for n in range(12)]
        day += DAY
    return tuple(one for one in times if one <= until)


def quiet(times: tuple[datetime, ...], last_ok: datetime, **more: object) -> SourceFacts:
    known = {"last_new": times[-1] if times else None, "same_since": None, "times": times, **more}
    return SourceFacts(source="herald", enabled=True, moved=False, last_ok=last_ok, **known)  # type: ignore[arg-type]


def shown(facts: SourceFacts) -> dict[str, bool]:
    return {sign.kind: sign.so for sign in review(facts) if sign.kind in {"silent", "frozen"}}


FRIDAY = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("quiet_for", "expected"),
    [
        pytest.param(14 * HOUR, {"silent": False, "frozen": False}, id="a night"),
        pytest.param(62 * HOUR, {"silent": False, "frozen": False}, id="a weekend"),
        pytest.param(87 * HOUR, {"silent": False, "frozen": False}, id="a holiday after it"),
        pytest.param(4 * DAY, {"silent": True, "frozen": False}, id="another day"),
        pytest.param(10 * DAY, {"silent": True, "frozen": True}, id="another week"),
    ],
)
def test_nights_and_weekends_are_no_silence(quiet_for: timedelta, expected: dict[str, bool]) -> None:
    times = office_hours(FRIDAY)

    assert shown(quiet(times, times[-1] + quiet_for)) == expected


def test_a_source_that_never_sleeps_is_silent_after_six_hours() -> None:
    times = tuple(NOW - n * HOUR / 2 for n in reversed(range(1000)))

    assert shown(quiet(times, NOW + 5.9 * HOUR))["silent"] is False
    silent = next(review(quiet(times, NOW + 6.1 * HOUR)))
    assert silent == Sign(kind="silent", so=True, seen=silent.seen, since=NOW)
    assert silent.seen == "nothing new for 6 h; its longest pause in six weeks was 30 min"


def test_a_source_that_seldom_publishes_is_given_its_time() -> None:
    monthly = tuple(NOW - n * 30 * DAY for n in reversed(range(12)))
    thrice = tuple(NOW - n * DAY for n in reversed(range(3)))

    for times in (monthly, thrice):
        assert not any(shown(quiet(times, NOW + 50 * DAY)).values())


def test_a_feed_that_was_dead_when_it_was_added_stands_still() -> None:
    """Its stories are all of one spring; it has been asked for a day."""
    times = tuple(NOW - 200 * DAY - n * 5 * HOUR for n in reversed(range(60)))
    facts = quiet(times, NOW + 3 * DAY, last_new=NOW, same_since=NOW)
    frozen = next(sign for sign in review(facts) if sign.kind == "frozen")

    assert (frozen.so, frozen.since) == (True, times[-1])
    assert frozen.seen == (
        "it answers, but its newest story is 203 days old; its longest pause in six weeks was 5 h; "
        "the answer is the same to the byte since 2026-11-24 12:00 UTC"
    )


def test_what_is_not_answered_is_not_called_silent() -> None:
    times = office_hours(FRIDAY)

    assert shown(quiet(times, times[-1] + HOUR))["silent"] is False


@given(st.integers(0, 2**32), st.floats(0.2, 30), st.integers(10, 300))
def test_a_pause_seen_before_is_never_called_silence(seed: int, mean_hours: float, stories: int) -> None:
    chance = random.Random(seed)
    times = [NOW]
    for _ in range(stories):
        times.append(times[-1] - chance.expovariate(1 / mean_hours) * HOUR)
    times.reverse()
    times = [one for one in times if one >= NOW - RHYTHM]
    calm = learn_calm(times)

    assert calm is None or not any(calm.is_passed(one, after) for one, after in pairwise(times))


def pages(*latest: StoryPage, before: int = 60) -> SourceFacts:
    chance = random.Random(7)
    usual = [StoryPage(round(chance.lognormvariate(7.5, 0.8))) for _ in range(before)]
    return replace(quiet((), NOW), pages=(*latest, *usual))


def layout(facts: SourceFacts) -> bool | None:
    return next((sign.so for sign in review(facts) if sign.kind == "layout"), None)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(pages(*[StoryPage(1500)] * 12), False, id="as before"),
        pytest.param(pages(*[StoryPage(200)] * 12), True, id="short"),
        pytest.param(pages(*[StoryPage(600)] * 12), None, id="shorter, which says nothing"),
        pytest.param(pages(*[StoryPage(0, "no text")] * 9, *[StoryPage(1800)] * 3), True, id="refused"),
        pytest.param(pages(*[StoryPage(0, "video")] * 3, *[StoryPage(1800)] * 9), False, id="some videos"),
        pytest.param(pages(*[StoryPage(200)] * 12, before=20), None, id="a new source"),
    ],
)
def test_a_new_layout_is_seen_in_what_its_pages_give(facts: SourceFacts, expected: bool | None) -> None:
    assert layout(facts) == expected


def test_a_gap_says_when_and_ends_when_it_is_filled() -> None:
    gap = OpenGap(since=NOW - 9 * HOUR, until=NOW - HOUR, evidence="20 new among 20 shown")
    (sign,) = [one for one in review(replace(quiet((), NOW), gap=gap)) if one.kind == "gap"]

    assert sign.so
    assert sign.since == NOW - 9 * HOUR
    assert sign.seen == (
        "stories from 2026-11-24 03:00 to 2026-11-24 11:00 UTC may have been missed: 20 new among 20 shown"
    )
    assert not next(one.so for one in review(quiet((), NOW)) if one.kind == "gap")


def test_what_is_switched_off_ails_nobody() -> None:
    facts = replace(quiet((), NOW), enabled=False, ails=("blocked", "silent"))

    assert [(sign.kind, sign.so) for sign in review(facts)] == [("blocked", False), ("silent", False)]
