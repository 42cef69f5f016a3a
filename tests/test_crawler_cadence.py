"""The planner of polls: its bounds whatever happens, its budget, and what it saves on real publication times."""

from __future__ import annotations

import importlib.util
import itertools
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.cadence import Planner
from crawler.cadence_plan import plan
from tests.data import shared

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)  # a Monday
SHORTEST, LONGEST = timedelta(minutes=2), timedelta(days=1)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def make_planner(polls_per_day: float = 24.0) -> Planner:
    return Planner(polls_per_day, min_interval=SHORTEST, max_interval=LONGEST)


def stories(
    per_day: int, *, days: int, seed: int = 1, end: datetime = NOW, busy: range = range(6, 20)
) -> list[datetime]:
    """Published in the busy hours only, at random."""
    draw = random.Random(seed)
    times: list[datetime] = []
    for back in range(days):
        midnight = (end - timedelta(days=back)).replace(hour=0)
        times += [midnight + timedelta(hours=draw.choice(busy), seconds=draw.randrange(3600)) for _ in range(per_day)]
    return sorted(times)


def replay(
    planner: Planner, published: Mapping[str, Sequence[datetime]], *, start: datetime, end: datetime
) -> dict[str, list[datetime]]:
    """Polls made from `start` to `end`, by source; the planner is told what each brought."""
    polls: dict[str, list[datetime]] = {name: [] for name in published}
    last = dict.fromkeys(published, start)
    due = {name: planner.next_check(name, start) for name in published}
    while (name := min(due, key=due.__getitem__)) and (now := due[name]) < end:
        polls[name].append(now)
        planner.observed(name, now, [at for at in published[name] if last[name] < at <= now][-20:], 20)
        last[name] = now
        due[name] = planner.next_check(name, now)
    return polls


moments = st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
anything_published = st.lists(
    st.one_of(moments, st.none(), st.datetimes(), st.just(datetime.min.replace(tzinfo=UTC)), st.just(NOW)), max_size=12
)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(moments, anything_published, st.integers(-3, 40), st.floats(0, 1e6)), min_size=1, max_size=5))
def test_the_next_check_is_within_the_intervals_whatever_clock_and_feed_say(
    events: list[tuple[datetime, list[datetime | None], int, float]],
) -> None:
    planner = make_planner()
    for now, published, shown, weight in events:
        planner.observed("seen", now, published, shown)
        planner.learn("learnt", published, now, shown)
        planner.weigh("seen", weight)
        for name in ("seen", "learnt", "never heard of"):
            following = planner.next_check(name, now)

            assert now + SHORTEST <= following <= now + LONGEST


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(0, 3), min_size=1, max_size=9),
    st.floats(0.01, 20),
    st.integers(1, 3),
    st.integers(3, 9),
)
def test_a_plan_costs_as_little_as_the_best_of_all_plans(
    expected: list[float], price: float, shortest: int, longest: int
) -> None:
    end = len(expected)

    def cost(polls: Sequence[int]) -> float:
        total = price * len(polls)
        for start, stop in itertools.pairwise([0, *polls, end]):
            total += sum(expected[step] * (stop - step - 0.5) for step in range(start, stop))
        return total

    def allowed(polls: Sequence[int]) -> bool:
        gaps = [stop - start for start, stop in itertools.pairwise([0, *polls])]
        last = end - ([0, *polls])[-1]
        return all(shortest <= gap <= longest for gap in gaps) and last <= longest

    every = [polls for n in range(end) for polls in itertools.combinations(range(1, end), n) if allowed(polls)]
    following = plan(expected, price, shortest=shortest, longest=longest, most=1e9)
    polls: list[int] = []
    while (step := following[polls[-1] if polls else 0]) < end:
        polls.append(step)

    if end <= longest:  # where the longest gap binds, the plan is clipped to it, not searched anew
        assert cost(polls) <= min(map(cost, every)) + 1e-6
    assert all(stop - start >= shortest for start, stop in itertools.pairwise([0, *polls]))


def test_a_week_spends_its_budget_and_asks_in_busy_hours() -> None:
    published = {f"s{n}": stories(per_day, days=35, seed=n) for n, per_day in enumerate((2, 5, 12, 30))}
    start = NOW - 7 * DAY
    planner = make_planner(4 * 24)
    for name, times in published.items():
        planner.learn(name, [at for at in times if at < start], start)

    polls = replay(planner, published, start=start, end=NOW)

    spent = sum(map(len, polls.values()))
    by_night = sum(at.hour in range(23, 24) or at.hour < 5 for made in polls.values() for at in made)
    assert abs(spent / (7 * 4 * 24) - 1) < 0.02
    assert by_night / spent < 0.06
    assert [*map(len, polls.values())] == sorted(map(len, polls.values()))


def test_more_weight_never_means_fewer_polls() -> None:
    def polls_of(weight: float) -> int:
        planner = make_planner(48)
        for name in ("one", "other"):
            planner.learn(name, stories(12, days=20), NOW)
        planner.weigh("one", weight)
        return len(replay(planner, {"one": [], "other": []}, start=NOW, end=NOW + DAY)["one"])

    counts = [polls_of(weight) for weight in (0, 0.25, 1, 4, 100)]

    assert counts == sorted(counts)
    assert counts[0] < counts[2] < counts[4]


@pytest.mark.parametrize("jump", [timedelta(days=3650), timedelta(days=-3650), timedelta(days=2), timedelta(hours=-5)])
def test_a_clock_that_jumps_and_comes_back_brings_neither_storm_nor_stall(jump: timedelta) -> None:
    planner = make_planner(24)
    planner.learn("one", stories(12, days=20), NOW)
    before = len(replay(planner, {"one": []}, start=NOW, end=NOW + DAY)["one"])

    away = len(replay(planner, {"one": []}, start=NOW + jump, end=NOW + jump + DAY)["one"])
    after = len(replay(planner, {"one": []}, start=NOW + DAY, end=NOW + 2 * DAY)["one"])

    assert 1 <= away <= 2 * 24
    assert 0.5 * before <= after <= 2 * before


def test_the_same_past_gives_the_same_plan_and_a_restart_nearly_so() -> None:
    published = {f"s{n}": stories(per_day, days=30, seed=n) for n, per_day in enumerate((4, 15))}

    def restarted() -> Planner:
        planner = make_planner(48)
        for name, times in published.items():
            planner.learn(name, times, NOW)
        return planner

    running = make_planner(48)
    for name, times in published.items():
        running.learn(name, [at for at in times if at < NOW - DAY], NOW - DAY)
    replay(running, published, start=NOW - DAY, end=NOW)
    alive = replay(running, {name: [] for name in published}, start=NOW, end=NOW + DAY)
    one, two = (replay(restarted(), {name: [] for name in published}, start=NOW, end=NOW + DAY) for _ in range(2))

    assert one == two
    for name in published:
        assert len(alive[name]) == pytest.approx(len(one[name]), rel=0.1)


def test_a_feed_that_publishes_on_the_hour_is_asked_right_after() -> None:
    planner = make_planner(30)
    planner.learn("one", [NOW - hours * HOUR for hours in range(1, 24 * 20)], NOW - MINUTE)
    made = replay(planner, {"one": [NOW + hours * HOUR for hours in range(24)]}, start=NOW, end=NOW + DAY)["one"]

    late = [min(poll - (NOW + hours * HOUR) for poll in made if poll >= NOW + hours * HOUR) for hours in range(1, 23)]

    assert sorted(late)[len(late) // 2] <= 2 * MINUTE


def test_a_feed_that_shows_its_stories_late_is_asked_when_they_are_there() -> None:
    planner, lag = make_planner(30), 11 * MINUTE
    published = [NOW + hours * HOUR for hours in range(-24 * 12, 24)]
    planner.learn("one", published[:48], published[47] + lag)
    now = published[47] + lag
    waits: list[timedelta] = []
    while (following := planner.next_check("one", now)) < NOW + 23 * HOUR:
        new = [at for at in published if now < at + lag <= following]
        waits += [following - at - lag for at in new if at > NOW]
        planner.observed("one", following, new, 20)
        now = following

    assert sorted(waits)[len(waits) // 2] <= 5 * MINUTE


def test_a_feed_is_asked_before_it_overflows_even_beyond_the_budget() -> None:
    planner = make_planner(1)
    minutes = [NOW - n * MINUTE for n in range(1, 3000)]
    planner.learn("busy", minutes, NOW)
    planner.learn("quiet", [], NOW)

    assert planner.next_check("busy", NOW) - NOW <= 10 * MINUTE


def test_a_feed_found_full_is_asked_soon() -> None:
    planner = make_planner(24)
    planner.learn("one", stories(12, days=20), NOW)
    later = NOW + HOUR

    planner.observed("one", later, [later - 2 * n * MINUTE for n in range(20)], 20)

    assert planner.next_check("one", later) - later <= HOUR / 2


def test_a_silent_source_is_asked_less_and_a_restart_does_not_forget_it() -> None:
    planner = make_planner(72)
    planner.learn("unknown", [], NOW)
    planner.learn("silent", [], NOW, watched_since=NOW - 40 * DAY)
    planner.learn("lively", stories(15, days=20), NOW)

    polls = replay(planner, {"unknown": [], "silent": [], "lively": []}, start=NOW, end=NOW + DAY)

    assert len(polls["silent"]) < len(polls["unknown"]) < len(polls["lively"])


def test_a_floor_is_kept_even_beyond_the_longest_interval_unless_a_wrong_clock_set_it() -> None:
    planner = make_planner(24)
    planner.learn("one", stories(12, days=20), NOW)
    for floor in (NOW + HOUR, NOW + 3 * DAY):
        planner.not_before("one", floor)

        assert planner.next_check("one", NOW) == max(floor, NOW + HOUR)

    planner.not_before("one", NOW + 3650 * DAY)

    assert planner.next_check("one", NOW) <= NOW + LONGEST


def test_a_source_is_described_in_words_and_hours() -> None:
    planner = make_planner(24)
    planner.learn("one", stories(12, days=28), NOW)

    said = planner.describe("one", NOW)
    polled_at = planner.next_check("one", NOW)
    planner.not_before("one", NOW + 5 * HOUR, "Retry-After")
    held = planner.describe("one", NOW)

    assert sum(said.hours) == pytest.approx(said.per_day) == pytest.approx(12, rel=0.1)
    assert min(said.hours[8:18]) > 4 * max(said.hours[0:4])
    assert said.next_check == polled_at
    assert said.why.startswith("about 13 stories a day; the next poll is due at 2026-11-23 0")
    assert held.why.endswith("(Retry-After)")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: make_planner(0), "polls_per_day"),
        (lambda: make_planner(float("nan")), "polls_per_day"),
        (lambda: Planner(1, min_interval=DAY, max_interval=HOUR), "min_interval"),
        (lambda: Planner(1, min_interval=timedelta(0), max_interval=HOUR), "min_interval"),
        (lambda: make_planner().weigh("one", -1), "weight of one"),
        (lambda: make_planner().weigh("one", float("nan")), "weight of one"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(make: Callable[[], object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        make()


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the replay leaves closing its file to the collector
def test_real_publication_times_are_met_sooner_than_at_fixed_intervals() -> None:
    path = shared("polling") / "score.py"
    spec = importlib.util.spec_from_file_location("polling_score", path)
    assert spec
    assert spec.loader
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    traces = dict(sorted(score.load(path.with_name("traces.csv")).items())[::3])

    polls = score.run_planner(traces, 24, 20)
    spent = sum(map(len, polls.values()))
    ours = score.measure(traces, polls, 20)
    base = score.measure(traces, score.fixed(traces, round(spent / len(traces))), 20)

    assert 1 - ours["mean"] / base["mean"] > 0.3
    assert ours["p95"] <= base["p95"]
    assert ours["lost"] == 0
    assert abs(spent / (7 * 24 * len(traces)) - 1) < 0.02
