"""docs/article-schema.json is what the dataclasses say, and what is stored and read is valid by it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from pydantic import TypeAdapter

from scheduler.export import line
from storage.article import Article, StoredArticle
from storage.article_schema import VERSION, article_schema
from tests.data import ROOT
from tests.storage_samples import article
from tests.test_export import everything

KEPT = json.loads((ROOT / "docs" / "article-schema.json").read_text("utf-8"))


def misfits(value: Any, schema: Mapping[str, Any], path: str = "$") -> list[str]:
    """Where `value` breaks `schema`. It knows the keywords that our schema uses, and fails on any other."""
    known = {"$ref", "$schema", "$id", "$defs", "version", "title", "description", "type", "properties", "required"}
    assert schema.keys() <= known | {"additionalProperties", "items", "anyOf", "enum", "format"}, path
    if "$ref" in schema:
        return misfits(value, KEPT["$defs"][schema["$ref"].removeprefix("#/$defs/")], path)
    if "anyOf" in schema:
        return min((misfits(value, one, path) for one in schema["anyOf"]), key=len)
    wrong = [f"{path}: {value!r}"] if not _fits(value, schema) else []
    if not wrong and schema.get("type") == "object":
        wrong += [f"{path}.{key}: there" for key in value.keys() - schema["properties"].keys()]
        wrong += [f"{path}.{key}: missing" for key in set(schema["required"]) - value.keys()]
        for key in schema["properties"].keys() & value.keys():
            wrong += misfits(value[key], schema["properties"][key], f"{path}.{key}")
    if not wrong and schema.get("type") == "array":
        wrong += [found for n, one in enumerate(value) for found in misfits(one, schema["items"], f"{path}[{n}]")]
    return wrong


def _fits(value: Any, schema: Mapping[str, Any]) -> bool:
    kinds = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "object": dict, "array": list}
    kind = schema.get("type", "string")
    if kind == "null":
        return value is None
    if kind in {"integer", "number"} and isinstance(value, bool):
        return False
    return isinstance(value, kinds[kind]) and ("enum" not in schema or value in schema["enum"])  # type: ignore[arg-type]


def test_the_kept_schema_is_the_one_that_is_made() -> None:
    assert article_schema() == KEPT
    assert KEPT["version"] == VERSION
    assert KEPT["$id"].endswith(VERSION)


def test_the_schema_knows_every_field_and_says_what_it_means() -> None:
    for kind, more in ((Article, set()), (StoredArticle, {"relevant"})):
        described = KEPT["$defs"][kind.__name__]["properties"]

        assert {one.name for one in fields(kind)} | more == described.keys()
        assert all(field["description"] for field in described.values())


def test_what_is_stored_is_valid_and_reads_back_as_it_was() -> None:
    story = everything()
    record = json.loads(line(asdict(story) | {"relevant": story.relevant}))

    assert misfits(record, KEPT) == []
    assert TypeAdapter(StoredArticle).validate_python(record) == story


def test_what_one_page_says_is_valid() -> None:
    record = json.loads(line(asdict(article())))

    assert misfits(record, KEPT["$defs"]["Article"]) == []


def test_what_is_not_of_the_schema_is_told_apart() -> None:
    story = json.loads(line(asdict(everything()) | {"relevant": True}))
    wrong = story | {"extra": 1, "score": "high", "outcome": "perhaps", "images": [{"url": 7}]}
    del wrong["title"]

    assert sorted(one.partition(":")[0] for one in misfits(wrong, KEPT)) == [
        "$.extra",
        "$.images[0].caption",
        "$.images[0].credit",
        "$.images[0].url",
        "$.outcome",
        "$.score",
        "$.title",
    ]
