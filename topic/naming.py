"""Which of two sets of names a story uses for places that have both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from topic.concepts import Concept
from topic.verdict import Mention


def naming_of(mentions: Iterable[Mention], concepts: Iterable[Concept]) -> Mapping[str, str]:
    """For each place that is named by a name of one set alone: its id, and that set or, of a story that uses names of
    several sets, all of them: {"stepanakert": "azerbaijani", "shushi": "armenian and azerbaijani"}."""
    known = {one.id: one for one in concepts if one.kind == "place" and one.namings}
    found: dict[str, set[str]] = {}
    for concept, surface in dict.fromkeys((one.concept, one.surface) for one in mentions):
        if concept in known and (naming := known[concept].naming(surface)):
            found.setdefault(concept, set()).add(naming)
    return {place: " and ".join(sorted(sets)) for place, sets in found.items()}
