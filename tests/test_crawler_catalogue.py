"""The shipped catalogue as a whole, what is said of a broken one, and the operator's choices over it."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crawler.catalogue import SHIPPED, CatalogueError, load_catalogue
from crawler.kinds import KINDS
from tests.data import ROOT, shared
from topic import fold

CATALOGUE = load_catalogue()


def rows(*ships: str) -> list[dict[str, str]]:
    with shared("sources/catalogue.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["ship"] in ships]


def test_every_known_source_that_can_be_shipped_is_in_the_catalogue_and_no_other() -> None:
    expected = {row["feed_url"]: row["ship"] for row in rows("on", "optional")}
    second = {row["feed_url"] for row in rows("fallback")}
    routes = {way.url for source in CATALOGUE.sources for way in source.routes}

    assert len(expected) + len(second) == 196
    assert {source.url: source.ship for source in CATALOGUE.sources} == expected
    assert routes == second | {f"https://news.am/{language}" for language in ("en", "hy", "ru")}


def test_exactly_the_sources_that_ship_on_are_enabled() -> None:
    on = {row["feed_url"] for row in rows("on")}

    assert {source.url for source in CATALOGUE.source_rows() if source.enabled} == on


def test_no_source_that_is_known_to_be_useless_came_in() -> None:
    off = {row["feed_url"] for row in rows("off")}
    left_out = (SHIPPED / "left-out.toml").read_text("utf-8")

    assert not off & {source.url for source in CATALOGUE.sources}
    assert all(f'"{url}"' in left_out for url in off)


def test_the_sides_of_the_source_list_are_kept() -> None:
    """But for three language services of foreign broadcasters, which stand beside their sister services."""
    moved = {"bbc-turkce", "dw-turkce", "euronews-turkce"}
    outlet = {source.url: source.outlet for source in CATALOGUE.sources}
    outlet |= {way.url: source.outlet for source in CATALOGUE.sources for way in source.routes}
    side = {one.id: one.side for one in CATALOGUE.outlets}
    wrong = {
        outlet[row["feed_url"]]
        for row in rows("on", "optional", "fallback")
        if side[outlet[row["feed_url"]]] != row["side"]
    }

    assert wrong == moved
    assert {side[one] for one in moved} == {"Western/international"}


def test_every_source_has_a_parser_a_language_of_its_outlet_and_a_note() -> None:
    outlets = {one.id: one for one in CATALOGUE.outlets}

    for source in CATALOGUE.sources:
        assert source.kind in KINDS
        assert set(source.languages) <= set(outlets[source.outlet].languages), source.id
        assert source.note
        assert source.id.startswith(source.outlet), source.id


def test_every_outlet_has_a_zone_and_a_source_and_all_sides_are_used() -> None:
    polled = {source.outlet for source in CATALOGUE.sources}

    assert polled == {one.id for one in CATALOGUE.outlets}
    assert {one.side for one in CATALOGUE.outlets} == set(CATALOGUE.sides)
    assert list(CATALOGUE.sides) == sorted(CATALOGUE.sides)
    assert all(ZoneInfo(one.zone) for one in CATALOGUE.outlets)


def test_the_three_sites_with_json_inside_say_where_it_is_and_which_edition() -> None:
    embedded = {one.id: one for one in CATALOGUE.sources if one.kind == "embedded-json"}

    assert embedded["armenpress-hy"].options == {
        "hits": "props.feed.data.hits",
        "link": "/{locale}/article/{article_id}",
        "locale": "hy",
    }
    assert embedded["civilnet-en"].options["link"] == "/{locale}/news/{article_id}"
    assert embedded["armenpress-en-armenia"].options["hits"] == "props.data.data.hits"
    assert Counter(one.outlet for one in embedded.values()) == {"armenpress": 5, "civilnet": 3, "news-am": 1}


def test_every_second_route_is_another_way_to_an_edition_that_is_on_and_has_a_reader() -> None:
    for source in CATALOGUE.sources:
        for way in source.routes:
            assert (source.ship, way.kind in KINDS) == ("on", True), source.id


def test_a_browsers_name_is_given_only_where_an_outlet_insists() -> None:
    assert {one.outlet for one in CATALOGUE.sources if one.user_agent} == {"azertac"}


CREDITS = {
    "Armenpress": "armenpress",
    "ARMENPRESS": "armenpress",
    "Արմենպրես": "armenpress",
    "Арменпресс": "armenpress",
    "TASS": "tass",
    "ТАСС": "tass",
    "AZERTAC": "azertac",
    "AZƏRTAC": "azertac",
    "АЗЕРТАДЖ": "azertac",
    "Azatutyun.am": "azatutyun",
    "Ազատություն": "azatutyun",
    "Anadolu Ajansı": "anadolu",
    "АНАДОЛУ": "anadolu",
    "РИА Новости": "ria",
    "Trend": "trend",
    "Qafqazinfo": "qafqazinfo",
    "Кавказский узел": "caucasian-knot",
}


@pytest.mark.parametrize(("name", "outlet"), CREDITS.items(), ids=list(CREDITS))
def test_a_credit_in_any_script_leads_to_its_outlet(name: str, outlet: str) -> None:
    rules = CATALOGUE.rules()["asbarez"]

    assert rules.credits[fold(name)] == outlet


def test_rules_carry_what_reading_a_page_needs() -> None:
    rules = CATALOGUE.rules()

    assert rules["trend"].zone == "Asia/Baku"
    assert rules["trend"].body_selectors == (".article-text",)
    assert rules["asbarez"].credited_as[:2] == ("Asbarez", "Asbarez.com")
    assert rules.keys() == {one.id for one in CATALOGUE.outlets}


def test_outlets_of_the_region_are_fetched_whole_and_others_only_where_they_name_the_topic() -> None:
    general = CATALOGUE.general()

    assert {"tass", "anadolu", "bbc", "irna"} <= general
    assert not general & {"armenpress", "azertac", "asbarez", "oc-media", "eurasianet", "trend"}


OUTLET = """
[[sides]]
name = "North"
about = "The north"

[[outlets]]
id = "paper"
name = "Paper"
homepage = "https://paper.test"
side = "North"
kind = "newspaper"
languages = ["en"]
zone = "Asia/Yerevan"
scope = "regional"

[[outlets.sources]]
id = "paper-en"
kind = "feed"
url = "https://paper.test/feed"
languages = ["en"]
ship = "on"
note = "A test"
"""
MISTAKES = {
    "zone": ('"Asia/Yerevan"', '"Asia/Yeravan"', "outlets paper.zone: expected an IANA time zone"),
    "language": ('["en"]\nship', '["english"]\nship', "sources paper-en.languages 1: expected a BCP 47 language"),
    "kind of source": ('"feed"', '"fed"', "sources paper-en.kind: expected one of feed, jsonfeed"),
    "address": (
        "https://paper.test/feed",
        "ftp://paper.test/feed",
        "paper-en.url: expected an address that begins with",
    ),
    "ship": ('"on"', '"yes"', "paper-en.ship: input should be 'on' or 'optional'"),
    "scope": ('"regional"', '"local"', "paper.scope: input should be 'regional' or 'general'"),
    "unknown key": ("ship =", "shipp = 1\nship =", "paper-en.shipp: unexpected keyword argument"),
    "missing key": ('note = "A test"', "", "sources paper-en.note: field required"),
    "side": ('side = "North"', 'side = "South"', "outlet paper.side: 'South' is not one of the sides (North)"),
    "option": ("note =", 'options = { items = ".x" }\nnote =', "paper-en.options: kind feed knows no option 'items'"),
    "missing option": ('"feed"', '"embedded-json"', "paper-en.options: 'hits' is missing; kind embedded-json needs it"),
    "pattern": ("note =", 'options = { path = "(" }\nnote =', "paper-en.options: 'path' is not a pattern: "),
    "days": ("note =", 'options = { days = "few" }\nnote =', "paper-en.options: 'days' is not a number of days"),
    "selector": ("note =", 'options = { items = ">>" }\nnote =', "paper-en.options: 'items' is not a CSS selector: "),
    "body selector": ("scope =", 'body_selectors = ["p["]\nscope =', "paper.body_selectors 1: is not a CSS selector: "),
    "kind of a route": (
        "note =",
        'routes = [{ kind = "fed", url = "https://paper.test/2" }]\nnote =',
        "paper-en.routes 1.kind: expected one of feed, jsonfeed",
    ),
    "options of a route": (
        "note =",
        'routes = [{ kind = "embedded-json", url = "https://paper.test/2" }]\nnote =',
        "source paper-en.routes 1.options: 'hits' is missing; kind embedded-json needs it",
    ),
    "a route that is the source": (
        "note =",
        'routes = [{ kind = "feed", url = "https://paper.test/feed" }]\nnote =',
        "'https://paper.test/feed' is there 2 times",
    ),
    "a mirror of somebody else": (
        "note =",
        'routes = [{ kind = "feed", url = "https://mirror.test/2", mirror_of = "paper.test" }]\nnote =',
        "source paper-en.routes 1: mirror.test is not among the hosts of outlet paper",
    ),
    "no TOML": ("[[outlets]]", "[[outlets]", "is not TOML"),
    "left out": (
        "[[sides]]",
        '[[left_out]]\nurl = "https://paper.test/feed"\nwhy = "Dead"\n[[sides]]',
        "is left out (Dead)",
    ),
    "host": ("scope =", 'hosts = ["www.paper.test"]\nscope =', "paper.hosts 1: expected a host name in small letters"),
}


@pytest.mark.parametrize(("old", "new", "said"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_a_sentence_that_names_file_and_key(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in OUTLET
    (tmp_path / "north.toml").write_text(OUTLET.replace(old, new), "utf-8")

    with pytest.raises(CatalogueError) as error:
        load_catalogue(tmp_path)

    assert any(f"{tmp_path / 'north.toml'}: " in one and said in one for one in error.value.mistakes)


def test_the_mistakes_of_all_files_come_together(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(OUTLET, "utf-8")
    (tmp_path / "b.toml").write_text(OUTLET.replace('"Asia/Yerevan"', '"Nowhere"'), "utf-8")
    (tmp_path / "c.toml").write_text(OUTLET.replace("[[sides]]", "[[side]]"), "utf-8")
    (tmp_path / "d.toml").write_bytes(b"\xff")

    with pytest.raises(CatalogueError) as error:
        load_catalogue(tmp_path)

    assert {Path(one.partition(":")[0]).name for one in error.value.mistakes} == {"b.toml", "c.toml", "d.toml"}


def test_an_id_an_address_or_a_name_that_two_have_is_reported_for_both(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(OUTLET, "utf-8")
    (tmp_path / "b.toml").write_text(OUTLET.partition("[[outlets]]")[2].join(["[[outlets]]", ""]), "utf-8")

    with pytest.raises(CatalogueError) as error:
        load_catalogue(tmp_path)

    said = "\n".join(error.value.mistakes)
    for part in (
        "a.toml: outlet: 'paper' is there 2 times",
        "b.toml: source: 'paper-en' is there 2 times",
        "b.toml: source paper-en: 'https://paper.test/feed' is there 2 times",
        "a.toml: outlet paper: 'paper' is there 2 times",
    ):
        assert part in said


def test_a_folder_without_files_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"there are no \.toml files of outlets in this folder"):
        load_catalogue(tmp_path)


def test_the_guide_explains_every_side_kind_and_option() -> None:
    guide = (ROOT / "docs/catalogue.md").read_text("utf-8")

    for side in CATALOGUE.sides:
        assert f"| {side} |" in guide
    for name, kind in KINDS.items():
        row = next(line for line in guide.splitlines() if line.startswith(f"| `{name}` |"))
        assert all(f"`{option}`" in row for option in kind.needs | kind.takes)


def test_the_guide_counts_right() -> None:
    guide = (ROOT / "docs/catalogue.md").read_text("utf-8").replace("\n", " ")

    on = sum(source.enabled for source in CATALOGUE.sources)
    counted = (
        f"{len(CATALOGUE.outlets)} outlets with {len(CATALOGUE.sources)} sources are in it, {on} of which are polled"
    )
    assert counted in guide
