"""Datelines and credits in the house styles of many outlets: tests/datelines holds the lines, each with what it says.

In lines.csv ⟨ ⟩ enclose the words that name the source. none.txt holds lines that only look like such, attributed.txt
the hashes of those lines of the real pages that do name a place or a source, as a person read them.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest

from crawler.catalogue import load_catalogue
from crawler.datelines import Dateline, read_dateline
from crawler.rules import OutletRules
from tests.data import shared
from topic.folding import fold

FOLDER = Path(__file__).with_name("datelines")
BEFORE = ("The council decided this on Monday.", "People along the road waited for days.")


@lru_cache
def rules() -> OutletRules:
    return OutletRules(outlet="hill-post", name="Hill Post", credits=dict(load_catalogue().credited))


def read(text: str, where: str = "opening") -> Dateline:
    return read_dateline([*BEFORE, text] if where == "closing" else [text], outlet=rules())


def lines() -> Iterator[dict[str, str]]:
    with (FOLDER / "lines.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="|", quoting=csv.QUOTE_NONE)


def what_is_wrong(line: dict[str, str]) -> str:
    """Empty where place, source, its outlet and the words that name it come out as written down."""
    text = line["line"].replace("⟨", "").replace("⟩", "")
    marked = line["line"].partition("⟨")[2].partition("⟩")[0]
    found = read(text, line["where"])
    name, outlet, evidence = (
        (found.credit.name, found.credit.outlet or "", found.credit.evidence) if found.credit else ("", "", "")
    )
    # A case ending may change the name itself; then the outlet tells that it was understood.
    named = fold(name) == fold(line["credit"]) or bool(line["outlet"])
    told = evidence in text and (evidence in marked or marked in evidence)
    right = (
        named and told and (found.place or "", outlet) == (line["place"], line["outlet"]) and bool(name) == bool(marked)
    )
    return "" if right else f"{text}: {found}"


def test_nearly_all_lines_in_all_languages_say_what_they_say() -> None:
    every = list(lines())
    wrong = [fault for line in every if (fault := what_is_wrong(line))]

    assert len(every) >= 400
    assert len(wrong) <= 0.02 * len(every), "\n".join(wrong)


def test_lines_that_only_look_so_say_nothing() -> None:
    texts = (FOLDER / "none.txt").read_text("utf-8").splitlines()

    assert [text for text in ["", *texts] for where in ("opening", "closing") if read(text, where) != Dateline()] == []


def test_no_other_line_of_the_real_pages_says_anything() -> None:
    attributed = frozenset((FOLDER / "attributed.txt").read_text("utf-8").split())
    texts = [
        text
        for page in shared("extraction/dev.jsonl").read_text("utf-8").splitlines()
        for text in ends(json.loads(page)["body"])
    ]
    for page in sorted(shared("captures").glob("*/*.gold.txt")):
        texts += ends(page.read_text("utf-8"))
    others = [text for text in dict.fromkeys(texts) if hashlib.sha256(text.encode()).hexdigest()[:12] not in attributed]

    assert len(others) >= 2000
    assert [text for text in others if read(text) != Dateline()] == []


def ends(body: str) -> list[str]:
    """The first four paragraphs of a text and the last four."""
    paragraphs = [line.strip() for line in body.split("\n") if line.strip()]
    return [*paragraphs[:4], *paragraphs[4:][-4:]]


def test_a_dateline_may_stand_on_a_line_of_its_own_before_the_credit() -> None:
    found = read_dateline(["BAKU, Azerbaijan, Nov. 2", "Trend:", "The ministry said so."], outlet=rules())

    assert found.place == "Baku"
    assert found.credit is not None
    assert (found.credit.name, found.credit.outlet) == ("Trend", "trend")


@pytest.mark.parametrize(
    ("name", "credited_as", "text"),
    [
        ("TASS", ("ТАСС",), "МОСКВА, 29 июня. /ТАСС/. Суд рассмотрит дело."),
        ("PanARMENIAN.Net", (), "PanARMENIAN.Net - Verified footage."),
        ("Artsakhpress", (), "STEPANAKERT, DECEMBER 13, ARTSAKHPRESS-ARMENPRESS: The parliament met."),
        ("APA", ("APA.az",), "Bu barədə APA-ya istinadən deyilib."),
    ],
    ids=["tass", "panarmenian", "artsakhpress", "apa"],
)
def test_a_text_credited_to_the_outlet_itself_has_no_credit(name: str, credited_as: tuple[str, ...], text: str) -> None:
    own = OutletRules(outlet=name.lower(), name=name, credited_as=credited_as, credits=rules().credits)

    assert read_dateline([text], outlet=own).credit is None


def test_the_source_behind_the_outlet_s_own_name_is_credited() -> None:
    own = OutletRules(outlet="modern-az", name="Modern.az", credits=rules().credits)
    found = read_dateline(["Modern.az “Qafqazinfo”ya istinadən xəbər verir ki, yol açılıb."], outlet=own)

    assert found.credit is not None
    assert (found.credit.name, found.credit.outlet) == ("Qafqazinfo", "qafqazinfo")


def test_an_agency_in_the_authors_place_is_the_credit_of_a_text_that_names_none() -> None:
    found = read_dateline(["Nothing is credited here."], outlet=rules(), agency="dpa")

    assert found.credit is not None
    assert found.credit.name == "dpa"
