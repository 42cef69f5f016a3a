"""Names found in a text, and which of those that overlap count."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from topic.concepts import SILENT, Concept

_NO_NAMES = SILENT | {"side"}


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


def longest(found: list[Found]) -> list[Found]:
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
