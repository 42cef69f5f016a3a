"""What is dropped with time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import Store, retention
from tests.storage_samples import (
    DAY,
    NOW,
    OUTLETS,
    SOURCES,
    article,
    changes,
    entry,
    newsroom,
    poll,
    save,
    verdict,
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with newsroom(tmp_path) as store:
        yield store


def test_retention_drops_bodies_by_verdict_and_search_forgets_them(store: Store) -> None:
    for name, outcome in (("a", "relevant"), ("b", "unsure"), ("c", "not")):
        save(store, article(name), judged=verdict(outcome))  # type: ignore[arg-type]
        save(store, article(name, body=f"Changed {name}"), judged=verdict(outcome))  # type: ignore[arg-type]
    save(store, article("young"), judged=verdict("not"), now=NOW + 20 * DAY)
    later = NOW + 31 * DAY

    assert store.drop_old_bodies(relevant=None, other=30 * DAY, now=later) == 2

    bodies = [store.article(number) for number in (1, 2, 3, 4)]
    assert [bool(one and one.body) for one in bodies] == [True, False, False, True]
    assert [one and one.body_dropped for one in bodies] == [None, later, later, None]
    kept = store._db.execute("SELECT article_id FROM revision WHERE body <> ''").fetchall()
    assert [row[0] for row in kept] == [1]
    found = store._db.execute("SELECT rowid FROM article_fts WHERE article_fts MATCH 'body : changed'").fetchall()
    assert [row[0] for row in found] == [1]
    assert store.drop_old_bodies(relevant=None, other=30 * DAY, now=later) == 0


def test_retention_goes_on_until_nothing_is_left_to_drop(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for number in range(5):
        save(store, article(str(number)), judged=verdict("not"))

    assert store.drop_old_bodies(relevant=None, other=DAY, now=NOW + 2 * DAY) == 5
    assert store.drop_old_bodies(relevant=None, other=DAY, now=NOW + 2 * DAY) == 0


def test_a_dropped_body_that_is_seen_again_unchanged_stays_dropped(store: Store) -> None:
    save(store, article(), judged=verdict("not"))
    store.drop_old_bodies(relevant=None, other=30 * DAY, now=NOW + 31 * DAY)

    assert save(store, article(), judged=verdict("not"), now=NOW + 32 * DAY).event == "same"
    found = store.article(1)
    assert found is not None
    assert found.body == ""


def test_entries_of_a_source_that_is_off_do_not_wait_for_ever(store: Store) -> None:
    store.save_poll(poll("lori-en", entry(content="text", verdict=verdict("not")), entry("b")))
    store.sync_catalogue(OUTLETS, SOURCES[1:], NOW)

    store.drop_old_bodies(relevant=None, other=30 * DAY, now=NOW + 31 * DAY)

    rows = store._db.execute("SELECT state, content FROM entry ORDER BY id").fetchall()
    assert [tuple(row) for row in rows] == [("failed", ""), ("pending", "")]


def test_pruning_keeps_the_changes_that_a_step_has_not_handled(store: Store) -> None:
    for name in "abc":
        save(store, article(name))
    store.save_matches("alerts", 2, [], NOW)
    store.save_matches("stories", 3, [], NOW)
    store.save_poll(poll("lori-en"))

    assert store.prune_polls(NOW + DAY) == 1

    assert [change.seq for change in store.changes_after("alerts", 9)] == [3]
    assert changes(store) == [3]
    save(store, article("d"))
    assert [change.seq for change in store.changes_after("stories", 9)] == [4]
