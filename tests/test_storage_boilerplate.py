"""What an outlet repeats on page after page is learnt, and neither a story published twice nor a background is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from storage.boilerplate import LEAST_PAGES, paragraph_hash
from storage.reader import Reader
from storage.store import Store
from tests.storage_samples import DAY, NOW, article, newsroom, verdict

TERMS = "Use of the outlet's texts is allowed with a link to the page they are taken from."
OUTLET = "lori-herald"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with newsroom(tmp_path) as opened:
        yield opened


def told(number: int) -> str:
    return f"Story number {number} tells of the bridge, of the road to it, and of what both of them cost the country."


def save(store: Store, name: str, *paragraphs: str, days: float = 0, text_source: str = "page") -> None:
    one = article(name, body="\n\n".join(paragraphs), text_source=text_source)
    store.save_article(one, verdict(), entry_id=None, now=NOW + days * DAY)


def test_what_stands_under_every_story_is_learnt_from_the_fifth(store: Store) -> None:
    for number in range(LEAST_PAGES - 1):
        save(store, f"s{number}", told(number), TERMS)
    before = store.boilerplate(OUTLET)
    save(store, "last", told(99), TERMS)

    assert before == frozenset()
    assert store.boilerplate(OUTLET) == {paragraph_hash(TERMS.upper())}
    assert store.boilerplate("khazar-news") == frozenset()
    with Reader.open(store.path) as reader:
        assert [(one.sample, one.pages) for one in reader.repeated(OUTLET)] == [(TERMS, LEAST_PAGES)]


def test_one_story_under_many_addresses_is_no_boilerplate(store: Store) -> None:
    for number in range(2 * LEAST_PAGES):
        save(store, f"copy{number}", told(1), TERMS, "Updated.")

    assert store.boilerplate(OUTLET) == frozenset()


def test_one_page_stored_again_counts_once(store: Store) -> None:
    for number in range(2 * LEAST_PAGES):
        save(store, "same", told(number), TERMS)

    assert store.boilerplate(OUTLET) == frozenset()


def test_the_background_of_one_affair_among_others_is_no_boilerplate(store: Store) -> None:
    for number in range(40):
        save(store, f"s{number}", told(number), *([TERMS] if number % 5 == 0 else []))

    assert store.boilerplate(OUTLET) == frozenset()


def test_feeds_words_are_not_counted(store: Store) -> None:
    for number in range(2 * LEAST_PAGES):
        save(store, f"s{number}", told(number), TERMS, text_source="feed")

    assert store.boilerplate(OUTLET) == frozenset()


def test_what_was_learnt_is_given_up_after_half_a_year(store: Store) -> None:
    for number in range(LEAST_PAGES):
        save(store, f"s{number}", told(number), TERMS)
    for number in range(50):
        save(store, f"later{number}", told(100 + number), days=timedelta(days=200) / DAY)

    assert store.boilerplate(OUTLET) == frozenset()


def test_a_story_that_only_loses_what_was_learnt_since_was_not_revised_by_its_outlet(store: Store) -> None:
    for number in range(LEAST_PAGES):
        save(store, f"s{number}", told(number), TERMS)
    save(store, "s0", told(0), days=1)
    save(store, "s1", told(77), days=1)

    first, second = store.article(1), store.article(2)
    assert first is not None
    assert second is not None
    assert (first.body, first.revision) == (told(0), 1)
    assert (second.body, second.revision) == (told(77), 2)
