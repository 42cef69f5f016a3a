"""The stories of an operator's own spider, as `crawler.spiders.runner` hands them over: JSON of checked values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from crawler.entry import Entry, ParsedFeed
from crawler.kinds import NO_OPTIONS
from crawler.kinds.jsonfeed import load_json
from crawler.kinds.text import page_address, plain_line, plain_text
from crawler.kinds.times import read_moment

CLASS = "class"  # the option that names the spider; all others are its arguments


def parse(
    body: bytes,
    url: str,
    *,
    content_type: str | None = None,  # noqa: ARG001 - it is always JSON
    now: datetime,
    zone: tzinfo | None = None,
    options: Mapping[str, str] = NO_OPTIONS,
) -> ParsedFeed:
    found = load_json(body)
    if not isinstance(found, dict):
        return ParsedFeed(problem=f"{url} is no answer of a spider")
    entries = tuple(entry for one in found["stories"] if (entry := _entry(one, url, now, zone)) is not None)
    spider = f"the spider {options.get(CLASS) or found['spider']}"
    said = "; ".join(found["problems"]) or (None if entries else "gave no stories")
    problem = f"{spider} {said}" if said else None
    return ParsedFeed(entries=entries, problem=problem, empty=not (found["stories"] or found["problems"]))


def _entry(raw: Mapping[str, Any], base: str, now: datetime, zone: tzinfo | None) -> Entry | None:
    link = page_address(raw["link"], base)
    if link is None:
        return None
    published, page, body = raw.get("published"), raw.get("html", ""), raw.get("body", "")
    return Entry(
        link=link,
        title=plain_line(raw["title"]),
        summary=plain_text(raw.get("summary") or body),
        content=page or body,
        whole_page=bool(page.strip()),
        published=read_moment(published, now, zone),
        published_raw=published or None,
        updated=read_moment(raw.get("updated"), now, zone),
        authors=tuple(plain_line(one) for one in raw.get("authors", ())),
        tags=tuple(plain_line(one) for one in raw.get("tags", ())),
        language=raw.get("language"),
    )
