"""What a topic consists of: concepts with their names in every language, and what makes a story one of the topic's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

KINDS = ("place", "person", "body", "event", "term", "side", "cue", "false_friend")

# What a mention is recorded for. A cue ("ceasefire") and a false friend (a football club) are not of the topic.
RECORDED = frozenset({"place", "person", "body", "event", "term", "side"})


@dataclass(frozen=True, slots=True, eq=False)
class Concept:
    """One thing of the topic, or one that is mistaken for it.

    `names` are by language, as a reader writes them, `written` the same as the data writes them, with the marks that
    say which endings they take. `strength` is what one mention says for the topic, from 0 to 1;
    `lonely` what it says without company (a town alone, a surname), for a concept that needs it. `against` names the
    subject that a mention speaks for instead (football), or is empty. `as_written`: names
    count only with their capital and with accented letters where they have any.
    `own_language`: where a story's language is known, only the names of that language count. `yields_to`: the subject
    among which the name means something else (the region's is a football club's), or empty.
    """

    id: str
    kind: str
    label: str
    names: Mapping[str, tuple[str, ...]]
    written: Mapping[str, tuple[str, ...]]
    groups: frozenset[str]
    strength: float
    lonely: float
    against: str
    as_written: bool
    own_language: bool
    yields_to: str
    note: str
    source: str

    def all_names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for names in self.names.values() for name in names))


@dataclass(frozen=True, slots=True)
class Together:
    """Concepts of several groups that in one sentence say what none says alone: the two sides and a ceasefire."""

    label: str
    groups: tuple[frozenset[str], ...]
    strength: float


@dataclass(frozen=True, slots=True)
class Rules:
    """`company`: groups that make a lonely name count. `together`: strongest first."""

    company: frozenset[str]
    together: tuple[Together, ...]


@dataclass(frozen=True, slots=True)
class Weights:
    """How evidence adds up (docs/topic.md). The sum goes through the logistic function and becomes the score, 0 to 1;
    `relevant` and `unsure` are the scores from which a story is so. `lead_characters`: sentences that begin before that
    place are the lead. `main_share`: the strength per character from which a text is about the topic."""

    base: float
    title: float
    lead: float
    share: float
    names: float
    against: float
    lead_characters: int
    main_share: float
    relevant: float
    unsure: float
