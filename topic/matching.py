"""Finding the names of concepts in a text, in every language at once, with the endings that each language adds."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any, NamedTuple

import ahocorasick

from topic.concepts import SILENT, Concept
from topic.folding import fold, map_back

_WORD = re.compile(r"\w*")
_NO_WORD = re.compile(r"[^\w ]")
_ANY_WORD = "~"
_MORE_GAP = frozenset(" -\n\t")
_NO_LETTERS = "\"'«»“”„‟-"
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


_NOTHING = frozenset({""})
NO_ENDING = Ending((), frozenset({""}))


class Found(NamedTuple):
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
    tail: str = ""  # any word that ends so, in place of a stem: a surname

    def takes(self, ending: str) -> bool:
        return self.taken is None or ending in self.taken or not self.stem[-1].isalnum()


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
    return name.removeprefix("=").replace("*", "").replace(_ANY_WORD, "…")


def words_of(name: str) -> list[str]:
    """The folded words of a name of the data, their stars kept."""
    return [part for part in re.split(r"[\s\-]+", fold(name.removeprefix("="))) if part]


@dataclass(frozen=True, slots=True)
class _Alike:
    """Names whose first word has the same stem; those of several words by the beginning of their second."""

    stem: str
    of_letters: bool
    single: list[_Name] = field(default_factory=list)
    several: dict[str, list[_Name]] = field(default_factory=dict)

    def add(self, name: _Name) -> None:
        if len(name.words) == 1:
            self.single.append(name)
        else:
            self.several.setdefault(name.words[1].stem[:1], []).append(name)


class Matcher:
    """One Aho-Corasick automaton over the stems of all names, each with the beginning of a word before it; what follows
    a stem is checked word by word."""

    def __init__(self, concepts: Iterable[Concept], endings: Endings) -> None:
        alike: dict[tuple[str, str], _Alike] = {}
        for concept in concepts:
            for name in _names_of(concept, endings):
                for before in name.before:
                    stem = name.words[0].stem
                    alike.setdefault((before, stem), _Alike(stem, stem.isalnum())).add(name)
        by_key: dict[str, list[_Alike]] = {}
        for (before, stem), names in alike.items():
            by_key.setdefault(_plain(before + stem.lstrip(_NO_LETTERS)), []).append(names)
        self._automaton: Any = ahocorasick.Automaton()
        for key, names_of_key in by_key.items():
            self._automaton.add_word(key, names_of_key)
        self._automaton.make_automaton()

    def find(self, text: str, folded: str, language: str | None = None) -> list[Found]:
        """The names in `text`, whose folding is `folded`, by place.

        `language`, a bare code such as "az", bars the names of other languages where a concept asks for that."""
        spans = list(self._spans(folded))
        if not spans:
            return []
        mapped = map_back(text, folded)
        found = []
        for name, start, end in spans:
            first, last = mapped.original(start, end)
            surface = text[first:last]
            if name.concept.own_language and language and name.language != language:
                continue
            if name.all_capitals and not surface.isupper():
                continue
            if name.words[-1].tail and not surface.split()[-1][0].isupper():
                continue
            if name.concept.as_written and not _as_written(name, surface):
                continue
            found.append(Found(name.concept, start, end, first, last, surface, name.spelled))
        return _longest(found)

    def _spans(self, folded: str) -> Iterator[tuple[_Name, int, int]]:
        for at, entries in self._automaton.iter(_plain(folded)):  # one space more in front: `at` is behind the stem
            open_end = folded[at : at + 1].isalnum()
            for alike in entries:
                start = at - len(alike.stem)
                if not alike.of_letters and not folded.startswith(alike.stem, start):
                    continue
                ending = ""
                if open_end and alike.stem[-1].isalnum():
                    ending = _WORD.match(folded, at).group()  # type: ignore[union-attr]
                end = at + len(ending)
                for name in alike.single:
                    if name.words[0].takes(ending):
                        yield name, start, end
                beyond = folded[end + 1 : end + 2]
                if beyond in alike.several or "" in alike.several or beyond in _MORE_GAP:
                    yield from _of_several_words(alike, folded, start, at, ending)


def _of_several_words(alike: _Alike, folded: str, start: int, at: int, ending: str) -> Iterator[tuple[_Name, int, int]]:
    gap = _GAP.match(folded, at + len(ending))
    if gap is None:
        return
    for name in (*alike.several.get(folded[gap.end() : gap.end() + 1], ()), *alike.several.get("", ())):
        if name.words[0].takes(ending):
            end = _end_of(name.words, folded, at + len(ending))
            if end is not None:
                yield name, start, end


def _plain(folded: str) -> str:
    """With a space for whatever is no letter or digit, and one in front: where a word begins, a space goes before."""
    return " " + _NO_WORD.sub(" ", folded)


def _as_written(name: _Name, surface: str) -> bool:
    return (surface[0].isupper() or not name.capital) and not (name.accents and surface.isascii())


def _names_of(concept: Concept, endings: Endings) -> Iterator[_Name]:
    for language, names in concept.written.items():
        ending = endings.get(language, NO_ENDING)
        for name in names:
            capitals = name.isupper() and "*" not in name
            rule = NO_ENDING if capitals or name.startswith("=") else ending
            words = tuple(_word(part, ending if part.startswith(_ANY_WORD) else rule) for part in words_of(name))
            spelled = sum(len(word.stem) for word in words)
            capital = not shown(name)[0].islower()
            # Whatever stands before a name makes an adjective of it ("anti-Karabakh"): of names with free endings only.
            prefixed = concept.kind in {"place", "side"} and words[0].taken is None
            before = rule.before | {""} if prefixed else _NOTHING
            yield _Name(concept, language, words, spelled, before, capitals, capital, not name.isascii())


def _word(part: str, ending: Ending) -> _Word:
    if part.startswith(_ANY_WORD):
        return _Word("", ending.taken, part.removeprefix(_ANY_WORD))
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
        if word.stem and not word.stem[-1].isalnum():
            continue
        match = _WORD.match(folded, at)
        assert match is not None  # it matches the empty word, too
        if word.tail:
            head, _tail, ending = match.group().rpartition(word.tail)
            if not head or (word.taken is not None and ending not in word.taken):
                return None
        elif not word.takes(match.group()):
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
            yield one._replace(inside=True)


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
