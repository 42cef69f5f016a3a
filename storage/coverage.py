"""Whether a source was watched without a gap, and the evidence for it.

A feed shows its newest stories. As long as a story of one poll's window still stands in the next one's, below all that
is new there, nothing can have come and gone between the two. Pinned stories stand above and prove nothing; nor does a
story that was given a later date to stand on top again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from storage import entries
from storage.read_records import Gap
from storage.records import EntryToSave, FillToSave, PollToSave
from storage.values import clean, listed, moment, moment_or_none, stamp, stamp_or_none

GOOD = frozenset({"ok", "unchanged"})
MOST_TRIES = 5  # to fill a gap without being asked to

# Of neighbours in a window, as many must be in the order of their dates for the window to have one.
ORDERED = 0.8
# Where a window has no order (a front page), so many of its stories must be of the window before.
WITNESSES_WITHOUT_ORDER = 3


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry of a window. `before`: it stood in the window before; `moved`: under another date."""

    published: datetime | None
    known: bool
    before: bool
    moved: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """`holds`: nothing can have come and gone since the window before."""

    holds: bool
    evidence: str


def overlap(window: Sequence[Shown]) -> Overlap:
    """What a window says of the time since the one before, in the order in which the source shows it."""
    new = [place for place, one in enumerate(window) if not one.known]
    if not new:
        return Overlap(holds=True, evidence=f"nothing new among {len(window)} shown")
    witnesses = [place for place, one in enumerate(window) if one.before and not one.moved]
    said = f"{len(new)} new among {len(window)} shown"
    direction = _direction(window)
    if direction is None:
        seen = len(witnesses)
        holds = seen >= min(WITNESSES_WITHOUT_ORDER, len(window) - 1)
        return Overlap(holds=holds, evidence=f"{said}, {seen} of the window before, in no order of time")
    below = [place for place in witnesses if (place > max(new) if direction > 0 else place < min(new))]
    if below:
        return Overlap(holds=True, evidence=f"{said}, above {len(below)} of the window before")
    return Overlap(holds=False, evidence=f"{said}, and none of the window before below them")


def _direction(window: Sequence[Shown]) -> int | None:
    """1 newest first, -1 oldest first, None for no order. Without dates a source is taken to show its newest first."""
    dates = [one.published for one in window if one.published is not None]
    falls = sum(earlier >= later for earlier, later in pairwise(dates))
    rises = sum(earlier <= later for earlier, later in pairwise(dates))
    pairs = len(dates) - 1
    if pairs < 2 or falls >= ORDERED * pairs:
        return 1
    return -1 if rises >= ORDERED * pairs else None


def window_of(db: sqlite3.Connection, poll: PollToSave, known: entries.Known) -> list[Shown]:
    """The poll's entries as the database knew them before they are saved."""
    (window_at,) = db.execute("SELECT window_at FROM source WHERE id = ?", (poll.source,)).fetchone()
    return [_shown(entry, known.get(clean(entry.canonical_url)), window_at) for entry in poll.entries]


def _shown(entry: EntryToSave, row: sqlite3.Row | None, window_at: str | None) -> Shown:
    if row is None:
        return Shown(entry.published, known=False, before=False)
    moved = row["published"] is not None and entry.published is not None and stamp(entry.published) > row["published"]
    return Shown(entry.published, known=True, before=row["last_seen"] == window_at, moved=moved)


def save(db: sqlite3.Connection, poll: PollToSave, window: Sequence[Shown]) -> None:
    """What the poll says of the time since the last good one; to be written before the source itself is."""
    if poll.outcome not in GOOD:
        return  # until a poll is good again nothing is known, and then its window tells
    row = db.execute("SELECT last_ok_at, window_at FROM source WHERE id = ?", (poll.source,)).fetchone()
    now, since = stamp(poll.ended), row["last_ok_at"]
    if row["window_at"] is None:
        if window:
            _add(db, poll.source, (now, now), "covered", f"watched from here on, {len(window)} shown")
        return
    found = overlap(window) if window else Overlap(holds=True, evidence="unchanged")
    if found.holds and _extend(db, poll.source, now, found.evidence):
        return
    if not found.holds:
        _add(db, poll.source, (since, now), "gap", found.evidence)
    _add(db, poll.source, (now, now), "covered", found.evidence)


def _add(db: sqlite3.Connection, source: str, span: tuple[str, str], state: str, evidence: str) -> None:
    db.execute(
        "INSERT INTO coverage (source, since, until, state, evidence) VALUES (?, ?, ?, ?, ?)",
        (source, *span, state, evidence),
    )


def _extend(db: sqlite3.Connection, source: str, now: str, evidence: str) -> bool:
    last = "SELECT max(id) FROM coverage WHERE source = :source AND state = 'covered'"
    changed = db.execute(
        f"UPDATE coverage SET until = :now, evidence = :evidence WHERE id = ({last})",  # noqa: S608 - a constant
        {"source": source, "now": now, "evidence": evidence},
    )
    return changed.rowcount > 0


def open_gaps(db: sqlite3.Connection, source: str, now: datetime) -> list[Gap]:
    """Of one source, those whose next try is due, the latest first; not those that a person asked for."""
    rows = db.execute(
        """SELECT * FROM coverage WHERE source = ? AND state = 'gap' AND NOT asked AND tries < ?
           AND (next_try_at IS NULL OR next_try_at <= ?) ORDER BY since DESC""",
        (source, MOST_TRIES, stamp(now)),
    )
    return [_gap(row) for row in rows]


def gaps(db: sqlite3.Connection, since: datetime, *, filled: bool) -> list[Gap]:
    rows = db.execute(
        """SELECT * FROM coverage WHERE state IN ('gap', iif(:filled, 'filled', 'gap')) AND until >= :since
           ORDER BY since DESC, source""",
        {"filled": filled, "since": stamp(since)},
    )
    return [_gap(row) for row in rows]


def ask(db: sqlite3.Connection, source: str, since: datetime, until: datetime | None, now: datetime) -> Gap:
    """The time of which a person wants the stories, with what an earlier run has done for it. Without `until` a search
    that was begun for the same `since` goes on, or one up to now begins."""
    values = {"source": source, "since": stamp(since), "until": stamp_or_none(until), "now": stamp(now)}
    known = """source = :source AND asked AND since = :since
               AND iif(:until IS NULL, state = 'gap', until = :until)"""
    db.execute(
        f"""INSERT INTO coverage (source, since, until, state, asked, evidence)
            SELECT :source, :since, coalesce(:until, :now), 'gap', 1, 'asked for'
            WHERE NOT EXISTS (SELECT 1 FROM coverage WHERE {known})""",  # noqa: S608 - a constant
        values,
    )
    return _gap(db.execute(f"SELECT * FROM coverage WHERE {known} ORDER BY id DESC", values).fetchone())  # noqa: S608


def _gap(row: sqlite3.Row) -> Gap:
    same = ("id", "source", "state", "evidence", "tries", "requests", "found", "walk", "note")
    return Gap(
        **{name: row[name] for name in same},
        since=moment(row["since"]),
        until=moment(row["until"]),
        asked=bool(row["asked"]),
        next_try=moment_or_none(row["next_try_at"]),
    )


def save_fill(db: sqlite3.Connection, fill: FillToSave, now: datetime) -> int:
    """Entries from another road into a gap of their source, and where the search stands; returns how many were new."""
    outlet, asked = db.execute(
        "SELECT outlet, asked FROM coverage JOIN source ON source.id = source WHERE coverage.id = ?", (fill.gap,)
    ).fetchone()
    known = entries.known_of(db, fill.source, fill.entries)
    outcomes = entries.save_all(
        db, fill.source, fill.entries, known, outlet=outlet, now=now, is_history=lambda _: bool(asked)
    )
    new = outcomes.count("new")
    db.execute(
        """UPDATE coverage SET state = iif(:closes, 'filled', state), tries = tries + :tried, found = found + :found,
           requests = requests + :requests, walk = :walk, note = :note, next_try_at = :next
           WHERE id = :gap AND state = 'gap'""",
        {
            "closes": fill.closes,
            "tried": fill.tried,
            "found": new,
            "requests": fill.requests,
            "walk": fill.walk,
            "note": clean(fill.note),
            "next": stamp_or_none(fill.next_try),
            "gap": fill.gap,
        },
    )
    return new


def known_before(db: sqlite3.Connection, source: str, urls: Sequence[str], moment: datetime) -> frozenset[str]:
    """Which of the canonical addresses the source had announced by that moment."""
    rows = db.execute(
        """SELECT canonical_url FROM entry WHERE source = ? AND first_seen <= ?
           AND canonical_url IN (SELECT value FROM json_each(?))""",
        (source, stamp(moment), listed(urls)),
    )
    return frozenset(row[0] for row in rows)
