"""Pages that carry their stories as JSON for their own scripts (Inertia.js): Armenpress, CivilNet and NEWS.am.

The JSON stands in <script data-page="app" type="application/json">, or in the attribute data-page of the page's root.
Options: `hits`, the way to the list of stories ("props.feed.data.hits"); `link`, the address of a story with the fields
of its hit in braces ("/{locale}/article/{article_id}"); `locale`, the edition asked for: these sites answer another one
when they have not got it, and its stories are not taken for this one's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, tzinfo
from urllib.parse import quote

from lxml import html

from crawler.decode import decode_page
from crawler.entry import Entry, ParsedFeed
from crawler.kinds import NO_OPTIONS
from crawler.kinds.jsonfeed import read_json, text_at
from crawler.kinds.page import read_tree
from crawler.kinds.text import page_address, plain_line
from crawler.kinds.times import from_seconds, read_moment

_FIELD = re.compile(r"\{(\w+)\}")


def parse(
    body: bytes,
    url: str,
    *,
    content_type: str | None = None,
    now: datetime,
    zone: tzinfo | None = None,
    options: Mapping[str, str] = NO_OPTIONS,
) -> ParsedFeed:
    """Raises KeyError without the options `hits` and `link`, which the catalogue requires."""
    tree = read_tree(decode_page(body, content_type))
    hits = _at(embedded(tree), options["hits"]) if tree is not None else None
    if not isinstance(hits, list):
        return ParsedFeed(problem=f"{url} carries no list of stories at {options['hits']}")
    wanted = options.get("locale")
    ours = [one for one in hits if isinstance(one, dict) and wanted in {None, one.get("locale")}]
    read = [_entry(one, url, options["link"], now, zone) for one in ours]
    entries = tuple(entry for entry in read if entry is not None)
    foreign = len(hits) - len(ours)
    problem = None if entries else f"{url} shows no stories"
    if hits and not ours:
        problem = f"{url} shows {len(hits)} stories, none of them of the edition {wanted}"
    return ParsedFeed(
        entries=entries,
        language=wanted,
        problem=problem,
        empty=not hits,
        notes=(f"{foreign} of {len(hits)} stories of {url} are not of the edition {wanted}",)
        if foreign and ours
        else (),
    )


def embedded(tree: html.HtmlElement) -> object:
    """The JSON of a page, None where it has none."""
    for element in tree.iter("script", "div", "main"):
        declared = element.get("data-page")
        if declared is None:
            continue
        found = read_json((element.text or "") if element.tag == "script" else declared)
        if found is not None:
            return found
    return None


def _at(value: object, path: str) -> object:
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _entry(hit: Mapping[str, object], base: str, pattern: str, now: datetime, zone: tzinfo | None) -> Entry | None:
    link, title = address_of(hit, pattern, base), plain_line(text_at(hit, "title"))
    if link is None or not title:
        return None
    said = hit.get("published_at")
    image = page_address(_image(hit), base)
    return Entry(
        link=link,
        title=title,
        published=from_seconds(said, now) or (read_moment(said, now, zone) if isinstance(said, str) else None),
        published_raw=str(said) if said is not None else None,
        guid=_part(hit.get("article_id")) or None,
        language=text_at(hit, "locale") or None,
        images=(image,) if image else (),
    )


def address_of(hit: Mapping[str, object], pattern: str, base: str) -> str | None:
    """None where the hit lacks a field of the pattern."""
    parts = {field: _part(hit.get(field)) for field in _FIELD.findall(pattern)}
    return page_address(_FIELD.sub(lambda field: parts[field[1]], pattern), base) if all(parts.values()) else None


def _part(value: object) -> str:
    return quote(str(value), safe="") if isinstance(value, int | str) and not isinstance(value, bool) else ""


def _image(hit: Mapping[str, object]) -> str:
    for key in ("image", "thumbnail"):
        value = hit.get(key)
        found = value if isinstance(value, str) else text_at(value, "url") or text_at(value, "src")
        if found:
            return found
    return ""
