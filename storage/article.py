"""The article schema: `Article` is what a page says, `StoredArticle` adds what we say of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from topic.verdict import Mention, Outcome

Precision = Literal["second", "minute", "day"]
TextSource = Literal["page", "feed", "summary"]


@dataclass(frozen=True, slots=True)
class Image:
    url: str
    caption: str | None = None
    credit: str | None = None


@dataclass(frozen=True, slots=True)
class Alternate:
    """The same story in another language, as the page itself links it."""

    language: str
    url: str


@dataclass(frozen=True, slots=True)
class Credit:
    """The agency or outlet a text is reprinted from. `outlet` is its id where the catalogue knows it."""

    name: str
    evidence: str
    outlet: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One story as its page (or, where the page could not be had, its feed) tells it.

    Times are aware and in UTC. `published_doubt`: a better source named a day to come ("future"), or feed and page name
    days apart ("feed"). `body` is paragraphs joined by one blank line, without captions and boilerplate;
    it is empty when `text_source` is "summary". `extractor` names the reader that the body comes from;
    `extraction_confidence`, between 0 and 1, says how far other readers of the same page agree with it (None where
    no page was read); `undecoded` counts the characters of title and body that were lost in decoding and stand as
    U+FFFD. `paywalled` says that the page keeps its full text for subscribers, `live` that it is a running account,
    both in the page's own structured data.
    """

    url: str
    canonical_url: str
    final_url: str
    outlet: str
    source: str = ""
    guid: str | None = None
    also_at: tuple[str, ...] = ()

    title: str
    subtitle: str | None = None
    summary: str | None = None
    body: str
    text_source: TextSource = "page"
    language: str = "und"
    language_method: Literal["text", "declared", "source", "none"] = "none"
    script: str | None = None

    authors: tuple[str, ...] = ()
    credit: Credit | None = None
    dateline: str | None = None

    published: datetime | None = None
    published_precision: Precision | None = None
    published_raw: str | None = None
    published_method: Literal["feed", "json-ld", "meta", "time tag", "text", "url"] | None = None
    published_doubt: Literal["future", "feed"] | None = None
    zone_inferred: bool = False
    year_inferred: bool = False
    modified: datetime | None = None
    fetched: datetime

    images: tuple[Image, ...] = ()
    alternates: tuple[Alternate, ...] = ()
    paywalled: bool = False
    live: bool = False
    section: str | None = None
    tags: tuple[str, ...] = ()

    content_hash: str
    extractor: str
    extractor_version: str
    extraction_confidence: float | None = None
    undecoded: int = 0
    http_status: int | None = None
    warc: str | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """One place where a story was seen: the same article may stand in several feeds."""

    source: str
    url: str
    first_seen: datetime
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredArticle(Article):
    """An article as the database keeps it. `body` is empty once retention has dropped it (`body_dropped` says when)."""

    id: int
    outlet_name: str
    side: str
    first_seen: datetime
    last_seen: datetime
    revision: int = 1
    first_poll: bool = False
    body_dropped: datetime | None = None
    sightings: tuple[Sighting, ...] = ()

    outcome: Outcome
    score: float
    mentions: tuple[Mention, ...] = ()
    reasons: tuple[str, ...] = ()
    topic_version: str

    @property
    def relevant(self) -> bool:
        return self.outcome == "relevant"

    @property
    def sort_at(self) -> datetime:
        """The moment by which stories are sorted and searched: published, or first seen where the page states none. A
        moment after the first sight is a mistake, and would stand above all news until it came true. What was saved
        before it was stored was seen by whoever saved it."""
        seen = min(self.first_seen, self.fetched)
        return min(self.published or seen, seen)
