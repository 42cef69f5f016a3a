"""Why a story got its verdict, in words for the reader."""

from __future__ import annotations

from collections.abc import Iterable

from topic.weighing import Evidence

_NAMED = 3  # the strongest names are enough to understand a verdict


def reasons_for(evidence: Evidence) -> tuple[str, ...]:
    """Short clauses, strongest evidence first: "Lachin corridor in the title", "9 of 12 sentences speak of it"."""
    return tuple(_clauses(evidence))


def _clauses(evidence: Evidence) -> Iterable[str]:
    if evidence.said_in_title:
        yield f"{_list(evidence.said_in_title)} in the title"
    if evidence.said_in_lead:
        yield f"{_list(evidence.said_in_lead)} in the lead"
    elif evidence.said_below:
        yield f"{_list(evidence.said_below)} further down only"
    if evidence.telling and evidence.sentences > 1:
        yield f"{evidence.telling} of {evidence.sentences} sentences speak of it"
    yield from evidence.misunderstood
    silent = not (evidence.said_in_title or evidence.said_in_lead or evidence.said_below)
    if silent and not evidence.misunderstood:
        other = f", but {_list(evidence.other_senses)}" if evidence.other_senses else ""
        yield f"nothing of the topic is named{other}"
    if evidence.subjects_against:
        yield f"{'' if silent else 'also '}speaks of {_list(evidence.subjects_against)}"


def _list(labels: tuple[str, ...]) -> str:
    shown = labels[:_NAMED]
    return ", ".join(shown) if len(labels) <= _NAMED else f"{', '.join(shown)} and {len(labels) - _NAMED} more"
