"""A clock that ran ahead and is set right: neither a stall until its moments have come, nor a storm of polls."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.newsroom.server import Answer
from scheduler.timetable import TOLERANCE, SteadyWatch, begin_anew, make_timer
from storage.store import Store
from storage.values import moment
from tests.desk import NOW, Desk, Site, source_row

HOUR = timedelta(hours=1)


def columns(path: Path, *names: str) -> list[tuple[datetime, ...]]:
    with sqlite3.connect(path) as db:
        rows = db.execute(f"SELECT {', '.join(names)} FROM source ORDER BY id").fetchall()
    return [tuple(map(moment, row)) for row in rows]


@pytest.mark.parametrize("jump", [HOUR, timedelta(days=400)])
def test_sources_and_pages_that_were_planned_by_a_clock_ahead_are_due_after_their_own_pause(
    tmp_path: Path, jump: timedelta
) -> None:
    desk = Desk(tmp_path / "k.sqlite", site=Site(), sources=(source_row(),))
    desk.site.pages = {path: Answer(500) for path in desk.site.titles}
    desk.clock.forward(seconds=jump.total_seconds())
    desk.visit_due()
    [(polled, check)] = columns(desk.path, "last_polled_at", "next_check_at")

    with Store.open(desk.path) as store:
        assert store.mend_plans(NOW) > 0
        assert store.mend_plans(NOW) == 0
        waiting = store.pending_entries("herald-en", NOW, 10)

    assert columns(desk.path, "last_polled_at", "next_check_at") == [(NOW, NOW + (check - polled))]
    assert waiting != []


def test_what_was_planned_by_a_right_clock_stays(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "k.sqlite", site=Site(), sources=(source_row(),))
    desk.site.pages = {path: Answer(500) for path in desk.site.titles}
    desk.visit_due()
    before = desk.path.read_bytes()

    with Store.open(desk.path) as store:
        assert store.mend_plans(desk.clock()) == 0
    assert desk.path.read_bytes() == before


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20))
def test_the_watch_tells_steps_back_and_nothing_else(steps: list[float]) -> None:
    watch, now, steady = SteadyWatch(), NOW, 0.0
    watch.set_back(now, steady)
    for step in steps:
        now, steady = now + timedelta(seconds=step + 5), steady + 5

        told = watch.set_back(now, steady).total_seconds()

        assert told == pytest.approx(-step if step < -TOLERANCE else 0, abs=0.01) or abs(step + TOLERANCE) < 0.01


def test_jobs_begin_anew_when_the_clock_was_set_back() -> None:
    async def job() -> None:
        pass

    async def story() -> dict[str, datetime]:
        timer = make_timer({"tick": (1.0, job)}, {"nightly": ("7 2 * * *", job)}, "UTC")
        timer.start(paused=True)
        for one in timer.get_jobs():
            one.modify(next_run_time=NOW + 400 * 24 * HOUR)
        begin_anew(timer, NOW)
        planned = {one.id: one.next_run_time for one in timer.get_jobs()}
        timer.shutdown(wait=False)
        return planned

    assert asyncio.run(story()) == {"tick": NOW, "nightly": datetime(2026, 11, 25, 2, 7, tzinfo=UTC)}
