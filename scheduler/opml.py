"""OPML 2.0 (opml.org/spec2.opml): sources out for feed readers, and feeds of other readers in. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlsplit

from lxml import etree

from crawler.urls import canonical
from scheduler.config import OwnSourceConfig
from scheduler.own_entries import free_id, host_of, own_entry
from storage.records import OutletRow, SourceRow
from storage.text import printable

FEEDS = frozenset({"feed", "jsonfeed"})
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]+)*")
LARGEST = 5 << 20  # bytes; ten thousand feeds take two


class NotOpml(ValueError):
    """One sentence on what a file is instead."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A feed of an OPML file; `url` is http or https."""

    url: str
    title: str
    language: str


def write_opml(sources: Iterable[SourceRow], outlets: Iterable[OutletRow]) -> bytes:
    """Feeds by side; kinds that no feed reader knows are left out."""
    known = {one.id: one for one in outlets}
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = "Sources of karabakh-monitor"
    body = etree.SubElement(root, "body")
    feeds = sorted(
        (one for one in sources if one.kind in FEEDS), key=lambda one: (known[one.outlet].side, one.outlet, one.id)
    )
    for side, those in groupby(feeds, key=lambda one: known[one.outlet].side):
        group = etree.SubElement(body, "outline", text=side, title=side)
        for one in those:
            name = f"{known[one.outlet].name} ({', '.join(one.languages)})"
            etree.SubElement(
                group, "outline", type="rss", text=name, title=name, xmlUrl=one.url,
                htmlUrl=known[one.outlet].homepage, language=one.languages[0] if one.languages else "",
            )  # fmt: skip
    return etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)


def read_opml(document: bytes) -> list[Outline]:
    """Every feed, however deep its folder lies. Raises NotOpml."""
    if len(document) > LARGEST:
        raise NotOpml(f"is larger than {LARGEST >> 20} MB")
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False)
    root = etree.fromstring(document, parser) if document.strip() else None
    if root is None or etree.QName(root).localname.lower() != "opml":
        raise NotOpml("is no OPML: its root element is not <opml>")
    return [outline for element in root.iter("{*}outline") if (outline := _outline(element)) is not None]


def _outline(element: etree._Element) -> Outline | None:
    url = (element.get("xmlUrl") or "").strip()
    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
        return None
    title = printable(element.get("title") or element.get("text") or "").strip()
    return Outline(url, title, (element.get("language") or "").strip().lower())


def new_ones(outlines: Iterable[Outline], known: Iterable[str]) -> Iterator[Outline]:
    """Those whose address is none of `known` and was not met before."""
    seen = {canonical(url) for url in known}
    for one in outlines:
        if (address := canonical(one.url)) not in seen:
            seen.add(address)
            yield one


def own_sources(outlines: Iterable[Outline], taken: Iterable[str], *, side: str, language: str) -> Iterator[str]:
    """A [[sources.own]] of config.toml for each, under an id that none of `taken` is; `language` where the file states
    none."""
    ids = set(taken)
    for one in outlines:
        name = free_id(one.url, ids)
        ids.add(name)
        spoken = one.language if _LANGUAGE.fullmatch(one.language) else language
        title = one.title or host_of(one.url)
        yield own_entry(OwnSourceConfig(id=name, url=one.url, name=title, side=side, languages=(spoken,)))
