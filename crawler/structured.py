"""What a page says of its story in structured form: JSON-LD, meta tags, microdata. Nothing is judged here."""

from __future__ import annotations

import html
import json
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml.html import HtmlElement

from crawler.markup import elements, squeeze, text_of

STORY_TYPES = frozenset(
    {
        "article", "newsarticle", "reportagenewsarticle", "analysisnewsarticle", "backgroundnewsarticle",
        "opinionnewsarticle", "reviewnewsarticle", "asknewsarticle", "blogposting", "liveblogposting", "report",
        "satiricalarticle", "advertisercontentarticle", "scholarlyarticle", "claimreview",
    }
)  # fmt: skip
_LARGEST = 2 << 20  # characters of one script; some sites put their whole state there
_MOST_NODES = 5000
_BETWEEN = re.compile(r"[ \t\r\n,;]+")
# Each an escape, or one of the marks that structure JSON, or the beginning of a comment.
_MARKS = re.compile(r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})|["\\{}\[\],]|/(?=[/*])')
_AFTER_TEXT = re.compile(r'\s*(?:[:}\]]|,\s*(?:["{\[}\]\d-]|true|false|null|/[/*])|/[/*]|$)')
_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_CLOSING = re.compile(r"\s*(?:[}\]]|$)")
_HALF_A_PAIR = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    r"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)
_WRAPPING = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[|/\*.*?\*/)|(?:-->|//\s*\]\]>|\]\]>)\s*;?\s*$", re.DOTALL
)

# Properties whose nodes may be the story itself, or be referred to.
_NESTED = ("@graph", "mainEntity", "mainEntityOfPage", "author", "itemReviewed", "subjectOf")

Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stated:
    """`story` is the JSON-LD node of the page's own story, empty without one; `nodes` all nodes by their @id, for
    references. `meta` holds every meta tag's values by lower-case name, property or itemprop."""

    story: Mapping[str, Any]
    nodes: Mapping[str, Node]
    types: frozenset[str]
    meta: Mapping[str, tuple[str, ...]]

    def first(self, *names: str) -> str:
        """The first non-empty value of the meta tags of these names, in this order."""
        return next((value for name in names for value in self.meta.get(name, ()) if value), "")

    def text(self, *keys: str) -> str:
        """The first non-empty text among these properties of the story."""
        return next((text for key in keys if (text := plain(self.story.get(key)))), "")

    @property
    def paywalled(self) -> bool:
        """Whether the story says that it cannot be read in full for free."""
        free = str(self.story.get("isAccessibleForFree")).rpartition("/")[2].lower()
        return free in {"false", "0", "no"} or self.first("article:content_tier").lower() in {"locked", "metered"}

    @property
    def live(self) -> bool:
        """Whether the story calls itself a running account."""
        kinds = self.story.get("@type")
        return "liveblogposting" in str(kinds).lower() or bool(self.story.get("liveBlogUpdate"))

    def resolve(self, value: object) -> Iterator[object]:
        """The members of a property, references followed once."""
        for member in value if isinstance(value, list) else [value]:
            if isinstance(member, dict) and set(member) <= {"@id", "@type"}:
                yield self.nodes.get(str(member.get("@id")), member)
            elif member is not None:
                yield member


def read_structured(tree: HtmlElement, url: str) -> Stated:
    nodes = [node for script in _scripts(tree) for node in _nodes(load_json(script))]
    stories = [node for node in nodes if _types(node) & STORY_TYPES]
    return Stated(
        story=_own_story(stories, url),
        # A node told in full wins over a mere reference to it.
        nodes={str(node["@id"]): node for node in sorted(nodes, key=len) if "@id" in node},
        types=frozenset(kind for node in nodes for kind in _types(node)),
        meta=_read_meta(tree),
    )


def plain(value: object) -> str:
    """A JSON-LD text, or the name of a JSON-LD node, as plain text on one line."""
    if isinstance(value, list):
        return next((text for member in value if (text := plain(member))), "")
    if isinstance(value, dict):
        return plain(value.get("@value") or value.get("name") or value.get("byline"))
    return squeeze(unescape(str(value))) if isinstance(value, str | int | float) else ""


def unescape(text: str) -> str:
    """Entities to characters; some systems escape twice."""
    for _ in range(2):
        if "&" not in text:
            break
        text = html.unescape(text)
    return text


def _scripts(tree: HtmlElement) -> Iterator[str]:
    for script in elements(tree, "script"):
        if "ld+json" in (script.get("type") or "").lower() and script.text and len(script.text) <= _LARGEST:
            yield script.text


def load_json(text: str) -> object:
    """The documents of a script as a list, mended where need be: comment and CDATA wrapping, line breaks within texts,
    several documents in a row; then comments, trailing commas, quotes within texts, bad escapes, a missing end; then
    escaped quotes around everything. None where nothing helps."""
    text = _WRAPPING.sub("", _WRAPPING.sub("", text)).strip().rstrip(";")
    mends: tuple[Callable[[str], str], ...] = (str, _mended, lambda escaped: _mended(html.unescape(escaped)))
    for mend in mends:
        try:
            return _load_all(mend(text))
        except (ValueError, RecursionError):
            continue
    return None


def _mended(text: str) -> str:
    """`text` with what JSON does not allow taken out or escaped, in one walk over its marks. A quote ends a text only
    where a comma, a colon or a bracket follows it."""
    out: list[str] = []
    open_brackets: list[str] = []
    inside, at = False, 0
    for found in _MARKS.finditer(text):
        start, mark = found.start(), found[0]
        if start < at:
            continue
        out.append(text[at:start])
        at = found.end()
        if inside:
            ends = mark == '"' and _AFTER_TEXT.match(text, at) is not None
            inside = not ends
            out.append("\\" + mark if mark in '"\\' and not ends else mark)
        elif mark == '"':
            inside = True
            out.append(mark)
        elif mark in "{[":
            open_brackets.append("}" if mark == "{" else "]")
            out.append(mark)
        elif mark in "}]":
            del open_brackets[-1:]
            out.append(mark)
        elif mark == "/":
            comment = _COMMENT.match(text, start)
            at = comment.end() if comment else len(text)
        elif mark != "," or not _CLOSING.match(text, at):
            out.append(mark)
    out.append(text[at:] + '"' * inside)
    return "".join(out).rstrip(", \n") + "".join(reversed(open_brackets))


def _load_all(text: str) -> object:
    if "\\ud" in text or "\\uD" in text:  # half a pair is no character, and cannot be written anywhere
        text = _HALF_A_PAIR.sub(r"\\ufffd", text)
    decoder = json.JSONDecoder(strict=False)
    found: list[object] = []
    position = 0
    while position < len(text):
        document, position = decoder.raw_decode(text, position)
        found.append(document)
        between = _BETWEEN.match(text, position)
        position = between.end() if between else position
    return found


def _nodes(document: object) -> Iterator[Node]:
    """Every object of a document that could be a story or be referred to, outermost first."""
    queue: deque[object] = deque([document])
    for _ in range(_MOST_NODES):
        if not queue:
            return
        value = queue.popleft()
        if isinstance(value, list):
            queue.extendleft(reversed(value[:_MOST_NODES]))
        elif isinstance(value, dict):
            yield value
            queue += [value[k] for k in _NESTED if k in value]


def _types(node: Node) -> frozenset[str]:
    kinds = node.get("@type")
    return frozenset(str(kind).lower().rpartition("/")[2] for kind in (kinds if isinstance(kinds, list) else [kinds]))


def _own_story(stories: list[Node], url: str) -> Node:
    """The story the page is about: the one that names its address, else the first that is told in full."""
    path = url.partition("://")[2].partition("?")[0].rstrip("/")
    named = [node for node in stories if path and any(path in a for a in _addresses(node))]
    full = [node for node in stories if node.get("datePublished") or node.get("articleBody") or node.get("author")]
    return next(iter([n for n in named if n in full] or full or named or stories), {})


def _addresses(node: Node) -> Iterator[str]:
    for key in ("url", "@id", "mainEntityOfPage"):
        value = node.get(key)
        yield str(value.get("@id") or value.get("url") or "") if isinstance(value, dict) else str(value or "")


def _read_meta(tree: HtmlElement) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for tag in elements(tree, "meta"):
        value = squeeze(unescape(tag.get("content") or ""))
        for attribute in ("property", "name", "itemprop"):
            name = (tag.get(attribute) or "").strip().lower()
            if name and value:
                found.setdefault(name, []).append(value)
    return {name: tuple(values) for name, values in found.items()}


def microdata(tree: HtmlElement, prop: str) -> Iterator[str]:
    """The values of an itemprop on elements other than <meta>, in page order."""
    for element in tree.iterfind(".//*[@itemprop]"):
        if prop in (element.get("itemprop") or "").split() and element.tag != "meta":
            value = element.get("datetime") or element.get("content") or text_of(element)
            if value:
                yield squeeze(value)
