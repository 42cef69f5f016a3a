"""Which of many rules can fire for a story, by the words that it holds: a look-up instead of a try of each rule. Pure.

A query that needs one of a few words (or concepts) is tried only when the story has one of them; a query that promises
nothing of the kind, such as lang:ru or NOT football, is always tried. A node of the query language that is not known
here promises nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import ahocorasick

from alerts.rules import Rule
from storage.query import Searchable
from storage.query_nodes import And, AnyConcept, Concept, Near, Node, Or, Text

# ("text", t): t stands in the columns of the story, a blank on either side of each; ("concept", c): c is mentioned.
Anchor = tuple[str, str]


class RuleIndex:
    """Rules by what they need. `candidates` leaves out only rules whose query cannot match."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self._always: set[int] = set()
        by_anchor: defaultdict[Anchor, set[int]] = defaultdict(set)
        for number, rule in enumerate(rules):
            anchors = needed(rule.query.root)
            if anchors is None:
                self._always.add(number)
            for anchor in anchors or ():
                by_anchor[anchor].add(number)
        self._by_concept = {text: those for (kind, text), those in by_anchor.items() if kind == "concept"}
        self._by_text = {text: those for (kind, text), those in by_anchor.items() if kind == "text"}
        # One walk over the story finds all the texts that rules need, however many there are.
        self._texts: Any = ahocorasick.Automaton()
        for text in self._by_text:
            self._texts.add_word(text, text)
        self._texts.make_automaton()

    def candidates(self, story: Searchable) -> list[Rule]:
        """In the order of the rules."""
        found = set(self._always)
        for concept in story.named.keys() & self._by_concept.keys():
            found |= self._by_concept[concept]
        if self._by_text:
            for text in {text for _, text in self._texts.iter("".join(story.columns.values()))}:
                found |= self._by_text[text]
        return [self._rules[number] for number in sorted(found)]


def needed(node: Node) -> frozenset[Anchor] | None:
    """At least one of these holds of every story that `node` matches; None: nothing is known."""
    match node:
        case Text():
            return frozenset({("text", node.needle)})
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
