"""The pages of stories that are looked at again: what tells whether they have changed, and what became of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta

from storage.stored import find_id
from storage.values import clean, cleaned, listed, moment_or_none, stamp, stamp_or_none

DAY = timedelta(days=1)
# No plan looks so far ahead: a look that stands behind this was planned by a clock that was wrong, and is due.
BEYOND = timedelta(days=20)
BURST = 4  # within one hour at most this part of a day's looks


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSeen:
    """A page that was had, as whoever looks at it again has to know it; `next_visit` is when."""

    url: str
    etag: str | None
    last_modified: str | None
    body_hash: str
    next_visit: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The page of a stored story. `url` is where it is asked, `first` the moment from which its plan counts, `seen`
    when the story was last had there or said to be unchanged.

    `visits` are the looks that told something, `failures` those in a row that told nothing, `problem` what the last
    look met instead of the story. `missing` is what stands in its place since `missing_since`; `withdrawn`: when a
    second look, a day later, has confirmed it. `next_visit` None: the plan has ended.
    """

    article_id: int
    entry_id: int
    source: str
    url: str
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str
    first: datetime
    seen: datetime
    visits: int = 0
    failures: int = 0
    next_visit: datetime | None = None
    problem: str | None = None
    missing_since: datetime | None = None
    missing: str | None = None
    withdrawn: datetime | None = None
    moved_to: str | None = None
    moved: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisitLimits:
    """`per_day`: looks of all runs in 24 hours. `clear`: none is begun when its source's own poll comes due sooner.
    `places`: how many sources may be claimed for nothing else."""

    per_day: int
    clear: timedelta
    places: int = 0


_MOMENTS = {"first", "seen", "next_visit", "withdrawn", "moved"}
_COLUMNS = {one.name: f"{one.name}_at" if one.name in _MOMENTS else one.name for one in fields(Page)}
_UPDATE = f"""UPDATE page SET {", ".join(f"{column} = :{name}" for name, column in _COLUMNS.items())}
    WHERE article_id = :article_id"""  # noqa: S608
DUE = "page.next_visit_at IS NOT NULL AND (page.next_visit_at <= :now OR page.next_visit_at > :beyond)"
UNHURRIED = "s.enabled AND (s.retired OR s.next_check_at > :clear)"


def moments(limits: RevisitLimits, now: datetime) -> dict[str, str]:
    """What the conditions above compare with."""
    return {"now": stamp(now), "beyond": stamp(now + BEYOND), "clear": stamp(now + limits.clear)}


def had(db: sqlite3.Connection, article_id: int, entry_id: int, page: PageSeen, now: datetime) -> bool:
    """Notes a page that was fetched for its feed; returns whether its story was withdrawn before. The plan goes on as
    it was, or with one more look where it had ended."""
    known = db.execute("SELECT withdrawn_at FROM page WHERE article_id = ?", (article_id,)).fetchone()
    db.execute(
        """INSERT INTO page (article_id, entry_id, source, url, etag, last_modified, body_hash, first_at, seen_at,
             next_visit_at)
           SELECT :article, id, source, :url, :etag, :last_modified, :body_hash, :now, :now, :next_visit
           FROM entry WHERE id = :entry
           ON CONFLICT (article_id) DO UPDATE SET entry_id = excluded.entry_id, source = excluded.source,
             url = excluded.url, etag = excluded.etag, last_modified = excluded.last_modified,
             body_hash = excluded.body_hash, seen_at = excluded.seen_at, failures = 0, problem = NULL,
             next_visit_at = coalesce(next_visit_at, excluded.next_visit_at),
             missing_since = NULL, missing = NULL, withdrawn_at = NULL""",
        cleaned(asdict(page))
        | {"article": article_id, "entry": entry_id, "now": stamp(now), "next_visit": stamp(page.next_visit)},
    )
    return bool(known and known["withdrawn_at"])


def save(db: sqlite3.Connection, page: Page) -> None:
    values = {
        name: stamp_or_none(value) if isinstance(value, datetime) else value for name, value in asdict(page).items()
    }
    db.execute(_UPDATE, cleaned(values))
    if page.moved_to and find_id(db, clean(page.moved_to)) is None:
        db.execute("INSERT INTO also_at (url, article_id) VALUES (?, ?)", (clean(page.moved_to), page.article_id))


def of_article(db: sqlite3.Connection, article_id: int) -> Page | None:
    row = db.execute("SELECT * FROM page WHERE article_id = ?", (article_id,)).fetchone()
    return None if row is None else from_row(row)


def from_row(row: sqlite3.Row) -> Page:
    times = _MOMENTS | {"missing_since"}
    return Page(
        **{name: moment_or_none(row[col]) if name in times else row[col] for name, col in _COLUMNS.items()}  # type: ignore[arg-type]
    )


def claimable(
    db: sqlite3.Connection, limits: RevisitLimits, *, free: str, held: Collection[str], now: datetime, limit: int
) -> list[sqlite3.Row]:
    """Sources, the longest due first, that have nothing to do but to look again at pages. `free` is a condition."""
    if limit <= 0 or left(db, limits.per_day, now) <= 0:
        return []
    return db.execute(
        f"""SELECT s.*, 0 AS poll_due FROM source s
            WHERE {UNHURRIED} AND {free} AND s.id NOT IN (SELECT value FROM json_each(:held))
            AND EXISTS (SELECT 1 FROM page WHERE page.source = s.id AND {DUE})
            ORDER BY (SELECT min(next_visit_at) FROM page WHERE page.source = s.id AND next_visit_at IS NOT NULL), s.id
            LIMIT :limit""",  # noqa: S608 - made of constants
        moments(limits, now) | {"held": listed(held), "limit": limit},
    ).fetchall()


def left(db: sqlite3.Connection, per_day: int, now: datetime) -> int:
    """How many looks may be begun now: what is left of 24 hours, and of a part of it that one hour may take."""
    day, hour = db.execute(
        """SELECT coalesce(sum(made), 0), coalesce(sum(made) FILTER (WHERE hour = :hour), 0)
           FROM revisit WHERE hour BETWEEN :since AND :hour""",
        {"hour": _hour(now), "since": _hour(now - DAY)},
    ).fetchone()
    return min(per_day - int(day), max(1, per_day // BURST) - int(hour))


def count(db: sqlite3.Connection, now: datetime) -> None:
    db.execute("DELETE FROM revisit WHERE hour NOT BETWEEN ? AND ?", (_hour(now - DAY), _hour(now)))
    db.execute(
        "INSERT INTO revisit (hour, made) VALUES (?, 1) ON CONFLICT (hour) DO UPDATE SET made = made + 1",
        (_hour(now),),
    )


def take_back(db: sqlite3.Connection, now: datetime) -> None:
    """A look that was counted was not made."""
    db.execute("UPDATE revisit SET made = made - 1 WHERE hour = ? AND made > 0", (_hour(now),))


def _hour(moment: datetime) -> str:
    return stamp(moment)[:13]
