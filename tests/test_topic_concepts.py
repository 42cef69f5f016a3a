"""The shipped topic's concepts by their names, and what is no topic."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from topic import Topic, load
from topic.concepts import Concept
from topic.errors import TopicErrors
from topic.loading import read_endings


@pytest.fixture(scope="module")
def topic() -> Topic:
    return load()


@pytest.fixture(scope="module")
def concepts(topic: Topic) -> tuple[Concept, ...]:
    return topic.concepts


@pytest.mark.parametrize(
    "name", ["stepanakert", "Stepanakert", "KHANKENDI", "Xankəndi", "Ханкенди", "Степанакерт", "Ստեփանակերտ"]
)
def test_a_concept_is_looked_up_by_any_of_its_names(topic: Topic, name: str) -> None:
    concept = topic.concept(name)

    assert concept is not None
    assert concept.id == "stepanakert"


def test_an_unknown_name_is_no_concept_and_finding_needs_only_a_part_of_a_name(topic: Topic) -> None:
    assert topic.concept("Atlantis") is None
    assert topic.concept("") is None
    assert {"lachin", "lachin_corridor"} <= {one.id for one in topic.find("laçın")}
    assert topic.find("atlantis") == ()


def test_every_star_and_equals_sign_of_the_data_stays_in_the_data(concepts: tuple[Concept, ...]) -> None:
    assert not [name for one in concepts for name in one.all_names() if re.search(r"[*=]", name)]


def test_the_languages_with_endings_are_named_somewhere(concepts: tuple[Concept, ...]) -> None:
    assert read_endings().keys() <= {language for one in concepts for language in one.names}


def test_a_folder_without_settings_is_no_topic(tmp_path: Path) -> None:
    with pytest.raises(TopicErrors, match=r"is no topic: it has no file topic\.toml"):
        load(tmp_path)


def test_mistakes_survive_the_way_from_a_worker_process() -> None:
    import pickle

    error = pickle.loads(pickle.dumps(TopicErrors(["a.toml: one.", "b.toml: two."])))

    assert error.mistakes == ("a.toml: one.", "b.toml: two.")
