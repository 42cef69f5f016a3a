"""An outlet that writes Z behind its own clock is known by how its latest stories were read."""

from __future__ import annotations

from pathlib import Path

from storage.clocks import LATEST, mostly_local
from storage.store import Store
from tests.storage_samples import DAY, NOW, article, newsroom, verdict

OUTLET = "lori-herald"


def save(store: Store, name: str, raw: str, *, local: bool, day: int = 0) -> None:
    one = article(
        name,
        published=NOW + day * DAY,
        published_raw=raw,
        published_method="json-ld",
        published_precision="second",
        zone_inferred=local,
    )
    store.save_article(one, verdict(), entry_id=None, now=NOW + day * DAY)


def test_three_stories_found_to_be_local_make_the_rule_and_only_for_that_outlet(tmp_path: Path) -> None:
    with newsroom(tmp_path) as store:
        known = []
        for number in range(3):
            save(store, f"s{number}", "2026-03-03T10:00:00Z", local=True)
            save(store, f"other{number}", "2026-03-03T10:00:00+04:00", local=False)
            known.append(store.utc_means_local(OUTLET))

        assert known == [False, False, True]
        assert not store.utc_means_local("khazar-news")


def test_an_outlet_that_was_mended_is_believed_again(tmp_path: Path) -> None:
    with newsroom(tmp_path) as store:
        for number in range(3):
            save(store, f"old{number}", "2026-03-03T10:00:00Z", local=True)
        save(store, "new", "2026-03-04T10:00:00Z", local=False, day=1)

        assert not store.utc_means_local(OUTLET)


def test_a_tenth_of_chance_hits_does_not_make_the_rule() -> None:
    assert mostly_local([True] * 8 + [False] * 2)
    assert not mostly_local([True] * 5 + [False] * (LATEST - 5))
    assert not mostly_local([True, True])
