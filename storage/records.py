"""Frozen values that cross the door of the storage room, besides the article itself. All times are aware UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from storage.ailments import Sign
from storage.wishes import Wishes
from topic.verdict import Verdict

PollOutcome = Literal["ok", "unchanged", "failed", "blocked", "slow down", "gone", "offline", "held"]
PageState = Literal["pending", "done", "skipped", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletRow:
    """An outlet as synced from the catalogue. `scope` "general" means most of its stories are about something else."""

    id: str
    name: str
    homepage: str
    side: str
    kind: str
    languages: tuple[str, ...]
    zone: str
    scope: Literal["regional", "general"]
    credited_as: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Another way to the stories of a source. On a mirror, `mirror_of` is the host whose addresses it repeats."""

    kind: str
    url: str
    user_agent: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    mirror_of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """A source as synced from the catalogue and the operator's configuration.

    `kind`, `url`, `user_agent` and `options` are its first route; `routes` are the others, in the order to try them.
    """

    id: str
    outlet: str
    kind: str
    url: str
    languages: tuple[str, ...]
    enabled: bool
    ship: Literal["on", "optional", "own"]
    note: str = ""
    user_agent: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteForPoll:
    """A second route of a claimed source (`number` from 1), with what was learnt on it."""

    number: int
    kind: str
    address: str
    user_agent: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    mirror_of: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    conditional_polls: int = 0
    moving_to: str | None = None
    moving_seen: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteInUse:
    """0 is the first. Of a second one: since when, what ails the first, and when that is asked again."""

    number: int = 0
    since: datetime | None = None
    problem: str | None = None
    probe: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteToSave:
    """What a poll has learnt about one route that it asked. `address` is set when the route has moved."""

    number: int
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    conditional_polls: int = 0
    address: str | None = None
    moving_to: str | None = None
    moving_seen: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceForPoll:
    """A claimed source: what polling it needs to know.

    `poll_due` is False when it was claimed only because pages of entries seen earlier are still to be fetched.
    `usual_seconds` is what its answers usually take.
    `address` is where it has moved to once a move is settled, else the catalogue's.
    """

    id: str
    outlet: str
    kind: str
    address: str
    languages: tuple[str, ...]
    poll_due: bool
    user_agent: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    conditional_polls: int = 0
    failures: int = 0
    first_ok: datetime | None = None
    moving_to: str | None = None
    moving_seen: int = 0
    last_outcome: PollOutcome | None = None
    mirror_of: str | None = None
    usual_seconds: float | None = None
    wishes: Wishes = field(default_factory=Wishes)
    routes: tuple[RouteForPoll, ...] = ()
    in_use: RouteInUse = field(default_factory=RouteInUse)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryToSave:
    """An entry of one poll. `feed_hash` covers what the feed says of the story: when it changes, the page is asked
    again. `state` is "pending" when its page is to be fetched, "skipped" when it is hopeless. `whole_page`: `content`
    is the page."""

    canonical_url: str
    url: str
    title: str
    feed_hash: str
    verdict: Verdict
    state: PageState
    guid: str | None = None
    summary: str = ""
    content: str = ""
    whole_page: bool = False
    published: datetime | None = None
    published_raw: str | None = None
    updated: datetime | None = None
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PollToSave:
    """Everything one poll of one source changes, written in one transaction with its entries.

    The validators and the move are of its first route; `routes` are the second ones that were asked. `signs` are what
    the poll shows of the source's health.
    """

    source: str
    owner: str
    started: datetime
    ended: datetime
    outcome: PollOutcome
    next_check: datetime
    http_status: int | None = None
    problem: str | None = None
    failures: int = 0
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    conditional_polls: int = 0
    address: str | None = None
    moving_to: str | None = None
    moving_seen: int = 0
    retire: bool = False
    shown: int = 0
    entries: tuple[EntryToSave, ...] = ()
    in_use: RouteInUse = field(default_factory=RouteInUse)
    routes: tuple[RouteToSave, ...] = ()
    usual_seconds: float | None = None
    wishes: Wishes = field(default_factory=Wishes)
    signs: tuple[Sign, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FillToSave:
    """A step of the search for a gap's stories. `walk` is where it stands after it, `tried` whether a try has ended
    without closing the gap, which stays open then and is tried again at `next_try` (None: at once). The entries are of
    `source`, as a poll's are."""

    source: str
    gap: int
    note: str
    entries: tuple[EntryToSave, ...] = ()
    walk: str | None = None
    requests: int = 1
    closes: bool = False
    tried: bool = False
    next_try: datetime | None = None


@dataclass(frozen=True, slots=True)
class SavedPoll:
    """`published`: the moments that the new ones state."""

    new: int
    changed: int
    published: tuple[datetime | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingEntry:
    """A stored entry whose page is to be fetched. `first_poll`: it came with its source's first successful poll."""

    id: int
    source: str
    outlet: str
    url: str
    canonical_url: str
    title: str
    summary: str
    content: str
    whole_page: bool
    attempts: int
    first_poll: bool
    guid: str | None = None
    published: datetime | None = None
    published_raw: str | None = None
    updated: datetime | None = None
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """`event`: "new" article, "changed" (a new revision), or "same" (nothing but a sighting)."""

    article_id: int
    event: Literal["new", "changed", "same"]


@dataclass(frozen=True, slots=True)
class Change:
    """An article was written or revised. `seq` only grows; steps downstream keep the last one they have handled."""

    seq: int
    article_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeToSave:
    """A row for the outbox, of a story or of a source's event. `held` is the reason why it is recorded but never sent
    (too old), else None. With `follows`, an event, it is written only if the rule has told the channel of that one."""

    rule: str
    channel: str
    key: str
    why: tuple[str, ...]
    article_id: int | None = None
    event_id: int | None = None
    follows: int | None = None
    held: str | None = None


@dataclass(frozen=True, slots=True)
class SavedNotices:
    """How many notices are new: to be sent, and held back."""

    waiting: int
    held: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LeasedNotice:
    """Of a story or of a source's event."""

    id: int
    rule: str
    channel: str
    key: str
    why: tuple[str, ...]
    attempts: int
    article_id: int | None = None
    event_id: int | None = None
