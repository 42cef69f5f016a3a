"""A notice of what ails a source: when it begins, and when it is over. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from storage.ailments import AilmentKind, EventChange, SourceEvent
from storage.records import LeasedNotice

SEEN_LENGTH = 300
# What is said when it begins, and when it ends.
PHRASES: dict[AilmentKind, tuple[str, str]] = {
    "gone": ("is gone for good", "is there again"),
    "blocked": ("is blocked here", "is no longer blocked"),
    "certificate": ("has a certificate that does not hold", "has a certificate that holds again"),
    "wrong-type": ("answers something else than it should", "answers what it should again"),
    "empty": ("is empty", "is no longer empty"),
    "failing": ("fails", "answers again"),
    "slow": ("is slow", "is no longer slow"),
    "frozen": ("stands still", "moves again"),
    "silent": ("is silent", "is no longer silent"),
    "layout": ("has pages that can hardly be read", "has pages that can be read again"),
    "gap": ("may have missed stories", "has no gap any more"),
    "moved": ("has moved", "is asked as configured again"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceNotice:
    """What one rule has to say of one event of a source to one channel."""

    key: str
    rule: str
    condition: AilmentKind
    event: EventChange
    source: str
    outlet: str
    outlet_name: str
    side: str
    languages: tuple[str, ...]
    url: str
    since: datetime
    at: datetime
    seen: str

    @property
    def title(self) -> str:
        return f"{self.source} {PHRASES[self.condition][self.event == 'ended']}"


def make_source_notice(event: SourceEvent, leased: LeasedNotice) -> SourceNotice:
    return SourceNotice(
        key=leased.key,
        rule=leased.rule,
        condition=event.kind,
        event=event.change,
        source=event.source,
        outlet=event.outlet,
        outlet_name=event.outlet_name,
        side=event.side,
        languages=event.languages,
        url=event.address,
        since=event.since,
        at=event.at,
        seen=event.seen,
    )


def source_lines(notice: SourceNotice) -> tuple[str, str, str, str]:
    """Title, place and time, what was seen, address; as hostile as what was seen."""
    times = f"since {_clock(notice.since)}, noticed {_clock(notice.at)}"
    if notice.event == "ended":
        times = f"from {_clock(notice.since)} to {_clock(notice.at)}"
    place = f"{notice.outlet_name} ({notice.side}), {', '.join(notice.languages)}, {times}"
    seen = " ".join(notice.seen.split())
    shown = seen if len(seen) <= SEEN_LENGTH else f"{seen[: SEEN_LENGTH - 1].rstrip()}…"
    return notice.title, place, f"seen: {shown}", notice.url


def source_payload(notice: SourceNotice) -> dict[str, Any]:
    return {
        "type": "source",
        "key": notice.key,
        "rule": notice.rule,
        "condition": notice.condition,
        "event": notice.event,
        "title": notice.title,
        "source": notice.source,
        "url": notice.url,
        "outlet": notice.outlet,
        "outlet_name": notice.outlet_name,
        "side": notice.side,
        "languages": list(notice.languages),
        "since": _iso(notice.since),
        "at": _iso(notice.at),
        "seen": notice.seen,
    }


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _iso(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
