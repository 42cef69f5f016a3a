"""Stories for other programs: the standards' property names, hostile text, streams, files that are whole or absent."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from scheduler.cli import karabakh
from scheduler.export import SCHEMAS, Known, line, news_article, ninjs, uri
from storage import Store
from storage.article import Alternate, Credit, Image, Sighting, StoredArticle
from tests.data import ROOT
from tests.storage_samples import DAY, HOUR, NOW, article, fill, save, verdict
from topic.verdict import Mention

TEXT = (ROOT / "docs" / "article-schema.md").read_text("utf-8")
PROPERTIES = {
    (kind, name): set(values.split(", "))
    for kind, name, values in re.findall(r"^\| `([A-Z]\w+)` +\| `(\w+)` +\| (.+?) +\|", TEXT, re.MULTILINE)
}
NINJS = {
    path: set(values.split(", "))
    for path, values in re.findall(r"^\| `([a-z][\w.\[\]]+)` +\| ([^`|]+?) +\|", TEXT, re.MULTILINE)
}
KNOWN = Known(
    {"lori-herald": "Asia/Yerevan"},
    {
        "lachin": ("place", "Lachin"),
        "mediator": ("person", "A Mediator"),
        "mission": ("body", "The Mission"),
        "battle": ("event", "The Battle"),
        "corridor": ("term", "corridor"),
    },
)


def everything() -> StoredArticle:
    """A story that has something in each of its fields."""
    values = {name: getattr(article(), name) for name in type(article()).__slots__}
    concepts = ("lachin", "lachin", "mediator", "mission", "battle", "corridor", "forgotten")
    values |= {
        "guid": "lori:7",
        "also_at": ("https://lori.test/amp/a",),
        "subtitle": "A second line",
        "summary": "In short.",
        "authors": ("Ann Lee", "Արամ Գրիգորյան"),
        "credit": Credit("Khazar Post", "Khazar Post reports", "khazar-post"),
        "dateline": "Yerevan",
        "published_raw": "24 Nov. 2026",
        "published_method": "json-ld",
        "published_doubt": "feed",
        "modified": NOW,
        "images": (Image("https://lori.test/ճանապարհ 1.jpg", "The road", "Ann Lee"), Image("https://lori.test/2.jpg")),
        "alternates": (Alternate("hy", "https://lori.test/hy/a"),),
        "paywalled": True,
        "live": True,
        "section": "Politics",
        "tags": ("roads", "talks"),
        "script": "Latn",
        "extraction_confidence": 0.9,
        "http_status": 200,
        "warc": "lori.warc.gz#17",
    }
    return StoredArticle(
        **values,
        id=7,
        outlet_name="Lori Herald",
        side="Armenia",
        first_seen=NOW - HOUR,
        last_seen=NOW,
        revision=2,
        body_dropped=NOW,
        sightings=(Sighting("lori-en", "https://lori.test/a", NOW - HOUR, "Lachin road story a"),),
        outcome="relevant",
        score=0.9,
        mentions=tuple(Mention(one, f"word {n}", "body", n, n + 6) for n, one in enumerate(concepts)),
        reasons=("Lachin in the title",),
        topic_version="t1",
    )


def bare() -> StoredArticle:
    """A story of which nothing is known but that it is there."""
    story = everything()
    nothing: dict[str, Any] = dict.fromkeys(("guid", "subtitle", "summary", "credit", "dateline", "section"))
    lists: dict[str, Any] = dict.fromkeys(("also_at", "authors", "images", "alternates", "tags", "mentions"), ())
    return replace(story, **nothing, **lists, body="", published=None, modified=None, language="und", paywalled=False)


def kind_of(value: Any) -> str:
    if isinstance(value, dict):
        return str(value["@type"])
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?", value):
        return "DateTime" if "T" in value else "Date"
    if isinstance(value, str):
        return "URL" if re.fullmatch(r"https?://[!-~]+", value) else "Text"
    return {bool: "Boolean", int: "Integer"}[type(value)]


def linked_data(value: Any) -> Iterator[tuple[str, str, str]]:
    """(type, property, kind of value) of every object."""
    if not isinstance(value, dict):
        return
    for name, found in value.items():
        for one in found if isinstance(found, list) else [found]:
            if not name.startswith("@"):
                yield value["@type"], name, kind_of(one)
            yield from linked_data(one)


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield from leaves(one, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for one in value:
            yield from leaves(one, f"{path}[]")
    else:
        yield path, value


def written(record: Mapping[str, Any]) -> Any:
    return json.loads(line(record))


def test_every_property_of_a_newsarticle_stands_in_the_table_and_the_other_way_round() -> None:
    told = {*linked_data(written(news_article(everything(), KNOWN)))}
    told |= {*linked_data(written(news_article(replace(everything(), published_precision="day"), KNOWN)))}

    assert {(kind, name) for kind, name, _ in told} == PROPERTIES.keys()
    assert {one for one in told if one[2] not in PROPERTIES[one[:2]]} == set()


def test_every_property_of_ninjs_stands_in_the_table_and_the_other_way_round() -> None:
    told = [
        *leaves(written(ninjs(everything(), KNOWN))),
        *leaves(written(ninjs(replace(everything(), paywalled=False), KNOWN))),
    ]
    wrong = [(path, value) for path, value in told if not _is_one_of(value, NINJS[path])]

    assert {path for path, _ in told} == NINJS.keys()
    assert wrong == []


def _is_one_of(value: Any, kinds: set[str]) -> bool:
    patterns = {"string": r"(?s).+", "uri": r"[a-z]+:[!-~]+", "date-time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"}
    if kinds == {"integer"}:
        return isinstance(value, int)
    return any(re.fullmatch(patterns.get(kind, re.escape(kind)), value) is not None for kind in kinds)


@pytest.mark.parametrize("schema", ["newsarticle", "ninjs"])
def test_what_is_not_known_is_left_out(schema: str) -> None:
    told = dict(leaves(written(SCHEMAS[schema](bare(), KNOWN))))

    assert {path: value for path, value in told.items() if value in (None, "", [])} == {}
    assert not told.keys() & {"articleBody", "wordCount", "datePublished", "inLanguage", "creditText", "by", "language"}
    assert told.get("representationType", "partial") == "partial"


def test_a_day_alone_is_the_day_it_was_at_the_outlet() -> None:
    midnight = datetime(2026, 11, 1, 20, tzinfo=UTC)  # in Yerevan
    story = replace(everything(), published=midnight, published_precision="day")

    assert news_article(story, KNOWN)["datePublished"] == "2026-11-02"
    assert news_article(replace(story, outlet="gone"), KNOWN)["datePublished"] == "2026-11-01"


def test_concepts_are_told_once_by_kind_and_one_that_is_gone_keeps_its_id() -> None:
    record = ninjs(everything(), KNOWN)
    mentions = news_article(everything(), KNOWN)["mentions"]

    assert record["places"] == [{"name": "Lachin", "rel": "mentions", "literal": "lachin"}]
    assert [one["literal"] for one in record["subjects"] if "literal" in one] == ["corridor", "forgotten"]
    assert [(one["@type"], one["name"]) for one in mentions] == [
        ("Place", "Lachin"),
        ("Person", "A Mediator"),
        ("Organization", "The Mission"),
        ("Event", "The Battle"),
        ("Thing", "corridor"),
        ("Thing", "forgotten"),
    ]
    assert mentions[0]["alternateName"] == ["word 0", "word 1"]


def test_addresses_are_uris() -> None:
    assert (
        uri("https://lori.test/ճան 1.jpg?a=%20&b=[1]#x") == "https://lori.test/%D5%B3%D5%A1%D5%B6%201.jpg?a=%20&b=[1]#x"
    )


@given(st.text(st.characters(categories=["L", "Zs", "Cc", "Cf", "Cs", "Co", "Zl", "Zp"])))
def test_hostile_text_is_whole_in_json_and_harmless_on_a_terminal(text: str) -> None:
    told = line({"title": text})
    harmful = [c for c in told if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} or c in "\u202e\u2066\u200f"]

    assert json.loads(told) == {"title": text}
    assert harmful == []


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "config.toml").write_text('[storage]\npath = "k.sqlite"\n', "utf-8")
    with Store.open(tmp_path / "k.sqlite") as store:
        fill(store)
        for number in range(5):
            at = NOW - number * DAY
            save(store, article(f"n{number}", published=at, fetched=at), judged=verdict(), now=at + timedelta(hours=1))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("storage.reader._AT_ONCE", 2)
    monkeypatch.setattr("scheduler.commands.exporting.utc_now", lambda: NOW + HOUR)
    return tmp_path


def export(*options: str) -> Result:
    return CliRunner().invoke(karabakh, ["--config", "config.toml", "export", *options])


def names(lines: str) -> list[str]:
    return [json.loads(one)["title"].removeprefix("Lachin road story ") for one in lines.splitlines()]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), "n0 n1 n2 n3 n4"),
        (("lachin", "--limit", "3"), "n0 n1 n2"),
        (("--since", "2026-11-22", "--until", "2026-11-23"), "n1 n2"),
        (("title:n3", "OR", "title:n4"), "n3 n4"),
    ],
)
def test_all_that_match_are_written_newest_first(place: Path, options: tuple[str, ...], expected: str) -> None:
    done = export(*options)

    assert (done.exit_code, done.stderr) == (0, "")
    assert names(done.stdout) == expected.split()


@pytest.mark.parametrize("schema", SCHEMAS)
def test_each_schema_is_written_as_it_is_converted(place: Path, schema: str) -> None:
    told = json.loads(export("--schema", schema, "--limit", "1").stdout)

    assert told == json.loads(json.dumps(told))
    assert told.get({"native": "id", "newsarticle": "headline", "ninjs": "uri"}[schema]) in {
        1,
        "Lachin road story n0",
        "https://lori.test/n0",
    }


def test_a_file_appears_when_it_is_whole(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = place / "out.jsonl"
    done = export("--output", "out.jsonl")

    assert (done.exit_code, done.output) == (0, "")
    assert names(target.read_text("utf-8")) == ["n0", "n1", "n2", "n3", "n4"]
    assert target.stat().st_mode & 0o600 == 0o600

    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("scheduler.export.line", fails)
    done = export("title:n1", "--output", "out.jsonl")

    assert (done.exit_code, done.stderr) == (1, "Error: out.jsonl: cannot be written: No space left on device\n")
    assert names(target.read_text("utf-8")) == ["n0", "n1", "n2", "n3", "n4"]
    assert {one.name for one in place.iterdir()} >= {"config.toml", "k.sqlite", "out.jsonl"}
    assert [one.name for one in place.iterdir() if one.name.startswith(".out")] == []


def test_nothing_found_an_unknown_folder_and_a_bad_query_are_sentences(place: Path) -> None:
    nothing, folder = export("zebra"), export("--output", "gone/out.jsonl")
    since = export("--since", "whenever")

    assert (nothing.exit_code, nothing.stdout, nothing.stderr) == (0, "", "no story matches\n")
    assert (folder.exit_code, folder.stderr) == (
        1,
        "Error: gone/out.jsonl: cannot be written: No such file or directory\n",
    )
    assert (since.exit_code, "--since" in since.stderr) == (2, True)
