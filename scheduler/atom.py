"""What a search finds as an Atom feed (RFC 4287), for feed readers and other programs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element, SubElement, indent, register_namespace, tostring

from scheduler.render import iso
from storage.article import StoredArticle
from storage.text import printable

_ATOM = "http://www.w3.org/2005/Atom"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*\Z")
# Two characters of Unicode that are no controls, and still no XML.
_NO_XML = re.compile("[\ufffe\uffff]")


def atom(stories: Sequence[StoredArticle], query: str, now: datetime) -> str:
    """The same query has the same feed id; an entry keeps the address of its story as id. `now` dates an empty feed."""
    register_namespace("", _ATOM)
    feed = Element(f"{{{_ATOM}}}feed")
    _add(feed, "id", uuid5(NAMESPACE_URL, f"karabakh search {query}").urn)
    _add(feed, "title", f"karabakh search {query}".strip())
    _add(feed, "updated", iso(max(map(_updated, stories), default=now)))
    _add(feed, "generator", "karabakh-monitor")
    for story in stories:
        _entry(feed, story)
    indent(feed)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(feed, encoding="unicode")


def _entry(feed: Element, story: StoredArticle) -> None:
    entry = SubElement(feed, f"{{{_ATOM}}}entry")
    if _TAG.match(story.language):
        entry.set(_XML_LANG, story.language)
    _add(entry, "id", story.canonical_url)
    _add(entry, "title", story.title or story.canonical_url)
    _add(entry, "link", None, rel="alternate", href=story.final_url)
    _add(entry, "published", iso(story.sort_at))
    _add(entry, "updated", iso(_updated(story)))
    for name in story.authors or (story.outlet_name,):
        _add(_add(entry, "author", None), "name", name)
    if story.summary:
        _add(entry, "summary", story.summary)
    _add(entry, "category", None, term=story.outlet, scheme="urn:karabakh-monitor:outlet", label=story.outlet_name)
    _add(entry, "category", None, term=story.side, scheme="urn:karabakh-monitor:side")
    _add(entry, "category", None, term=story.outcome, scheme="urn:karabakh-monitor:verdict")


def _updated(story: StoredArticle) -> datetime:
    """When it last changed as its page says; a moment in the future is a mistake of the page."""
    return max(story.sort_at, min(story.modified or story.sort_at, story.last_seen))


def _add(parent: Element, name: str, text: str | None, **attributes: str) -> Element:
    child = SubElement(parent, f"{{{_ATOM}}}{name}", {key: _plain(value) for key, value in attributes.items()})
    child.text = None if text is None else _plain(text)
    return child


def _plain(text: str) -> str:
    return _NO_XML.sub("", printable(text))
