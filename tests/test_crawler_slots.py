"""The turns of a site, shared by runs that know of one another through a folder only."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from crawler.slots import DAY, SiteHeld, Slots
from tests.jumping import run

NOON = 20_000 * DAY + DAY / 2


class Clock:
    """Seconds since 1970 that pass with the loop's own, so that a sleep moves both."""

    def __init__(self) -> None:
        self.set_back = 0.0

    def __call__(self) -> float:
        return NOON + asyncio.get_running_loop().time() - self.set_back


def two_runs(folder: Path, story: Callable[[Slots, Slots, Clock], Awaitable[None]], per_day: int = 100) -> None:
    clock = Clock()

    async def main() -> None:
        one, other = (Slots(folder / "sites", slots=1, per_day=per_day, now=clock) for _ in range(2))
        await story(one, other, clock)

    run(main())


async def ask(slots: Slots, began: list[float], takes: float = 0.0, delay: float = 2.0) -> None:
    async with slots.turn("news.test", 0, delay):
        began.append(asyncio.get_running_loop().time())
        await asyncio.sleep(takes)


def test_two_runs_take_turns_and_keep_the_delay_between_them(tmp_path: Path) -> None:
    began: list[float] = []

    async def story(one: Slots, other: Slots, _clock: Clock) -> None:
        for slots in (one, other, one, other):
            await ask(slots, began)

    two_runs(tmp_path, story)

    assert began == pytest.approx([0, 2, 4, 6], abs=0.01)


def test_a_request_that_is_under_way_keeps_the_other_run_waiting(tmp_path: Path) -> None:
    began: list[float] = []

    async def story(one: Slots, other: Slots, _clock: Clock) -> None:
        await asyncio.gather(ask(one, began, takes=30), ask(other, began))

    two_runs(tmp_path, story)

    assert began == pytest.approx([0, 30], abs=0.2)


def test_a_clock_that_was_set_back_keeps_nobody_waiting(tmp_path: Path) -> None:
    began: list[float] = []

    async def story(one: Slots, other: Slots, clock: Clock) -> None:
        await ask(one, began)
        clock.set_back = 3600
        await ask(other, began)

    two_runs(tmp_path, story)

    assert began == pytest.approx([0, 2], abs=0.01)


def test_a_site_that_wants_to_be_left_alone_is_left_alone_by_all_until_then(tmp_path: Path) -> None:
    async def story(one: Slots, other: Slots, clock: Clock) -> None:
        one.hold("news.test", clock() + 60)
        one.hold("news.test", clock() + 10)

        assert other.held_until("news.test") == pytest.approx(NOON + 60)
        assert other.held_until("other.test") == 0
        await asyncio.sleep(61)
        assert other.held_until("news.test") == 0
        assert [path.name for path in (tmp_path / "sites").iterdir()] == []

    two_runs(tmp_path, story)


def test_a_site_is_asked_so_often_on_a_day_and_again_on_the_next(tmp_path: Path) -> None:
    began: list[float] = []

    async def story(one: Slots, other: Slots, _clock: Clock) -> None:
        for slots in (one, other, one):
            await ask(slots, began)
        with pytest.raises(SiteHeld) as held:
            await ask(other, began)
        assert held.value.until == NOON + DAY / 2
        await asyncio.sleep(DAY / 2)
        await ask(other, began)

    two_runs(tmp_path, story, per_day=3)

    assert len(began) == 4


def test_odd_names_and_broken_files_are_borne(tmp_path: Path) -> None:
    began: list[float] = []

    async def story(one: Slots, _other: Slots, _clock: Clock) -> None:
        for name in ("../../etc/passwd", "a/b", "", "\x00", "x" * 500):
            async with one.turn(name, 0, 0.0):
                pass
            one.hold(name, 1.0)
        (tmp_path / "sites" / "news.test.0").write_bytes(b"\xff half")
        (tmp_path / "sites" / "news.test.held").write_text("soon")
        assert one.held_until("news.test") == 0
        await ask(one, began)

    two_runs(tmp_path, story)

    assert began == [0]
    assert sorted(tmp_path.iterdir()) == [tmp_path / "sites"]
