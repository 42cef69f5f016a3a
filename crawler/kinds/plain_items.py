"""Elements of plain RSS, each as feedparser takes it: into the values that it would have for them."""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml import etree

from crawler.kinds.feed_entry import RawItem

CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
DC = "{http://purl.org/dc/elements/1.1/}"
FEEDBURNER = "{http://rssnamespace.org/feedburner/ext/1.0}"
MEDIA = "{http://search.yahoo.com/mrss/}"

# The two usual ways of RSS to write an author: anna@news.example and anna@news.example (Anna).
_MAIL = re.compile(r"[a-zA-Z0-9_.+-]+@(?:[a-zA-Z0-9-]+\.)+[a-zA-Z]{2,4}(?: \(([^()<>&@]+)\))?")
# They say nothing for an entry.
PASSED_OVER = frozenset(
    {
        *("comments", "source"),
        *(f"{MEDIA}{name}" for name in ("credit", "copyright", "rating", "restriction", "license")),
    }
)
PASSED_OVER_SPACES = (
    "{http://purl.org/rss/1.0/modules/slash/}",
    "{http://purl.org/syndication/thread/1.0}",
    "{http://wellformedweb.org/commentapi/}",
)


class NotPlain(Exception):
    """The feed holds something of which this cannot say what feedparser makes of it."""


def tag_of(element: etree._Element) -> str:
    """feedparser takes names in any case, those of namespaces too."""
    return str(element.tag).lower()


def has_only(element: etree._Element, name: str) -> bool:
    """Whether it has no other attribute."""
    return len(element.attrib) <= (name in element.attrib)


def text_in(element: etree._Element) -> str:
    """What an element without elements and attributes says."""
    if len(element) or element.attrib:
        raise NotPlain
    return _clean(element.text)


def _clean(text: str | None) -> str:
    """Text that was encoded twice, which feedparser mends, is left to it; so is the one control that may stand here."""
    stripped = (text or "").strip()
    if stripped.isascii():
        return stripped
    try:
        stripped.encode("latin-1").decode("utf-8")
    except UnicodeError:
        if "\x85" not in stripped:
            return stripped
    raise NotPlain


def _sound(address: str) -> str:
    """Another that feedparser mends is left to it."""
    if ":///" in address:
        raise NotPlain
    return address


def link_of(element: etree._Element) -> RawItem:
    made: RawItem = {"rel": "alternate", "type": "text/html"}
    if not element.attrib:
        href = _sound(text_in(element))
        if ";" in href and "&" in href:  # what feedparser mends
            raise NotPlain
        return {**made, "href": href} if href else made
    if len(element) or "href" not in element.attrib or "url" in element.attrib or "uri" in element.attrib:
        raise NotPlain
    _sound(str(element.attrib["href"]))
    return {**made, **_attributes(element)}


def listed(raw: RawItem, key: str) -> list[RawItem]:
    """The list under `key`, made where there is none."""
    found = raw.setdefault(key, [])
    assert isinstance(found, list)
    return found


def _attributes(element: etree._Element) -> RawItem:
    given = {str(name).lower(): str(value) for name, value in element.attrib.items()}
    return {name: value.lower() if name in {"rel", "type"} else value for name, value in given.items()}


def _taken_as(key: str) -> Callable[[RawItem, etree._Element], None]:
    def take(item: RawItem, element: etree._Element) -> None:
        item[key] = text_in(element)

    return take


def _take_title(item: RawItem, element: etree._Element) -> None:
    if "title" in item:
        raise NotPlain
    item["title"] = text_in(element)


def _take_link(item: RawItem, element: etree._Element) -> None:
    link = link_of(element)
    listed(item, "links").append(link)
    if not element.attrib or (link["rel"] == "alternate" and "html" in str(link["type"])):
        item["link"] = link.get("href", "")


def _take_guid(item: RawItem, element: etree._Element) -> None:
    is_link = element.get("isPermaLink", "true") == "true"
    if len(element) or not has_only(element, "isPermaLink"):
        raise NotPlain
    item["id"] = _sound(_clean(element.text))
    item.setdefault("guidislink", is_link and "link" not in item)
    if is_link:
        item.setdefault("link", item["id"])


def _take_description(item: RawItem, element: etree._Element) -> None:
    if "summary_detail" in item:
        raise NotPlain
    item["summary"] = item["summary_detail"] = text_in(element)


def _take_content(item: RawItem, element: etree._Element) -> None:
    text = text_in(element)
    listed(item, "content").append({"type": "text/html", "value": text})
    item.setdefault("summary", text)


def _take_author(item: RawItem, element: etree._Element) -> None:
    name = text_in(element)
    if "@" in name:  # feedparser takes the address out
        written = _MAIL.fullmatch(name)
        if written is None:
            raise NotPlain
        name = (written[1] or "").strip()
    listed(item, "authors").append({"name": name} if name else {})


def _take_category(item: RawItem, element: etree._Element) -> None:
    if len(element) or not has_only(element, "domain"):
        raise NotPlain
    if term := _clean(element.text):
        listed(item, "tags").append({"term": term})


def _take_enclosure(item: RawItem, element: etree._Element) -> None:
    given = _attributes(element)
    if len(element) or "url" not in given:
        raise NotPlain
    listed(item, "links").append({**given, "href": given["url"], "rel": "enclosure"})


def _take_image(item: RawItem, element: etree._Element) -> None:
    if "media_thumbnail" in item:  # feedparser takes the address of one for that of the other
        raise NotPlain
    for child in element:
        tag, text = tag_of(child), text_in(child)
        if tag == "url":
            item["href"] = _sound(text)
        elif tag not in {"title", "link"} or not item.get("title"):  # before the item's own title it would be that
            raise NotPlain


def _take_shown(item: RawItem, element: etree._Element) -> None:
    if "media_x-description" in item:
        raise NotPlain
    item["media_x-description"] = text_in(element)


def _take_thumbnail(item: RawItem, element: etree._Element) -> None:
    if len(element) or (element.text and element.text.strip()) or "href" in item:
        raise NotPlain
    listed(item, "media_thumbnail").append(_attributes(element))


def _take_media(item: RawItem, element: etree._Element) -> None:
    listed(item, "media_content").append(_attributes(element))
    _take_group(item, element)


def _take_group(item: RawItem, element: etree._Element) -> None:
    for child in element:
        tag = tag_of(child)
        if tag in _OF_MEDIA:
            _OF_MEDIA[tag](item, child)
        elif len(child) or (tag not in PASSED_OVER and not (tag == f"{MEDIA}title" and item.get("title"))):
            raise NotPlain


_OF_MEDIA: dict[str, Callable[[RawItem, etree._Element], None]] = {
    f"{MEDIA}group": _take_group,
    f"{MEDIA}content": _take_media,
    f"{MEDIA}thumbnail": _take_thumbnail,
    f"{MEDIA}x-description": _take_shown,
}
TAKE: dict[str, Callable[[RawItem, etree._Element], None]] = {
    **_OF_MEDIA,
    "title": _take_title,
    "link": _take_link,
    "guid": _take_guid,
    "description": _take_description,
    f"{CONTENT}encoded": _take_content,
    "pubdate": _taken_as("published"),
    "author": _take_author,
    f"{DC}creator": _take_author,
    "category": _take_category,
    f"{DC}subject": _take_category,
    f"{DC}date": _taken_as("updated"),
    f"{DC}language": _taken_as("language"),
    "enclosure": _take_enclosure,
    "image": _take_image,
    f"{FEEDBURNER}origlink": _taken_as("feedburner_origlink"),
}
