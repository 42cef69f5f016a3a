"""What a topic consists of: concepts with their names in every language, and what makes a story one of the topic's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import takewhile

from topic.folding import fold

KINDS = ("place", "person", "body", "event", "term", "side", "cue", "aside", "false_friend")

# Words that say nothing for the topic themselves: company and turns of speech ("as well as").
SILENT = frozenset({"cue", "aside"})

# What a mention is recorded for. A cue ("ceasefire") and a false friend (a football club) are not of the topic.
RECORDED = frozenset({"place", "person", "body", "event", "term", "side"})

PLACE_TYPES = frozenset(
    {
        "region", "district", "town", "village", "area",
        "river", "lake", "reservoir", "mountain", "height", "pass", "cave",
        "road", "railway", "bridge", "airport", "border crossing", "power plant", "mine",
        "monument", "monastery", "church", "mosque", "fortress", "ancient city", "cemetery",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Office:
    """What a person was and when, as ISO dates of a year, a month or a day; empty where it is not known or not over."""

    title: str
    since: str
    until: str


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
    `type` is what sort of place it is and `at` its latitude and longitude in degrees; empty for other kinds and where
    nothing attests it. `namings`: for each set of names that the topic tells apart, those of the set. `unattested`:
    names from general knowledge alone, in no text or gazetteer that the project had at hand.
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
    type: str = ""
    at: tuple[float, float] | None = None
    namings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    offices: tuple[Office, ...] = ()
    unattested: frozenset[str] = frozenset()

    def all_names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for names in self.names.values() for name in names))

    def naming(self, surface: str) -> str:
        """The set of names that `surface`, a mention of this concept, is of: "armenian", "azerbaijani"; empty where the
        name is of none or of several."""
        written = fold(surface)
        sets: dict[str, set[str]] = {fold(name): set() for name in self.all_names()}
        for naming, names in self.namings.items():
            for name in names:
                sets[fold(name)].add(naming)
        alike = {name: _shared(name, written) for name in sets}
        best = [sets[name] for name, length in alike.items() if length and length == max(alike.values())]
        return next(iter(best[0])) if best and len(best[0]) == 1 and all(one == best[0] for one in best) else ""


def _shared(name: str, other: str) -> int:
    """How many first letters are the same."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(name, other, strict=False)))


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
    place are the lead. `main_share`: the strength per character from which a text is about the topic. `aside`: how much
    of its strength a name keeps that a sentence names only after "as well as", or a text only below its lead."""

    base: float
    title: float
    lead: float
    share: float
    names: float
    against: float
    aside: float
    lead_characters: int
    main_share: float
    relevant: float
    unsure: float
