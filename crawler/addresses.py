"""Under which address a story is known: the page's own word is taken where it can be true."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from crawler.markup import elements
from crawler.structured import Stated
from crawler.urls import absolute, canonical, registrable_domain
from storage.article import Alternate

_MOST_ALTERNATES = 20
_LONGEST_LANGUAGE = 35  # characters (RFC 5646, 4.4.1)


def find_addresses(stated: Stated, tree: HtmlElement, final_url: str, *, link: str) -> tuple[str, tuple[str, ...]]:
    """(canonical address, other addresses of the page). `link` is what led here."""
    stated_ones = [
        url for raw in _stated(stated, tree) if (url := absolute(final_url, raw)) and is_likely(url, final_url)
    ]
    own = canonical(next(iter(stated_ones), final_url))
    amp = [url for raw in _links(tree, "amphtml") if (url := absolute(final_url, raw))]
    others = dict.fromkeys(url for url in (link, final_url, *stated_ones, *amp) if url != own)
    return own, tuple(others)


def find_alternates(tree: HtmlElement, final_url: str, own: str) -> tuple[Alternate, ...]:
    """The same story in other languages, where the page links it as such; the page's own address is none of them."""
    found: dict[str, Alternate] = {}
    for element in elements(tree, "link"):
        language = (element.get("hreflang") or "").strip().lower()
        relation = (element.get("rel") or "").lower().split()
        url = absolute(final_url, element.get("href") or "") if language and "alternate" in relation else None
        # x-default names a choice of languages, and the front page in another language is no story.
        if url and language != "x-default" and urlsplit(url).path.strip("/") and canonical(url) != own:
            found.setdefault(canonical(url), Alternate(language[:_LONGEST_LANGUAGE], url))
    return tuple(found.values())[:_MOST_ALTERNATES]


def is_likely(stated: str, final_url: str) -> bool:
    """Whether an address a page states for itself may be its own: on the same site, and neither its home nor a folder
    above it. Careless templates state those on every page."""
    if registrable_domain(stated) != registrable_domain(final_url):
        return False
    theirs, ours = urlsplit(canonical(stated)), urlsplit(canonical(final_url))
    above = theirs.path.rstrip("/") + "/"
    return not (ours.path.rstrip("/") + "/" != above and f"{ours.path}/".startswith(above)) and (
        bool(theirs.path.strip("/")) or theirs[:4] == ours[:4]
    )


def _stated(stated: Stated, tree: HtmlElement) -> Iterator[str]:
    yield from _links(tree, "canonical")
    yield from stated.meta.get("og:url", ())


def _links(tree: HtmlElement, relation: str) -> Iterator[str]:
    for element in elements(tree, "link"):
        if relation in (element.get("rel") or "").lower().split() and element.get("href"):
            yield str(element.get("href"))
