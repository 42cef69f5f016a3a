from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from storage import Store, retention
from storage.records import NoticeToSave, SavedNotices, SourceForPoll
from tests.storage_samples import DAY, HOUR, NOW, OUTLETS, SOURCES, article, entry, fill, poll, save, source, verdict
from topic.verdict import Mention

ME, OTHER = "host/1/1", "host/2/2"
LEASE = timedelta(minutes=3)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "news.sqlite") as store:
        fill(store)
        yield store
        assert store.check() == []  # the full-text index is in step with the texts


def claim(store: Store, owner: str = ME, **more: object) -> list[str]:
    return [one.id for one in claimed(store, owner, **more)]


def claimed(store: Store, owner: str = ME, **more: object) -> list[SourceForPoll]:
    return store.claim_sources(**({"owner": owner, "now": NOW, "lease": LEASE, "limit": 10} | more))  # type: ignore[arg-type]


def changes(store: Store) -> list[int]:
    return [change.article_id for change in store.changes_after("nobody", 1000)]


# The timetable


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


# Entries


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
    assert claimed(store)[0].etag is None


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


# Articles


def test_one_story_in_two_feeds_is_one_article_with_two_sightings(store: Store) -> None:
    store.save_poll(poll("lori-en", entry()))
    store.save_poll(poll("lori-top", entry()))
    one, two = store.pending_entries("lori-en", NOW, 1)[0], store.pending_entries("lori-top", NOW, 1)[0]

    first = save(store, article(), entry_id=one.id)
    second = save(store, article(source="lori-top"), entry_id=two.id)

    assert (first.event, second.event, first.article_id) == ("new", "same", second.article_id)
    found = store.article(1)
    assert found is not None
    assert {sighting.source for sighting in found.sightings} == {"lori-en", "lori-top"}
    assert found.source == "lori-en"
    assert changes(store) == [1]


def test_a_story_known_under_another_address_is_not_fetched_again(store: Store) -> None:
    store.save_poll(poll("lori-en", entry(canonical_url="https://short.test/1", url="https://short.test/1")))
    save(store, article(also_at=("https://m.lori.test/a",)), entry_id=1)

    for address in ("https://short.test/1", "https://m.lori.test/a", "https://lori.test/a"):
        store.save_poll(poll("lori-top", entry(canonical_url=address)))

    assert store.pending_entries("lori-top", NOW, 9) == []


def test_an_outlet_cannot_hide_the_stories_of_another_behind_its_own(store: Store) -> None:
    theirs = {"outlet": "khazar-post", "source": "khazar-az"}
    claimed = "https://khazar.test/1"
    save(store, article(also_at=(claimed,)))

    store.save_poll(poll("khazar-az", entry(canonical_url=claimed)))
    (waiting,) = store.pending_entries("khazar-az", NOW, 9)
    saved = save(store, article("other", canonical_url=claimed, url=claimed, **theirs), entry_id=waiting.id)

    assert saved.event == "new"
    assert store.article(saved.article_id) != store.article(1)


def test_two_feeds_that_put_a_story_differently_do_not_revise_each_other(store: Store) -> None:
    summary = {"text_source": "summary", "body": ""}
    save(store, article(summary="One way", **summary))

    other = save(store, article(summary="Another way", source="lori-top", **summary))
    better = save(
        store, article(summary="Lachin said", source="lori-top", **summary), judged=verdict("relevant", score=0.95)
    )
    own = save(store, article(summary="One way, corrected", **summary), judged=verdict("relevant", score=0.99))

    assert (other.event, better.event, own.event) == ("same", "changed", "changed")


def test_the_page_takes_the_place_of_the_feeds_words_and_never_the_other_way_round(store: Store) -> None:
    save(store, article(text_source="summary", body="", summary="Short"))
    page = save(store, article(body="The whole story."))
    back = save(store, article(text_source="feed", body="Shorter again."))

    found = store.article(1)
    assert found is not None
    assert (page.event, back.event) == ("changed", "same")
    assert (found.body, found.revision) == ("The whole story.", 1)


def test_a_changed_text_is_a_revision_and_the_former_stays(store: Store) -> None:
    save(store, article(title="44 seized"))
    later = NOW + HOUR
    saved = save(store, article(title="46 seized", fetched=later, published=later), now=later)

    found = store.article(1)
    assert found is not None
    assert (saved.event, found.revision, found.title) == ("changed", 2, "46 seized")
    assert store._db.execute("SELECT number, title, seen_until FROM revision").fetchone()[:] == (
        1,
        "44 seized",
        "2026-11-24T13:00:00Z",
    )
    assert changes(store) == [1, 1]


def test_an_outlet_that_moves_a_date_up_does_not_bring_its_story_up(store: Store) -> None:
    save(store, article())
    save(store, article(title="Again", published=NOW + 5 * HOUR), now=NOW + 5 * HOUR)

    found = store.article(1)
    assert found is not None
    assert found.published == NOW - HOUR
    assert found.sort_at == NOW - HOUR


def test_a_story_without_a_date_stays_where_it_was_when_it_changes(store: Store) -> None:
    save(store, article(published=None))
    save(store, article(title="Changed", published=None), now=NOW + DAY)

    found = store.article(1)
    assert found is not None
    assert found.sort_at == NOW
    assert store._db.execute("SELECT sort_at FROM article").fetchone()[0] == "2026-11-24T12:00:00Z"


def test_the_better_date_of_the_page_takes_the_place_of_the_feeds(store: Store) -> None:
    save(store, article(text_source="feed", published=NOW - 3 * HOUR))
    save(store, article(title="From the page", published=NOW - 2 * HOUR))

    found = store.article(1)
    assert found is not None
    assert found.published == NOW - 2 * HOUR


def test_history_becomes_news_when_a_source_that_was_watched_shows_it(store: Store) -> None:
    store.save_poll(poll("lori-en", entry("other")))
    store.save_poll(poll("lori-top", entry()))
    save(store, article(source="lori-top"), entry_id=2)
    found = store.article(1)
    assert found is not None
    assert found.first_poll

    store.save_poll(poll("lori-en", entry(), at=NOW + HOUR))

    found = store.article(1)
    assert found is not None
    assert not found.first_poll
    assert changes(store) == [1, 1]


def test_news_does_not_become_history_when_a_new_source_shows_it(store: Store) -> None:
    store.save_poll(poll("lori-en", entry("other")))
    store.save_poll(poll("lori-en", entry()))
    save(store, article(), entry_id=2)

    store.save_poll(poll("lori-top", entry()))

    found = store.article(1)
    assert found is not None
    assert not found.first_poll
    assert changes(store) == [1]


def test_a_new_topic_judges_a_text_anew_without_a_revision(store: Store) -> None:
    save(store, article(), judged=verdict("not"))
    saved = save(store, article(), judged=verdict("relevant", version="t2"))

    found = store.article(1)
    assert found is not None
    assert (saved.event, found.outcome, found.revision) == ("changed", "relevant", 1)


# Retention


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


# The outbox


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


def test_the_catalogue_can_grow_while_articles_stay(store: Store) -> None:
    store.sync_catalogue(OUTLETS, (*SOURCES, source("lori-extra")), NOW)

    assert "lori-extra" in claim(store)
