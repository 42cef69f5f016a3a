"""Stories for other programs as JSON lines, in our schema, schema.org's or IPTC's (docs/article-schema.md)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from scheduler.render import iso, story_dict
from storage.article import StoredArticle

Record = dict[str, Any]

# What a terminal would act on and what turns the direction of a line, but for what JSON escapes of itself.
_UNSAFE = re.compile(r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ue000-\uf8ff\ufffe\uffff]")
_URI_MARKS = "%/:?#[]@!$&'()*+,;=~"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beside the stories: the zones of outlets by id, and kind and name of concepts by id."""

    zones: Mapping[str, str]
    concepts: Mapping[str, tuple[str, str]]

    def kind_and_name(self, concept: str) -> tuple[str, str]:
        """A concept that the topic no longer has keeps its id for a name."""
        return self.concepts.get(concept, ("term", concept))


def line(record: Mapping[str, Any]) -> str:
    """As JSON that loses nothing and that a terminal can be shown."""
    text = json.dumps(record, ensure_ascii=False, default=_moment)
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _moment(value: object) -> str:
    if not isinstance(value, datetime):
        raise TypeError(f"{type(value)} is not JSON")
    return iso(value)


def native(story: StoredArticle, known: Known) -> Record:  # noqa: ARG001 - all exports are called alike
    return story_dict(story)


def news_article(story: StoredArticle, known: Known) -> Record:
    """JSON-LD of schema.org's NewsArticle."""
    credit = story.credit
    return _stated(
        {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "@id": uri(story.canonical_url),
            "identifier": str(story.id),
            "url": uri(story.final_url),
            "mainEntityOfPage": {"@type": "WebPage", "@id": uri(story.canonical_url)},
            "sameAs": [uri(one) for one in story.also_at],
            "headline": story.title,
            "alternativeHeadline": story.subtitle,
            "description": story.summary,
            "articleBody": story.body,
            "wordCount": len(story.body.split()) or None,
            "inLanguage": None if story.language == "und" else story.language,
            "author": [{"@type": "Person", "name": name} for name in story.authors],
            "publisher": {"@type": "NewsMediaOrganization", "identifier": story.outlet, "name": story.outlet_name},
            "creditText": credit and credit.name,
            "isBasedOn": credit and _based_on(credit.name, credit.outlet),
            "dateline": story.dateline,
            "locationCreated": story.dateline and {"@type": "Place", "name": story.dateline},
            "datePublished": _published(story, known),
            "dateModified": story.modified,
            "sdDatePublished": story.fetched.date().isoformat(),
            "image": [_picture(one.url, one.caption, one.credit) for one in story.images],
            "articleSection": story.section,
            "keywords": list(story.tags),
            "workTranslation": [
                {"@type": "NewsArticle", "url": uri(one.url), "inLanguage": one.language} for one in story.alternates
            ],
            "isAccessibleForFree": False if story.paywalled else None,
            "version": story.revision,
            "mentions": [_thing(concept, names, known) for concept, names in _named(story).items()],
        }
    )


def _based_on(name: str, outlet: str | None) -> Record:
    publisher = _stated({"@type": "NewsMediaOrganization", "identifier": outlet, "name": name})
    return {"@type": "CreativeWork", "publisher": publisher}


def _picture(url: str, caption: str | None, credit: str | None) -> Record:
    return _stated({"@type": "ImageObject", "url": uri(url), "caption": caption, "creditText": credit})


_THINGS = {"place": "Place", "person": "Person", "body": "Organization", "event": "Event"}


def _thing(concept: str, names: list[str], known: Known) -> Record:
    kind, name = known.kind_and_name(concept)
    return {"@type": _THINGS.get(kind, "Thing"), "identifier": concept, "name": name, "alternateName": names}


def _published(story: StoredArticle, known: Known) -> str | None:
    """A day alone is written as a day, the one it was at the outlet."""
    if story.published is None:
        return None
    if story.published_precision != "day":
        return iso(story.published)
    return story.published.astimezone(ZoneInfo(known.zones.get(story.outlet, "UTC"))).date().isoformat()


_GROUPS = {"place": "places", "person": "people", "body": "organisations", "event": "events"}


def ninjs(story: StoredArticle, known: Known) -> Record:
    """IPTC ninjs 3.0."""
    return _stated(
        {
            "uri": uri(story.canonical_url),
            "standard": {
                "name": "ninjs",
                "version": "3.0",
                "schema": "http://www.iptc.org/std/ninjs/ninjs-schema_3.0.json",
            },
            "type": "text",
            "representationType": "full" if story.body and not story.paywalled else "partial",
            "version": str(story.revision),
            "firstCreated": story.first_seen,
            "versionCreated": story.fetched,
            "contentCreated": story.published,
            "pubStatus": "usable",
            "language": None if story.language == "und" else story.language,
            "headlines": _texts(("main", story.title), ("subtitle", story.subtitle)),
            "descriptions": _texts(("summary", story.summary)),
            "bodies": [_counted(one) for one in _texts(("main", story.body))],
            "by": ", ".join(story.authors),
            "located": story.dateline,
            "usageTerms": "The outlet keeps the full text for subscribers." if story.paywalled else None,
            "infoSources": _sources(story),
            "altIds": _other_ids(story),
            "subjects": [*_subjects(story), *_concepts(story, known, None)],
            **{group: _concepts(story, known, kind) for kind, group in _GROUPS.items()},
            "associations": [*_pictures(story), *_translations(story)],
        }
    )


def _texts(*texts: tuple[str, str | None]) -> list[Record]:
    return [{"role": role, "contentType": "text/plain", "value": text} for role, text in texts if text]


def _counted(body: Record) -> Record:
    return {**body, "charCount": len(body["value"]), "wordCount": len(body["value"].split())}


def _sources(story: StoredArticle) -> list[Record]:
    parties = [("publisher", story.outlet, story.outlet_name)]
    if story.credit:
        parties.append(("credit", story.credit.outlet or "", story.credit.name))
    return [
        _stated({"name": name, "role": f"urn:karabakh-monitor:{role}", "literal": outlet})
        for role, outlet, name in parties
    ]


def _other_ids(story: StoredArticle) -> list[Record]:
    ids = [
        ("id", str(story.id)),
        ("guid", story.guid),
        *(("address", one) for one in (story.final_url, *story.also_at)),
    ]
    return [{"role": role, "value": value} for role, value in ids if value and value != story.canonical_url]


def _subjects(story: StoredArticle) -> list[Record]:
    named = [("section", story.section), *(("keyword", tag) for tag in story.tags)]
    return [{"name": name, "rel": rel} for rel, name in named if name]


def _concepts(story: StoredArticle, known: Known, wanted: str | None) -> list[Record]:
    """Those of a kind; with None those that ninjs has no group of its own for."""
    kinds = ((concept, *known.kind_and_name(concept)) for concept in _named(story))
    return [
        {"name": name, "rel": "mentions", "literal": concept}
        for concept, kind, name in kinds
        if (kind == wanted if wanted else kind not in _GROUPS)
    ]


def _pictures(story: StoredArticle) -> list[Record]:
    return [
        _stated(
            {
                "name": f"picture {number}",
                "uri": uri(one.url),
                "type": "picture",
                "descriptions": _texts(("caption", one.caption)),
                "by": one.credit,
                "renditions": [{"name": "main", "href": uri(one.url)}],
            }
        )
        for number, one in enumerate(story.images, 1)
    ]


def _translations(story: StoredArticle) -> list[Record]:
    return [
        {"name": f"in {one.language}", "uri": uri(one.url), "type": "text", "language": one.language}
        for one in story.alternates
    ]


def _named(story: StoredArticle) -> dict[str, list[str]]:
    """The concepts of a story in the order of their mentions, each with the words that name it."""
    named: dict[str, list[str]] = {}
    for mention in story.mentions:
        words = named.setdefault(mention.concept, [])
        if mention.surface not in words:
            words.append(mention.surface)
    return named


def _stated(record: Record) -> Record:
    """Neither standard has a word for what is not known: it is left out."""
    return {key: value for key, value in record.items() if value not in (None, "", [])}


def uri(address: str) -> str:
    """An address as RFC 3986 has it; other letters percent-encoded."""
    return quote(address, safe=_URI_MARKS, errors="replace")


SCHEMAS: Mapping[str, Callable[[StoredArticle, Known], Record]] = {
    "native": native,
    "newsarticle": news_article,
    "ninjs": ninjs,
}
