"""Two cheap readings of a page: the element whose paragraphs speak most for a story, and what the mark-up calls one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from lxml.html import HtmlElement

from crawler.markup import Block, blocks_of, names_of

_DECAY = 0.6
_TEXTUAL_BONUS = 1.2
_TEXTUAL = re.compile(r"article|content|entry|story|main|body|column|post|text|news|page", re.IGNORECASE)
_SENTENCE_END = re.compile("[.!?…։՝՞؟۔:;。！？][)\\]\"'»”’」』]*$")
_LEGAL = re.compile(r"©|\(c\)|all rights reserved|все права|copyright|cookie|javascript", re.IGNORECASE)
_LONGEST_DATELINE = 60
_LEAD = re.compile(
    r"(?:^|[\s_-])(?:lead|lede|leadtext|standfirst|intro\w*|summary|excerpt|description|spot|chapo|preface|announce|anons|lid)"
    r"(?:$|[\s_-])",
    re.IGNORECASE,
)
# A line under the title that the page itself calls a subtitle is the article's subtitle and no part of its text.
_SUBTITLE = re.compile(
    r"sub-?(?:title|head|line|heading)|(?:^|[\s_-])(?:dek|des|abstract|quote)(?:$|[\s_-])", re.IGNORECASE
)
_SHORTEST_LEAD = 70  # characters, after what links and shortness take off
_REPEATED = 40  # characters at the start of a lead that say whether the text or the page's description repeats it
_HEADING = 60  # characters of the title that its heading has to show
_BEFORE_HEADING = 0.3  # what a paragraph above the story's heading counts: terms of use, a log-in, another story
_MOST_LEADS = 2  # more are other stories
_LEAF = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "blockquote", "ul", "ol", "dd", "dt", "pre"])
_INLINE = frozenset(["span", "font", "b", "i", "em", "strong"])
_WIDEST = 5  # levels above the densest element in which the rest of a parted story is sought
_DIGITS = re.compile(r"\d+")
_CALLED_STORY = re.compile(
    r"(?:article|story|entry|post|news|content|page)[-_]{0,2}(?:body|text|content|full)"
    r"|(?:body|text|content)[-_]{0,2}(?:article|story|post|news)"
    r"|(?:^|[\s_-])(?:article|entry|full-?text)(?:$|\s)",
    re.IGNORECASE,
)
_HOLDS_ALL = 0.95  # of what the fullest element holds that is called a story: the innermost such one is meant
_LEAST_STATED = 0.15  # of a page's text; an element called articleBody with less holds a part, or nothing yet


@dataclass(frozen=True)
class Readings:
    """A pruned page's blocks and what each says for a story around it, in characters (`weigh`)."""

    blocks: list[Block]
    weights: list[float]
    title: str
    summary: str

    @cached_property
    def dense(self) -> tuple[str, ...]:
        """The paragraphs of the densest element, and those in the same dress around it."""
        best = self._best()
        if best is None:
            return ()
        inside = set(best.iter())
        return self._told(inside | self._alike(best, inside))

    @cached_property
    def marked(self) -> tuple[str, ...]:
        """The paragraphs of the element that the mark-up calls an article's text; none where nothing is called so."""
        held: dict[HtmlElement, float] = {}
        for block, weight in zip(self.blocks, self.weights, strict=True):
            for element in (block.element, *block.element.iterancestors()):
                if _is_called_story(element):
                    held[element] = held.get(element, 0.0) + weight
        most = max(held.values(), default=0.0)
        if most <= 0:
            return ()
        enough = [element for element, weight in held.items() if weight >= _HOLDS_ALL * most]
        innermost = max(enough, key=lambda element: sum(1 for _ in element.iterancestors()))
        stated = [element for element in held if element.get("itemprop") == "articleBody"]
        text = sum(weight for weight in self.weights if weight > 0)
        if stated and sum(held[element] for element in stated) >= _LEAST_STATED * text:
            return self._told({inner for element in stated for inner in element.iter()})
        return self._told(set(innermost.iter()))

    @property
    def is_described_elsewhere(self) -> bool:
        """Whether the page shows its own description as a paragraph among others, none of which are the densest's."""
        dense = set(self.dense)
        speaking = [b for b, weight in zip(self.blocks, self.weights, strict=True) if weight > 0]
        for holder in [_holder(b) for b in speaking if self._is_described(b)]:
            beside = [b.text for b in speaking if _holder(b) is holder]
            if len(beside) > 1 and sum(text in dense for text in beside) <= 1:
                return True
        return False

    def _best(self) -> HtmlElement | None:
        scores: dict[HtmlElement, float] = {}
        for block, weight in zip(self.blocks, self.weights, strict=True):
            holder: HtmlElement | None = _holder(block)
            share = weight
            while holder is not None:
                scores[holder] = scores.get(holder, 0.0) + share
                # An element further out wins only if it adds more than what the distance costs.
                share *= _DECAY
                holder = holder.getparent()
        return max(scores, key=lambda element: _score(element, scores[element])) if scores else None

    def _alike(self, best: HtmlElement, inside: set[HtmlElement]) -> set[HtmlElement]:
        """What holds paragraphs outside the densest element in the same dress as its own: a story parted by
        advertising."""
        speaking = [b for b, weight in zip(self.blocks, self.weights, strict=True) if weight > 0]
        dress: Counter[tuple[str, ...]] = Counter()
        for block in speaking:
            if block.element in inside:
                dress[_dress(block)] += len(block.text)
        own = max(dress, key=lambda one: dress[one], default=())
        if not any(own[1::2]):  # no class says anything
            return set()
        around = _around(best)
        found: set[HtmlElement] = set()
        for block in speaking:
            if block.element not in inside and _dress(block) == own and around in block.element.iterancestors():
                found.update(_holder(block).iter())
        return found

    def _told(self, inside: set[HtmlElement]) -> tuple[str, ...]:
        within = [(b, w) for b, w in zip(self.blocks, self.weights, strict=True) if b.element in inside]
        first = next((i for i, (_, weight) in enumerate(within) if weight > 0), len(within))
        while 0 < first < len(within) and _leads_in(within[first - 1][0], within[first][0]):
            first -= 1
            within[first] = (within[first][0], 1.0)
        holders = {_holder(block) for block, weight in within if weight > 0}
        last = max((i for i, (_, weight) in enumerate(within) if weight > 0), default=first)
        kept = [
            block
            for index, (block, weight) in enumerate(within)
            if weight > 0
            or _is_subheading(block)
            or (_belongs(block, holders) and (first < index < last or self._is_described(block)))
            or (index > last and _belongs(block, holders) and not block.linked)
            or (first < index < last and block.element in holders and not block.linked)
        ]
        while kept and kept[-1].is_heading:
            kept.pop()
        while kept and (_SUBTITLE.search(names_of(kept[0].element)) or self._is_subtitle(kept[0])):
            kept.pop(0)
        return tuple(block.text for block in self._lead(kept) + kept)

    def _lead(self, kept: list[Block]) -> list[Block]:
        """Sentences between the page's heading and the text that are marked as its lead, or are the page's description
        of itself, and are not repeated in the text."""
        if not kept:
            return []
        end = self.blocks.index(kept[0])
        told = " ".join(block.text for block in kept)
        heading = self.title[:_HEADING]
        start = next(
            (i for i in range(end, -1, -1) if self.blocks[i].element.tag == "h1" and heading in self.blocks[i].text),
            end,
        )
        lead = [
            block
            for block, weight in zip(self.blocks[start + 1 : end], self.weights[start + 1 : end], strict=True)
            if self._is_lead(block, weight) and block.text[:_REPEATED] not in told
        ]
        return lead if len(lead) <= _MOST_LEADS else []

    def _is_lead(self, block: Block, weight: float) -> bool:
        parent = block.element.getparent()
        names = f"{names_of(block.element)} {names_of(parent) if parent is not None else ''}"
        if self._speaking_in[_holder(block)] > _MOST_LEADS or _SUBTITLE.search(names):
            return False  # the start of another text, or a subtitle
        marked = weight >= _SHORTEST_LEAD and _LEAD.search(names) is not None
        told = _SENTENCE_END.search(block.text) is not None and block.element.tag not in {"h2", "h3"}
        return marked or (told and self._is_described(block))

    @cached_property
    def _speaking_in(self) -> Counter[HtmlElement]:
        """How many paragraphs stand in an element."""
        return Counter(_holder(b) for b, weight in zip(self.blocks, self.weights, strict=True) if weight > 0)

    def _is_subtitle(self, block: Block) -> bool:
        return block.element.tag in {"h2", "h3"} and self._is_described(block)

    def _is_described(self, block: Block) -> bool:
        """Whether the page's description of itself begins as a block does."""
        start = block.text[:_REPEATED]
        return len(start) > _REPEATED / 2 and self.summary.startswith(start)


def read_blocks(tree: HtmlElement, title: str, summary: str) -> Readings:
    blocks = blocks_of(tree)
    heading = next(
        (i for i, b in enumerate(blocks) if b.element.tag == "h1" and title and title[:_HEADING] in b.text), 0
    )
    weights = [weigh(b) * (_BEFORE_HEADING if i < heading and b.linked == 0 else 1) for i, b in enumerate(blocks)]
    return Readings(blocks, weights, title, summary)


def weigh(block: Block) -> float:
    """How much a block speaks for a story around it, in characters; below 0 it speaks against."""
    size = len(block.text)
    if _LEGAL.search(block.text):
        return -min(size, 200)
    if block.linked > size / 2:
        return -min(size, 30)
    ends = _SENTENCE_END.search(block.text)
    if size < 100 and not ends:
        return -10
    weight = size - 1.5 * block.linked
    if block.element.tag in {"li", "td", "th", "dd", "dt"} and not ends:
        return weight * 0.3 - 15
    return weight - 15


def _holder(block: Block) -> HtmlElement:
    """The element that a block is a paragraph of."""
    holder = block.element
    if holder.tag not in _LEAF:
        return holder
    parent = holder.getparent()
    while parent is not None and parent.tag in _INLINE:
        parent = parent.getparent()
    return parent if parent is not None else holder


def _around(element: HtmlElement) -> HtmlElement:
    for _ in range(_WIDEST):
        parent = element.getparent()
        if parent is None or parent.tag in {"body", "html"}:
            break
        element = parent
    return element


def _dress(block: Block) -> tuple[str, ...]:
    """Tag and class names, without numbers, of a block and of the two elements around it."""
    holder = _holder(block)
    parent = holder.getparent()
    return tuple(_worn([block.element, holder, *([parent] if parent is not None else [])]))


def _worn(worn: Iterable[HtmlElement]) -> Iterable[str]:
    for element in worn:
        yield str(element.tag)
        yield _DIGITS.sub("", element.get("class") or "")


def _is_called_story(element: HtmlElement) -> bool:
    if element.tag == "article" or element.get("itemprop") == "articleBody":
        return True
    return element.tag in {"div", "section", "td", "main"} and _names_story(names_of(element))


@lru_cache(maxsize=4096)
def _names_story(names: str) -> bool:
    return _CALLED_STORY.search(names) is not None


def _leads_in(block: Block, following: Block) -> bool:
    """Whether a short line is the dateline of the paragraph that follows it: "BAKU, Azerbaijan, Nov. 2", "Trend:"."""
    head = re.match(r"[^\W\d_]+", block.text)
    return (
        len(block.text) < _LONGEST_DATELINE
        and block.element.getparent() is following.element.getparent()
        and not block.text.isupper()
        and head is not None
        and ((len(head[0]) > 2 and head[0].isupper()) or block.text == f"{head[0]}:")
    )


def _score(element: HtmlElement, score: float) -> float:
    textual = element.tag in {"article", "main"} or _TEXTUAL.search(
        f"{names_of(element)} {element.get('itemprop') or ''}"
    )
    return score * _TEXTUAL_BONUS if textual and score > 0 else score


def _belongs(block: Block, holders: set[HtmlElement]) -> bool:
    """A line among the story's paragraphs that ends without a full stop: a heading, an item of a list, a last line,
    who wrote what is quoted."""
    if block.linked > len(block.text) / 2:
        return False
    holder = _holder(block)
    if block.element.tag in {"p", "blockquote"} and holder in holders:
        return True
    outer = holder.getparent()
    return outer in holders and (block.element.tag == "li" or holder.tag == "blockquote")


def _is_subheading(block: Block) -> bool:
    return block.is_heading and block.linked < len(block.text) / 3
