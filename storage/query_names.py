"""What the names of a query mean: @name, place:name, and groups of the topic such as @karabakh.towns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

from storage.query_nodes import AnyConcept, Concept, Judged, Node, at
from storage.search_text import words
from topic import Topic, fold
from topic.concepts import RECORDED
from topic.concepts import Concept as TopicConcept

KindField = Literal["place", "person", "org"]
_KINDS: Mapping[str, str] = MappingProxyType({"place": "place", "person": "person", "org": "body"})
_FIELDS = {kind: field for field, kind in _KINDS.items()}
_IRREGULAR = {"person": "people"}
_LOOK = "`karabakh topic find` looks for names"


@dataclass(frozen=True, slots=True)
class _Names:
    """`by_name`: by the words of ids, labels and names in every language; ids count before names."""

    by_id: Mapping[str, TopicConcept]
    by_name: Mapping[str, tuple[TopicConcept, ...]]
    groups: Mapping[str, frozenset[str]]


def named(name: str, topic: Topic | None) -> Node | str:
    """The concept of that id, those that bear the name, or a group; the topic's own id means all that is judged to be
    about it, however it says so.

    Without a topic the name is taken to be the id of a concept. A sentence says why a name means nothing.
    """
    if topic is None:
        return Concept(name)
    if words(name) == words(topic.id):
        return Judged("relevant")
    head, dot, group = fold(name).strip().partition(".")
    if dot and head == fold(topic.id):
        return _group(group, topic)
    found = bearers(name, topic)
    if not found:
        return f"the topic has no concept called {name!r} ({_close(name, topic, RECORDED)}{_LOOK})"
    kept = [one for one in found if one.kind in RECORDED]
    return _any_of(kept, at(name), topic) if kept else _only_judges(name)


def of_kind(field: KindField, name: str, topic: Topic | None) -> Node | str:
    """The same of the concepts of one kind. Sides, which are states and their leaders, answer to every field."""
    if topic is None:
        return Concept(name)
    found = bearers(name, topic)
    kept = [one for one in found if one.kind == _KINDS[field]] or [one for one in found if one.kind == "side"]
    if kept:
        return _any_of(kept, f'{field}:"{name}"', topic)
    if not found:
        return (
            f"the topic has no {_KINDS[field]} called {name!r} ({_close(name, topic, (_KINDS[field], 'side'))}{_LOOK})"
        )
    other = next((one.kind for one in found if one.kind in RECORDED), None)
    if other is None:
        return _only_judges(name)
    instead = f"{_FIELDS[other]}:" if other in _FIELDS else "@"
    return f"{name!r} is no {_KINDS[field]} of the topic but a {other}; write {instead}"


def bearers(name: str, topic: Topic) -> tuple[TopicConcept, ...]:
    """The concept of that id, else those with such a label or name in any language; kinds that no query finds, too."""
    known = _names(topic)
    found = known.by_id.get(fold(name).strip())
    return (found,) if found else known.by_name.get(" ".join(words(name)), ())


def groups(topic: Topic) -> Mapping[str, frozenset[str]]:
    """The ids of the concepts of each group that may stand after `@karabakh.`: by kind ("people"), by type ("towns")
    and by the groups that the topic itself names."""
    return _names(topic).groups


def spelled(concept: TopicConcept, topic: Topic) -> str | None:
    """What a query says for the concept; None where it finds none of that kind."""
    return str(_one(concept, topic)) if concept.kind in RECORDED else None


def _group(name: str, topic: Topic) -> Node | str:
    known = _names(topic)
    if name == fold(topic.id) and name in known.by_id:
        return _one(known.by_id[name], topic)
    if name not in known.groups:
        return f"the topic has no group called {name!r} (there are {', '.join(known.groups)})"
    return AnyConcept(f"@{topic.id}.{name}", known.groups[name])


def _any_of(concepts: list[TopicConcept], written: str, topic: Topic) -> Node:
    if len(concepts) == 1:
        return _one(concepts[0], topic)
    return AnyConcept(written, frozenset(one.id for one in concepts))


def _one(concept: TopicConcept, topic: Topic) -> Concept:
    # @karabakh is all of the topic; the region alone is @karabakh.karabakh.
    hidden = words(concept.id) == words(topic.id)
    return Concept(concept.id, concept.label, f"@{topic.id}.{concept.id}" if hidden else "")


def _only_judges(name: str) -> str:
    return f"{name!r} only helps to judge stories, and where it stands in them is not stored; search for the words"


def _close(name: str, topic: Topic, kinds: Collection[str]) -> str:
    known = {spelled: one.id for spelled, those in _names(topic).by_name.items() for one in those if one.kind in kinds}
    close = get_close_matches(" ".join(words(name)), known, n=1, cutoff=0.75)
    return f"is {at(known[close[0]])} meant? " if close else ""


@lru_cache(maxsize=2)
def _names(topic: Topic) -> _Names:
    by_name: defaultdict[str, dict[str, TopicConcept]] = defaultdict(dict)
    for one in topic.concepts:
        for name in (one.id, one.label, *one.all_names()):
            by_name[" ".join(words(name))][one.id] = one
    by_name.pop("", None)
    return _Names(
        by_id={fold(one.id): one for one in topic.concepts},
        by_name={name: tuple(those.values()) for name, those in by_name.items()},
        groups=_groups(one for one in topic.concepts if one.kind in RECORDED),
    )


def _groups(concepts: Iterable[TopicConcept]) -> Mapping[str, frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for one in concepts:
        for name in (_plural(one.kind), *([_plural(one.type)] if one.type else []), *one.groups):
            found[fold(name)].add(one.id)
    # Every concept is a group of its own id; such a group is worth a name where others belong to it too.
    return {name: frozenset(ids) for name, ids in sorted(found.items()) if ids != {name}}


def _plural(kind: str) -> str:
    word = kind.replace(" ", "_")
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("y") and not word.endswith(("ay", "ey", "oy")):
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "x", "ch", "sh")) else f"{word}s"
