"""Entries: which pages are still to be fetched."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from storage import Store
from tests.storage_samples import (
    HOUR,
    NOW,
    article,
    entry,
    newsroom,
    poll,
    save,
    verdict,
)
from topic.verdict import Mention


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with newsroom(tmp_path) as store:
        yield store


def test_the_first_poll_that_brings_anything_marks_its_entries_as_history(store: Store) -> None:
    store.save_poll(poll("lori-en"))
    store.save_poll(poll("lori-en", entry("old")))
    store.save_poll(poll("lori-en", entry("old"), entry("new")))

    found = {one.title[-3:]: one.first_poll for one in store.pending_entries("lori-en", NOW, 9)}

    assert found == {"old": True, "new": False}


def test_a_poll_and_its_entries_are_written_together_or_not_at_all(store: Store) -> None:
    broken = entry("b", verdict=replace(verdict(), outcome=None))  # type: ignore[arg-type]
    with pytest.raises(sqlite3.IntegrityError):
        store.save_poll(poll("lori-en", entry("a"), broken, etag="new"))

    assert store.pending_entries("lori-en", NOW, 9) == []
    (source,) = store.claim_sources(owner="host/1/1", now=NOW, lease=HOUR, limit=1, only=["lori-en"])
    assert source.etag is None


def test_an_entry_whose_feed_says_something_else_is_fetched_again(store: Store) -> None:
    store.save_poll(poll("lori-en", entry()))
    save(store, article(), entry_id=1)
    assert store.pending_entries("lori-en", NOW, 9) == []

    again = store.save_poll(poll("lori-en", entry()))
    changed = store.save_poll(poll("lori-en", entry(feed_hash="other", title="Corrected")))

    assert (again.new, again.changed, changed.changed) == (0, 0, 1)
    assert [one.title for one in store.pending_entries("lori-en", NOW, 9)] == ["Corrected"]


def test_a_skipped_entry_that_becomes_hopeful_is_fetched(store: Store) -> None:
    store.save_poll(poll("lori-en", entry(state="skipped")))
    store.save_poll(poll("lori-en", entry(feed_hash="other", state="skipped")))
    assert store.pending_entries("lori-en", NOW, 9) == []

    store.save_poll(poll("lori-en", entry(feed_hash="third", state="pending")))

    assert len(store.pending_entries("lori-en", NOW, 9)) == 1


def test_a_page_that_is_given_up_leaves_the_queue_and_gives_up_the_feeds_text(store: Store, tmp_path: Path) -> None:
    store.save_poll(poll("lori-en", entry(content="<p>whole text</p>")))
    later = NOW + HOUR
    store.save_page_failure(1, "HTTP 500", state="pending", next_try=later)
    assert store.pending_entries("lori-en", NOW, 9) == []
    waiting = store.pending_entries("lori-en", later, 9)[0]
    assert (waiting.attempts, waiting.content) == (1, "<p>whole text</p>")

    store.save_page_failure(1, "HTTP 404", state="failed", next_try=None)

    assert store.pending_entries("lori-en", later, 9) == []
    assert store._db.execute("SELECT content, problem, attempts FROM entry").fetchone()[:] == ("", "HTTP 404", 2)


def test_what_failed_for_want_of_a_network_is_due_when_it_is_back(store: Store) -> None:
    store.save_poll(poll("lori-en", entry(), outcome="offline"))
    store.save_page_failure(1, "no network", state="pending", next_try=NOW + HOUR, blame=False)

    assert store.make_offline_due(NOW) == 1
    assert len(store.pending_entries("lori-en", NOW, 9)) == 1


def test_text_that_cannot_be_encoded_is_stored_readable_and_places_of_mentions_hold(store: Store) -> None:
    bad = "a\ud800\x00b Lachin"
    mention = Mention("lachin", "Lachin", "title", 5, 11)
    store.save_poll(
        poll("lori-en", entry(title=bad, guid=bad, authors=(bad,), published_raw=bad), problem=bad, etag=bad)
    )
    one = article(title=bad, guid=bad, authors=(bad,), section=bad, dateline=bad, published_raw=bad)

    save(store, one, judged=verdict("relevant", mention), entry_id=1)

    found = store.article(1)
    assert found is not None
    assert found.title == "a?\ufffdb Lachin"
    assert found.title[5:11] == found.mentions[0].surface
