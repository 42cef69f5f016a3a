"""The proof that nothing was missed: overlap of windows, gaps, the ledger by the hour."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import Reader, Store
from storage.coverage import Shown, overlap
from storage.ledger import HOUR, hours
from storage.records import FillToSave
from tests.storage_samples import DAY, NOW, entry, newsroom, poll

NEW = Shown(None, known=False, before=False)
OLD = Shown(None, known=True, before=True)
FORGOTTEN = Shown(None, known=True, before=False)


def dated(shown: Shown, minutes: int) -> Shown:
    return Shown(NOW - timedelta(minutes=minutes), known=shown.known, before=shown.before, moved=shown.moved)


@pytest.mark.parametrize(
    ("window", "holds"),
    [
        ([OLD, OLD], True),
        ([NEW, OLD], True),
        ([NEW, NEW], False),
        ([OLD, NEW, NEW], False),  # pinned on top
        ([NEW, OLD, NEW], False),  # something new below it has come from behind
        ([NEW, FORGOTTEN], False),  # known, but not of the window before
        ([NEW, Shown(None, known=True, before=True, moved=True)], False),
        ([dated(OLD, 50), dated(OLD, 40), dated(OLD, 30), dated(NEW, 10)], True),  # the oldest first
        ([dated(NEW, 50), dated(NEW, 40), dated(OLD, 30)], False),
        ([dated(NEW, 9), dated(OLD, 50), dated(OLD, 4), dated(OLD, 30), dated(NEW, 5)], True),  # a front page
        ([dated(NEW, 9), dated(OLD, 50), dated(NEW, 4), dated(NEW, 30), dated(NEW, 5)], False),
    ],
)
def test_a_story_of_the_window_before_below_all_new_ones_proves_that_nothing_was_missed(
    window: list[Shown], holds: bool
) -> None:
    assert overlap(window).holds == holds


@settings(max_examples=200)
@given(
    first=st.integers(1, 60),
    more=st.integers(0, 80),
    shown=st.integers(1, 20),
    pinned=st.booleans(),
    seed=st.integers(),
)
def test_of_a_feed_that_shows_its_newest_overlap_holds_exactly_when_nothing_was_lost(
    first: int, more: int, shown: int, pinned: bool, seed: int
) -> None:
    moments = sorted(random.Random(seed).sample(range(10_000), first + more), reverse=True)
    before, after = moments[more:][:shown], moments[:shown]
    window = [dated(OLD if m in before else NEW if m >= moments[more - 1] and more else FORGOTTEN, -m) for m in after]
    if pinned:  # an old story that stands on top of every window
        window = [dated(OLD, 99_999), *window]

    lost = more >= shown and more > 0
    holds = overlap(window).holds
    assert not (lost and holds)
    if len(window) > 5 or not pinned:  # of few, one that stands out of order leaves the order untold
        assert holds == (not lost)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with newsroom(tmp_path) as store:
        yield store


def spans(store: Store) -> list[tuple[str, float, float]]:
    rows = store._db.execute("SELECT state, since, until FROM coverage ORDER BY id").fetchall()
    return [(r[0], _hours(r[1]), _hours(r[2])) for r in rows]


def _hours(stamp: str) -> float:
    return (datetime.fromisoformat(stamp) - NOW) / HOUR


def show(store: Store, names: str, at: float, outcome: str = "ok") -> None:
    entries = [entry(name) for name in names]
    store.save_poll(poll("lori-en", *entries, at=NOW + at * HOUR, outcome=outcome, failures=int(outcome == "failed")))


def test_windows_that_hang_together_are_one_span_and_failures_between_them_do_not_matter(store: Store) -> None:
    show(store, "cba", 0)
    show(store, "", 1, "unchanged")
    show(store, "", 2, "failed")
    show(store, "dcb", 5)
    show(store, "dcb", 6)

    assert spans(store) == [("covered", 0, 6)]


def test_a_window_that_does_not_reach_back_leaves_a_gap_until_it_is_filled(store: Store) -> None:
    show(store, "cba", 0)
    show(store, "", 2, "unchanged")
    show(store, "hgf", 5)
    show(store, "ihg", 6)

    assert spans(store) == [("covered", 0, 2), ("gap", 2, 5), ("covered", 5, 6)]
    (gap,) = store.open_gaps("lori-en", NOW + DAY)
    assert (gap.tries, gap.evidence) == (0, "3 new among 3 shown, and none of the window before below them")
    later = NOW + DAY
    store.save_fill(FillToSave(source="lori-en", gap=gap.id, note="nothing", tried=True, next_try=later), NOW)
    assert store.open_gaps("lori-en", later - HOUR) == []
    fill = FillToSave(source="lori-en", gap=gap.id, note="two", closes=True, entries=(entry("d"), entry("c")))
    assert store.save_fill(fill, NOW) == 1
    assert store.open_gaps("lori-en", NOW + 2 * DAY) == []
    with Reader.open(store.path) as reader:
        assert reader.gaps(NOW) == []
        (filled,) = reader.gaps(NOW, filled=True)
        assert (filled.state, filled.tries, filled.found, filled.note) == ("filled", 1, 1, "two")
        told = reader.ledger(NOW - HOUR, NOW + 9 * HOUR)["lori-en"]
    assert filled.requests == 2
    assert told == ["unwatched", *["covered"] * 2, *["filled"] * 4, "covered", *["open"] * 3]


def test_hours_since_the_last_good_poll_of_a_failing_source_are_down() -> None:
    told = list(hours([(NOW, NOW + HOUR, "covered")], NOW, NOW + 4 * HOUR, down_since=NOW + 1.5 * HOUR))

    assert told == ["covered", "down", "down", "down", "down"]
