"""The options of the kind embedded-json, found in a page: where its JSON lists stories, and how they are addressed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from urllib.parse import urlsplit

from lxml import html

from crawler.kinds.embedded_json import address_of, embedded
from crawler.kinds.jsonfeed import text_at
from crawler.kinds.text import page_address
from crawler.urls import registrable_domain

FEWEST = 2  # stories that make a list, and links that make a pattern
DEEPEST = 8
MOST_PLACES = 20_000  # values of the JSON that are looked at
MOST_HITS, MOST_LINKS, MOST_FIELDS = 30, 400, 20
SHORTEST = 3  # characters by which a field's value is known in an address
# Without links on the page: how Armenpress, CivilNet and NEWS.am address their stories.
CUSTOMARY = ("/{locale}/article/{article_id}",)

Hit = Mapping[str, object]


def embedded_options(tree: html.HtmlElement, url: str) -> dict[str, str] | None:
    """`hits`, `link` and, where all are of one edition, `locale`; None where nothing in the page fits."""
    links = _links(tree, url)
    lists = sorted(_lists(embedded(tree)), key=lambda one: -len(one[1]))
    for path, hits in lists[:5]:
        pattern = _pattern(hits[:MOST_HITS], links, url)
        if pattern:
            locales = {text_at(one, "locale") for one in hits}
            return {"hits": path, "link": pattern} | (
                {"locale": locales.pop()} if locales != {""} and len(locales) == 1 else {}
            )
    return None


def _lists(value: object) -> Iterator[tuple[str, list[Hit]]]:
    """Every list of titled things with the way to it, by names alone."""
    waiting: list[tuple[tuple[str, ...], object]] = [((), value)]
    for _ in range(MOST_PLACES):
        if not waiting:
            return
        path, here = waiting.pop()
        if isinstance(here, Mapping) and len(path) < DEEPEST:
            waiting += (((*path, str(key)), one) for key, one in here.items() if "." not in str(key))
        elif isinstance(here, list) and path:
            titled = [one for one in here if isinstance(one, Mapping) and text_at(one, "title")]
            if len(titled) >= max(FEWEST, len(here) / 2):
                yield ".".join(path), titled


def _links(tree: html.HtmlElement, url: str) -> list[str]:
    site = registrable_domain(url)
    places = (page_address(link.get("href") or "", url) for link in tree.iter("a"))
    ours = dict.fromkeys(place.partition("#")[0] for place in places if place and registrable_domain(place) == site)
    return list(islice(ours, MOST_LINKS))


def _pattern(hits: Sequence[Hit], links: Sequence[str], url: str) -> str | None:
    """The one that leads from most hits to links of the page, or a customary one where the page links none of them."""
    tried = Counter(pattern for hit in hits for link in links if (pattern := _seen_in(hit, link)))
    known = frozenset(links)
    for pattern, _ in tried.most_common(3):
        if sum(address_of(hit, pattern, url) in known for hit in hits) >= max(FEWEST, len(hits) / 2):
            return pattern
    return next((one for one in CUSTOMARY if all(address_of(hit, one, url) for hit in hits)), None)


def _seen_in(hit: Hit, link: str) -> str | None:
    """The path of `link` with the longest of the hit's values that is in it replaced by the name of its field."""
    parts = urlsplit(link)
    place = f"{parts.path}?{parts.query}" if parts.query else parts.path
    if "{" in place or "}" in place:
        return None
    values = {name: str(value) for name, value in islice(hit.items(), MOST_FIELDS) if _names_it(name, value)}
    for name, value in sorted(values.items(), key=lambda one: -len(one[1])):
        if value in place:
            return place.replace(value, f"{{{name}}}", 1)
    return None


def _names_it(name: object, value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | str) or not isinstance(name, str):
        return False
    return name.isidentifier() and len(str(value)) >= SHORTEST
