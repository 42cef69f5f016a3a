"""One item of a feed, as feedparser hands it over, to an Entry.

Identity is the link: one outlet gives all its items one guid. A guid stands in for a missing link where it is a
permalink, or RDF's name of the item, which is its address. `content` is filled only where the feed carries the story
itself: in an element made for it, or in a description as long as a story; a text that ends as teasers end is no story.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from datetime import datetime, tzinfo

from crawler.entry import Entry
from crawler.kinds.text import is_cut_off, page_address, plain_line, plain_text
from crawler.kinds.times import read_moment

RawItem = dict[str, object]  # a FeedParserDict

# Characters from which a description is the whole story. Teasers seen have up to 600; a brief that is shorter and whole
# loses nothing, since its summary is then all of it.
WHOLE_STORY = 1000


def read_entry(
    raw: RawItem, base: str, *, now: datetime, zone: tzinfo | None, named_by_page: bool = False
) -> Entry | None:
    """None when no page belongs to the item. `named_by_page`: an identifier is an address, as RDF has it."""
    link = _link(raw, base, named_by_page=named_by_page)
    if link is None:
        return None
    described = text_of(raw, "summary") or text_of(raw, "media_x-description")
    summary = plain_text(described)
    content = _content(raw, described, summary)
    if not summary and content:
        summary = plain_text(content)
    said, published = _moment(raw, now, zone)
    return Entry(
        link=link,
        title=plain_line(text_of(raw, "title")),
        summary=summary,
        content=content,
        published=published,
        published_raw=said,
        updated=read_moment(text_of(raw, "updated"), now, zone) if said != text_of(raw, "updated").strip() else None,
        authors=tuple(dict.fromkeys(_authors(raw))),
        guid=text_of(raw, "id").strip() or None,
        tags=tuple(dict.fromkeys(_tags(raw))),
        language=text_of(raw, "language").strip() or None,
        images=tuple(dict.fromkeys(_images(raw, base))),
    )


def text_of(raw: RawItem, key: str) -> str:
    value = dict.get(raw, key)  # feedparser's own look-up gives one element for another, with a warning
    return value if isinstance(value, str) else ""


def _parts(raw: RawItem, key: str) -> Iterator[RawItem]:
    value = dict.get(raw, key)
    if isinstance(value, list):
        yield from (one for one in value if isinstance(one, dict))


def _moment(raw: RawItem, now: datetime, zone: tzinfo | None) -> tuple[str | None, datetime | None]:
    """The first text that can be read as a moment, with it; the first text of all where none can."""
    texts = [text for key in ("published", "created", "updated") if (text := text_of(raw, key).strip())]
    read = ((text, moment) for text in texts if (moment := read_moment(text, now, zone)))
    return next(read, (texts[0] if texts else None, None))


def _link(raw: RawItem, base: str, *, named_by_page: bool) -> str | None:
    guid = text_of(raw, "id").strip()
    is_permalink = named_by_page or bool(raw.get("guidislink"))
    pages = [one for one in _parts(raw, "links") if text_of(one, "rel") == "alternate"]
    pages.sort(key=lambda one: "html" not in text_of(one, "type"))
    named = "" if (link := text_of(raw, "link")).strip() == guid else link  # feedparser takes any guid for a link
    candidates = [text_of(raw, "feedburner_origlink"), *(text_of(one, "href") for one in pages), named]
    found = next((page for one in candidates if one.strip() and (page := page_address(one, base))), None)
    if found is None and is_permalink and guid.startswith(("http://", "https://")):
        return page_address(guid, base)
    return found


def _content(raw: RawItem, described: str, summary: str) -> str:
    if "summary_detail" not in raw:  # then feedparser made a summary of the content
        described = summary = ""
    for text in _stories(raw):
        if text == described:
            continue
        plain = plain_text(text)
        if len(plain) > len(summary) and not is_cut_off(plain):
            return text
    return described if len(summary) >= WHOLE_STORY and not is_cut_off(summary) else ""


def _stories(raw: RawItem) -> Iterator[str]:
    """What stands in the elements made for whole stories, those of Yandex among them."""
    for part in _parts(raw, "content"):
        if text_of(part, "type") in {"text/html", "application/xhtml+xml", "text/plain"}:
            yield text_of(part, "value")
    yield text_of(raw, "turbo_content")
    full = text_of(raw, "yandex_full-text")
    yield full if "<" in full else "".join(f"<p>{html.escape(line)}</p>" for line in full.splitlines() if line.strip())


def _authors(raw: RawItem) -> Iterator[str]:
    for one in _parts(raw, "authors"):
        name = plain_line(text_of(one, "name"))
        if name and "@" not in name:
            yield name


def _tags(raw: RawItem) -> Iterator[str]:
    for one in _parts(raw, "tags"):
        tag = plain_line(text_of(one, "label") or text_of(one, "term"))
        if tag:
            yield tag


def _images(raw: RawItem, base: str) -> Iterator[str]:
    found = [text_of(one, "url") for one in _parts(raw, "media_content") if _is_image(one)]
    enclosed = [one for one in _parts(raw, "links") if text_of(one, "rel") == "enclosure"]
    found += [text_of(one, "href") for one in enclosed if _is_image(one)]
    found += [text_of(one, "url") for one in _parts(raw, "media_thumbnail")]
    # <image><url> inside an item; feedparser puts the address of an author there, too.
    if not any(text_of(one, "href") == text_of(raw, "href") for one in _parts(raw, "authors")):
        found.append(text_of(raw, "href"))
    yield from (image for one in found if one and (image := page_address(one, base)))


def _is_image(part: RawItem) -> bool:
    declared = text_of(part, "type") or text_of(part, "medium")
    path = (text_of(part, "url") or text_of(part, "href")).partition("?")[0].lower()
    return declared.startswith("image") or (not declared and path.endswith((".jpg", ".jpeg", ".png", ".webp", ".gif")))
