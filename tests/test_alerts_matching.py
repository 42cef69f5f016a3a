"""From stored stories to the outbox, over a real database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.freshness import FreshnessLimits
from alerts.matching import STEP, Matched, match_changes, notice_key
from alerts.rules import Rule
from storage.records import NoticeToSave, SavedNotices
from storage.store import Store
from tests.alerts_world import ARTICLE, HOUR, NOW, RELEVANT, UNSURE, open_store, outbox, poll, rules, save_story

LIMITS = FreshnessLimits(first_poll=6 * HOUR, later=48 * HOUR)
LACHIN = rules(("Lachin road", "lachin"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path) as opened:
        yield opened


def match(store: Store, some: tuple[Rule, ...] = LACHIN, batch: int = 200) -> Matched:
    return sum(match_changes(store, some, LIMITS, NOW, batch=batch), Matched())


def test_a_story_that_fires_two_rules_fills_a_row_for_each_rule_and_channel(store: Store) -> None:
    article = save_story(store, "road")
    two = rules(("Lachin road", "lachin"), ("Snow", "snow"), channels=("desk", "phone", "desk"))

    assert match(store, two) == Matched(articles=1, notices=4)
    assert [(row["rule"], row["channel"], row["article_id"]) for row in outbox(store)] == [
        (rule, channel, article) for rule in ("Lachin road", "Snow") for channel in ("desk", "phone")
    ]
    assert len({row["key"] for row in outbox(store)}) == 4
    assert outbox(store)[0]["why"] == '["title has \\"lachin\\""]'


def test_stories_are_matched_once_and_a_repeat_writes_nothing(store: Store) -> None:
    save_story(store, "road")
    match(store)

    assert match(store) == Matched()

    with closing(sqlite3.connect(store.path)) as db:
        db.execute("UPDATE mark SET seq = 0")
        db.commit()
    assert match(store) == Matched(articles=1)
    assert len(outbox(store)) == 1


def test_small_batches_reach_the_end(store: Store) -> None:
    for i in range(7):
        save_story(store, f"road-{i}")

    assert match(store, batch=2) == Matched(articles=7, notices=7)


def test_a_story_judged_not_relevant_fires_only_rules_that_say_so(store: Store) -> None:
    save_story(store, "road", verdict=UNSURE)
    some = LACHIN + rules(("all of it", "lachin"), relevant_only=False)

    assert match(store, some) == Matched(articles=1, notices=1)
    assert outbox(store)[0]["rule"] == "all of it"


def test_a_revision_may_fire_a_rule_and_never_fires_it_twice(store: Store) -> None:
    save_story(store, "road", title="Snow closes a road", content_hash="1")
    assert match(store).notices == 0

    save_story(store, "road", title="Snow closes the Lachin road", content_hash="2")
    assert match(store).notices == 1

    save_story(store, "road", title="Snow closed the Lachin road", content_hash="3")
    assert match(store) == Matched(articles=1)


def test_what_is_old_is_recorded_with_its_reason_and_never_due(store: Store) -> None:
    save_story(store, "road", published=NOW - timedelta(days=3))

    assert match(store) == Matched(articles=1, held=1)
    assert outbox(store)[0]["state"] == "held"
    assert outbox(store)[0]["held"] == "older than 48 h"
    assert store.lease_notices(owner="run", now=NOW + timedelta(days=9), lease=HOUR, limit=9) == []


def test_the_first_poll_of_a_source_tells_only_of_the_last_hours(store: Store) -> None:
    ages = {"fresh": 1, "stale": 7}
    poll(store, *ages)
    for entry in store.pending_entries("khazar-post-en", NOW, 10):
        name = entry.canonical_url.rpartition("/")[2]
        save_entry(store, entry.id, name, ages[name])

    assert match(store) == Matched(articles=2, notices=1, held=1)

    poll(store, "late", now=NOW)
    (entry,) = store.pending_entries("khazar-post-en", NOW, 10)
    save_entry(store, entry.id, "late", 7)
    assert match(store) == Matched(articles=1, notices=1)


def test_a_story_held_for_want_of_a_date_is_told_once_its_page_states_a_fresh_one(store: Store) -> None:
    poll(store, "road")
    (entry,) = store.pending_entries("khazar-post-en", NOW, 10)
    save_entry(store, entry.id, "road", None)
    assert match(store) == Matched(articles=1, held=1)

    save_story(store, "road", content_hash="dated", published=NOW - HOUR)
    assert match(store) == Matched(articles=1, notices=1)
    (row,) = outbox(store)
    assert (row["state"], row["held"]) == ("waiting", None)


def save_entry(store: Store, entry_id: int, name: str, hours_ago: int | None) -> None:
    url = f"https://khazar-post.test/en/{name}"
    article = replace(
        ARTICLE,
        url=url,
        canonical_url=url,
        final_url=url,
        content_hash=name,
        published=None if hours_ago is None else NOW - hours_ago * HOUR,
    )
    store.save_article(article, RELEVANT, entry_id=entry_id, now=NOW)


def test_without_rules_the_mark_moves_so_that_a_later_rule_is_not_told_the_past(store: Store) -> None:
    save_story(store, "road")
    assert match(store, ()) == Matched()

    save_story(store, "road-2")
    assert match(store) == Matched(articles=1, notices=1)


def test_a_crash_before_the_transaction_repeats_the_batch(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    save_story(store, "road")

    def power_cut(*_: object) -> SavedNotices:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(store, "save_matches", power_cut)
        with pytest.raises(KeyboardInterrupt):
            match(store)

    assert outbox(store) == []
    assert match(store) == Matched(articles=1, notices=1)


def test_notices_and_mark_are_written_together_or_not_at_all(store: Store) -> None:
    save_story(store, "road")
    orphan = NoticeToSave(rule="r", article_id=999, channel="desk", key="k", why=())

    with pytest.raises(sqlite3.IntegrityError):
        store.save_matches(STEP, 1, [orphan], NOW)

    assert len(store.changes_after(STEP, 10)) == 1


def test_a_key_depends_on_rule_story_and_channel_and_on_nothing_else() -> None:
    one = notice_key("Lachin road", "https://khazar-post.test/en/road", "desk")

    assert one == "c86230de622f831895ceb763adaf2853"
    others = {
        notice_key("Lachin", "https://khazar-post.test/en/road", "desk"),
        notice_key("Lachin road", "https://khazar-post.test/en/road2", "desk"),
        notice_key("Lachin road", "https://khazar-post.test/en/road", "phone"),
    }
    assert len(others | {one}) == 4
