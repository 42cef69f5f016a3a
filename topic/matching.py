"""Finding the names of concepts in a text, in every language at once, with the endings that each language adds."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import ahocorasick

from topic.concepts import SILENT, Concept
from topic.folding import fold, fold_mapped

_WORD = re.compile(r"\w*")
_WORD_BEFORE = re.compile(r"\w*$")
_GAP = re.compile(r"[\s\-]{1,3}")

_NO_NAMES = SILENT | {"side"}

Endings = Mapping[str, "Ending"]


# A story in the first may use the names of the second: Western Armenian shares most names with Eastern.
_READ_IN = {"hyw": "hy", "azb": "az"}


@dataclass(frozen=True, slots=True)
class Ending:
    """What names of a language may end in: `drop` gives way, longest first, to one of `taken`; and what may stand
    `before` a name in the same word. All folded."""

    drop: tuple[str, ...]
    taken: frozenset[str]
    before: frozenset[str] = frozenset()


NO_ENDING = Ending((), frozenset({""}))


@dataclass(frozen=True, slots=True)
class Found:
    """A concept's name in a text: [start, end) is its place in the folded text, `surface` the words in the original.
    `spelled`: how many of its letters the data spell, the rest being ending.
    `inside`: it is part of a longer name ("Lachin" of "Lachin corridor"): mentioned, but no evidence of its own."""

    concept: Concept
    start: int
    end: int
    original_start: int
    original_end: int
    surface: str
    spelled: int = 0
    inside: bool = False


@dataclass(frozen=True, slots=True)
class _Word:
    stem: str
    taken: frozenset[str] | None  # None: any letters may follow


@dataclass(frozen=True, slots=True)
class _Name:
    concept: Concept
    language: str
    words: tuple[_Word, ...]
    spelled: int
    before: frozenset[str]
    all_capitals: bool
    capital: bool
    accents: bool


def make_ending(drop: Iterable[str], slots: Iterable[Iterable[str]], before: Iterable[str] = ()) -> Ending:
    choices = product(*(["", *map(fold, slot)] for slot in slots))
    return Ending(
        tuple(sorted(map(fold, drop), key=len, reverse=True)),
        frozenset("".join(choice) for choice in choices),
        frozenset(map(fold, before)),
    )


def shown(name: str) -> str:
    """A name as a reader writes it. In the data a star says where free endings begin, a first = that there are none."""
    return name.removeprefix("=").replace("*", "")


def words_of(name: str) -> list[str]:
    """The folded words of a name of the data, their stars kept."""
    return [part for part in re.split(r"[\s\-]+", fold(name.removeprefix("="))) if part]


class Matcher:
    """One Aho-Corasick automaton over the stems of all names; what follows a stem is checked word by word."""

    def __init__(self, concepts: Iterable[Concept], endings: Endings) -> None:
        names: dict[str, list[_Name]] = {}
        for concept in concepts:
            for name in _names_of(concept, endings):
                names.setdefault(name.words[0].stem, []).append(name)
        self._before = frozenset().union(*(ending.before for ending in endings.values()))
        self._longest_before = max(map(len, self._before), default=0)
        self._automaton: Any = ahocorasick.Automaton()
        for stem, alike in names.items():
            self._automaton.add_word(stem, (len(stem), stem[0].isalnum(), stem[-1].isalnum(), alike))
        self._automaton.make_automaton()

    def find(self, text: str, folded: str, language: str | None = None) -> list[Found]:
        """The names in `text`, whose folding is `folded`, by place.

        `language`, a bare code such as "az", bars the names of other languages where a concept asks for that."""
        spans = list(self._spans(folded))
        if not spans:
            return []
        mapped = fold_mapped(text)
        found = []
        for name, start, end in spans:
            first, last = mapped.original(start, end)
            surface = text[first:last]
            if name.concept.own_language and language and name.language not in (language, _READ_IN.get(language)):
                continue
            if name.all_capitals and not surface.isupper():
                continue
            if name.concept.as_written and not _as_written(name, surface):
                continue
            found.append(Found(name.concept, start, end, first, last, surface, name.spelled))
        return _longest(found)

    def _spans(self, folded: str) -> Iterator[tuple[_Name, int, int]]:
        for last, (length, starts_word, ends_open, alike) in self._automaton.iter(folded):
            at = last + 1
            start = at - length
            before = ""
            if starts_word and start and (folded[start - 1].isalnum() or folded[start - 1] == "_"):
                before = self._before_in_word(folded, start)
                if not before:
                    continue
            match = _WORD.match(folded, at) if ends_open else None
            ending = match.group() if match else ""
            for name in alike:
                taken = name.words[0].taken
                if (ends_open and taken is not None and ending not in taken) or (before and before not in name.before):
                    continue
                end = _end_of(name.words, folded, at + len(ending)) if len(name.words) > 1 else at + len(ending)
                if end is not None:
                    yield name, start, end

    def _before_in_word(self, folded: str, start: int) -> str:
        """What some language may put before a name, where just that stands between the word's beginning and `start`."""
        begin = max(0, start - self._longest_before - 1)
        match = _WORD_BEFORE.search(folded[begin:start])
        assert match is not None  # it matches the empty word, too
        return match.group() if match.group() in self._before else ""


def _as_written(name: _Name, surface: str) -> bool:
    return (surface[0].isupper() or not name.capital) and not (name.accents and surface.isascii())


def _names_of(concept: Concept, endings: Endings) -> Iterator[_Name]:
    for language, names in concept.written.items():
        ending = endings.get(language, NO_ENDING)
        for name in names:
            capitals = name.isupper() and "*" not in name
            rule = NO_ENDING if capitals or name.startswith("=") else ending
            words = tuple(_word(part, rule) for part in words_of(name))
            spelled = sum(len(word.stem) for word in words)
            capital = not shown(name)[0].islower()
            yield _Name(concept, language, words, spelled, rule.before, capitals, capital, not name.isascii())


def _word(part: str, ending: Ending) -> _Word:
    stem, star, _tail = part.partition("*")
    if star:
        return _Word(stem, None)
    for drop in ending.drop:
        if part.endswith(drop) and len(part) - len(drop) >= 3:
            return _Word(part.removesuffix(drop), ending.taken - {""} | {drop})
    return _Word(part, ending.taken)


def _end_of(words: tuple[_Word, ...], folded: str, at: int) -> int | None:
    """Where the name ends whose first word ends at `at`; None where other words follow."""
    for word in words[1:]:
        gap = _GAP.match(folded, at)
        if gap is None or not folded.startswith(word.stem, gap.end()):
            return None
        at = gap.end() + len(word.stem)
        if not word.stem[-1].isalnum():
            continue
        match = _WORD.match(folded, at)
        assert match is not None  # it matches the empty word, too
        if word.taken is not None and match.group() not in word.taken:
            return None
        at = match.end()
    return at


def _longest(found: list[Found]) -> list[Found]:
    """Without names that share words with one that goes before: false friends take from all, the topic's own names from
    cues ("peacekeepers" is no company for "Russian peacekeepers"). Only sides count as part of a longer name as well:
    "Armenian prisoners". Among names of one sort the longer one of those that begin first counts; the topic's names
    inside it are kept and marked."""
    found.sort(key=lambda one: (one.start, -one.end, -one.spelled, -one.concept.strength, one.concept.id))
    false_friends = list(_leftmost(one for one in found if one.concept.kind == "false_friend"))
    rest = [one for one in found if one.concept.kind != "false_friend" and not _covered(one, false_friends)]
    topic = list(_leftmost(one for one in rest if one.concept.kind not in _NO_NAMES))
    sides = _leftmost(one for one in rest if one.concept.kind == "side")
    cues = _leftmost(one for one in rest if one.concept.kind in SILENT and not _covered(one, topic))
    inside = _inside((one for one in rest if one.concept.kind not in _NO_NAMES), topic)
    return sorted((*false_friends, *topic, *sides, *cues, *inside), key=lambda one: (one.start, one.end))


def _inside(found: Iterable[Found], topic: list[Found]) -> Iterator[Found]:
    """Each concept's longest name that is a true part of a longer one of another concept."""
    ends: dict[str, int] = {}
    for one in found:
        around = _around(one, topic)
        if around is None or around.concept is one.concept or one.start < ends.get(one.concept.id, 0):
            continue
        if (around.start, around.end, around.spelled) != (one.start, one.end, one.spelled):
            ends[one.concept.id] = one.end
            yield replace(one, inside=True)


def _leftmost(found: Iterable[Found]) -> Iterator[Found]:
    taken = 0
    for one in found:
        if one.start >= taken:
            yield one
            taken = one.end


def _covered(one: Found, others: list[Found]) -> bool:
    """Whether one of `others`, which lie apart and in order, shares words with `one`."""
    index = bisect_right(others, one.start, key=lambda other: other.end)
    return index < len(others) and others[index].start < one.end


def _around(one: Found, others: list[Found]) -> Found | None:
    """The one of `others`, which lie apart and in order, that holds all words of `one`."""
    index = bisect_right(others, one.start, key=lambda other: other.end)
    if index < len(others) and others[index].start <= one.start and one.end <= others[index].end:
        return others[index]
    return None
