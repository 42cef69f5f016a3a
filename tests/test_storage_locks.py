"""Every method of the store on a database that another process holds, and when it is cut off in the middle."""

from __future__ import annotations

import inspect
import itertools
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from storage import Store
from storage.ailments import Sign
from storage.errors import DatabaseLocked
from storage.pages import Page, PageSeen, RevisitLimits
from storage.records import FillToSave
from storage.verdicts import EntryVerdict, NewVerdict
from tests.storage_samples import (
    DAY,
    HOUR,
    NOW,
    OUTLETS,
    SOURCES,
    article,
    dump,
    entry,
    locked,
    poll,
    save,
    small_database,
    verdict,
)

ME = "host/1/1"
GAP = 2
PAGE = Page(article_id=2, entry_id=1, source="lori-en", url="https://lori.test/b", body_hash="", first=NOW, seen=NOW)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = small_database(tmp_path)
    with Store.open(made) as store:
        assert store.ask_backfill("lori-en", NOW - 2 * DAY, NOW - DAY, NOW).id == GAP
        seen = PageSeen(url=PAGE.url, etag=None, last_modified=None, body_hash="", next_visit=NOW)
        save(store, article("b"), entry_id=1, page=seen)
    return made


WRITES: dict[str, Callable[[Store], object]] = {
    "sync_catalogue": lambda store: store.sync_catalogue(OUTLETS, SOURCES, NOW),
    "claim_sources": lambda store: store.claim_sources(owner=ME, now=NOW, lease=HOUR, limit=5),
    "renew_leases": lambda store: store.renew_leases(ME, NOW, HOUR),
    "release_source": lambda store: store.release_source("lori-en", ME),
    "release_owner": lambda store: store.release_owner(ME),
    "save_poll": lambda store: store.save_poll(poll("lori-en", entry("c"))),
    "make_offline_due": lambda store: store.make_offline_due(NOW),
    "save_article": lambda store: save(store, article("c"), entry_id=1),
    "save_page_failure": lambda store: store.save_page_failure(1, "no", state="failed", next_try=None),
    "take_revisit": lambda store: store.take_revisit("lori-en", RevisitLimits(per_day=9, clear=HOUR / 2), NOW),
    "save_revisit": lambda store: store.save_revisit(PAGE, replace(PAGE, withdrawn=NOW), NOW),
    "save_replayed": lambda store: store.save_replayed("k", "1", article("c"), verdict(), NOW),
    "note_replayed": lambda store: store.note_replayed("k", "1", "a.warc:0", "no text"),
    "put_off_revisits": lambda store: store.put_off_revisits("lori-en", NOW, NOW),
    "save_matches": lambda store: store.save_matches("alerts", 1, [], NOW),
    "lease_notices": lambda store: store.lease_notices(owner=ME, now=NOW, lease=HOUR, limit=5),
    "mark_sent": lambda store: store.mark_sent(1, NOW),
    "mark_failed": lambda store: store.mark_failed(1, "no", None),
    "put_off_notices": lambda store: store.put_off_notices(ME, [1]),
    "retry_dead": lambda store: store.retry_dead(NOW),
    "save_fill": lambda store: store.save_fill(FillToSave(source="lori-en", gap=GAP, note="found", closes=True), NOW),
    "ask_backfill": lambda store: store.ask_backfill("lori-en", NOW - DAY, None, NOW),
    "mend_plans": lambda store: store.mend_plans(NOW),
    "plan_poll": lambda store: store.plan_poll("lori-en", ME, NOW + DAY),
    "ask_again": lambda store: store.ask_again([1], NOW),
    "save_verdicts": lambda store: store.save_verdicts([NewVerdict(1, verdict(version="t2"))], NOW),
    "save_entry_verdicts": lambda store: store.save_entry_verdicts([EntryVerdict(1, verdict(), False)], NOW),
    "save_signs": lambda store: store.save_signs("lori-en", [Sign(kind="gone", so=True, seen="HTTP 410")], NOW),
    "set_condition": lambda store: store.set_condition("network", "away", NOW),
    "begin_run": lambda store: store.begin_run("crawl", ME, NOW),
    "end_run": lambda store: store.end_run(1, "done", NOW),
    "drop_old_bodies": lambda store: store.drop_old_bodies(relevant=DAY, other=DAY, now=NOW + 9 * DAY),
    "prune_polls": lambda store: store.prune_polls(NOW + DAY),
}
# These only read, which a writer elsewhere does not hinder, or are tested by themselves.
READS = {
    "article_known_at",
    "leased_by_others",
    "lease_owners",
    "pending_entries",
    "article",
    "searchable",
    "changes_after",
    "rhythms",
    "open_gaps",
    "known_before",
    "replayed",
    "roads",
    "events_after",
    "source_event",
    "to_review",
    "health_facts",
    "boilerplate",
    "utc_means_local",
}
APART = {"open", "open_existing", "close", "checkpoint", "backup", "check"}


def test_the_sweep_knows_every_method_of_the_store() -> None:
    methods = {name for name, _ in inspect.getmembers(Store, callable) if not name.startswith("_")}

    assert methods == WRITES.keys() | READS | APART


@pytest.mark.parametrize("method", WRITES)
def test_a_locked_database_is_said_to_be_and_nothing_is_half_written(path: Path, method: str) -> None:
    before = dump(path)
    with Store.open(path, busy_seconds=0.01) as store, locked(path):
        with pytest.raises(DatabaseLocked, match=f"^{path}: is locked by another process; nothing was written"):
            WRITES[method](store)
        assert not store._db.in_transaction

    assert dump(path) == before


@pytest.mark.parametrize("method", WRITES)
def test_a_method_that_breaks_off_in_the_middle_leaves_nothing_behind(path: Path, method: str) -> None:
    """Each attempt is interrupted a little later in SQLite's own instructions, until one comes through.

    What is interrupted when it has been committed already is there whole.
    """
    before = dump(path)
    other = path.with_name("other.sqlite")
    shutil.copy(path, other)
    with Store.open(other) as store:
        WRITES[method](store)
    whole = dump(other)
    with Store.open(path) as store:
        step = 1
        while _interrupted(store, WRITES[method], step):
            assert not store._db.in_transaction
            found = list(store._db.iterdump())
            assert found in (before, whole)
            if found != before:
                break
            step += 1 + step // 3

    assert step > 1


def _interrupted(store: Store, write: Callable[[Store], object], step: int) -> bool:
    calls = itertools.count(1)
    store._db.set_progress_handler(lambda: next(calls) == step, 1)
    try:
        write(store)
    except sqlite3.OperationalError as error:
        return error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT
    finally:
        store._db.set_progress_handler(None, 0)
    return False


@pytest.mark.parametrize("method", ["leased_by_others", "lease_owners", "pending_entries", "article", "changes_after"])
def test_a_write_elsewhere_does_not_hinder_reading(path: Path, method: str) -> None:
    arguments = {"leased_by_others": (ME, NOW), "pending_entries": ("lori-en", NOW, 5), "article": (1,)}
    with Store.open(path, busy_seconds=0.01) as store, locked(path):
        getattr(store, method)(*arguments.get(method, ("alerts", 5) if method == "changes_after" else ()))


def test_opening_a_new_file_that_another_holds_says_so(tmp_path: Path) -> None:
    path = tmp_path / "news.sqlite"
    with locked(path), pytest.raises(DatabaseLocked):
        Store.open(path, busy_seconds=0.01)
