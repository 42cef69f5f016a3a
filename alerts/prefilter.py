"""Which of many rules can fire for a story, by the words that it holds: a look-up instead of a try of each rule. Pure.

A query that needs one of a few words (or concepts) is tried only when the story has one of them; a query that promises
nothing of the kind, such as lang:ru or NOT football, is always tried. A node of the query language that is not known
here promises nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import fields

from alerts.rules import Rule
from storage.query import Searchable
from storage.query_nodes import And, AnyConcept, Concept, Near, Node, Or, Text

# ("word", w): w is a word of the story; ("prefix", p): one begins so; ("concept", c): c is mentioned.
Anchor = tuple[str, str]


class RuleIndex:
    """Rules by what they need. `candidates` leaves out only rules whose query cannot match."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self._always: set[int] = set()
        self._by_anchor: defaultdict[Anchor, set[int]] = defaultdict(set)
        for number, rule in enumerate(rules):
            anchors = needed(rule.query.root)
            if anchors is None:
                self._always.add(number)
            for anchor in anchors or ():
                self._by_anchor[anchor].add(number)
        self._words = {text for kind, text in self._by_anchor if kind == "word"}
        self._prefixes: defaultdict[int, set[str]] = defaultdict(set)
        for kind, text in self._by_anchor:
            if kind == "prefix":
                self._prefixes[len(text)].add(text)

    def candidates(self, story: Searchable) -> list[Rule]:
        """In the order of the rules."""
        found = set(self._always)
        for anchor in self._anchors(story):
            found |= self._by_anchor.get(anchor, set())
        return [self._rules[number] for number in sorted(found)]

    def _anchors(self, story: Searchable) -> Iterator[Anchor]:
        """Those of the story that some rule needs, and any concept."""
        held = {word for one in fields(story.text) for word in getattr(story.text, one.name).split(" ")}
        yield from (("word", word) for word in held & self._words)
        for length, prefixes in self._prefixes.items():
            yield from (("prefix", text) for text in {word[:length] for word in held} & prefixes)
        yield from (("concept", mention.concept) for mention in story.article.mentions)


def needed(node: Node) -> frozenset[Anchor] | None:
    """At least one of these holds of every story that `node` matches; None: nothing is known."""
    match node:
        case Text(words=(word,), prefix=True):
            return frozenset({("prefix", word)})
        case Text(words=words, prefix=prefix) if words:
            # The longest word is most often the rarest.
            return frozenset({("word", max(words[:-1] if prefix else words, key=len))})
        case Concept(id=concept):
            return frozenset({("concept", concept)})
        case AnyConcept(ids=ids):
            return frozenset(("concept", concept) for concept in ids)
        case And(parts=parts) | Near(parts=parts):
            known = [anchors for part in parts if (anchors := needed(part)) is not None]
            return min(known, key=len, default=None)
        case Or(parts=parts):
            every = [needed(part) for part in parts]
            return None if None in every else frozenset().union(*(anchors for anchors in every if anchors is not None))
        case _:
            return None
