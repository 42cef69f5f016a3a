"""The shipped places: both names, coordinates, types, notes."""

from __future__ import annotations

import tomllib

import pytest

from topic import Topic, fold, load
from topic.concepts import Concept
from topic.loading import SHIPPED


@pytest.fixture(scope="module")
def topic() -> Topic:
    return load()


@pytest.fixture(scope="module")
def places(topic: Topic) -> list[Concept]:
    return [one for one in topic.concepts if one.kind == "place"]


def test_about_every_place_of_the_story_is_there_with_its_type_and_source(places: list[Concept]) -> None:
    assert len(places) >= 250
    assert [one.id for one in places if not one.type or not one.source] == []


def test_the_regions_and_towns_that_count_alone_are_named_in_the_main_languages(places: list[Concept]) -> None:
    core = [one for one in places if one.strength == 1.0 and one.type in {"region", "town"}]

    assert core
    assert [one.id for one in core if not {"hy", "az", "ru", "en"} <= one.names.keys()] == []


def test_a_place_of_two_names_is_labelled_by_both(places: list[Concept]) -> None:
    labels = {one.id: one.label for one in places}
    towns = [one for one in places if one.type == "town" and len(one.namings) == 2 and "en" in one.names]
    english = {one.id: fold(" ".join(one.names["en"])) for one in towns}

    assert labels["stepanakert"] == "Stepanakert / Khankendi"
    assert labels["shushi"] == "Shushi / Shusha"
    assert [one.id for one in places if "/" in one.label and " / " not in one.label] == []
    assert [id_ for id_ in english if not any(fold(part) in english[id_] for part in labels[id_].split(" / "))] == []


@pytest.mark.parametrize(
    ("id_", "surface", "naming"),
    [
        ("stepanakert", "Степанакерте", "armenian"),
        ("stepanakert", "Xankəndidə", "azerbaijani"),
        ("stepanakert", "KHANKENDI", "azerbaijani"),
        ("shushi", "Shusha", "azerbaijani"),
        ("shushi", "Shushi’s", "armenian"),
        ("shushi", "Шуше", "azerbaijani"),
        ("shushi", "Шуши", ""),  # the Armenian name, or a case of the other
        ("hadrut", "Hadrut", ""),
        ("kelbajar", "Քարվաճառից", "armenian"),
        ("lachin_corridor", "Lachin corridor", "azerbaijani"),
        ("shushi", "Paris", ""),
    ],
)
def test_a_mention_tells_whose_name_was_used(topic: Topic, id_: str, surface: str, naming: str) -> None:
    concept = topic.concept(id_)

    assert concept is not None
    assert concept.naming(surface) == naming


def test_places_known_by_coordinates_lie_where_the_gazetteer_has_them(places: list[Concept]) -> None:
    at = {one.id: one.at for one in places if one.at}

    assert len(at) >= 40
    assert at["stepanakert"] == (39.8177, 46.7528)
    assert [one.id for one in places if one.at and "GeoNames" not in one.source] == []


def test_the_files_of_places_hold_places_alone() -> None:
    kinds = {
        concept["kind"]
        for path in SHIPPED.glob("places*.toml")
        for concept in tomllib.loads(path.read_text(encoding="utf-8"))["concept"]
    }

    assert kinds == {"place"}
