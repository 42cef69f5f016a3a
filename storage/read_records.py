"""Frozen values that reading yields, besides articles and outlets. All times are aware UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from storage.ailments import Ailment, AilmentKind, EventChange
from storage.article import TextSource
from storage.records import PageState, PollOutcome
from storage.wishes import Wishes
from topic.verdict import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRecord:
    """A story as one source announced it. `state` is that of fetching its page, `article_id` what came of it."""

    source: str
    url: str
    canonical_url: str
    title: str
    summary: str
    outcome: Outcome
    score: float
    reasons: tuple[str, ...]
    topic_version: str
    state: PageState
    attempts: int
    problem: str | None
    next_try: datetime | None
    published: datetime | None
    first_seen: datetime
    last_seen: datetime
    first_poll: bool
    article_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What an article said before it was changed. `seen_until` is when the other text was first seen."""

    number: int
    seen_from: datetime
    seen_until: datetime
    title: str
    subtitle: str | None
    body: str
    content_hash: str
    text_source: TextSource


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """A source and how polling it goes. `address` is where it is asked, `url` what the catalogue says of its first
    route (0). When another `route` is in use: since when, what ails the first, and when that is asked again (`probe`).

    `failures` are in a row; `pending` are entries whose pages are still to be fetched. `ails`: what was noticed and is
    so at present.
    """

    id: str
    outlet: str
    outlet_name: str
    side: str
    kind: str
    url: str
    address: str
    languages: tuple[str, ...]
    enabled: bool
    retired: bool
    ship: str
    note: str
    user_agent: str | None
    options: Mapping[str, str]
    next_check: datetime
    lease_owner: str | None
    lease_until: datetime | None
    first_ok: datetime | None
    last_ok: datetime | None
    last_polled: datetime | None
    last_outcome: PollOutcome | None
    last_status: int | None
    last_problem: str | None
    last_new: datetime | None
    failures: int
    moving_to: str | None
    pending: int
    route: int
    kind_in_use: str
    route_since: datetime | None
    route_problem: str | None
    probe: datetime | None
    wishes: Wishes
    ails: tuple[Ailment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRhythm:
    """What is known of when a source publishes: moments of its stories of the last weeks, in no order, and how many
    stories it shows at a time. `relevant` of `stories` were judged so."""

    source: str
    published: tuple[datetime, ...]
    shown: int
    watched_since: datetime | None
    relevant: int
    stories: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A time in which stories of a source may have been missed: between a good poll and the next one whose window does
    not reach back to it; or one that a person `asked` for. `state` is "gap" until it is filled by another road, which
    took `tries` and `requests` and found `found` entries. `walk` is where the search stands (crawler.roads)."""

    id: int
    source: str
    since: datetime
    until: datetime
    state: Literal["gap", "filled"]
    evidence: str
    asked: bool
    tries: int
    requests: int
    found: int
    walk: str | None
    note: str | None
    next_try: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """`ended` is None while it goes on, and for ever when it was cut off."""

    command: str
    owner: str
    started: datetime
    ended: datetime | None
    summary: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Something that is so since a moment and concerns no single source, such as the network being away."""

    name: str
    text: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Counts over the whole database. Of the sources only those that are switched on count, and retired ones do not."""

    articles: Mapping[str, int]  # by outcome
    articles_last_day: int
    newest: datetime | None
    entries: Mapping[str, int]  # by state
    sources_enabled: int
    sources_overdue: int
    sources_failing: int
    sources_never_polled: int
    outbox: Mapping[str, int]  # by state
    held: Mapping[str, int]  # by reason
    notices_dead: int
    gaps_open: int
    conditions: tuple[Condition, ...]
    runs: tuple[Run, ...]  # newest first
    schema_version: str
    database_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseStats:
    """What the file holds. `free_bytes` of `database_bytes` are taken by nothing: SQLite fills them before it grows."""

    schema_version: str
    database_bytes: int
    free_bytes: int
    wal_bytes: int  # of the write-ahead log beside it, not yet folded back
    oldest: datetime | None  # the story whose time (published, else first seen) is the earliest
    newest: datetime | None
    rows: Mapping[str, int]  # by table


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRecord:
    """A row of the outbox with the story it is about, or with the event of a source: the title is then what was seen.
    `held` says why it was never sent."""

    id: int
    rule: str
    article_id: int | None
    source: str | None
    kind: AilmentKind | None
    change: EventChange | None
    title: str
    url: str
    channel: str
    key: str
    why: tuple[str, ...]
    state: str
    held: str | None
    attempts: int
    created: datetime
    next_try: datetime | None
    sent: datetime | None
    problem: str | None
