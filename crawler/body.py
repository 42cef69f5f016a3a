"""Where the story stands on a page: its paragraphs, before they are cleaned.

Two readers are asked. trafilatura knows the markup of current sites well and misses the tables and line breaks of older
ones; the densest block finds those and sometimes takes a part for the whole. Where both see the same text, the densest
block has less around it. F1 on labelled pages (English / European / Russian): trafilatura .962/.940/.774, densest block
.946/.907/.952; as chosen here and cleaned .958/.948/.967.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass

from cssselect import SelectorError
from lxml.html import HtmlElement

from crawler.markup import Block, blocks_of, elements, names_of, prune, squeeze

# trafilatura reports every page on which it finds nothing; that is for its caller to say.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

TOO_LARGE_FOR_TRAFILATURA = 30_000  # elements; beyond it, its time grows past a second
_DECAY = 0.6
_LEAST_SELECTED = 200  # characters; less is what is left of a layout that has changed
_TEXTUAL_BONUS = 1.2
_TEXTUAL = re.compile(r"article|content|entry|story|main|body|column|post|text|news|page", re.IGNORECASE)
_SENTENCE_END = re.compile("[.!?…։՝՞؟۔:;][)\\]\"'»”’]*$")
_LEGAL = re.compile(r"©|\(c\)|all rights reserved|все права|copyright|cookie|javascript", re.IGNORECASE)
_LONGEST_DATELINE = 60
_LEAD = re.compile(
    r"(?:^|[\s_-])(?:lead|lede|leadtext|standfirst|intro\w*|summary|excerpt|description|spot|chapo|preface|announce|anons|lid)"
    r"(?:$|[\s_-])",
    re.IGNORECASE,
)
_SHORTEST_LEAD = 70  # characters, after what links and shortness take off
_REPEATED = 40  # characters at the start of a lead that say whether the text repeats it
_MOST_LEADS = 2  # more are other stories
_LEAF = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "blockquote", "ul", "ol", "dd", "dt", "pre"])
_CURRENT_MARKUP = ".//article | .//*[@itemprop='articleBody'] | .//script[@type='application/ld+json']"


@dataclass(frozen=True, slots=True)
class Found:
    """`extractor` names the reader the paragraphs come from."""

    paragraphs: tuple[str, ...]
    extractor: str

    @property
    def size(self) -> int:
        return sum(map(len, self.paragraphs))


def find_body(tree: HtmlElement, *, title: str = "", selectors: tuple[str, ...] = (), stated: str = "") -> Found:
    """The story's paragraphs, none when the page has no text.

    `selectors` are CSS selectors known to hold this outlet's text, `stated` the text in the page's structured data.
    Changes the tree.
    """
    current = bool(tree.xpath(_CURRENT_MARKUP))
    selected = _by_selectors(tree, selectors)
    if selected is not None:
        return selected
    library = _by_trafilatura(tree)
    prune(tree)
    found = _choose(_by_density(tree, title), library, title=title, current=current)
    structured = Found(tuple(p for line in stated.splitlines() if (p := squeeze(line))), "structured")
    # The page shows a part only (a paywall, a script that loads the rest) and states the whole.
    return structured if structured.size > 1.5 * found.size else found


def _by_selectors(tree: HtmlElement, selectors: tuple[str, ...]) -> Found | None:
    """What the selectors hold together, in the page's order: an outlet may keep lead and text apart."""
    matched: set[HtmlElement] = set()
    for selector in selectors:
        try:
            matched.update(m for m in tree.cssselect(selector) if isinstance(m, HtmlElement))
        except SelectorError:  # an operator's own outlet; the catalogue's are tested
            continue
    outermost = [m for m in elements(tree) if m in matched and matched.isdisjoint(m.iterancestors())]
    paragraphs: list[str] = []
    for match in outermost:
        whole = deepcopy(match)
        whole.tail = None
        prune(whole)
        paragraphs += [b.text for b in blocks_of(whole) if _weight(b) > 0 or b.is_heading]
    return Found(tuple(paragraphs), "selector") if sum(map(len, paragraphs)) >= _LEAST_SELECTED else None


def _by_trafilatura(tree: HtmlElement) -> Found:
    from trafilatura import extract

    if len(tree.xpath(f"(.//*)[position() > {TOO_LARGE_FOR_TRAFILATURA}][1]")):
        return Found((), "trafilatura")
    text = extract(tree, favor_precision=True, include_comments=False, include_tables=False) or ""
    return Found(tuple(p for line in text.splitlines() if (p := squeeze(line))), "trafilatura")


def _by_density(tree: HtmlElement, title: str) -> Found:
    blocks = blocks_of(tree)
    weights = [_weight(block) for block in blocks]
    scores: dict[HtmlElement, float] = {}
    for block, weight in zip(blocks, weights, strict=True):
        holder: HtmlElement | None = block.element
        if block.element.tag in _LEAF and block.element.getparent() is not None:
            holder = block.element.getparent()
        share = weight
        while holder is not None:
            scores[holder] = scores.get(holder, 0.0) + share
            # An element further out wins only if it adds more than what the distance costs.
            share *= _DECAY
            holder = holder.getparent()
    if not scores:
        return Found((), "density")
    inside = set(max(scores, key=lambda element: _score(element, scores[element])).iter())
    within = [(b, w) for b, w in zip(blocks, weights, strict=True) if b.element in inside]
    first = next((i for i, (_, weight) in enumerate(within) if weight > 0), len(within))
    while 0 < first < len(within) and _leads_in(within[first - 1][0], within[first][0]):
        first -= 1
        within[first] = (within[first][0], 1.0)
    holders = {block.element.getparent() for block, weight in within if weight > 0}
    kept = [
        block
        for index, (block, weight) in enumerate(within)
        if weight > 0 or _is_subheading(block) or (index > first and _is_short_paragraph(block, holders))
    ]
    while kept and kept[-1].is_heading:
        kept.pop()
    lead = _lead(blocks, kept, title) if kept else []
    return Found(tuple(block.text for block in lead + kept), "density")


def _lead(blocks: list[Block], kept: list[Block], title: str) -> list[Block]:
    """Sentences between the page's heading and the text that are marked as its lead and not repeated in the text."""
    end = blocks.index(kept[0])
    told = " ".join(block.text for block in kept)
    start = next((i for i in range(end, -1, -1) if blocks[i].element.tag == "h1" and title[:60] in blocks[i].text), end)
    between = [b for b in blocks[start + 1 : end] if _weight(b) >= _SHORTEST_LEAD]
    lead = [b for b in between if _is_marked_lead(b.element) and b.text[:_REPEATED] not in told]
    return lead if len(lead) <= _MOST_LEADS else []


def _is_marked_lead(element: HtmlElement) -> bool:
    parent = element.getparent()
    return any(_LEAD.search(names_of(e)) for e in (element, parent) if e is not None)


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


def _is_short_paragraph(block: Block, holders: set[HtmlElement | None]) -> bool:
    """A line among the story's paragraphs that ends without a full stop: a heading, a list's item, a last line."""
    return block.element.tag == "p" and not block.linked and block.element.getparent() in holders


def _is_subheading(block: Block) -> bool:
    return block.is_heading and block.linked < len(block.text) / 3


def _weight(block: Block) -> float:
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


def _choose(dense: Found, library: Found, *, title: str, current: bool) -> Found:
    if not dense.paragraphs or not library.paragraphs:
        return dense if dense.paragraphs else library
    a, b = _shingles(dense), _shingles(library)
    shared, size, other = sum((a & b).values()), sum(a.values()), sum(b.values())
    if shared < 0.1 * min(size, other):
        return max(dense, library, key=lambda found: _title_words_in(found, title))
    part_of_library = shared > 0.7 * size and size < 0.85 * other
    return library if part_of_library and current else dense


def _title_words_in(found: Found, title: str) -> int:
    """How many of the title's longer words a text repeats, by their first five letters, which endings leave alone."""
    stems = {word[:5] for word in re.findall(r"\w{4,}", title.casefold())}
    return len(stems & {word[:5] for word in re.findall(r"\w{4,}", " ".join(found.paragraphs).casefold())})


def _shingles(found: Found) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", " ".join(found.paragraphs).casefold())
    return Counter(tuple(words[i : i + 4]) for i in range(max(1, len(words) - 3)))
