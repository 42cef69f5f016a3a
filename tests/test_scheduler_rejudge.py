"""A changed topic over what is stored, and back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler.rejudge import WITHOUT_BODY, Rejudged, rejudge
from storage import Reader, Store
from tests.storage_samples import DAY, NOW, article, changes, dump, entry, newsroom, poll, save
from topic import Topic, load

SETTINGS = """
id = "water"
version = 1
title = "Water"
[tiers]
core = [1.0, 1.0]
[company]
groups = []
[weights]
base = -2.0
title = 4.0
lead = 2.0
share = 1.0
names = 1.0
against = -2.0
lead_characters = 400
main_share = 0.5
aside = 0.5
relevant = 0.5
unsure = 0.2
"""
CONCEPT = """
[[concept]]
id = "{id}"
kind = "{kind}"
tier = "core"
label = "{id}"
[concept.names]
en = ["{name}"]
"""


def topic_of(folder: Path, **names: str) -> Topic:
    """A topic of rivers, each with one name."""
    folder.mkdir()
    (folder / "topic.toml").write_text(SETTINGS, encoding="utf-8")
    concepts = (CONCEPT.format(id=id_, kind="term", name=name) for id_, name in names.items())
    (folder / "rivers.toml").write_text('source = "test"\n' + "".join(concepts), encoding="utf-8")
    return load(folder)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with newsroom(tmp_path) as store:
        yield store


@pytest.fixture
def old(tmp_path: Path) -> Topic:
    return topic_of(tmp_path / "old", arax="Arax")


@pytest.fixture
def new(tmp_path: Path) -> Topic:
    return topic_of(tmp_path / "new", kura="Kura")


def stored(store: Store, topic: Topic, name: str, title: str, body: str = "Water is rising.") -> int:
    return save(store, article(name, title=title, body=body, summary=title), judged=topic.judge(title, body)).article_id


def over(store: Store, topic: Topic, *, writes: bool = True, refetch: bool = False) -> Rejudged:
    with Reader.open(store.path) as reader:
        general = frozenset({"khazar-post"})
        return rejudge(reader, topic, general, store=store if writes else None, refetch=refetch, now=NOW + DAY)


def outcomes(store: Store) -> dict[int, tuple[str, str, tuple[str, ...]]]:
    found = [store.article(number) for number in (1, 2, 3)]
    return {one.id: (one.outcome, one.topic_version, tuple(m.concept for m in one.mentions)) for one in found if one}


def test_what_would_change_is_shown_before_anything_does(store: Store, old: Topic, new: Topic) -> None:
    stored(store, old, "a", "The Arax is rising")
    stored(store, old, "b", "The Kura is rising")
    before = dump(store.path)

    shown = over(store, new, writes=False)

    assert [(one.id, one.before, one.verdict.outcome) for one in shown.changed] == [
        (1, "relevant", "not"),
        (2, "not", "relevant"),
    ]
    assert shown.versions == {old.version: 2}
    assert dump(store.path) == before


def test_verdicts_and_mentions_follow_the_new_topic_and_the_old_one_brings_them_back(
    store: Store, old: Topic, new: Topic
) -> None:
    stored(store, old, "a", "The Arax is rising")
    stored(store, old, "b", "The Kura is rising")
    stored(store, old, "c", "A bridge over the Arax and the Kura")
    before = outcomes(store)

    over(store, new)

    assert outcomes(store) == {
        1: ("not", new.version, ()),
        2: ("relevant", new.version, ("kura",)),
        3: ("relevant", new.version, ("kura",)),
    }
    over(store, old)
    assert outcomes(store) == before
    assert over(store, old).stories == 0


def test_steps_downstream_hear_of_stories_whose_outcome_changes(store: Store, old: Topic, new: Topic) -> None:
    stored(store, old, "a", "The Arax is rising")
    stored(store, old, "b", "A bridge over the Arax and the Kura")
    heard = changes(store)

    over(store, new)

    assert changes(store) == [*heard, 1]


def test_a_story_without_its_text_is_judged_on_title_and_summary_and_the_old_verdict_comes_back(
    store: Store, old: Topic, new: Topic
) -> None:
    stored(store, old, "a", "A flood", body="The Arax is rising. " * 3)
    before = store.article(1)
    assert before is not None
    store.drop_old_bodies(relevant=DAY, other=DAY, now=NOW + 2 * DAY)

    done = over(store, new)

    after = store.article(1)
    assert after is not None
    assert (done.without_body, after.outcome) == (1, "not")
    assert after.reasons[-1] == WITHOUT_BODY
    assert over(store, old).without_body == 0
    back = store.article(1)
    assert back is not None
    assert (back.outcome, back.score, back.reasons, back.mentions) == (
        before.outcome,
        before.score,
        before.reasons,
        before.mentions,
    )


def test_pages_of_stories_without_text_are_asked_again_on_request_and_their_text_stays(
    store: Store, old: Topic, new: Topic
) -> None:
    store.save_poll(poll("lori-en", entry("a"), entry("b")))
    for number, name, title in ((1, "a", "The Kura is rising"), (2, "b", "A quiet day")):
        text = f"{title}, people say."
        save(store, article(name, title=title, body=text), judged=old.judge(title, text), entry_id=number)
    store.drop_old_bodies(relevant=DAY, other=DAY, now=NOW + 2 * DAY)

    assert over(store, new, refetch=True).asked_again == 1

    (waiting,) = store.pending_entries("lori-en", NOW + DAY, 9)
    assert waiting.id == 1
    text = "The Kura is rising, people say."
    again = article("a", title="The Kura is rising", body=text)
    save(store, again, judged=new.judge(again.title, text), entry_id=waiting.id, now=NOW + 2 * DAY)
    found = store.article(1)
    assert found is not None
    assert (found.body, found.body_dropped, found.revision) == (text, None, 1)


def test_entries_passed_over_are_fetched_once_the_topic_knows_them(store: Store, old: Topic, new: Topic) -> None:
    said = [("a", "The Kura is rising"), ("b", "A quiet day")]
    store.save_poll(
        poll(
            "khazar-az",
            *(entry(name, title=title, verdict=old.judge(title, ""), state="skipped") for name, title in said),
        )
    )

    done = over(store, new)

    assert (done.entries, done.to_fetch) == (2, 1)
    assert [one.title for one in store.pending_entries("khazar-az", NOW + DAY, 9)] == ["The Kura is rising"]
    assert over(store, new).entries == 0
