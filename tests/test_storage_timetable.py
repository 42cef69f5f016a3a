"""The timetable: leases, and what a poll changes of its source."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from storage import Store
from storage.records import SourceForPoll
from tests.storage_samples import (
    DAY,
    NOW,
    OUTLETS,
    SOURCES,
    article,
    entry,
    newsroom,
    poll,
    save,
    source,
)

ME, OTHER = "host/1/1", "host/2/2"
LEASE = timedelta(minutes=3)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with newsroom(tmp_path) as store:
        yield store


def claim(store: Store, owner: str = ME, **more: object) -> list[str]:
    return [one.id for one in claimed(store, owner, **more)]


def claimed(store: Store, owner: str = ME, **more: object) -> list[SourceForPoll]:
    return store.claim_sources(**({"owner": owner, "now": NOW, "lease": LEASE, "limit": 10} | more))  # type: ignore[arg-type]


def test_two_runs_never_hold_one_source(store: Store) -> None:
    first = claim(store, ME, limit=2)
    second = claim(store, OTHER)

    assert sorted(first + second) == sorted(row.id for row in SOURCES)
    assert not set(first) & set(second)
    assert store.leased_by_others(ME, NOW) == 1


def test_a_run_does_not_claim_again_what_it_visits(store: Store) -> None:
    claim(store, ME)

    assert claim(store, ME) == []
    assert store.leased_by_others(ME, NOW) == 0


def test_a_lease_that_ran_out_is_free_for_another(store: Store) -> None:
    claim(store, ME)

    assert len(claim(store, OTHER, now=NOW + LEASE)) == 3
    store.renew_leases(ME, NOW + LEASE, LEASE)
    assert claim(store, ME, now=NOW + LEASE) == []


def test_what_a_dead_owner_held_is_given_back(store: Store) -> None:
    claim(store, OTHER)
    assert store.lease_owners() == [OTHER]

    store.release_owner(OTHER)

    assert store.lease_owners() == []
    assert len(claim(store, ME)) == 3


def test_who_slept_until_another_took_over_leaves_it_the_timetable_but_loses_no_story(store: Store) -> None:
    claim(store, ME)
    claim(store, OTHER, now=NOW + LEASE)
    store.save_poll(poll("lori-en", entry("a"), owner=OTHER, at=NOW + LEASE, etag="newer"))

    saved = store.save_poll(poll("lori-en", entry("b"), owner=ME, at=NOW + LEASE, etag="older"))

    store.release_owner(OTHER)
    later = next(one for one in claimed(store, now=NOW + DAY) if one.id == "lori-en")
    assert (saved.new, later.etag) == (1, "newer")
    assert len(store.pending_entries("lori-en", NOW + DAY, 9)) == 2


def test_a_retired_source_is_polled_no_more_but_its_pages_are_fetched(store: Store) -> None:
    store.save_poll(poll("lori-en", entry()))
    store.save_poll(poll("lori-en", outcome="gone", retire=True, failures=3))
    later = NOW + DAY

    found = next(one for one in claimed(store, now=later) if one.id == "lori-en")

    assert not found.poll_due
    store.release_owner(ME)
    assert next(one for one in claimed(store, now=later, only=["lori-en"])).poll_due


def test_a_changed_address_forgets_what_was_learnt_at_the_old_one(store: Store) -> None:
    store.save_poll(poll("lori-en", etag="x", moving_to="https://new.test/", moving_seen=2, failures=4))
    moved = replace(SOURCES[0], url="https://lori-en.test/other")

    store.sync_catalogue(OUTLETS, (moved, *SOURCES[1:]), NOW)

    found = next(one for one in claimed(store) if one.id == "lori-en")
    assert (found.etag, found.moving_to, found.moving_seen, found.failures) == (None, None, 0, 0)
    assert found.poll_due
    assert found.address == "https://lori-en.test/other"


def test_what_the_catalogue_names_no_more_is_switched_off_and_stays(store: Store) -> None:
    save(store, article())
    store.sync_catalogue(OUTLETS, SOURCES[1:], NOW)

    assert "lori-en" not in claim(store)
    assert store.article(1) is not None


def test_the_catalogue_can_grow_while_articles_stay(store: Store) -> None:
    store.sync_catalogue(OUTLETS, (*SOURCES, source("lori-extra")), NOW)

    assert "lori-extra" in claim(store)


def test_runs_that_claim_at_once_share_the_sources_out(tmp_path: Path) -> None:
    many = [source(f"lori-{number}") for number in range(60)]
    with newsroom(tmp_path) as store:
        store.sync_catalogue(OUTLETS, many, NOW)
    start = threading.Barrier(3)

    def take(owner: str) -> list[str]:
        with Store.open(tmp_path / "news.sqlite") as store:
            start.wait()
            found: list[str] = []
            while some := claim(store, owner, limit=3):
                found += some
            return found

    with ThreadPoolExecutor(3) as pool:
        taken = [name for names in pool.map(take, ("host/1/1", "host/2/2", "host/3/3")) for name in names]

    assert sorted(taken) == sorted(row.id for row in many)
