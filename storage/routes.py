"""The second routes of sources: what the catalogue says of them, and what polling them has taught."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence

from storage.records import EntryToSave, PollToSave, RouteForPoll, RouteInUse, SourceRow
from storage.values import cleaned, moment_or_none, stamp


def sync_routes(db: sqlite3.Connection, sources: Sequence[SourceRow]) -> None:
    """A route that asks something else forgets what it had learnt; one that is named no longer is left and deleted."""
    db.executemany(
        """INSERT INTO route (source, number, kind, url, user_agent, options, mirror_of) VALUES (?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (source, number) DO UPDATE SET
           address = CASE WHEN (kind, url) = (excluded.kind, excluded.url) THEN address END,
           moving_to = CASE WHEN (kind, url) = (excluded.kind, excluded.url) THEN moving_to END,
           moving_seen = CASE WHEN (kind, url) = (excluded.kind, excluded.url) THEN moving_seen ELSE 0 END,
           etag = CASE WHEN (kind, url) = (excluded.kind, excluded.url) THEN etag END,
           last_modified = CASE WHEN (kind, url) = (excluded.kind, excluded.url) THEN last_modified END,
           body_hash = CASE WHEN (kind, url) = (excluded.kind, excluded.url) THEN body_hash END,
           first_ok_at = CASE WHEN (kind, url) = (excluded.kind, excluded.url) THEN first_ok_at END,
           kind = excluded.kind, url = excluded.url, user_agent = excluded.user_agent, options = excluded.options,
           mirror_of = excluded.mirror_of""",
        [
            (s.id, number, way.kind, way.url, way.user_agent, json.dumps(dict(way.options)), way.mirror_of)
            for s in sources
            for number, way in enumerate(s.routes, 1)
        ],
    )
    db.executemany("DELETE FROM route WHERE source = ? AND number > ?", [(s.id, len(s.routes)) for s in sources])
    db.execute(
        """UPDATE source SET route = 0, route_since = NULL, route_problem = NULL, probe_at = NULL
           WHERE route > (SELECT count(*) FROM route WHERE route.source = source.id)"""
    )


def routes_of(db: sqlite3.Connection, sources: Iterable[str]) -> dict[str, tuple[RouteForPoll, ...]]:
    """Those of each source that has any, in their order."""
    found: dict[str, tuple[RouteForPoll, ...]] = {}
    rows = db.execute(
        "SELECT * FROM route WHERE source IN (SELECT value FROM json_each(?)) ORDER BY source, number",
        (json.dumps(list(sources)),),
    )
    same = ("number", "kind", "user_agent", "mirror_of", "etag", "last_modified", "body_hash", "conditional_polls")
    for row in rows:
        one = RouteForPoll(
            **{name: row[name] for name in (*same, "moving_to", "moving_seen")},
            address=row["address"] or row["url"],
            options=json.loads(row["options"]),
        )
        found[row["source"]] = (*found.get(row["source"], ()), one)
    return found


def roads(db: sqlite3.Connection, source: str) -> tuple[RouteForPoll, ...]:
    """The first and second routes of the other sources of the same outlet and languages, switched on or not."""
    rows = db.execute(
        """SELECT way.* FROM source AS own
           JOIN source AS other ON other.outlet = own.outlet AND other.id <> own.id AND other.languages = own.languages
           JOIN (SELECT id AS source, kind, coalesce(address, url) AS asked, user_agent, options, NULL AS mirror_of
                   FROM source
                 UNION ALL
                 SELECT source, kind, coalesce(address, url), user_agent, options, mirror_of FROM route) AS way
             ON way.source = other.id
           WHERE own.id = ? ORDER BY way.source, way.asked""",
        (source,),
    )
    return tuple(
        RouteForPoll(
            number=0,
            kind=row["kind"],
            address=row["asked"],
            user_agent=row["user_agent"],
            options=json.loads(row["options"]),
            mirror_of=row["mirror_of"],
        )
        for row in rows
    )


def route_in_use(row: sqlite3.Row) -> RouteInUse:
    """Of a row of `source`."""
    return RouteInUse(
        number=row["route"],
        since=moment_or_none(row["route_since"]),
        problem=row["route_problem"],
        probe=moment_or_none(row["probe_at"]),
    )


def make_is_history(db: sqlite3.Connection, poll: PollToSave) -> Callable[[EntryToSave], bool]:
    """Tells which entries of a poll are no news: all of a source's first poll that brings any, and of the first poll
    by another route those that were out, as far as they say, when the source was last read."""
    first_ok, last_ok = db.execute("SELECT first_ok_at, last_ok_at FROM source WHERE id = ?", (poll.source,)).fetchone()
    read = {0: first_ok}
    read |= dict(db.execute("SELECT number, first_ok_at FROM route WHERE source = ?", (poll.source,)).fetchall())
    if read.get(poll.in_use.number) is not None:
        return lambda _: False
    if not any(read.values()):
        return lambda _: True
    return lambda entry: entry.published is None or stamp(entry.published) <= last_ok


def save_routes(db: sqlite3.Connection, poll: PollToSave) -> None:
    """What a poll taught about second routes; not when another run has taken the source over meanwhile."""
    good = poll.outcome in {"ok", "unchanged"} and poll.shown > 0
    for one in poll.routes:
        values = {
            "source": poll.source,
            "owner": poll.owner,
            "number": one.number,
            "address": one.address,
            "moving_to": one.moving_to,
            "moving_seen": one.moving_seen,
            "etag": one.etag,
            "last_modified": one.last_modified,
            "body_hash": one.body_hash,
            "conditional": one.conditional_polls,
            "read": stamp(poll.ended) if good and one.number == poll.in_use.number else None,
        }
        db.execute(
            """UPDATE route SET address = coalesce(:address, address), moving_to = :moving_to,
               moving_seen = :moving_seen, etag = :etag, last_modified = :last_modified, body_hash = :body_hash,
               conditional_polls = :conditional, first_ok_at = coalesce(first_ok_at, :read)
               WHERE source = :source AND number = :number AND EXISTS (SELECT 1 FROM source
                 WHERE id = :source AND (lease_owner IS NULL OR lease_owner = :owner))""",
            cleaned(values),
        )
