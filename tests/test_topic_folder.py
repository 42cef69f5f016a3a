"""A topic is a folder: a second, tiny one, and every mistake told by file and line."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from scheduler.cli import karabakh as program
from topic import Topic, load
from topic.concepts import Office
from topic.errors import TopicErrors

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


def test_the_version_changes_with_the_data_and_not_with_line_ends(tmp_path: Path) -> None:
    before = load(write(tmp_path)).version
    concepts = tmp_path / "concepts.toml"
    concepts.write_bytes(concepts.read_bytes().replace(b"\n", b"\r\n"))

    assert load(tmp_path).version == before
    concepts.write_text(CONCEPTS + "# a remark\n", encoding="utf-8")
    assert load(tmp_path).version != before


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


PLACED = SETTINGS.replace(
    'title = "Rivers"\n',
    'title = "Rivers"\nnamings = ["german", "slovak"]\nbox = {south = 42, north = 50, west = 8, east = 30}\n',
)
PLACES = """
source = "an atlas"
[[concept]]
id = "bratislava"
kind = "place"
type = "town"
tier = "core"
label = "Pressburg / Bratislava"
at = [48.15, 17.11]
unattested = ["Prešporok"]
[concept.german]
de = ["Pressburg*"]
[concept.slovak]
en = ["Bratislava"]
sk = ["Bratislav*a", "Prešporok"]
[[concept]]
id = "mayor"
kind = "person"
tier = "hint"
label = "the mayor"
offices = [
  {title = "mayor", from = "2018-12", until = "2022-11-30"},
  {title = "minister", from = "2023"},
]
[concept.names]
sk = ["=Primátor"]
ru = ["Приматор"]
"""


def read_places(folder: Path, concepts: str = PLACES) -> Topic:
    (folder / "places.toml").write_text(concepts, encoding="utf-8")
    return load(write(folder, PLACED))


def test_a_place_has_a_type_coordinates_and_sets_of_names_and_a_person_offices(tmp_path: Path) -> None:
    topic = read_places(tmp_path)
    town, mayor = topic.concept("Bratislava"), topic.concept("mayor")

    assert town is not None
    assert mayor is not None
    assert (town.type, town.at) == ("town", (48.15, 17.11))
    assert town.unattested == {"Prešporok"}
    assert town.names == {"de": ("Pressburg",), "en": ("Bratislava",), "sk": ("Bratislava", "Prešporok")}
    assert [town.naming(name) for name in ("Pressburgs", "BRATISLAVE", "Wien")] == ["german", "slovak", ""]
    assert mayor.offices == (Office("mayor", "2018-12", "2022-11-30"), Office("minister", "2023", ""))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (('type = "town"', 'type = "city"'), "places.toml:6: concept bratislava: type must be one of airport, "),
        (('kind = "place"', 'kind = "body"'), "places.toml:6: concept bratislava: type is for places, not for a body."),
        (("[48.15, 17.11]", "[17.11, 48.15]"), "places.toml:9: concept bratislava: at 17.11, 48.15 lies outside"),
        (
            ("[48.15, 17.11]", "[48.15]"),
            "places.toml:9: concept bratislava: at must be 2 numbers: latitude, longitude.",
        ),
        (('["Prešporok"]\n[', '["Wien"]\n['), "places.toml:10: concept bratislava: unattested: 'Wien' is none of its"),
        (('["Pressburg*"]', '["Bratislava"]'), "places.toml:14: concept bratislava: 'Bratislava' is of two sets;"),
        (("[concept.german]", "[concept.magyar]"), "places.toml:11: concept bratislava: unknown key 'magyar'"),
        (('"Приматор"', '"Pриматор"'), "places.toml:27: concept mayor: names: ru: 'Pриматор' must be written in one"),
        (('ru = ["Приматор"', 'sk = ["Приматор"'), "places.toml:27: not TOML: Cannot overwrite a value"),
        (('from = "2018-12"', 'from = "12/2018"'), "places.toml:21: concept mayor: offices 1: from must be a year, a"),
        (('"2022-11-30"', '"2017"'), "concept mayor: offices 1: it ends 2017 before it begins 2018-12."),
        (
            ('kind = "person"', 'kind = "body"'),
            "places.toml:21: concept mayor: offices are for persons, not for a body.",
        ),
    ],
)
def test_what_is_wrong_with_a_place_or_a_person_is_told_by_its_line(
    tmp_path: Path, wrong: tuple[str, str], sentence: str
) -> None:
    with pytest.raises(TopicErrors) as caught:
        read_places(tmp_path, PLACES.replace(*wrong))

    assert any(sentence in mistake for mistake in caught.value.mistakes), caught.value.mistakes


def test_the_configuration_names_another_topic_s_folder(tmp_path: Path) -> None:
    (tmp_path / "rivers").mkdir()
    read_places(tmp_path / "rivers")
    config = tmp_path / "config.toml"
    config.write_text('[topic]\nfolder = "rivers"\n[storage]\npath = "r.sqlite"\n', encoding="utf-8")
    listed = CliRunner().invoke(program, ["--config", str(config), "topic", "list", "--kind", "place"])
    (tmp_path / "rivers" / "places.toml").write_text(PLACES.replace("17.11", "99"), encoding="utf-8")
    broken = CliRunner().invoke(program, ["--config", str(config), "topic", "list"])

    assert "Pressburg / Bratislava" in listed.output
    assert "Karabakh" not in listed.output
    assert "places.toml:9: concept bratislava: at 48.15, 99.0 lies outside" in str(broken.exception)
