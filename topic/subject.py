"""A topic that is ready to judge: its concepts, the automaton over their names, its weights."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from topic.concepts import RECORDED, Concept
from topic.folding import fold, from_armscii, looks_like_armscii
from topic.found import Found
from topic.loading import SHIPPED, read_endings, read_folder
from topic.matching import Matcher
from topic.reasons import reasons_for
from topic.verdict import Mention, Outcome, Verdict, Weighed
from topic.weighing import Evidence, Part, score_of, weigh, weighed

# Places of one concept in one field that a verdict lists: more would only fill the database, which is what a hostile
# page of one repeated name is for.
_MOST_PLACES = 50

# Characters that are read of a title or a body; no story is longer, and a hostile page costs no more than this.
_LONGEST = 200_000


class Topic:
    """What a folder of concept lists describes. It only reads after loading, so threads may share it."""

    def __init__(self, folder: Path) -> None:
        self._folder = read_folder(folder)
        self.id = self._folder.id
        self.title = self._folder.title
        self.version = self._folder.version
        self.concepts = self._folder.concepts

    def judge(self, title: str, body: str, language: str | None = None) -> Verdict:
        """Whether a story is about the topic. `language` (BCP 47), where known, tells some namesakes apart."""
        of_title, of_body, evidence = self._evidence(title, body, language)
        score = score_of(evidence, self._folder.weights)
        return Verdict(
            outcome=self._outcome(score),
            score=round(score, 4),
            mentions=(*_mentions(of_title.named, "title", title), *_mentions(of_body.named, "body", body)),
            reasons=reasons_for(evidence),
            topic_version=self.version,
        )

    def weighed(self, title: str, body: str, language: str | None = None) -> tuple[Weighed, ...]:
        """What weighed how much in the verdict that `judge` passes on the same words."""
        return weighed(self._evidence(title, body, language)[2], self._folder.weights)

    def _evidence(self, title: str, body: str, language: str | None) -> tuple[Part, Part, Evidence]:
        primary = language.partition("-")[0].lower() if language else None
        of_title, of_body = self._read(title, primary), self._read(body, primary)
        return of_title, of_body, weigh(of_title, of_body, self._folder.rules, self._folder.weights)

    def concept(self, name: str) -> Concept | None:
        """The concept of that id, or the one of that name in any language: "stepanakert", "Xankəndi", "Степанакерт"."""
        return self._by_name.get(fold(name).strip())

    def find(self, words: str) -> tuple[Concept, ...]:
        """Concepts with an id, label or name that contains `words`."""
        wanted = fold(words).strip()
        return tuple(
            one for one in self.concepts if any(wanted in fold(text) for text in (one.id, one.label, *one.all_names()))
        )

    def _read(self, text: str, language: str | None = None) -> Part:
        text = text[:_LONGEST]
        if looks_like_armscii(text):
            text = from_armscii(text)  # character by character: places in the text stay what they are
        folded = fold(text)
        named = self._matcher.find(text, folded, language)
        return Part(folded, [one for one in named if not one.inside], named)

    def _outcome(self, score: float) -> Outcome:
        if score >= self._folder.weights.relevant:
            return "relevant"
        return "unsure" if score >= self._folder.weights.unsure else "not"

    @cached_property
    def _matcher(self) -> Matcher:
        return Matcher(self.concepts, read_endings())

    @cached_property
    def _by_name(self) -> dict[str, Concept]:
        names: dict[str, Concept] = {}
        for concept in self.concepts:
            names.setdefault(fold(concept.id), concept)
        for concept in self.concepts:
            for name in concept.all_names():
                names.setdefault(fold(name), concept)
        return names


def load(folder: Path | None = None) -> Topic:
    """The topic of `folder`, or the shipped one. Raises TopicErrors."""
    return Topic(folder or SHIPPED)


def _mentions(found: Iterable[Found], field: str, text: str) -> Iterable[Mention]:
    places: Counter[str] = Counter()
    for one in found:
        places[one.concept.id] += 1
        if one.concept.kind in RECORDED and places[one.concept.id] <= _MOST_PLACES:
            start, end = one.original_start, one.original_end
            yield Mention(one.concept.id, text[start:end], field, start, end)
