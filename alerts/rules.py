"""What the operator asks to be told of and where, as values: specifications as configured, and rules ready to match.

SpecErrors          something configured cannot be used; `mistakes` names each by its key
    RuleErrors      a query that does not parse
    ChannelErrors   an address or secret that no notice could be sent with
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from storage.query import Query, QueryError, parse
from topic import Topic


class SpecErrors(Exception):
    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class RuleErrors(SpecErrors):
    pass


class ChannelErrors(SpecErrors):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSpec:
    name: str
    query: str
    channels: tuple[str, ...]
    relevant_only: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSpec:
    """`kind` is "stdout", "webhook" or "apprise". Addresses hold tokens, so that neither is ever shown."""

    name: str
    kind: str
    url: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Rule:
    """`query` holds as of the moment it was compiled for. `moves`: it has times such as since:2d, so that it means
    something else tomorrow; `at` gives the rule as of another moment."""

    name: str
    query: Query
    channels: tuple[str, ...]
    relevant_only: bool
    moves: bool
    text: str
    topic: Topic | None = field(repr=False, compare=False)

    def at(self, now: datetime) -> Rule:
        return replace(self, query=parse(self.text, now=now, topic=self.topic)) if self.moves else self


def compile_rules(specs: Sequence[RuleSpec], *, now: datetime, topic: Topic | None) -> tuple[Rule, ...]:
    """Rules ready to match; raises RuleErrors with every mistake at once."""
    rules, mistakes = [], []
    for i, spec in enumerate(specs):
        try:
            rules.append(_compiled(spec, now, topic))
        except QueryError as error:
            mistakes.append(f"alerts[{i}].query: rule {spec.name!r}, {error}")
    if mistakes:
        raise RuleErrors(mistakes)
    return tuple(rules)


def _compiled(spec: RuleSpec, now: datetime, topic: Topic | None) -> Rule:
    query = parse(spec.query, now=now, topic=topic)
    # Every relative time means another one a day earlier; what stays the same tree has none.
    moves = query != parse(spec.query, now=now - timedelta(days=1), topic=topic)
    return Rule(spec.name, query, spec.channels, spec.relevant_only, moves, spec.query, topic)
