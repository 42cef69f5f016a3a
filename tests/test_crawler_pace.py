"""The pace towards sites, on a clock that jumps to the next thing to do instead of waiting for it."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler import pace as pace_module
from crawler.pace import Pace
from tests.jumping import run


@settings(max_examples=60, deadline=None)
@given(
    jobs=st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 5), st.floats(0, 3)), min_size=1, max_size=25),
    per_site=st.integers(1, 3),
    total=st.integers(1, 5),
    delay=st.sampled_from([0.0, 0.5, 1.0]),
)
def test_no_limit_is_ever_passed_and_everyone_has_a_turn(
    jobs: list[tuple[str, float, float]], per_site: int, total: int, delay: float
) -> None:
    now: Counter[str] = Counter()
    most: Counter[str] = Counter()
    began: dict[str, list[float]] = {}

    async def ask(pace: Pace, host: str, takes: float, wish: float) -> None:
        async with pace.turn(host, wish):
            began.setdefault(host, []).append(asyncio.get_running_loop().time())
            now.update((host, "all"))
            most.update({name: max(0, now[name] - most[name]) for name in (host, "all")})
            await asyncio.sleep(takes)
            now.subtract((host, "all"))

    async def main() -> None:
        pace = Pace(per_site=per_site, delay=delay, total=total)
        await asyncio.gather(*(ask(pace, *job) for job in jobs))

    run(main())

    assert sum(map(len, began.values())) == len(jobs)
    assert most["all"] <= total
    assert all(most[host] <= per_site for host in began)
    for times in began.values():
        assert all(later - earlier >= delay - 1e-9 for earlier, later in itertools.pairwise(times))


def test_one_who_gives_up_waiting_leaves_no_trace() -> None:
    async def main() -> float:
        pace = Pace(per_site=1, delay=0.0, total=1)
        async with pace.turn("a"):
            waiting = [asyncio.ensure_future(pace.turn(host).__aenter__()) for host in ("a", "b")]
            await asyncio.sleep(1)
            for one in waiting:
                one.cancel()
            await asyncio.wait(waiting)
        async with pace.turn("a"):
            return asyncio.get_running_loop().time()

    assert run(main()) == 1.0


def test_sites_that_were_asked_long_ago_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace_module, "SITES_KEPT", 10)

    async def main() -> tuple[int, bool]:
        pace = Pace(per_site=1, delay=1.0, total=50)
        async with pace.turn("busy"):
            for n in range(100):
                async with pace.turn(f"h{n}"):
                    await asyncio.sleep(0.5)
            return len(pace._sites), "busy" in pace._sites

    kept, busy = run(main())
    assert kept <= 11
    assert busy
