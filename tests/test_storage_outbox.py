"""Notices: held, leased, sent, given up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from storage import Store
from storage.records import NoticeToSave, SavedNotices
from tests.storage_samples import (
    DAY,
    NOW,
    article,
    newsroom,
    save,
)

ME, OTHER = "host/1/1", "host/2/2"
LEASE = timedelta(minutes=3)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with newsroom(tmp_path) as store:
        yield store


def notice(article_id: int = 1, held: str | None = None, channel: str = "desk") -> NoticeToSave:
    return NoticeToSave(
        rule="road", article_id=article_id, channel=channel, key=f"k{article_id}", why=("title",), held=held
    )


def test_notices_and_mark_are_one_step_and_repeating_it_adds_nothing(store: Store) -> None:
    save(store, article())

    assert store.save_matches("alerts", 1, [notice()], NOW) == SavedNotices(1, 0)
    assert store.save_matches("alerts", 1, [notice()], NOW) == SavedNotices(0, 0)
    assert store.changes_after("alerts", 9) == []


def test_a_notice_held_back_is_sent_once_its_story_proves_to_be_news(store: Store) -> None:
    save(store, article())
    store.save_matches("alerts", 1, [notice(held="too old")], NOW)
    assert store.lease_notices(owner=ME, now=NOW, lease=LEASE, limit=9) == []

    assert store.save_matches("alerts", 2, [notice()], NOW) == SavedNotices(1, 0)
    assert len(store.lease_notices(owner=ME, now=NOW, lease=LEASE, limit=9)) == 1


def test_a_notice_is_leased_to_one_and_a_late_failure_does_not_unsend_it(store: Store) -> None:
    save(store, article())
    store.save_matches("alerts", 1, [notice()], NOW)
    (first,) = store.lease_notices(owner=ME, now=NOW, lease=LEASE, limit=9)
    assert store.lease_notices(owner=OTHER, now=NOW, lease=LEASE, limit=9) == []
    (second,) = store.lease_notices(owner=OTHER, now=NOW + LEASE, lease=LEASE, limit=9)
    store.mark_sent(second.id, NOW)

    store.mark_failed(first.id, "timeout", NOW)

    assert store.lease_notices(owner=ME, now=NOW + DAY, lease=LEASE, limit=9) == []


def test_a_notice_given_up_can_be_tried_again(store: Store) -> None:
    save(store, article())
    store.save_matches("alerts", 1, [notice()], NOW)
    (leased,) = store.lease_notices(owner=ME, now=NOW, lease=LEASE, limit=9)
    store.mark_failed(leased.id, "refused", None)
    assert store.lease_notices(owner=ME, now=NOW + DAY, lease=LEASE, limit=9) == []

    assert store.retry_dead(NOW) == 1
    assert len(store.lease_notices(owner=ME, now=NOW, lease=LEASE, limit=9)) == 1
