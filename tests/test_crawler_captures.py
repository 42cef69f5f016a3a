"""Real pages of outlets: none makes the reader raise, and what was read off nineteen of them by hand comes out of it.

A record in tests/expected/ keeps what a person reading the page wrote down, one field a test; `fails` names the fields
that come out otherwise today, and why.
"""

from __future__ import annotations

import csv
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.extract import Refused, read_page
from crawler.rules import OutletRules
from storage.article import Article
from tests.data import shared

NOW = datetime(2026, 11, 23, tzinfo=UTC)
EXPECTED = Path(__file__).with_name("expected")
RECORDS = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted(EXPECTED.glob("*.toml"))}


def field_of(name: str, field: str) -> Any:
    why = RECORDS[name].get("fails", {}).get(field)
    return pytest.param(name, field, marks=[pytest.mark.xfail(reason=why)] if why else [])


FIELDS = [field_of(name, field) for name, record in RECORDS.items() for field in record["expected"]]


def captures() -> list[dict[str, str]]:
    manifest = shared("captures/manifest.csv")
    with manifest.open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows))


def address(capture: dict[str, str]) -> str:
    _, host, name = capture["file"].split("/")
    return capture["url"] or f"https://{host}/{name}"


@pytest.fixture(scope="module")
def articles() -> dict[str, Article]:
    found = {}
    urls = {capture["file"]: address(capture) for capture in captures()}
    for name, record in RECORDS.items():
        file = f"captures/{record['file']}"
        rules = OutletRules(outlet=name, name=record["outlet"], zone=record["zone"])
        article = read_page(shared(file).read_bytes(), urls[file], now=NOW, outlet=rules)
        assert isinstance(article, Article), f"{file} was refused: {article.detail}"
        found[name] = article
    return found


def read(article: Article, field: str, expected: Any) -> Any:
    """What the article says in a record's field, in the record's form."""
    match field:
        case "published":
            return article.published == datetime.fromisoformat(expected) and expected
        case "precision":
            return article.published_precision
        case "authors":
            return list(article.authors)
        case "credit":
            return article.credit.name if article.credit else ""
        case "dateline":
            return article.dateline or ""
        case "first":
            return article.body[: len(expected)]
        case "last":
            return article.body[-len(expected) :]
        case "absent":
            return [text for text in expected if text not in article.body]
        case _:
            return getattr(article, field)


@pytest.mark.parametrize(("name", "field"), FIELDS)
def test_a_page_reads_as_a_person_read_it(articles: dict[str, Article], name: str, field: str) -> None:
    expected = RECORDS[name]["expected"][field]

    assert read(articles[name], field, expected) == expected


def test_no_captured_page_makes_the_reader_raise_and_all_articles_are_read() -> None:
    refused = {}
    for capture in captures():
        html = shared(capture["file"]).read_bytes()
        outcome = read_page(html, address(capture), now=NOW)
        if isinstance(outcome, Refused):
            refused[capture["file"]] = capture["kind"]
            assert address(capture) in outcome.detail

    assert len(refused) == 6
    assert set(refused.values()) == {"feed", "listing"}
