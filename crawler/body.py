"""Where the story stands on a page: its paragraphs, before they are cleaned.

Two cheap readers are asked first (crawler/density.py): the densest element, and the one that the mark-up calls an
article. Where they agree, as on most pages, that is the text. Where they do not, the structured data, the feed and at
last trafilatura decide whose side is right; trafilatura costs more than all the rest. docs/extraction.md has the rules
and the figures.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property

from cssselect import SelectorError
from lxml.html import HtmlElement

from crawler.density import Readings, read_blocks, weigh
from crawler.markup import blocks_of, elements, prune, squeeze

# trafilatura reports every page on which it finds nothing; that is for its caller to say.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

TOO_LARGE_FOR_TRAFILATURA = 30_000  # elements; beyond it, its time grows past a second
_LEAST_SELECTED = 200  # characters; less is what is left of a layout that has changed
_WHOLE = 1.5  # how much longer a stated text is than the shown one where the page shows a part: a paywall, a script
_SAME = 0.95  # F1 of two readings that differ by a line or two
_WITHIN = 0.97  # share of one reading's words that another has too, when it is a part of it
_MOST_OF = 0.75  # share of the larger one that the part makes up; with less, the rest may be another story or comments
_FOREIGN = 0.1  # F1 of two readings that are of different texts
_SHORT = 500  # characters; a lone reading with less is doubted
_ALONE = 0.5  # confidence in a reading that nothing confirms; the title's words in it confirm a little
_TITLE_CONFIRMS = 0.2

Paragraphs = tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """What one reader takes for the story."""

    name: str
    paragraphs: Paragraphs

    @property
    def size(self) -> int:
        return sum(map(len, self.paragraphs))

    @cached_property
    def shingles(self) -> Counter[tuple[str, ...]]:
        words = re.findall(r"\w+", " ".join(self.paragraphs).casefold())
        return Counter(zip(words, words[1:], words[2:], words[3:], strict=False) if len(words) > 3 else [tuple(words)])

    def part_in(self, other: Reading) -> float:
        """The share of this reading's four-word sequences that another has too."""
        size = self.shingles.total()
        return (self.shingles & other.shingles).total() / size if self.paragraphs else 0.0

    def agreement(self, other: Reading) -> float:
        """F1 of the four-word sequences of two readings."""
        if not self.paragraphs or not other.paragraphs:
            return 0.0
        shared = (self.shingles & other.shingles).total()
        return 2 * shared / (self.shingles.total() + other.shingles.total())


@dataclass(frozen=True, slots=True)
class Found:
    """`extractor` names the reader the paragraphs come from, `why` says what spoke for it; `confidence` is between 0
    and 1 and falls with every reader in `readings` that read something else."""

    paragraphs: Paragraphs
    extractor: str
    confidence: float
    why: str
    readings: tuple[Reading, ...]


def find_body(
    tree: HtmlElement,
    *,
    whole: Callable[[], HtmlElement | None],
    title: str = "",
    summary: str = "",
    selectors: tuple[str, ...] = (),
    stated: str = "",
    fed: Paragraphs = (),
) -> Found:
    """The story's paragraphs, none when the page has no text. Changes the tree; `whole` makes another of the same page.

    `selectors` are CSS selectors known to hold this outlet's text, `summary` is the page's description of itself,
    `stated` the text in the page's structured data, `fed` the full text of its feed.
    """
    selected = Reading("selector", _selected(tree, selectors))
    prune(tree)
    page = read_blocks(tree, title, summary)
    readings = {
        reading.name: reading
        for reading in (
            selected,
            Reading("density", page.dense),
            Reading("markup", page.marked),
            Reading("structured", _lines(stated)),
            Reading("feed", fed),
        )
    }

    def library() -> Reading:
        return readings.setdefault("trafilatura", Reading("trafilatura", _by_trafilatura(whole())))

    chosen, why = _choose(readings, page, library)
    others = [r for r in readings.values() if r.paragraphs and r is not chosen and not _is_teaser(r, chosen)]
    confidence = _confidence(chosen, others, title)
    return Found(chosen.paragraphs, chosen.name, confidence, why, tuple(r for r in readings.values() if r.paragraphs))


def _choose(readings: dict[str, Reading], page: Readings, library: Callable[[], Reading]) -> tuple[Reading, str]:
    if readings["selector"].paragraphs and not _is_part(readings):
        return readings["selector"], "the outlet's own selectors match"
    shown, why = _choose_shown(readings, page, library)
    for name in ("structured", "feed"):
        if readings[name].size > _WHOLE * shown.size:
            return readings[name], f"the page shows a part only, and the {name} text is whole"
    return shown, why


def _is_part(readings: dict[str, Reading]) -> bool:
    """Whether an outlet's selectors hold a teaser since its layout has changed: both readings of the page agree on much
    more."""
    selected, dense, marked = readings["selector"], readings["density"], readings["markup"]
    return dense.size > _WHOLE * selected.size and dense.agreement(marked) >= _SAME


def _choose_shown(readings: dict[str, Reading], page: Readings, library: Callable[[], Reading]) -> tuple[Reading, str]:
    dense, marked = readings["density"], readings["markup"]
    if not dense.paragraphs and not marked.paragraphs:
        return library(), "nothing else found any text"
    if not marked.paragraphs:
        if dense.size >= _SHORT and not page.is_described_elsewhere:
            return dense, "the mark-up names no article, and nothing speaks against the densest element"
        return _settle(dense, dense, library(), page.title)
    dense_in_marked, marked_in_dense = dense.part_in(marked), marked.part_in(dense)
    if dense_in_marked >= _WITHIN and marked_in_dense >= _MOST_OF:
        return marked, "the element called an article holds the densest one and little more"
    if marked_in_dense >= _WITHIN and dense_in_marked >= _MOST_OF:
        return dense, "the densest element holds the one called an article and little more"
    if dense.agreement(marked) >= _SAME:
        return dense, "both readings of the page agree"
    for name in ("structured", "feed"):
        witness = readings[name]
        nearer = max((dense, marked), key=witness.agreement)
        if witness.agreement(nearer) >= _SAME:
            return nearer, f"the {name} text agrees with it"
    return _settle(dense, marked, library(), page.title)


def _settle(dense: Reading, marked: Reading, third: Reading, title: str) -> tuple[Reading, str]:
    """Two readings that differ, or one that is doubted, and trafilatura's."""
    nearer = max((dense, marked), key=third.agreement)
    if dense is marked and third.size > _WHOLE * dense.size and third.agreement(dense) >= _FOREIGN:
        return third, "the densest element holds a part of what trafilatura finds"
    if third.agreement(nearer) >= _FOREIGN:
        return nearer, "trafilatura is nearer to it"
    return (
        max((dense, marked, third), key=lambda reading: _title_words_in(reading, title)),
        "three readings of different texts: it has most of the title's words",
    )


def _is_teaser(reading: Reading, chosen: Reading) -> bool:
    """Whether the structured data or the feed tell the beginning alone, which says nothing against the page's text."""
    return reading.name in {"structured", "feed"} and _WHOLE * reading.size < chosen.size


def _confidence(chosen: Reading, others: Iterable[Reading], title: str) -> float:
    if not chosen.paragraphs:
        return 0.0
    agreements = [chosen.agreement(other) for other in others]
    if agreements:
        return round(sum(agreements) / len(agreements), 2)
    return round(_ALONE + _TITLE_CONFIRMS * _title_words_in(chosen, title) / max(1, len(_stems(title))), 2)


def _lines(text: str) -> Paragraphs:
    return tuple(p for line in text.splitlines() if (p := squeeze(line)))


def _selected(tree: HtmlElement, selectors: tuple[str, ...]) -> Paragraphs:
    """What the selectors hold together, in the page's order: an outlet may keep lead and text apart."""
    matched: set[HtmlElement] = set()
    for selector in selectors:
        try:
            matched.update(m for m in tree.cssselect(selector) if isinstance(m, HtmlElement))
        except SelectorError:  # an operator's own outlet; the catalogue's are tested
            continue
    if not matched:
        return ()
    outermost = [m for m in elements(tree) if m in matched and matched.isdisjoint(m.iterancestors())]
    paragraphs: list[str] = []
    for match in outermost:
        whole = deepcopy(match)
        whole.tail = None
        prune(whole)
        paragraphs += [b.text for b in blocks_of(whole) if weigh(b) > 0 or b.is_heading]
    return tuple(paragraphs) if sum(map(len, paragraphs)) >= _LEAST_SELECTED else ()


def _by_trafilatura(tree: HtmlElement | None) -> Paragraphs:
    from trafilatura import extract

    if tree is None or len(tree.xpath(f"(.//*)[position() > {TOO_LARGE_FOR_TRAFILATURA}][1]")):
        return ()
    return _lines(extract(tree, favor_precision=True, include_comments=False, include_tables=False) or "")


def _title_words_in(reading: Reading, title: str) -> int:
    """How many of the title's longer words a text repeats, by their first five letters, which endings leave alone."""
    return len(_stems(title) & _stems(" ".join(reading.paragraphs)))


def _stems(text: str) -> set[str]:
    return {word[:5] for word in re.findall(r"\w{4,}", text.casefold())}
