"""The JSON Schema of articles, made from their dataclasses.

`python -m storage.article_schema > docs/article-schema.json` writes it anew; a test holds the two together.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from storage.article import Article, StoredArticle

# Raised with every change: the first number where what was valid is no longer, the second where something came in.
VERSION = "1.0"
_ID = f"urn:karabakh-monitor:article:{VERSION}"

_FIELDS: Mapping[str, Mapping[str, str]] = {
    "Article": {
        "url": "The address that was asked for, as its source gives it.",
        "canonical_url": "The address by which the story is known: normalised, without tracking, AMP and mobile twins.",
        "final_url": "The address that answered, after redirects.",
        "outlet": "Id of the outlet in the catalogue.",
        "source": "Id of the source that announced it first; empty where none did.",
        "guid": "What the feed calls the story.",
        "also_at": "Other addresses of the same page.",
        "title": "The headline.",
        "subtitle": "A second headline, which is no part of the body.",
        "summary": "What feed or page say of the story in short.",
        "body": "The text: paragraphs joined by one blank line, without captions and boilerplate.",
        "text_source": "What the text is read from; with summary there is no body.",
        "language": "BCP 47; und where it is not known.",
        "language_method": "How the language was found.",
        "script": "ISO 15924 code of the script that most letters are of.",
        "authors": "Names of people alone.",
        "credit": "The agency or outlet that the text is reprinted from.",
        "dateline": "The place that the story is told from, as it is written.",
        "published": "When it was published. With precision day: midnight of that day at the outlet.",
        "published_precision": "How exact that is.",
        "published_raw": "The text that it was read from.",
        "published_method": "Where that text stood.",
        "published_doubt": "A better source names a day to come (future), or feed and page name days apart (feed).",
        "zone_inferred": "The zone is not stated; the outlet's own was taken.",
        "year_inferred": "The year is not stated.",
        "modified": "When it was last changed, as the page says.",
        "fetched": "When the page was fetched, or saved by an archive.",
        "images": "Pictures, with what is written below them.",
        "alternates": "The same story in other languages.",
        "paywalled": "The page keeps its full text for subscribers.",
        "live": "A running account.",
        "section": "Where in the outlet it stands.",
        "tags": "Keywords of the page or the feed.",
        "content_hash": "Changes when title, subtitle or body do.",
        "extractor": "The reader that the body comes from.",
        "extractor_version": "The version of the program's reading.",
        "extraction_confidence": "0 to 1: how far other readings of the page agree; null where no page was read.",
        "undecoded": "Characters of title and body that were lost in decoding and stand as U+FFFD.",
        "http_status": "What the page was answered with.",
        "warc": "The record of an archive that the page was read from: file and offset.",
    },
    "StoredArticle": {
        "id": "Its number in the database.",
        "outlet_name": "The outlet's name.",
        "side": "The side that the catalogue counts the outlet to.",
        "first_seen": "When a source first showed it to us.",
        "last_seen": "When a source last showed it to us.",
        "revision": "1 for the first text that was stored, 2 for the next.",
        "first_poll": "It stood in its source already when that was asked for the first time.",
        "body_dropped": "When retention dropped the body.",
        "sightings": "Where it was seen.",
        "outcome": "Whether it is about the topic.",
        "score": "0 to 1: how sure that is.",
        "mentions": "Where the text names concepts of the topic.",
        "reasons": "Why it was judged so, in words.",
        "topic_version": "The version of the topic that judged it.",
        "relevant": "outcome is relevant.",
    },
    "Image": {
        "url": "Its address.",
        "caption": "What is written below it.",
        "credit": "The photographer or agency.",
    },
    "Alternate": {"language": "BCP 47.", "url": "Its address."},
    "Credit": {
        "name": "As the text writes it.",
        "evidence": "The words of the page that say so.",
        "outlet": "Its id, where the catalogue knows it.",
    },
    "Sighting": {
        "source": "Id of the source.",
        "url": "The address that it gave.",
        "first_seen": "When it first did.",
        "title": "The headline that it gave.",
    },
    "Mention": {
        "concept": "Id of the concept.",
        "surface": "The words of the text.",
        "field": "title or body.",
        "start": "Offset of its first character in that field.",
        "end": "Offset behind its last character.",
    },
}
_TEXTS = {
    "Article": "What one page says; `karabakh extract` prints it.",
    "StoredArticle": "An article as the database keeps it; `karabakh export --schema native` writes one a line.",
    "Image": "A picture of a story.",
    "Alternate": "The same story in another language, as the page itself links it.",
    "Credit": "The agency or outlet that a text is reprinted from.",
    "Sighting": "One place where a story was seen.",
    "Mention": "One place where a text names a concept of the topic.",
}


def article_schema() -> dict[str, Any]:
    """The whole schema: a stored article at its root, the article of a page under $defs."""
    adapters: list[tuple[Any, Any, TypeAdapter[Any]]] = [
        (kind, "serialization", TypeAdapter(kind)) for kind in (Article, StoredArticle)
    ]
    defs = TypeAdapter.json_schemas(adapters)[1]["$defs"]
    defs["StoredArticle"]["properties"]["relevant"] = {"type": "boolean"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": _ID,
        "version": VERSION,
        "title": "An article of karabakh-monitor",
        "$ref": "#/$defs/StoredArticle",
        "$defs": {name: _described(name, defs[name]) for name in sorted(defs)},
    }


def _described(name: str, made: Mapping[str, Any]) -> dict[str, Any]:
    said = {**_FIELDS[name], **(_FIELDS["Article"] if name == "StoredArticle" else {})}
    fields = {
        field: {"description": said[field], **{key: value for key, value in kind.items() if key not in _LEFT_OUT}}
        for field, kind in made["properties"].items()
    }
    return {
        "description": _TEXTS[name],
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


# Every key is always written, so that defaults say nothing; names of fields made of their names do neither.
_LEFT_OUT = frozenset({"title", "default", "description"})


if __name__ == "__main__":
    sys.stdout.write(json.dumps(article_schema(), ensure_ascii=False, indent=2) + "\n")
