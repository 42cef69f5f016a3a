"""A source with a second route: which one is asked, what is told of it, and the way back."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.decide import PollDecision
from crawler.routes import Attempt, address_at_home, on_route, order, settle, tries_next
from crawler.visit import Visit, visit
from crawler.wire import Fetched, FetchFailure
from crawler.world import World
from scheduler.newsroom.server import Answer, Asked
from scheduler.status_page import source_state
from storage.read_records import SourceStatus
from storage.records import PollOutcome, Route, RouteForPoll, RouteInUse, SourceForPoll
from tests.desk import NOW, Desk, Site, source_row
from tests.fakes import InlineReader

HOUR = timedelta(hours=1)
SOURCE = SourceForPoll(
    id="herald-en", outlet="herald", kind="feed", address="http://news.test/feed", languages=("en",), poll_due=True,
    etag='"1"', routes=(
        RouteForPoll(number=1, kind="jsonfeed", address="http://news.test/2", etag='"2"'),
        RouteForPoll(number=2, kind="feed", address="http://mirror.test/3", mirror_of="news.test"),
    ),
)  # fmt: skip


def used(number: int, **changes: Any) -> SourceForPoll:
    return replace(SOURCE, in_use=RouteInUse(number=number, since=NOW - HOUR, problem="blocked", **changes))


def attempt(number: int, outcome: PollOutcome, source: SourceForPoll = SOURCE, **changes: Any) -> Attempt:
    asked = on_route(source, number)
    decision = PollDecision(outcome=outcome, next_check=NOW + (number + 1) * HOUR, problem=f"{outcome} {number}")
    decision = replace(decision, **({"failures": source.failures + 1} | changes))
    failure = FetchFailure(url=asked.address, kind="timeout", detail="late")
    return Attempt(number=number, asked=asked, answer=failure, parsed=None, decision=decision)


ORDERS = {
    "the first serves": (SOURCE, (0, 1, 2)),
    "a second serves and the first rests": (used(2, probe=NOW + HOUR), (2, 0, 1)),
    "a second serves and the first is due": (used(1, probe=NOW), (0, 1, 2)),
}


@pytest.mark.parametrize(("source", "expected"), ORDERS.values(), ids=ORDERS)
def test_routes_are_tried_in_this_order(source: SourceForPoll, expected: tuple[int, ...]) -> None:
    assert order(source, NOW) == expected


NEXT = {
    "it answered": (SOURCE, attempt(0, "ok"), False),
    "blocked": (SOURCE, attempt(0, "blocked"), True),
    "gone": (SOURCE, attempt(0, "gone"), True),
    "failed once": (SOURCE, attempt(0, "failed"), False),
    "failed twice": (SOURCE, attempt(0, "failed", failures=2), True),
    "asked to wait": (SOURCE, attempt(0, "slow down", failures=9), False),
    "something else than a feed": (
        SOURCE,
        replace(attempt(0, "failed"), answer=Fetched(url="u", final_url="u", status=200)),
        True,
    ),
    "perhaps the network, and another host could tell": (SOURCE, attempt(0, "offline"), True),
    "perhaps the network, and all routes are at one host": (
        replace(SOURCE, routes=SOURCE.routes[:1]),
        attempt(0, "offline"),
        False,
    ),
    "the probe of the first failed": (used(1), attempt(0, "slow down"), True),
    "the probe found no network": (used(1), attempt(0, "offline"), False),
}


@pytest.mark.parametrize(("source", "last", "expected"), NEXT.values(), ids=NEXT)
def test_the_next_route_is_tried_when_this_one_cannot_serve(
    source: SourceForPoll, last: Attempt, expected: bool
) -> None:
    assert tries_next(source, last) is expected


def test_when_all_fail_the_failure_counts_once_and_names_each() -> None:
    decision, in_use = settle(SOURCE, [attempt(0, "blocked"), attempt(1, "failed"), attempt(2, "failed")], NOW)

    assert (decision.outcome, decision.failures, decision.next_check) == ("blocked", 1, NOW + HOUR)
    assert decision.problem == "route 1 (feed): blocked 0; route 2 (jsonfeed): failed 1; route 3 (feed): failed 2"
    assert in_use == SOURCE.in_use


def test_a_source_is_retired_when_all_its_routes_are_gone_and_not_before() -> None:
    gone = [attempt(number, "gone", retire=True) for number in range(3)]

    assert not settle(SOURCE, [*gone[:2], attempt(2, "failed")], NOW)[0].retire
    assert settle(SOURCE, gone, NOW)[0].retire


@pytest.mark.parametrize(("hours", "wait"), [(0, 1), (1, 1), (5, 5), (99, 24)])
def test_the_first_route_is_asked_ever_more_seldom_and_once_a_day_at_least(hours: int, wait: int) -> None:
    source = replace(SOURCE, in_use=RouteInUse(number=1, since=NOW - hours * HOUR, probe=NOW))

    _, in_use = settle(source, [attempt(0, "failed"), attempt(1, "ok")], NOW)

    assert (in_use.number, in_use.probe) == (1, NOW + wait * HOUR)
    assert in_use.problem == "route 1 (feed): failed 0"


def test_a_story_on_a_mirror_has_the_address_it_has_at_home() -> None:
    assert address_at_home("http://mirror.test/a?b=1", on_route(SOURCE, 2)) == "http://news.test/a?b=1"
    assert address_at_home("http://other.test/a", on_route(SOURCE, 2)) == "http://other.test/a"
    assert address_at_home("http://mirror.test/a", SOURCE) == "http://mirror.test/a"


@dataclass
class TwoWays(Site):
    second: Answer | None = None

    def __call__(self, asked: Asked) -> Answer:
        if asked.path == "/second":
            return self.second or self.rss(asked)
        return super().__call__(asked)


ROUTED = replace(source_row(), routes=(Route(kind="feed", url="http://news.test/second"),))


def desk_of(tmp_path: Path, feed: Answer | None = None, second: Answer | None = None) -> tuple[Desk, TwoWays]:
    site = TwoWays(feed=feed, second=second)
    return Desk(tmp_path / "news.sqlite", site=site, sources=(ROUTED,)), site


def status_of(desk: Desk) -> SourceStatus:
    with desk.reading() as reader:
        (one,) = reader.sources()
    return one


def polls(desk: Desk) -> list[str]:
    return [path for path in desk.asked if path in {"/feed", "/second"}]


def test_a_blocked_route_is_left_at_once_and_taken_again_when_it_recovers(tmp_path: Path) -> None:
    desk, site = desk_of(tmp_path)
    desk.visit_due()
    site.feed = Answer(403)
    site.titles["/3"] = "Goris hears of Stepanakert"
    desk.clock.forward(minutes=20)
    (there,) = desk.visit_due()
    found, state = status_of(desk), source_state(status_of(desk), desk.clock())

    assert (there.outcome, there.new_entries, polls(desk)) == ("ok", 1, ["/feed", "/second"])
    assert (found.route, found.failures, found.address) == (1, 0, "http://news.test/second")
    assert (state, found.route_problem) == (
        "route 2",
        "route 1 (feed): http://news.test/feed answered HTTP 403: blocked here",
    )

    desk.clock.forward(minutes=20)
    (again,) = desk.visit_due()
    assert (again.outcome, polls(desk)) == ("unchanged", ["/second"])

    site.feed = None
    desk.clock.forward(minutes=60)
    (back,) = desk.visit_due()
    assert (back.outcome, back.new_entries, polls(desk)) == ("ok", 0, ["/feed"])
    assert status_of(desk).route == 0
    assert len(desk.texts()) == 3


def test_errors_are_waited_out_once_before_another_route_is_asked(tmp_path: Path) -> None:
    desk, _ = desk_of(tmp_path, feed=Answer(500))
    asked = []
    for _ in range(2):
        desk.visit_due()
        asked.append(polls(desk))
        desk.clock.forward(minutes=20)

    assert asked == [["/feed"], ["/feed", "/second"]]
    assert status_of(desk).failures == 0


def test_a_page_instead_of_a_feed_sends_to_the_second_route_at_once(tmp_path: Path) -> None:
    desk, _ = desk_of(tmp_path, feed=Answer(200, b"<html><p>Welcome</p></html>", {"Content-Type": "text/html"}))

    (done,) = desk.visit_due()

    assert (done.outcome, done.new_entries) == ("ok", 2)


def test_a_route_that_asks_for_patience_gets_it(tmp_path: Path) -> None:
    desk, _ = desk_of(tmp_path, feed=Answer(429, headers={"Retry-After": "600"}))

    (done,) = desk.visit_due()

    assert (done.outcome, polls(desk)) == ("slow down", ["/feed"])


def test_a_source_of_which_one_route_is_gone_goes_on(tmp_path: Path) -> None:
    desk, _ = desk_of(tmp_path, feed=Answer(410))
    for _ in range(5):
        desk.visit_due()
        desk.clock.forward(hours=30)

    assert (status_of(desk).retired, status_of(desk).route) == (False, 1)


def test_both_routes_failing_is_one_failure_that_names_both(tmp_path: Path) -> None:
    desk, _ = desk_of(tmp_path, feed=Answer(403), second=Answer(500))

    (done,) = desk.visit_due()

    assert done.outcome == "blocked"
    assert done.problem is not None
    assert "feed answered HTTP 403" in done.problem
    assert "second answered HTTP 500" in done.problem
    assert status_of(desk).failures == 1


def test_a_network_that_is_away_changes_nothing(tmp_path: Path) -> None:
    way = Route(kind="feed", url="http://away-too.invalid/feed")
    row = replace(ROUTED, url="http://away.invalid/feed", routes=(way,))
    desk = Desk(tmp_path / "news.sqlite", sources=(row,))

    (done,) = desk.visit_due()

    assert done.outcome == "offline"
    assert (status_of(desk).route, status_of(desk).failures, status_of(desk).probe) == (0, 0, None)


def test_a_dead_host_without_witnesses_is_told_from_the_network_by_the_second_route(tmp_path: Path) -> None:
    row = replace(ROUTED, url="http://away.invalid/feed")
    desk = Desk(tmp_path / "news.sqlite", site=TwoWays(), sources=(row,))

    (done,) = desk.visit_due()

    assert (done.outcome, done.new_entries, status_of(desk).route) == ("ok", 2, 1)


def test_of_the_first_poll_on_another_route_only_what_came_since_the_last_is_news(tmp_path: Path) -> None:
    desk, site = desk_of(tmp_path)
    desk.visit_due()
    dates = {"/4": "Tue, 24 Nov 2026 11:00:00 +0000", "/5": "Tue, 24 Nov 2026 12:10:00 +0000"}
    items = "".join(
        f"<item><title>Lachin {path}</title><link>http://news.test{path}</link><pubDate>{said}</pubDate></item>"
        for path, said in dates.items()
    )
    site.feed = Answer(403)
    body = f"<rss version='2.0'><channel><title>H</title>{items}</channel></rss>".encode()
    site.second = Answer(200, body, {"Content-Type": "application/rss+xml"})
    desk.clock.forward(minutes=20)
    desk.visit_due()

    with sqlite3.connect(desk.path) as db:
        marked = dict(db.execute("SELECT url, first_poll FROM entry").fetchall())
    db.close()
    assert {path: marked[f"http://news.test{path}"] for path in ("/1", *dates)} == {"/1": 1, "/4": 1, "/5": 0}


def test_a_crash_between_the_routes_leaves_all_as_it_was(tmp_path: Path) -> None:
    class Breaks(InlineReader):
        async def parse(self, job: Any) -> Any:
            raise MemoryError("a fault in the midst of the second route")

    desk, _ = desk_of(tmp_path, feed=Answer(403))

    async def story(world: World) -> Visit:
        (claimed,) = world.store.claim_sources(owner=world.owner, now=desk.clock(), lease=HOUR, limit=5)
        return await visit(claimed, world)

    broken: Visit = desk.run(story, Breaks)
    assert (broken.outcome, status_of(desk).route) == ("failed", 0)

    desk.clock.forward(hours=1)
    (after,) = desk.visit_due()
    assert (after.outcome, after.new_entries, status_of(desk).route) == ("ok", 2, 1)
