"""What an @name of a query means."""

from __future__ import annotations

from storage.query_nodes import Concept, Judged, Node
from storage.search_text import words
from topic import Topic
from topic.concepts import RECORDED


def named(name: str, topic: Topic | None) -> Node | str:
    """The concept of that id or name; the topic's own id means all that is judged to be about it, however it says so.

    Without a topic the name is taken to be the id of a concept. A sentence says why a name means nothing.
    """
    if topic is None:
        return Concept(name)
    if words(name) == words(topic.id):
        return Judged("relevant")
    found = topic.concept(name)
    if found is None:
        return f"the topic has no concept called {name!r} (`karabakh topic find` looks for one)"
    if found.kind not in RECORDED:
        return f"{name!r} only helps to judge stories, and where it stands in them is not stored; search for the words"
    return Concept(found.id, found.label)
