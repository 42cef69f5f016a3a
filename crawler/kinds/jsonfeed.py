"""JSON Feed 1.0 and 1.1 (jsonfeed.org)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from typing import Any

from crawler.entry import Entry, ParsedFeed
from crawler.kinds import NO_OPTIONS
from crawler.kinds.text import is_cut_off, page_address, plain_line, plain_text
from crawler.kinds.times import read_moment

RawItem = Mapping[str, Any]

LONGEST_NOTICE = 10_000  # characters
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_FIRST_LINE = re.compile(r"^[\[{]", re.MULTILINE)


def parse(
    body: bytes,
    url: str,
    *,
    content_type: str | None = None,  # noqa: ARG001 - JSON is UTF-8 (RFC 8259)
    now: datetime,
    zone: tzinfo | None = None,
    options: Mapping[str, str] = NO_OPTIONS,  # noqa: ARG001
) -> ParsedFeed:
    feed = load_json(body)
    if not isinstance(feed, dict):
        return ParsedFeed(problem=f"{url} answered something that is no JSON Feed: it cannot be read as JSON")
    items = feed.get("items")
    if not isinstance(items, list) or not text_at(feed, "version").startswith(
        ("https://jsonfeed.org/", "http://jsonfeed.org/")
    ):
        return ParsedFeed(problem=f"{url} answered JSON that is no JSON Feed")
    entries = tuple(entry for one in items if (entry := _entry(one, url, now, zone)) is not None)
    problem = None if entries else f"{url} is a JSON Feed without items"
    if items and not entries:
        problem = f"none of the {len(items)} items of {url} has the address of a page"
    return ParsedFeed(
        entries=entries,
        title=plain_line(text_at(feed, "title")),
        language=text_at(feed, "language") or None,
        next_url=page_address(text_at(feed, "next_url"), url),
        problem=problem,
        empty=not items,
    )


def load_json(body: bytes) -> object:
    """None when it is not JSON, or nested deeper than any source nests. Notices of a server before it do no harm."""
    text = body.decode("utf-8-sig", "replace")
    start = _FIRST_LINE.search(text[:LONGEST_NOTICE])
    return read_json(text[start.start() :] if start else text)


def read_json(text: str) -> object:
    """None when it is not JSON. Halves of pairs, which no text may hold, become question marks."""
    try:
        value: object = json.loads(text)
        if _HALF.search(text):
            value = json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return value


def text_at(raw: object, key: str) -> str:
    value = raw.get(key) if isinstance(raw, dict) else None
    return value if isinstance(value, str) else ""


def _entry(raw: object, base: str, now: datetime, zone: tzinfo | None) -> Entry | None:
    if not isinstance(raw, dict):
        return None
    guid = str(raw.get("id", "")).strip()
    link = page_address(text_at(raw, "url"), base) or (page_address(guid, base) if guid.startswith("http") else None)
    if link is None:
        return None
    content = text_at(raw, "content_html") or text_at(raw, "content_text")
    plain = plain_text(content)
    tags = raw.get("tags")
    changed = text_at(raw, "date_modified")
    published = text_at(raw, "date_published") or changed
    return Entry(
        link=link,
        title=plain_line(text_at(raw, "title")),
        summary=plain_text(text_at(raw, "summary")) or plain,
        content="" if is_cut_off(plain) else content,
        published=read_moment(published, now, zone),
        published_raw=published or None,
        updated=read_moment(changed, now, zone) if changed != published else None,
        authors=tuple(_authors(raw)),
        guid=guid or None,
        tags=tuple(plain_line(one) for one in tags if isinstance(one, str)) if isinstance(tags, list) else (),
        language=text_at(raw, "language") or None,
        images=tuple(image for key in ("image", "banner_image") if (image := page_address(text_at(raw, key), base))),
    )


def _authors(raw: RawItem) -> Iterator[str]:
    """1.1 has a list `authors`, 1.0 one `author`."""
    authors = raw.get("authors")
    for one in authors if isinstance(authors, list) else [raw.get("author")]:
        if name := plain_line(text_at(one, "name")):
            yield name
