"""What judging a story yields. These values travel to every other room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["relevant", "unsure", "not"]


@dataclass(frozen=True, slots=True)
class Mention:
    """One place in a text where a concept of the topic is named.

    `start` and `end` are offsets into the original, unfolded text of `field` ("title" or "body"), so that
    `text[start:end] == surface`.
    """

    concept: str
    surface: str
    field: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a story is about the topic, how sure that is, and why, in words for the reader."""

    outcome: Outcome
    score: float
    mentions: tuple[Mention, ...]
    reasons: tuple[str, ...]
    topic_version: str

    @property
    def relevant(self) -> bool:
        return self.outcome == "relevant"


@dataclass(frozen=True, slots=True)
class Weighed:
    """One measure of a story, from 0 to 1 (names: a logarithm), and what the topic makes of it."""

    name: str
    measure: float
    weight: float

    @property
    def points(self) -> float:
        return self.measure * self.weight
