"""What the operator asks to be told of and where, as values: specifications as configured, and rules ready to match.

SpecErrors          something configured cannot be used; `mistakes` names each by its key
    RuleErrors      a query that does not parse, a condition that there is none of
    ChannelErrors   an address or secret that no notice could be sent with
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from storage.ailments import KINDS, AilmentKind
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
    """Of stories by `query`, or of sources by `on`: names of conditions, with "source" for any; `sources` are ids of
    sources or outlets, none for all."""

    name: str
    channels: tuple[str, ...]
    query: str = ""
    relevant_only: bool = True
    on: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


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


ANY_CONDITION = "source"


def condition_name(kind: AilmentKind) -> str:
    """As a rule names it."""
    return f"{ANY_CONDITION}-{kind}"


CONDITIONS: tuple[str, ...] = (ANY_CONDITION, *map(condition_name, KINDS))


@dataclass(frozen=True, slots=True)
class SourceRule:
    """`sources` are ids of sources or outlets; none: all."""

    name: str
    conditions: frozenset[str]
    sources: frozenset[str]
    channels: tuple[str, ...]

    def fires_for(self, kind: AilmentKind, *, source: str, outlet: str) -> bool:
        told = not self.conditions.isdisjoint((ANY_CONDITION, condition_name(kind)))
        return told and (not self.sources or not self.sources.isdisjoint((source, outlet)))


def compile_source_rules(specs: Sequence[RuleSpec], known: Container[str] | None = None) -> tuple[SourceRule, ...]:
    """Those of `specs` that are of sources; raises RuleErrors with every mistake at once. `known`: the ids of sources
    and outlets, where they can be checked."""
    mistakes = []
    for i, spec in enumerate(specs):
        wrong = [name for name in spec.on if name not in CONDITIONS]
        mistakes += [f"alerts[{i}].on: there is no condition {name!r} ({', '.join(CONDITIONS)})" for name in wrong]
        unknown = [name for name in spec.sources if known is not None and name not in known]
        mistakes += [f"alerts[{i}].sources: no source or outlet is called {name!r}" for name in unknown]
    if mistakes:
        raise RuleErrors(mistakes)
    return tuple(
        SourceRule(spec.name, frozenset(spec.on), frozenset(spec.sources), spec.channels) for spec in specs if spec.on
    )


def compile_rules(specs: Sequence[RuleSpec], *, now: datetime, topic: Topic | None) -> tuple[Rule, ...]:
    """Those of `specs` that are of stories, ready to match; raises RuleErrors with every mistake at once."""
    rules, mistakes = [], []
    for i, spec in enumerate(specs):
        if spec.on:
            continue
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
