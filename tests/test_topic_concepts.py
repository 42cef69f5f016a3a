from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from topic import Topic, load
from topic.concepts import Concept
from topic.errors import TopicErrors
from topic.loading import SHIPPED, read_endings


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


def test_the_version_changes_with_the_data_and_not_with_line_ends(tmp_path: Path) -> None:
    same, other = tmp_path / "same", tmp_path / "other"
    for folder in (same, other):
        shutil.copytree(SHIPPED, folder)
    people = same / "people.toml"
    people.write_bytes(people.read_bytes().replace(b"\n", b"\r\n"))
    with (other / "people.toml").open("a", encoding="utf-8") as file:
        file.write("# a remark\n")

    assert load(same).version == load().version
    assert load(other).version != load().version


SETTINGS = """
id = "rivers"
version = 3
title = "Rivers"
[tiers]
core = [1.0, 1.0]
hint = [0.6, 0.1]
[company]
groups = ["flood"]
[weights]
base = -4.0
title = 3.0
lead = 1.5
share = 3.0
names = 1.0
against = -3.0
lead_characters = 200
main_share = 0.5
aside = 0.5
relevant = 0.5
unsure = 0.25
[[together]]
label = "{city} and {flood}"
groups = [["city"], ["flood"]]
strength = 1.0
"""
CONCEPTS = """
source = "an atlas"
[[concept]]
id = "danube"
kind = "place"
tier = "core"
label = "Danube"
[concept.names]
en = ["Danube"]
de = ["Donau"]
[[concept]]
id = "inn"
kind = "place"
tier = "hint"
label = "Inn"
note = "an inn is also a house"
as_written = true
own_language = true
[concept.names]
de = ["=Inn"]
[[concept]]
id = "passau"
kind = "side"
label = "Passau"
groups = ["city"]
[concept.names]
de = ["Passau"]
[[concept]]
id = "flood"
kind = "cue"
label = "a flood"
[concept.names]
en = ["flood*"]
de = ["Hochwasser*", "überflut*et"]
[[concept]]
id = "waltz"
kind = "false_friend"
against = "music"
label = "The Blue Danube"
[concept.names]
en = ["Blue Danube"]
"""


def write(folder: Path, settings: str = SETTINGS, concepts: str = CONCEPTS) -> Path:
    (folder / "topic.toml").write_text(settings, encoding="utf-8")
    (folder / "concepts.toml").write_text(concepts, encoding="utf-8")
    return folder


def test_another_folder_of_the_same_shape_is_another_topic(tmp_path: Path) -> None:
    rivers = load(write(tmp_path))

    assert rivers.version.startswith("rivers-3.")
    assert rivers.judge("Donau steigt weiter", "Die Donau führt mehr Wasser.").relevant
    assert rivers.judge("Passau unter Hochwasser", "").reasons[0] == "Passau and a flood in the title"
    assert not rivers.judge("The Blue Danube opens the ball", "").mentions
    assert not rivers.judge("Lachin corridor closed", "Peacekeepers left Karabakh.").relevant


def test_a_name_that_needs_its_language_is_not_read_in_another(tmp_path: Path) -> None:
    rivers = load(write(tmp_path))
    inn = "The Old Inn burns"

    assert [one.concept for one in rivers.judge(inn, "").mentions] == ["inn"]
    assert rivers.judge(inn, "", "en").mentions == ()
    assert [one.concept for one in rivers.judge("Am Inn", "", "de-AT").mentions] == ["inn"]


@pytest.mark.parametrize(
    ("settings", "concepts", "sentences"),
    [
        pytest.param(SETTINGS, CONCEPTS + "\n[[", ["concepts.toml:43: not TOML"], id="no toml"),
        pytest.param(
            SETTINGS.replace("title = 3.0", 'title = "much"'),
            CONCEPTS,
            ["topic.toml:12: weights: title must be a number, not 'much'."],
            id="weight of a wrong type",
        ),
        pytest.param(
            SETTINGS.replace("base = -4.0\n", ""), CONCEPTS, ["topic.toml:10: weights: base is missing."], id="no base"
        ),
        pytest.param(
            SETTINGS.replace('["flood"]]', '["fire"]]'),
            CONCEPTS,
            ["topic.toml:24: together 1: no concept is of the group 'fire'."],
            id="unknown group",
        ),
        pytest.param(
            SETTINGS.replace('"{city} and', '"{town} and'),
            CONCEPTS,
            ["topic.toml:23: together 1: label names {town}, which is none of its groups."],
            id="label with an unknown group",
        ),
        pytest.param(
            SETTINGS.replace("lead_characters = 200", "lead_characters = 200\ncolour = 1"),
            CONCEPTS,
            ["topic.toml:18: weights: unknown key 'colour'"],
            id="unknown key",
        ),
        pytest.param(
            SETTINGS,
            CONCEPTS.replace('kind = "side"', 'kind = "town"').replace('tier = "hint"', 'tier = "strong"'),
            [
                "concepts.toml:23: concept passau: kind must be one of",
                "concepts.toml:14: concept inn: tier must be one of core, hint",
            ],
            id="two mistakes at once",
        ),
        pytest.param(
            SETTINGS,
            CONCEPTS.replace('de = ["Passau"]', 'de = "Passau"'),
            ["concepts.toml:27: concept passau: names: de must be a list"],
            id="a name that is no list",
        ),
        pytest.param(
            SETTINGS,
            CONCEPTS.replace('de = ["Passau"]', 'de = ["*"]'),
            ["concepts.toml:27: concept passau: names: de: '*' has no letters to look for."],
            id="a name without letters",
        ),
        pytest.param(
            SETTINGS,
            CONCEPTS.replace('de = ["Passau"]', 'de = ["donau"]'),
            ["concepts.toml:21: concept passau: danube is called 'donau', too"],
            id="one name for two",
        ),
        pytest.param(
            SETTINGS,
            CONCEPTS.replace('id = "inn"', 'id = "danube"'),
            ["concepts.toml:12: concept danube: the id is given twice"],
            id="one id for two",
        ),
        pytest.param(
            SETTINGS, 'source = "x"\nconcept = 3', ["concepts.toml:2: concept must be a list"], id="no concepts"
        ),
        pytest.param(
            SETTINGS,
            'source = "x"\nconcept = [3]',
            ["concepts.toml:2: concept 1 must be a table"],
            id="a number for one",
        ),
    ],
)
def test_a_broken_folder_gets_one_sentence_for_each_mistake(
    tmp_path: Path, settings: str, concepts: str, sentences: list[str]
) -> None:
    with pytest.raises(TopicErrors) as caught:
        load(write(tmp_path, settings, concepts))

    for sentence in sentences:
        assert any(sentence in mistake for mistake in caught.value.mistakes), caught.value.mistakes


def test_a_folder_without_settings_is_no_topic(tmp_path: Path) -> None:
    with pytest.raises(TopicErrors, match=r"is no topic: it has no file topic\.toml"):
        load(tmp_path)


def test_mistakes_survive_the_way_from_a_worker_process() -> None:
    import pickle

    error = pickle.loads(pickle.dumps(TopicErrors(["a.toml: one.", "b.toml: two."])))

    assert error.mistakes == ("a.toml: one.", "b.toml: two.")
