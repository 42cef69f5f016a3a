"""What stands on the sides of NEAR/n: texts, or alternatives of texts in brackets, which become as many NEARs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import prod

from storage.query_nodes import Near, Node, Or, Text

FARTHEST = 100  # words; two things farther apart are merely in one story


def near(parts: Sequence[Node], distance: int, most: int) -> Node | str:
    """A sentence says why there is none. `most`: how many texts it may come to, every combination counted."""
    choices = [_alternatives(part) for part in parts]
    if not all(choices):
        return "NEAR/n stands between words and phrases, or alternatives of them in brackets"
    if len({text.field for those in choices for text in those}) > 1:
        return "the sides of NEAR/n are of different fields; write title:(one NEAR/5 other)"
    if prod(map(len, choices)) * len(choices) > most:
        return "these alternatives have too many combinations"
    nears = tuple(Near(texts, distance) for texts in product(*choices))
    return nears[0] if len(nears) == 1 else Or(nears)


def _alternatives(node: Node) -> list[Text]:
    """None at all where `node` is no text and no choice of texts."""
    if isinstance(node, Text):
        return [node]
    if not isinstance(node, Or):
        return []
    found = [_alternatives(part) for part in node.parts]
    return [text for those in found for text in those] if all(found) else []
