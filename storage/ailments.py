"""What can ail a source, as values: signs that a poll or time shows, what is so since when, and each beginning and end.

An ailment begins with its first sign and is noticed once as many polls in a row as its sign asks for have shown it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

AilmentKind = Literal[
    "gone", "blocked", "certificate", "wrong-type", "empty", "failing", "slow",
    "frozen", "silent", "layout", "gap", "moved",
]  # fmt: skip
KINDS: tuple[AilmentKind, ...] = get_args(AilmentKind)  # the gravest first
EventChange = Literal["began", "ended"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """`so`: the source has this ailment, or has it not. `seen` is one sentence either way. `confirm`: how many polls
    must show it, with none between them that shows the contrary, before it is noticed. `since`: when it began, where
    that was before it was shown first."""

    kind: AilmentKind
    so: bool
    seen: str
    confirm: int = 1
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ailment:
    """Noticed, and so at present. `seen` is what was seen last."""

    source: str
    kind: AilmentKind
    since: datetime
    noticed: datetime
    seen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceEvent:
    """The beginning or the end of an ailment, written once each. `at` is when it was noticed, `since` when it began;
    of an end, `beginning` is the event of its beginning."""

    id: int
    source: str
    outlet: str
    outlet_name: str
    side: str
    languages: tuple[str, ...]
    address: str
    kind: AilmentKind
    change: EventChange
    since: datetime
    at: datetime
    seen: str
    beginning: int | None = None


@dataclass(frozen=True, slots=True)
class StoryPage:
    """A story as it was stored: how long its body is, and why its page was no story (None: it was read)."""

    length: int
    refusal: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenGap:
    since: datetime
    until: datetime
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFacts:
    """What time alone may show of a source. `times`: when its stories came out, as far as it says, else when they were
    first seen; in order, and only of a source that has been quiet. `same_since`: its answers are the same bytes since
    then. `pages` are the newest first. `ails`: what it has at present."""

    source: str
    enabled: bool
    moved: bool
    last_ok: datetime | None
    last_new: datetime | None
    same_since: datetime | None
    times: tuple[datetime, ...] = ()
    pages: tuple[StoryPage, ...] = ()
    gap: OpenGap | None = None
    ails: tuple[AilmentKind, ...] = ()
