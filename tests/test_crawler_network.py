"""Whether the network or a host is to blame."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from crawler.network import NetworkSense
from crawler.visit import Visit, visit
from crawler.wire import FailureKind, Fetched, FetchFailure, FetchRequest
from crawler.world import World
from storage.records import SourceRow
from tests.desk import NOW, Desk, source_row

ASKED = timedelta(seconds=1)  # before its answer came
AWAY: tuple[FailureKind, ...] = ("dns", "unreachable")


def ok(host: str) -> Fetched:
    return Fetched(url=f"http://{host}/", final_url=f"http://{host}/", status=200)


def lost(host: str, kind: FailureKind = "dns") -> FetchFailure:
    return FetchFailure(url=f"http://{host}/", kind=kind, detail="")


@dataclass
class Internet:
    """Answers for the hosts that are `up`."""

    up: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    async def fetch(self, request: FetchRequest) -> Fetched | FetchFailure:
        host = request.url.split("/")[2]
        self.asked.append(host)
        return ok(host) if host in self.up else lost(host)


def run(
    *steps: Fetched | FetchFailure | Callable[[Internet], object], up: str = ""
) -> tuple[list[bool], NetworkSense, Internet]:
    """Observes one answer after another; returns for each whether the network is to blame."""
    internet, sense = Internet(set(up.split())), NetworkSense(patience=0.01)

    async def story() -> list[bool]:
        blamed = []
        for n, step in enumerate(steps):
            if isinstance(step, Fetched | FetchFailure):
                at = NOW + timedelta(seconds=n)
                blamed.append(await sense.is_to_blame(internet.fetch, step, asked=at - ASKED, now=at))
            else:
                step(internet)
        return blamed

    return asyncio.run(story()), sense, internet


@pytest.mark.parametrize("kind", AWAY)
def test_a_host_alone_is_to_blame_when_another_still_answers(kind: FailureKind) -> None:
    blamed, sense, internet = run(ok("a.am"), lost("b.az", kind), up="a.am")

    assert (blamed, sense.offline_since, internet.asked) == ([False, False], None, ["a.am"])


@pytest.mark.parametrize("kind", AWAY)
def test_the_network_is_to_blame_when_the_other_answers_no_more(kind: FailureKind) -> None:
    blamed, sense, internet = run(ok("a.am"), lost("b.az", kind), lost("c.ge", kind))

    assert (blamed, sense.offline_since) == ([False, True, True], NOW + timedelta(seconds=1))
    assert internet.asked == ["a.am"]  # once away, nobody is asked for each further failure


def test_one_answer_ends_it() -> None:
    blamed, sense, _ = run(ok("a.am"), lost("b.az"), ok("c.ge"), lambda net: net.up.add("c.ge"), lost("b.az"))

    assert (blamed, sense.offline_since) == ([False, True, False, False], None)


def test_the_last_witness_itself_is_judged_by_the_one_before() -> None:
    blamed, _, internet = run(ok("b.az"), ok("a.am"), lost("a.am"), up="b.az")

    assert (blamed, internet.asked) == ([False, False, False], ["b.az"])


def test_a_silence_that_nobody_can_bear_witness_to_cannot_be_told_yet() -> None:
    """No blame and no alarm: of the two hosts known one has never answered, and the other does so no more."""
    blamed, sense, _ = run(ok("a.am"), lost("b.az"), lambda internet: internet.up.clear(), lost("a.am"), up="a.am")

    assert (blamed, sense.offline_since) == ([False, False, True], None)


def test_a_start_without_a_network_is_noticed() -> None:
    blamed, sense, _ = run(lost("a.am"), lost("b.az"))

    assert (blamed, sense.offline_since) == ([True, True], NOW)


def test_the_only_source_of_all_is_never_blamed() -> None:
    blamed, sense, _ = run(ok("a.am"), lost("a.am"))

    assert (blamed, sense.offline_since) == ([False, True], NOW + timedelta(seconds=1))


def test_an_answer_in_time_clears_those_that_wait_for_it() -> None:
    sense, internet = NetworkSense(patience=30), Internet()

    async def story() -> tuple[list[bool], datetime | None]:
        waiting = [
            asyncio.ensure_future(sense.is_to_blame(internet.fetch, lost(host), asked=NOW, now=NOW))
            for host in ("a.am", "b.az")
        ]
        await asyncio.sleep(0)
        await sense.is_to_blame(internet.fetch, ok("c.ge"), asked=NOW, now=NOW)
        return list(await asyncio.gather(*waiting)), sense.offline_since

    assert asyncio.run(story()) == ([False, False], None)


@pytest.mark.parametrize("kind", ["refused", "tls", "too large", "truncated", "protocol", "redirect loop"])
def test_a_host_that_answers_badly_shows_that_there_is_a_network(kind: FailureKind) -> None:
    blamed, sense, _ = run(ok("a.am"), lost("b.az"), lost("c.ge", kind))

    assert (blamed, sense.offline_since) == ([False, True, False], None)


@pytest.mark.parametrize("kind", ["guard", "robots"])
def test_what_was_never_asked_says_nothing(kind: FailureKind) -> None:
    blamed, sense, _ = run(ok("a.am"), lost("b.az"), lost("c.ge", kind))

    assert (blamed, sense.offline_since) == ([False, True, False], NOW + timedelta(seconds=1))


def test_a_slow_host_is_to_blame_when_another_answers() -> None:
    blamed, _, internet = run(ok("a.am"), lost("b.az", "timeout"), lost("b.az", "timeout"), up="a.am")

    assert blamed == [False, False, False]
    assert internet.asked == ["a.am", "a.am"]


def test_a_slow_host_is_to_blame_without_asking_when_another_has_answered_meanwhile() -> None:
    blamed, _, internet = run(ok("c.ge"), ok("a.am"), lost("b.az", "timeout"), up="")

    assert blamed == [False, False, True]
    assert internet.asked == ["a.am"]


def test_hosts_that_all_fall_silent_are_not_to_blame() -> None:
    blamed, sense, _ = run(ok("a.am"), lost("b.az", "timeout"), lost("c.ge", "timeout"))

    assert blamed == [False, True, True]
    assert sense.offline_since == NOW + timedelta(seconds=1)


def test_the_only_host_ever_asked_is_slow_not_the_network() -> None:
    blamed, sense, _ = run(lost("a.am", "timeout"), lost("a.am", "timeout"))

    assert (blamed, sense.offline_since) == ([False, False], None)


def test_what_it_remembers_is_bounded() -> None:
    _, sense, _ = run(*(ok(f"h{n}.am") for n in range(100)))

    assert (len(sense._witnesses), len(sense._seen), len(sense._silent)) == (3, 2, 0)


def lost_source(n: int) -> SourceRow:
    return replace(source_row(f"lost-{n}"), url=f"http://lost{n}.invalid/feed")


def test_without_a_network_no_source_is_blamed_and_all_are_asked_again_soon(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "k.sqlite", sources=(lost_source(1), lost_source(2)))
    done = desk.visit_due()

    assert [one.outcome for one in done] == ["offline", "offline"]
    with desk.reading() as reader:
        for source in reader.sources():
            assert (source.failures, source.next_check - NOW) == (0, timedelta(minutes=1))
            assert "not blamed" in (source.last_problem or "")


def test_a_lost_host_among_others_is_blamed_and_the_network_is_not(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "k.sqlite", sources=(lost_source(1), lost_source(2), source_row()))

    async def story(world: World) -> tuple[dict[str, Visit], datetime | None]:
        claimed = world.store.claim_sources(owner="tests", now=NOW, lease=timedelta(minutes=3), limit=9)
        done = await asyncio.gather(*(visit(one, world) for one in claimed))
        return {one.source: one for one in done}, world.network.offline_since

    done, offline_since = desk.run(story, patience=5.0)

    assert offline_since is None
    assert {name: one.outcome for name, one in done.items()} == {
        "herald-en": "ok",
        "lost-1": "failed",
        "lost-2": "failed",
    }
    assert done["lost-1"].problem == "the name lost1.invalid cannot be resolved"
