"""Finding the names of concepts in a text, in every language at once, with the endings that each language adds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from typing import Any

import ahocorasick

from topic.concepts import Concept
from topic.folding import WayBack, fold
from topic.found import Found, longest

_WORD = re.compile(r"\w*")
_NO_WORD = re.compile(r"[^\w ]")
_ANY_WORD = "~"
_MORE_GAP = frozenset(" -\n\t")
_NO_LETTERS = "\"'«»“”„‟-"
_GAP = re.compile(r"[\s\-]{1,3}")


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
    instead: Mapping[str, frozenset[str]] = field(default_factory=dict)  # of each `drop`: what may stand in its place


_NOTHING = frozenset({""})
NO_ENDING = Ending((), frozenset({""}))


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
    taken = frozenset("".join(choice) for choice in choices)
    dropped = tuple(sorted(map(fold, drop), key=len, reverse=True))
    instead = {one: taken - {""} | {one} for one in dropped}
    return Ending(dropped, taken, frozenset(map(fold, before)), instead)


def shown(name: str) -> str:
    """A name as a reader writes it. In the data a star says where free endings begin, a first = that there are none."""
    return name.removeprefix("=").replace("*", "").replace(_ANY_WORD, "…")


def words_of(name: str) -> list[str]:
    """The folded words of a name of the data, their stars kept."""
    return [part for part in re.split(r"[\s\-]+", fold(name.removeprefix("="))) if part]


@dataclass(slots=True)
class _Alike:
    """Names whose first word has the same stem: those of one word by the endings that they take, those of several by
    the beginning of their second. `starts`: what a letter behind the stem may be for any of them; None: every one."""

    stem: str
    length: int
    of_letters: bool
    ends_in_letter: bool
    starts: frozenset[str] | None = frozenset()
    single: dict[frozenset[str] | None, list[_Name]] = field(default_factory=dict)
    several: dict[str, list[_Name]] = field(default_factory=dict)

    def add(self, name: _Name, starts: frozenset[str] | None) -> None:
        self.starts = None if self.starts is None or starts is None else self.starts | starts
        if len(name.words) == 1:
            self.single.setdefault(name.words[0].taken, []).append(name)
        else:
            self.several.setdefault(name.words[1].stem[:1], []).append(name)


class Matcher:
    """One Aho-Corasick automaton over the stems of all names, each with the beginning of a word before it; what follows
    a stem is checked word by word."""

    def __init__(self, concepts: Iterable[Concept], endings: Endings) -> None:
        alike: dict[tuple[str, str], _Alike] = {}
        for concept in concepts:
            for name in _names_of(concept, endings):
                stem, taken = name.words[0].stem, name.words[0].taken
                starts = None if taken is None else _starts(taken)
                for before in name.before:
                    made = _Alike(stem, len(stem), stem.isalnum(), stem[-1:].isalnum())
                    alike.setdefault((before, stem), made).add(name, starts)
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
        spans = self._spans(folded)
        if not spans:
            return []
        back = WayBack(text)
        found = []
        for name, start, end in spans:
            concept = name.concept
            if concept.own_language and language and name.language != language:
                continue
            first, last = back.original(start, end)
            surface = text[first:last]
            if name.all_capitals and not surface.isupper():
                continue
            if name.words[-1].tail and not surface.split()[-1][0].isupper():
                continue
            if concept.as_written and not _as_written(name, surface):
                continue
            found.append(Found(concept, start, end, first, last, surface, name.spelled))
        return longest(found)

    def _spans(self, folded: str) -> list[tuple[_Name, int, int]]:
        spans: list[tuple[_Name, int, int]] = []
        for at, entries in self._automaton.iter(_plain(folded)):  # one space more in front: `at` is behind the stem
            letter = folded[at : at + 1]
            open_end = letter.isalnum()
            for alike in entries:
                if open_end and alike.ends_in_letter:
                    if alike.starts is not None and letter not in alike.starts:
                        continue
                    ending = _WORD.match(folded, at).group()  # type: ignore[union-attr]
                    end = at + len(ending)
                else:
                    ending, end = "", at
                start = at - alike.length
                if not alike.of_letters and not folded.startswith(alike.stem, start):
                    continue
                for taken, names in alike.single.items():
                    if taken is None or ending in taken or not alike.ends_in_letter:
                        spans += [(name, start, end) for name in names]
                if alike.several:
                    beyond = folded[end + 1 : end + 2]
                    if beyond in alike.several or beyond in _MORE_GAP or "" in alike.several:
                        spans += _of_several_words(alike, folded, start, at, ending)
        return spans


def _of_several_words(alike: _Alike, folded: str, start: int, at: int, ending: str) -> Iterator[tuple[_Name, int, int]]:
    gap = _GAP.match(folded, at + len(ending))
    if gap is None:
        return
    for name in (*alike.several.get(folded[gap.end() : gap.end() + 1], ()), *alike.several.get("", ())):
        if name.words[0].takes(ending):
            end = _end_of(name.words, folded, at + len(ending))
            if end is not None:
                yield name, start, end


@cache
def _starts(taken: frozenset[str]) -> frozenset[str]:
    return frozenset(ending[:1] for ending in taken if ending)


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
            return _Word(part.removesuffix(drop), ending.instead[drop])
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
