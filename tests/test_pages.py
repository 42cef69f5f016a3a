"""Pages of our own making in the mark-up of the platforms that outlets use, field by field.

A folder each, tests/pages/OUTLET/SLUG: page.html; meta.toml with its address, the frozen moment and what is known of
the outlet; expected.json with what a person reads in it. What expected.json does not name is not there.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any

import pytest

from crawler.extract import Refused, read_page
from crawler.rules import OutletRules
from storage.article import Article
from tests.data import ROOT

PAGES = ROOT / "tests" / "pages"
FOLDERS = {f"{path.parent.parent.name}/{path.parent.name}": path.parent for path in sorted(PAGES.glob("*/*/page.html"))}
MOMENTS = ("published", "modified")
FLAGS = ("zone_inferred", "year_inferred", "paywalled", "live")


@cache
def meta(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDERS[name] / "meta.toml").read_text("utf-8"))


@cache
def expected(name: str) -> dict[str, Any]:
    values: dict[str, Any] = json.loads((FOLDERS[name] / "expected.json").read_text("utf-8"))
    return values | {key: datetime.fromisoformat(values[key]) for key in MOMENTS if key in values}


@cache
def told(name: str) -> dict[str, Any]:
    """What the reader makes of the page, without what it finds nothing of."""
    about = meta(name)
    known: dict[str, Any] = about["outlet"]
    rules: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in known.items()}
    outcome = read_page(
        (FOLDERS[name] / "page.html").read_bytes(),
        about["url"],
        content_type=about["content_type"],
        now=about["now"],
        outlet=OutletRules(**rules),
    )
    values = {"refused": outcome.reason} if isinstance(outcome, Refused) else _fields(outcome)
    return {key: value for key, value in values.items() if value}


def _fields(article: Article) -> dict[str, Any]:
    same = ("title", "subtitle", "dateline", "published", "modified", "language", "section", "undecoded")
    credit = article.credit
    images = [{"url": one.url, "caption": one.caption, "credit": one.credit} for one in article.images]
    return {
        **{name: getattr(article, name) for name in same},
        "body": article.body.split("\n\n"),
        "authors": list(article.authors),
        "credit": None if credit is None else {"name": credit.name, "outlet": credit.outlet},
        "precision": article.published_precision,
        "doubt": article.published_doubt,
        "flags": [name.replace("_", " ") for name in FLAGS if getattr(article, name)],
        "images": [{key: value for key, value in one.items() if value} for one in images],
        "alternates": {one.language: one.url for one in article.alternates},
        "tags": list(article.tags),
    }


def _cases() -> Iterator[Any]:
    for name in FOLDERS:
        differs = meta(name).get("differs", {})
        for field in (*expected(name), "nothing else"):
            marks = [pytest.mark.xfail(reason=differs[field])] if field in differs else []
            yield pytest.param(name, field, id=f"{name}:{field}", marks=marks)


@pytest.mark.parametrize(("name", "field"), list(_cases()))
def test_the_reader_says_of_a_page_what_a_person_does(name: str, field: str) -> None:
    if field == "nothing else":
        unasked = {key: value for key, value in told(name).items() if key not in expected(name)}

        assert unasked == {}
    else:
        assert expected(name)[field] == told(name).get(field)


def test_the_pages_are_of_many_hands() -> None:
    """Every language of the project's outlets, and every way in which a page can be no story."""
    languages = {expected(name).get("language") for name in FOLDERS}
    refused = {expected(name).get("refused") for name in FOLDERS}

    assert languages >= {"hy", "hyw", "az", "az-Cyrl", "ru", "en", "tr", "ka", "fa", "fr", "de", "es", "uk"}
    assert refused >= {"challenge page", "consent wall", "not found", "section front", "video", "gallery"}
