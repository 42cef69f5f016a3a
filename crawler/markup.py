"""A page as a tree, and its text as blocks: what a reader sees as one paragraph, heading or list item."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NO_TEXT = _names(
    "title script style noscript template select option svg iframe object button textarea video audio canvas input"
)
_BLOCK = _names(
    "address article aside blockquote body center content dd details dialog div dl dt fieldset figcaption figure footer"
    " form h1 h2 h3 h4 h5 h6 header hr html li main nav ol p pre section table tbody td tfoot th thead tr ul"
)
_NEVER_DROPPED = _names("html body article main h1 p b i em strong br")

# Elements that are furniture by their name alone, and the share of the page's text that such an element may hold at
# most: old sites wrap the whole page in a form, careless ones the story in an aside.
_FURNITURE = _names("label form nav footer aside figcaption figure menu")
_FURNITURE_SHARE = 0.2
_ALWAYS_SHARE = 0.6
# Class names and ids, as in readability's lists. The first are furniture whatever else the name says; the second may be
# part of a name such as "entry-content-read-more" or "content-column with-sidebar", which then has to be small.
_ALWAYS = re.compile(
    r"(?:^|[\s_-])(?:comment|comments|commentlist|comentarios|kommentare|disqus|onetrust|consent|gdpr|cookie|cookies"
    r"|caption|breadcrumbs?)(?:$|[\s_-])",
    re.IGNORECASE,
)
_MOSTLY = re.compile(
    r"(?:^|[\s_-])(?:share|shares|sharing|social|related|side-?bar|footer|menu|navi?|nav-?bar|navigation|newsletter"
    r"|subscribe|subscription|banner|advert\w*|ads?|promo|popup|modal|tags?|tag-?list|copyright|disclaimer|print"
    r"|pagination|pager|most-?(?:read|popular)|popular|recommend\w*|read-?(?:more|also|next)|see-?also|outbrain|taboola"
    r"|widget|login|byline|author-?(?:box|info|bio)|(?<!overflow-)hidden(?!-(?:x[sl]|ms|sm|md|lg|print))|teasers?)(?:$|[\s_-])",
    re.IGNORECASE,
)
_TEXTUAL = re.compile(r"article|content|entry|story|main|body|column|post|text|news|page", re.IGNORECASE)
# "commentsList" is two words; in names that a program made up, such as "kAdXeD", no piece is as long as a word.
_CAMEL = re.compile(r"(?<=[a-z]{3})(?=[A-Z][a-z]{3})")
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none", re.IGNORECASE)
# References to control characters and surrogates: libxml2 reads them, and then refuses to move the text they are in.
_NO_CHARACTER = re.compile(
    r"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01]|5529[6-9]|55[3-9]\d\d|56\d{3}|57[0-2]\d\d|573[0-3]\d|5734[0-3]|6553[45])(?!\d)"
    r"|[xX]0*(?:[0-8bBcCeEfF]|1[\da-fA-F]|[dD][89a-fA-F][\da-fA-F]{2}|[fF]{3}[eEfF])(?![\da-fA-F]));?"
)
_LONGEST_NAME = 300  # characters
_HIDDEN_SHARE = 0.3  # some sites show the story only once a script has run


@dataclass(frozen=True, slots=True)
class Block:
    """`linked` is the number of characters of `text` that are inside links; `element` the innermost block element."""

    text: str
    linked: int
    element: HtmlElement

    @property
    def is_heading(self) -> bool:
        return self.element.tag in {"h2", "h3", "h4"}


def parse_tree(text: str) -> HtmlElement | None:
    """None when there is nothing that could be read as HTML."""
    if "&#" in text:
        text = _NO_CHARACTER.sub(" ", text)
    # Bytes, since lxml refuses a text that names its own charset. Without comments, so that every node is an element.
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    # lxml.html asks a Python function for the class of every element that is touched, on every touch.
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))
    try:
        return document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError:
        return None


def squeeze(text: str) -> str:
    """`text` on one line with single blanks, which also stand for non-breaking ones; soft hyphens and BOMs go."""
    if not text.isascii():
        text = text.replace("\u00ad", "").replace("\ufeff", "").replace("\u200b", "")
    return " ".join(text.split())


def text_of(element: HtmlElement) -> str:
    return squeeze(" ".join(str(piece) for piece in element.itertext()))


def elements(tree: HtmlElement, *tags: str) -> Iterator[HtmlElement]:
    """Elements alone: `iter()` without arguments also yields entities."""
    return cast("Iterator[HtmlElement]", tree.iter(*tags) if tags else tree.iter(etree.Element))


def names_of(element: HtmlElement) -> str:
    """Class names and id."""
    classes, own = element.get("class"), element.get("id")
    if classes and own:
        return f"{classes[:_LONGEST_NAME]} {own[:_LONGEST_NAME]}".strip()
    return (classes or own or "")[:_LONGEST_NAME].strip()


def prune(tree: HtmlElement) -> None:
    """Take away, in place, what holds no text of a story: scripts, menus, captions, comments, share bars."""
    for element in list(elements(tree, *_NO_TEXT)):
        _drop(element)
    total = _text_size(tree)
    for element in list(elements(tree)):
        share = _furniture_share(element)
        if share and _text_size(element) < share * total:
            _drop(element)


def _text_size(element: HtmlElement) -> int:
    """Characters without white space, of which some pages hold more than of text."""
    return len("".join(element.text_content().split()))


def _drop(element: HtmlElement) -> None:
    if element.getparent() is not None:
        element.drop_tree()


def _furniture_share(element: HtmlElement) -> float:
    """The share of the page's text below which an element is furniture; 0 when nothing speaks for that."""
    if element.tag in _NEVER_DROPPED:
        return 0
    if element.tag in _FURNITURE:
        return _FURNITURE_SHARE
    names = names_of(element)
    share = _share_by_name(names) if names else 0
    if share == _ALWAYS_SHARE:
        return share
    if element.tag in {"a", "span"}:  # within a sentence; only counters of comments and the like are taken out
        return 0
    if share:
        return share
    style = element.get("style")
    if element.get("hidden") is not None or (style and _HIDDEN_STYLE.search(style)):
        return _HIDDEN_SHARE
    return 0


@lru_cache(maxsize=4096)  # names repeat within a page and over an outlet's pages
def _share_by_name(names: str) -> float:
    names = _CAMEL.sub("-", names)
    if _ALWAYS.search(names):
        return _ALWAYS_SHARE
    if _MOSTLY.search(names):
        return 0.08 if _TEXTUAL.search(names) else _FURNITURE_SHARE
    return 0


class _Reader:
    """Collects the text that runs until the next block boundary; two <br> in a row are one."""

    __slots__ = ("_breaks", "_linked", "_links", "_open", "_pieces", "blocks")

    def __init__(self, root: HtmlElement) -> None:
        self.blocks: list[Block] = []
        self._open = [root]
        self._pieces: list[str] = []
        self._linked = 0
        self._links = 0
        self._breaks = 0

    def start(self, element: HtmlElement) -> None:
        tag = element.tag
        if tag in _BLOCK:
            self._flush()
            self._open.append(element)
        elif tag == "br":
            self._breaks += 1
            if self._breaks > 1:
                self._flush()
            self._pieces.append(" ")
        elif tag == "a":
            self._links += 1
        if element.text:
            self._read(element.text)

    def end(self, element: HtmlElement) -> None:
        if element.tag in _BLOCK:
            self._flush()
            self._open.pop()
        elif element.tag == "a":
            self._links -= 1
        if element.tail:
            self._read(element.tail)

    def _read(self, text: str) -> None:
        if text.isspace():
            if self._pieces:
                self._pieces.append(" ")
            return
        self._breaks = 0
        self._pieces.append(text)
        if self._links:
            self._linked += len(squeeze(text))

    def _flush(self) -> None:
        if not self._pieces:
            return
        text = squeeze("".join(self._pieces))
        if text:
            self.blocks.append(Block(text, min(self._linked, len(text)), self._open[-1]))
        self._pieces.clear()
        self._linked = 0


def blocks_of(tree: HtmlElement) -> list[Block]:
    reader = _Reader(tree)
    start, end = reader.start, reader.end
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        if event == "start":
            start(element)
        else:
            end(element)
    return reader.blocks
