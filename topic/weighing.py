"""How much a story is about the topic: what its title, its lead and its sentences say, and what speaks against it."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from topic.concepts import Concept, Rules, Together, Weights
from topic.found import Found
from topic.verdict import Weighed

# Sentences end at the full stops of our scripts; the Armenian one is often typed as a colon.
_SENTENCE_END = re.compile(r"[.!?։…:][\"')\]]*\s+|\n+")
_SHORTEST_SENTENCE = 15  # characters; shorter pieces ("г.", "թ.", "Dr.") belong to what follows

# A concept that says this much without company leaves no doubt what the story's other names mean.
_BEYOND_DOUBT = 0.85

# A text is all about another subject from one of its words in 150 characters on, the title's counting twice, but from
# three words at least: one match report names its sport that often, and one stray word proves nothing.
_CHARACTERS_AGAINST = 150
_FEWEST_AGAINST = 3

# Enough to speak of the topic: weaker hints are no names of it.
_STRONG = 0.55

_NOTHING: Mapping[str, float] = {}
# From here on the subject tells what an ambiguous name means in all of the story.
_FILLED = 0.6


@dataclass(frozen=True, slots=True)
class Part:
    """A title or a body: folded text, what was found in it, and all it names, the parts of longer names among them."""

    folded: str
    found: Sequence[Found]
    named: Sequence[Found]


class Sentence(NamedTuple):
    """What one sentence says for the topic: how strongly each name or meeting of names does, from 0 to 1, by label, and
    the strongest of them."""

    start: int
    length: int
    said: Mapping[str, float]
    strength: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """The measures of a story that weights apply to.

    title, lead: strength of the strongest sentence, 0 to 1. share: how much of the text speaks of the topic; 1 from
    `Weights.main_share` on. names: strength of all that is named strongly, each name once, as a logarithm, less of it
    what only stands below the lead. against: how much of the story another subject fills, 0 to 1. A story without a
    body is judged as if its title were the text.
    """

    title: float
    lead: float
    share: float
    names: float
    against: float
    said_in_title: tuple[str, ...]
    said_in_lead: tuple[str, ...]
    said_below: tuple[str, ...]
    telling: int
    sentences: int
    misunderstood: tuple[str, ...]
    other_senses: tuple[str, ...]
    subjects_against: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """What the whole story lends each sentence: `anchored` where it names the topic beyond doubt, which is company for
    every name; the `subjects` that fill it, among which some names mean something else."""

    anchored: bool
    subjects: frozenset[str]


def weighed(evidence: Evidence, weights: Weights) -> tuple[Weighed, ...]:
    """What each measure adds to the sum whose logistic function is the score."""
    return (
        Weighed("to begin with", 1.0, weights.base),
        Weighed("title", evidence.title, weights.title),
        Weighed("lead", evidence.lead, weights.lead),
        Weighed("share of the text", evidence.share, weights.share),
        Weighed("names", evidence.names, weights.names),
        Weighed("another subject", evidence.against, weights.against),
    )


def score_of(evidence: Evidence, weights: Weights) -> float:
    return 1 / (1 + math.exp(-sum(one.points for one in weighed(evidence, weights))))


def weigh(title: Part, body: Part, rules: Rules, weights: Weights) -> Evidence:
    if not title.found and not body.found:  # most of what a feed announces
        return _SILENCE if body.folded.strip() else _NO_BODY
    against, subjects = _against(title, body)
    setting = _setting((*title.found, *body.found), subjects, against)
    of_title = read_sentences(title, rules, setting, weights.aside)
    of_body = read_sentences(body, rules, setting, weights.aside)
    text = of_body or of_title
    lead = [one for one in text if one.start < weights.lead_characters]
    characters = sum(one.length for one in text)
    share = sum(one.strength * one.length for one in text) / characters if characters else 0.0
    said = _said((*of_title, *of_body))
    return Evidence(
        title=_strongest(of_title),
        lead=_strongest(lead),
        share=min(1.0, share / weights.main_share),
        names=math.log1p(_names(said, _said((*of_title, *lead)), weights.aside)),
        against=against,
        said_in_title=tuple(_said(of_title)),
        said_in_lead=tuple(_said(lead)) if of_body else (),
        said_below=tuple(_said(of_body[len(lead) :])) if of_body else (),
        telling=sum(one.strength >= _STRONG for one in of_body),
        sentences=len(of_body),
        misunderstood=_misunderstood((*title.found, *body.found), said),
        other_senses=_other_senses((*title.found, *body.found)),
        subjects_against=tuple(f"{subject} (×{count})" for subject, count in subjects.items()),
    )


# One silent sentence says as little as many.
_SILENCE = Evidence(
    title=0.0,
    lead=0.0,
    share=0.0,
    names=0.0,
    against=0.0,
    said_in_title=(),
    said_in_lead=(),
    said_below=(),
    telling=0,
    sentences=1,
    misunderstood=(),
    other_senses=(),
    subjects_against=(),
)
_NO_BODY = replace(_SILENCE, sentences=0)


def read_sentences(part: Part, rules: Rules, setting: Setting, aside: float = 1.0) -> list[Sentence]:
    if not part.found:
        return [Sentence(0, len(part.folded), _NOTHING, 0.0)] if part.folded.strip() else []
    spans = _spans(part.folded)
    starts = [start for start, _ in spans]
    inside: dict[int, list[Concept]] = {}
    for one in part.found:
        inside.setdefault(max(0, bisect_right(starts, one.start) - 1), []).append(one.concept)
    sentences = [Sentence(start, end - start, _NOTHING, 0.0) for start, end in spans]
    for place, concepts in inside.items():
        said = _say_in_order(concepts, rules, setting, aside)
        sentences[place] = sentences[place]._replace(said=said, strength=max(said.values(), default=0.0))
    return sentences


def _say_in_order(found: Sequence[Concept], rules: Rules, setting: Setting, aside: float) -> Mapping[str, float]:
    """What a sentence says, and less of what it says only after an aside: the last of several points of a meeting."""
    said = _say(found, rules, setting)
    turn = next((index for index, concept in enumerate(found) if concept.kind == "aside"), None)
    if turn is None or not said:
        return said
    before = _say(found[:turn], rules, setting)
    return {label: strength if label in before else strength * aside for label, strength in said.items()}


def _say(found: Iterable[Concept], rules: Rules, setting: Setting) -> Mapping[str, float]:
    concepts = list(dict.fromkeys(found))
    by_group: dict[str, Concept] = {}
    for concept in sorted(concepts, key=lambda one: one.kind != "cue"):  # a cue says best what it is about
        for group in concept.groups:
            by_group.setdefault(group, concept)
    elsewhere = setting.subjects | {concept.against for concept in concepts if concept.against}
    company = [] if setting.anchored else [one for one in concepts if not rules.company.isdisjoint(one.groups)]
    said: dict[str, float] = {}
    for concept in concepts:
        if concept.yields_to in elsewhere:
            continue
        accompanied = setting.anchored or any(other is not concept for other in company)
        strength = concept.strength if accompanied else concept.lonely
        if strength:
            said[concept.label] = strength
    groups = frozenset(by_group)
    for rule in rules.together:  # strongest first, and only one: the others say less of the same
        if not any(map(groups.isdisjoint, rule.groups)):
            _add(said, rule, by_group)
            break
    return said


def _names(said: Mapping[str, float], early: Mapping[str, float], aside: float) -> float:
    """The strengths of all names, of those in the title or the lead in full."""
    return sum(
        strength * (1.0 if early.get(label, 0.0) >= _STRONG else aside)
        for label, strength in said.items()
        if strength >= _STRONG
    )


def _add(said: dict[str, float], rule: Together, by_group: Mapping[str, Concept]) -> None:
    """A meeting whose part is a name that is said already makes that name stronger and is not said again."""
    parts = (by_group[name].label for name in re.findall(r"\{(.*?)\}", rule.label))
    label = next((part for part in parts if part in said), None) or _filled_in(rule.label, by_group)
    said[label] = max(rule.strength, said.get(label, 0.0))


def _filled_in(label: str, by_group: Mapping[str, Concept]) -> str:
    return re.sub(r"\{(.*?)\}", lambda match: by_group[match[1]].label, label)


def _spans(folded: str) -> list[tuple[int, int]]:
    spans = []
    start = 0
    for match in _SENTENCE_END.finditer(folded):
        if match.end() - start >= _SHORTEST_SENTENCE:
            spans.append((start, match.end()))
            start = match.end()
    if folded[start:].strip():
        spans.append((start, len(folded)))
    return spans


def _strongest(sentences: Iterable[Sentence]) -> float:
    return max((one.strength for one in sentences), default=0.0)


def _said(sentences: Iterable[Sentence]) -> dict[str, float]:
    """Everything that is said, each label once at its strongest, strongest first."""
    said: dict[str, float] = {}
    for one in sentences:
        if not one.said:
            continue
        for label, strength in one.said.items():
            said[label] = max(strength, said.get(label, 0.0))
    return dict(sorted(said.items(), key=lambda item: -item[1]))


def _against(title: Part, body: Part) -> tuple[float, Mapping[str, int]]:
    """How much of the story its strongest other subject fills, 0 to 1, and the words of all of them, most first."""
    of_title = [one.concept.against for one in title.found if one.concept.against]
    of_body = [one.concept.against for one in body.found if one.concept.against]
    if not of_title and not of_body:
        return 0.0, {}
    in_title = Counter(of_title)
    words = in_title + Counter(of_body)
    most = (words + in_title).most_common(1)[0][1]
    characters = len(body.folded) or len(title.folded)
    return min(1.0, most / max(_FEWEST_AGAINST, characters / _CHARACTERS_AGAINST)), dict(words.most_common())


def _setting(found: Sequence[Found], subjects: Mapping[str, int], against: float) -> Setting:
    filling = frozenset({next(iter(subjects))} if against >= _FILLED else ())
    return Setting(
        anchored=any(one.concept.lonely >= _BEYOND_DOUBT and one.concept.yields_to not in filling for one in found),
        subjects=filling,
    )


def _other_senses(found: Iterable[Found]) -> tuple[str, ...]:
    """What sounds like a name of the topic and is something else. Words of other subjects are counted apart."""
    friends = (one.concept for one in found if one.concept.kind == "false_friend")
    return tuple(dict.fromkeys(one.label for one in friends if one.label != one.against))


def _misunderstood(found: Iterable[Found], said: Mapping[str, float]) -> tuple[str, ...]:
    """Names that everywhere gave way to the subject among which they mean something else."""
    gave_way = {f"{one.concept.label} understood as {one.concept.yields_to}": one.concept for one in found}
    return tuple(text for text, concept in gave_way.items() if concept.yields_to and concept.label not in said)
