"""Articles: identity, sightings, revisions, dates."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import Store
from tests.storage_samples import (
    DAY,
    HOUR,
    NOW,
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


def test_a_page_with_the_feeds_own_text_adds_what_the_feed_did_not_say(store: Store) -> None:
    save(store, article(text_source="feed", section=None))
    saved = save(store, article(section="Politics"))

    found = store.article(1)
    assert found is not None
    assert (saved.event, found.section, found.text_source, found.revision) == ("changed", "Politics", "page", 1)


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
