"""What the monitor is about: concepts with their names in every language, folding, and judging a story with reasons."""

from __future__ import annotations

from functools import cache

from topic.folding import Folded, fold, fold_mapped
from topic.subject import Topic, load
from topic.verdict import Mention, Outcome, Verdict

__all__ = ["Folded", "Mention", "Outcome", "Topic", "Verdict", "fold", "fold_mapped", "judge", "load"]


def judge(title: str, body: str, language: str | None = None) -> Verdict:
    """The shipped topic's verdict on a story."""
    return _shipped().judge(title, body, language)


@cache
def _shipped() -> Topic:
    return load()
