"""What the parsers of sources yield, whatever the kind of source."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One story as a source announces it. `link` is absolute; `published` and `updated` are aware UTC.

    `content` is the feed's own full text as HTML where it carries one, or with `whole_page` the page itself, which is
    then not asked for; `summary` is plain text.
    """

    link: str
    title: str
    summary: str = ""
    content: str = ""
    whole_page: bool = False
    published: datetime | None = None
    published_raw: str | None = None
    updated: datetime | None = None
    authors: tuple[str, ...] = ()
    guid: str | None = None
    tags: tuple[str, ...] = ()
    language: str | None = None
    images: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """A source's answer, parsed. `problem` is one sentence when the answer is not what the kind expects
    (HTML instead of a feed, nothing in it, cut off); entries that could be read all the same are kept. `next_url` is
    where the list goes on with older stories or, without entries, where it is; `parts` are those of a list that lies
    in several places, each with the moment when it last changed. `quiet_hours` (0 to 23, UTC) are those in which the
    source asks to be left alone. `empty`: the answer is what the kind expects, and lists nothing."""

    entries: tuple[Entry, ...] = ()
    title: str = ""
    language: str | None = None
    ask_again_after: timedelta | None = None
    quiet_hours: frozenset[int] = frozenset()
    next_url: str | None = None
    parts: tuple[tuple[str, datetime | None], ...] = ()
    problem: str | None = None
    empty: bool = False
    notes: tuple[str, ...] = field(default=())
