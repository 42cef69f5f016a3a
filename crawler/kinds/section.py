"""A page that lists stories, for outlets without a feed: a home page, a rubric, the list of press releases.

Options: `items`, a CSS selector of the elements that each hold one story (or of its links themselves); `path`, a
pattern that the addresses of stories match. Without them a link counts as one to a story when it looks like one twice
over: the words on it are a headline's, and its address has what addresses of stories have: a number, a date, or a slug
of several words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import islice
from urllib.parse import unquote, urlsplit

from lxml import html

from crawler.decode import decode_page
from crawler.entry import Entry, ParsedFeed
from crawler.kinds import NO_OPTIONS
from crawler.kinds.page import read_tree
from crawler.kinds.text import page_address, plain_line
from crawler.kinds.times import read_moment
from crawler.urls import registrable_domain

# Names of rubrics and entries of menus have up to three words; headlines of wires rarely fewer than four.
HEADLINE_WORDS = 4
HEADLINE_CHARACTERS = 20
FEWEST = 2  # stories in one folder, for it to be where stories are
CLIMB = 4  # from a link to the element that holds its story: link, heading, column, card
_FURNITURE = frozenset({"nav", "footer", "form"})
_STORY_ADDRESS = re.compile(r"\d{4,}|[-_][^/_-]+[-_][^/_-]+[-_][^/_-]")
_NO_PAGE = re.compile(r"\.(?:jpe?g|png|gif|webp|pdf|mp[34]|docx?)$", re.IGNORECASE)
_CLOCK = re.compile(r"^\d{1,2}:\d{2}(?::\d{2})?(?:[\s•|,·]+\d{1,2}[./]\d{1,2}(?:[./]\d{2,4})?)?[\s•|,·]+")
# "18:42" or "10/11" on a list says no day or no year: the story's own page does.
_WHOLE_DATE = re.compile(r"\d{4}|\d[./]\d{1,2}[./]\d{2}")
_DATED = ".//time | .//*[contains(@class, 'date') or contains(@class, 'time') or contains(@class, 'meta')]"
_HEADINGS = ".//h1 | .//h2 | .//h3 | .//h4 | .//h5"
_HEADING_TAGS = frozenset({"h1", "h2", "h3", "h4", "h5"})


def parse(
    body: bytes,
    url: str,
    *,
    content_type: str | None = None,
    now: datetime,
    zone: tzinfo | None = None,
    options: Mapping[str, str] = NO_OPTIONS,
) -> ParsedFeed:
    tree = read_tree(decode_page(body, content_type))
    if tree is None:
        return ParsedFeed(problem=f"{url} answered nothing that can be read as a page")
    base = page_address(next(iter(tree.xpath("//base/@href")), "") or url, url) or url
    links = _links(tree, base, options.get("items"))
    chosen = "items" in options
    stories = [link for link in links if _is_story(link, url, options.get("path"), chosen=chosen)]
    entries = tuple(_entries(tree, stories, base, now, zone))
    problem = None if entries else f"{url} lists no stories that its rules can find ({len(links)} links on the page)"
    return ParsedFeed(
        entries=entries,
        title=plain_line(tree.findtext(".//title") or ""),
        language=tree.get("lang"),
        problem=problem,
        empty=not entries,
    )


@dataclass(frozen=True, slots=True)
class _Link:
    """A link of the page; `card` is the element that a selector says holds the story, else the link itself."""

    address: str
    words: str
    card: html.HtmlElement
    is_heading: bool


def _links(tree: html.HtmlElement, base: str, items: str | None) -> list[_Link]:
    if items:
        cards = tree.cssselect(items)
        pairs = [(card, link) for card in cards for link in ([card] if card.tag == "a" else card.iter("a"))]
    else:
        pairs = [(link, link) for link in tree.iter("a") if not _is_furniture(link)]
    found = ((page_address(link.get("href") or "", base), link, card) for card, link in pairs)
    return [
        _Link(address.partition("#")[0], _words(link), card, _is_heading(link))
        for address, link, card in found
        if address
    ]


def _is_furniture(link: html.HtmlElement) -> bool:
    return any(above.tag in _FURNITURE for above in link.iterancestors())


def _is_heading(link: html.HtmlElement) -> bool:
    return bool(link.xpath(_HEADINGS)) or any(above.tag in _HEADING_TAGS for above in link.iterancestors())


def _words(link: html.HtmlElement) -> str:
    """What a link says: a heading inside it, else all of it, else its tooltip (a picture's link says nothing)."""
    headings = link.xpath(_HEADINGS)
    return _CLOCK.sub("", _line(headings[0] if headings else link) or plain_line(link.get("title") or ""))


def _is_story(link: _Link, url: str, path: str | None, *, chosen: bool) -> bool:
    if registrable_domain(link.address) != registrable_domain(url) or link.address == url:
        return False
    parts = urlsplit(link.address)
    if _NO_PAGE.search(parts.path):
        return False
    place = unquote(f"{parts.path}?{parts.query}" if parts.query else parts.path)
    if path is not None:
        return re.search(path, place) is not None and bool(link.words)
    if chosen:
        return bool(link.words)
    return _is_headline(link.words) and is_story_address(link.address)


def is_story_address(url: str) -> bool:
    """Whether an address has what those of stories have and those of rubrics have not."""
    parts = urlsplit(url)
    return _STORY_ADDRESS.search(unquote(f"{parts.path}?{parts.query}" if parts.query else parts.path)) is not None


def _is_headline(words: str) -> bool:
    return len(words) >= HEADLINE_CHARACTERS and len(words.split()) >= HEADLINE_WORDS


def likely_path(tree: html.HtmlElement, url: str) -> str | None:
    """An option `path` for a page whose stories have no address by which they are known: the folder in which more than
    half of what its headlines lead to lies."""
    links = {link.address for link in _links(tree, url, None) if _is_headline(link.words) and link.address != url}
    ours = [urlsplit(one).path for one in links if registrable_domain(one) == registrable_domain(url)]
    folders = Counter(unquote(path.rpartition("/")[0]) for path in ours)
    folder, count = max(folders.items(), key=lambda one: one[1], default=("", 0))
    return f"^{re.escape(folder)}/[^/]+$" if folder and count >= FEWEST and 2 * count > len(ours) else None


def _entries(
    tree: html.HtmlElement, stories: list[_Link], base: str, now: datetime, zone: tzinfo | None
) -> Iterator[Entry]:
    """One for each address, in the page's order; of several links to it a heading's words count, else the first."""
    by_address: dict[str, list[_Link]] = {}
    for link in stories:
        by_address.setdefault(link.address, []).append(link)
    leads = _leads(tree, by_address, base)
    for address, links in by_address.items():
        best = next((one for one in links if one.is_heading), links[0])
        card = best.card if best.card.tag != "a" else _card(best.card, address, leads)
        printed = next((text for one in card.xpath(_DATED) if (text := one.get("datetime") or _line(one))), "")[:100]
        texts = (_line(one) for one in card.iter("p"))
        yield Entry(
            link=address,
            title=best.words,
            summary=next((text for text in texts if len(text) > len(best.words) and best.words not in text), ""),
            published=read_moment(printed, now, zone) if _WHOLE_DATE.search(printed) else None,
            published_raw=printed or None,
        )


def _line(element: html.HtmlElement) -> str:
    return plain_line(" ".join(element.itertext()))


def _leads(tree: html.HtmlElement, stories: Container[str], base: str) -> dict[html.HtmlElement, str | None]:
    """The story that the links in an element lead to, None where it is several. Each element changes twice at most."""
    leads: dict[html.HtmlElement, str | None] = {}
    for link in tree.iter("a"):
        place = (page_address(link.get("href") or "", base) or "").partition("#")[0]
        if place not in stories:
            continue
        for above in link.iterancestors():
            told = place if leads.get(above, place) == place else None
            if above in leads and leads[above] == told:
                break  # and so it is with all around it
            leads[above] = told
    return leads


def _card(link: html.HtmlElement, address: str, leads: Mapping[html.HtmlElement, str | None]) -> html.HtmlElement:
    """The largest element around a link, a few steps up, that leads to no other story."""
    card = link
    for above in islice(link.iterancestors(), CLIMB):
        if leads[above] != address:
            break
        card = above
    return card
