"""From visits to what ails a source: real answers over loopback, a real database, and time that is moved by hand."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from crawler.health import GAPS_TOLD, review
from crawler.silence import SHORTEST
from scheduler.newsroom.server import Answer
from storage.ailments import Sign, SourceEvent
from storage.records import EntryToSave, FillToSave, PollToSave
from storage.store import Store
from tests.desk import NOW, Desk
from tests.storage_samples import OUTLETS, article, entry, newsroom, save, source, verdict
from tests.storage_samples import poll as poll_of

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WALL = Answer(503, b"<html><title>Just a moment...</title></html>", {"Content-Type": "text/html"})


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "k.sqlite")


def visits(desk: Desk, answer: Answer | None, times: int) -> None:
    desk.site.feed = answer
    for _ in range(times):
        desk.visit_due()
        desk.clock.forward(hours=7)


def events(desk: Desk) -> list[tuple[str, str]]:
    return [(one.kind, one.change) for one in all_events(desk)]


def all_events(desk: Desk) -> list[SourceEvent]:
    with Store.open_existing(desk.path) as store:
        return store.events_after("nobody", 99)


def test_a_block_is_noticed_at_the_second_poll_and_cleared_by_the_first_answer(desk: Desk) -> None:
    visits(desk, None, 1)
    visits(desk, Answer(403), 1)
    assert events(desk) == []
    visits(desk, WALL, 3)
    visits(desk, Answer(500), 1)
    assert events(desk) == [("blocked", "began")]
    visits(desk, None, 2)

    began, ended = all_events(desk)
    assert (began.since, began.at) == (NOW + 7 * HOUR, NOW + 14 * HOUR)
    assert began.seen == "http://news.test/feed answered HTTP 503; it asks the visitor to prove something"
    assert (ended.change, ended.since, ended.beginning) == ("ended", began.since, began.id)


@pytest.mark.parametrize(
    ("answer", "polls", "expected"),
    [
        pytest.param(Answer(200, b"<rss><channel></channel></rss>"), 2, "empty", id="empty"),
        pytest.param(Answer(200, b"<html><p>Hello</p></html>"), 2, "wrong-type", id="wrong type"),
        pytest.param(Answer(410), 3, "gone", id="gone"),
        pytest.param(Answer(502), 3, "failing", id="failing"),
    ],
)
def test_what_polls_show_is_noticed_once(desk: Desk, answer: Answer, polls: int, expected: str) -> None:
    visits(desk, answer, polls - 1)
    assert events(desk) == []
    visits(desk, answer, 3)

    assert events(desk) == [(expected, "began")]


def test_a_settled_move_is_told_once(desk: Desk) -> None:
    desk.site.moved["/feed"] = "http://news.test/feed2"
    visits(desk, None, 5)

    (event,) = all_events(desk)
    assert (event.kind, event.address) == ("moved", "http://news.test/feed2")
    assert event.seen == "http://news.test/feed has moved for good to http://news.test/feed2, which is asked now"


def reviewed(store: Store, now: datetime) -> list[tuple[str, str]]:
    for one in store.to_review(quiet=SHORTEST, stories_since=now - HOUR):
        facts = store.health_facts(one, quiet=SHORTEST, gaps_since=now - GAPS_TOLD)
        store.save_signs(one, list(review(facts)), now)
    return [(event.kind, event.change) for event in store.events_after("nobody", 99)]


def poll(store: Store, now: datetime, *published: datetime) -> None:
    entries = tuple(
        EntryToSave(
            canonical_url=f"https://news.test/{at:%m%d%H}", url=f"https://news.test/{at:%m%d%H}", title="A story",
            feed_hash="h", verdict=verdict(), state="skipped", published=at,
        )
        for at in published
    )  # fmt: skip
    outcome = "ok" if entries else "unchanged"
    store.save_poll(
        PollToSave(
            source="herald-en", owner="tests", started=now, ended=now, outcome=outcome, next_check=now,  # type: ignore[arg-type]
            shown=len(entries), entries=entries,
        )
    )  # fmt: skip


def test_silence_begins_with_the_last_story_and_ends_with_the_next(desk: Desk) -> None:
    with Store.open(desk.path) as store:
        desk.run(lambda _world: asyncio.sleep(0))  # syncs the catalogue
        poll(store, NOW, *[NOW - n * 4 * HOUR for n in range(60)])
        poll(store, NOW + 7 * HOUR)
        assert reviewed(store, NOW + 7 * HOUR) == []
        assert reviewed(store, NOW + 30 * HOUR) == []  # nobody has asked it since

        poll(store, NOW + 9 * HOUR)
        assert reviewed(store, NOW + 9 * HOUR) == [("silent", "began")]
        assert reviewed(store, NOW + 9.1 * HOUR) == [("silent", "began")]
        (event,) = store.events_after("nobody", 9)
        assert (event.since, event.seen) == (NOW, "nothing new for 9 h; its longest pause in six weeks was 4 h")

        poll(store, NOW + 60 * HOUR)
        assert reviewed(store, NOW + 60 * HOUR)[1:] == [("frozen", "began")]
        poll(store, NOW + 61 * HOUR, NOW + 61 * HOUR)
        assert reviewed(store, NOW + 61 * HOUR)[2:] == [("silent", "ended"), ("frozen", "ended")]
        assert store.to_review(quiet=SHORTEST, stories_since=NOW + 61 * HOUR) == []


def test_pages_that_suddenly_tell_nothing_are_a_new_layout(tmp_path: Path) -> None:
    with newsroom(tmp_path) as store:
        for number in range(45):
            save(store, article(f"old-{number}", body="A story. " * 100, published=NOW - DAY - number * HOUR))
        for number in range(12):
            told = article(f"new-{number}", body="A line.", text_source="summary", published=NOW - number * HOUR)
            store.save_poll(poll_of("lori-en", entry(f"new-{number}")))
            (waiting,) = store.pending_entries("lori-en", NOW, 9)
            save(store, told, entry_id=waiting.id)
            store.save_page_failure(waiting.id, "no text", state="failed", next_try=None, refusal="no text")
        found = reviewed(store, NOW)
        (event,) = store.events_after("nobody", 9)

    assert found == [("layout", "began")]
    assert event.seen == "12 of its last 12 pages are no stories: no text"


def test_a_gap_that_no_road_has_filled_is_noticed_until_one_does(tmp_path: Path) -> None:
    with newsroom(tmp_path) as store:
        store.save_poll(poll_of("lori-en", entry("a"), at=NOW - 3 * HOUR))
        store.save_poll(poll_of("lori-en", entry("b"), entry("c"), at=NOW))
        (gap,) = store.open_gaps("lori-en", NOW)
        assert reviewed(store, NOW) == []  # other roads are tried first

        store.save_fill(FillToSave(source="lori-en", gap=gap.id, note="no road", tried=True), NOW)
        assert reviewed(store, NOW) == [("gap", "began")]
        store.save_fill(FillToSave(source="lori-en", gap=gap.id, note="found", closes=True), NOW)
        assert reviewed(store, NOW) == [("gap", "began"), ("gap", "ended")]


def test_a_source_that_is_switched_off_is_told_of_no_more(tmp_path: Path) -> None:
    sign = Sign(kind="blocked", so=True, seen="HTTP 403")
    with newsroom(tmp_path) as store:
        store.save_signs("lori-en", [sign], NOW)
        store.sync_catalogue(OUTLETS, [source("lori-en", enabled=False)], NOW)
        assert reviewed(store, NOW) == [("blocked", "began"), ("blocked", "ended")]
        store.save_poll(poll_of("lori-en", outcome="blocked", signs=(sign,)))

        assert len(store.events_after("nobody", 9)) == 2
