"""The timetable: syncing the catalogue, claiming what is due, and writing what a poll brought."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from storage import coverage, entries, health, pages, routes
from storage.pages import RevisitLimits
from storage.records import OutletRow, PollToSave, RouteForPoll, SavedPoll, SourceForPoll, SourceRow
from storage.values import cleaned, listed, moment_or_none, stamp, stamp_or_none, unlisted
from storage.wishes import values_of, wishes_of


def sync_catalogue(
    db: sqlite3.Connection, outlets: Sequence[OutletRow], sources: Sequence[SourceRow], now: datetime
) -> None:
    """What the catalogue no longer names is switched off, never deleted: its articles stay."""
    db.executemany(
        """INSERT INTO outlet (id, name, homepage, side, kind, languages, zone, scope, credited_as, hosts)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (id) DO UPDATE SET name = excluded.name, homepage = excluded.homepage, side = excluded.side,
           kind = excluded.kind, languages = excluded.languages, zone = excluded.zone, scope = excluded.scope,
           credited_as = excluded.credited_as, hosts = excluded.hosts""",
        [
            (
                *(o.id, o.name, o.homepage, o.side, o.kind, listed(o.languages), o.zone, o.scope),
                *(listed(o.credited_as), listed(o.hosts)),
            )
            for o in outlets
        ],
    )
    db.execute("UPDATE source SET enabled = 0")
    # A changed address forgets what was learnt at the old one, and is asked at once.
    db.executemany(
        """INSERT INTO source
             (id, outlet, kind, url, languages, enabled, ship, note, user_agent, options, next_check_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (id) DO UPDATE SET outlet = excluded.outlet, kind = excluded.kind,
           languages = excluded.languages, enabled = excluded.enabled, ship = excluded.ship,
           note = excluded.note, user_agent = excluded.user_agent, options = excluded.options,
           address = CASE WHEN url = excluded.url THEN address END,
           moving_to = CASE WHEN url = excluded.url THEN moving_to END,
           moving_seen = CASE WHEN url = excluded.url THEN moving_seen ELSE 0 END,
           etag = CASE WHEN url = excluded.url THEN etag END,
           last_modified = CASE WHEN url = excluded.url THEN last_modified END,
           body_hash = CASE WHEN url = excluded.url THEN body_hash END,
           retired = CASE WHEN url = excluded.url THEN retired ELSE 0 END,
           failures = CASE WHEN url = excluded.url THEN failures ELSE 0 END,
           route = CASE WHEN url = excluded.url THEN route ELSE 0 END,
           next_check_at = CASE WHEN url = excluded.url THEN next_check_at ELSE excluded.next_check_at END,
           url = excluded.url""",
        [
            (
                *(s.id, s.outlet, s.kind, s.url, listed(s.languages), s.enabled, s.ship, s.note, s.user_agent),
                *(json.dumps(dict(s.options)), stamp(now)),
            )
            for s in sources
        ],
    )
    routes.sync_routes(db, sources)


PAGES_WAIT = """EXISTS
    (SELECT 1 FROM entry e WHERE e.source = s.id AND e.state = 'pending' AND e.next_try_at <= :now)"""
_UNPOLLED = "(s.last_polled_at IS NULL OR s.last_polled_at < :since)"
_FREE = "(s.lease_until IS NULL OR s.lease_until <= :now)"
_NAMED = "s.id IN (SELECT value FROM json_each(:only))"


def _wanted(only: Collection[str] | None, unpolled_since: datetime | None) -> tuple[str, str]:
    """(condition for a source to be visited, condition for it to be polled in that visit).

    What is gone for good is only polled when it is named; pages of stories that it announced before are still fetched.
    """
    polled = "s.next_check_at <= :now" if unpolled_since is None else _UNPOLLED
    if only is None:
        polled = f"({polled} AND NOT s.retired)"
    visited = f"({polled} OR {PAGES_WAIT})" if unpolled_since is None else polled
    return f"({'s.enabled' if only is None else _NAMED} AND {visited})", polled


def claim(
    db: sqlite3.Connection,
    *,
    owner: str,
    now: datetime,
    lease: timedelta,
    limit: int,
    only: Collection[str] | None,
    unpolled_since: datetime | None,
    held: Collection[str] = (),
    revisits: RevisitLimits | None = None,
) -> list[SourceForPoll]:
    """`held` are sources that this owner is visiting already. Pages to look at again come last."""
    values = {
        "now": stamp(now),
        "owner": owner,
        "since": stamp_or_none(unpolled_since),
        "only": listed(only or ()),
        "held": listed(held),
        "limit": limit,
        "until": stamp(now + lease),
    }
    visited, polled = _wanted(only, unpolled_since)
    rows = db.execute(
        f"""SELECT s.*, {polled} AS poll_due FROM source s
            WHERE {visited} AND {_FREE} AND s.id NOT IN (SELECT value FROM json_each(:held))
            ORDER BY s.next_check_at, s.id LIMIT :limit""",  # noqa: S608 - made of the constants above
        values,
    ).fetchall()
    if revisits is not None and only is None and unpolled_since is None:
        places = min(revisits.places, limit - len(rows))
        rows += pages.claimable(db, revisits, free=_FREE, held=held, now=now, limit=places)
    db.executemany(
        "UPDATE source SET lease_owner = ?, lease_until = ? WHERE id = ?",
        [(owner, values["until"], row["id"]) for row in rows],
    )
    ways = routes.routes_of(db, [row["id"] for row in rows])
    return [_source_for_poll(row, ways.get(row["id"], ())) for row in rows]


def leased_by_others(
    db: sqlite3.Connection, owner: str, now: datetime, only: Collection[str] | None, unpolled_since: datetime | None
) -> int:
    """How many sources are wanted (as in `claim`) but in the hands of another live run."""
    visited, _ = _wanted(only, unpolled_since)
    row = db.execute(
        f"SELECT count(*) FROM source s WHERE {visited} AND NOT {_FREE} AND s.lease_owner <> :owner",  # noqa: S608
        {"now": stamp(now), "owner": owner, "since": stamp_or_none(unpolled_since), "only": listed(only or ())},
    ).fetchone()
    return int(row[0])


def _source_for_poll(row: sqlite3.Row, ways: tuple[RouteForPoll, ...]) -> SourceForPoll:
    return SourceForPoll(
        id=row["id"],
        outlet=row["outlet"],
        kind=row["kind"],
        address=row["address"] or row["url"],
        languages=unlisted(row["languages"]),
        poll_due=bool(row["poll_due"]),
        user_agent=row["user_agent"],
        options=json.loads(row["options"]),
        etag=row["etag"],
        last_modified=row["last_modified"],
        body_hash=row["body_hash"],
        conditional_polls=row["conditional_polls"],
        failures=row["failures"],
        first_ok=moment_or_none(row["first_ok_at"]),
        moving_to=row["moving_to"],
        moving_seen=row["moving_seen"],
        last_outcome=row["last_outcome"],
        usual_seconds=row["usual_seconds"],
        wishes=wishes_of(row),
        routes=ways,
        in_use=routes.route_in_use(row),
    )


def save_poll(db: sqlite3.Connection, poll: PollToSave) -> SavedPoll:
    """The poll and its entries."""
    known = entries.known_of(db, poll.source, poll.entries) if poll.entries else {}
    coverage.save(db, poll, coverage.window_of(db, poll, known) if poll.entries else ())
    saved = _save_entries(db, poll, known) if poll.entries else SavedPoll(new=0, changed=0)
    values = _poll_values(poll, saved.new)
    db.execute(
        """INSERT INTO poll (source, started_at, ended_at, outcome, http_status, problem, shown, new, route)
           VALUES (:id, :started, :ended, :outcome, :status, :problem, :shown, :new, :route)""",
        values,
    )
    routes.save_routes(db, poll)
    health.note(db, poll.source, poll.signs, poll.ended)
    # Who was asleep until another run took the source over keeps its entries, but leaves the timetable to that run.
    db.execute(
        """UPDATE source SET next_check_at = :next, etag = :etag, last_modified = :last_modified,
           body_hash = :body_hash, conditional_polls = :conditional,
           usual_seconds = coalesce(:usual_seconds, usual_seconds), wished_pause = :pause, quiet_hours = :quiet,
           address = coalesce(:address, address), moving_to = :moving_to,
           moving_seen = :moving_seen, retired = max(retired, :retire), failures = :failures,
           last_polled_at = :started, last_outcome = :outcome, last_status = :status, last_problem = :problem,
           last_ok_at = CASE WHEN :good THEN :ended ELSE last_ok_at END,
           route = :route, route_since = :route_since, route_problem = :route_problem, probe_at = :probe,
           first_ok_at = CASE WHEN :good AND :shown AND :route = 0 THEN coalesce(first_ok_at, :ended)
             ELSE first_ok_at END,
           last_new_at = CASE WHEN :new THEN :ended ELSE last_new_at END,
           window_at = CASE WHEN :good AND :shown THEN :ended ELSE window_at END
           WHERE id = :id AND (lease_owner IS NULL OR lease_owner = :owner)""",
        values,
    )
    return saved


def _save_entries(db: sqlite3.Connection, poll: PollToSave, known: entries.Known) -> SavedPoll:
    """The first poll that brings any marks them: they are history, not news."""
    (outlet,) = db.execute("SELECT outlet FROM source WHERE id = ?", (poll.source,)).fetchone()
    is_history = routes.make_is_history(db, poll)
    outcomes = entries.save_all(
        db, poll.source, poll.entries, known, outlet=outlet, now=poll.ended, is_history=is_history
    )
    return SavedPoll(
        new=outcomes.count("new"),
        changed=outcomes.count("changed"),
        published=tuple(e.published for e, done in zip(poll.entries, outcomes, strict=True) if done == "new"),
    )


def _poll_values(poll: PollToSave, new: int) -> dict[str, object]:
    return cleaned(
        {
            "id": poll.source,
            "owner": poll.owner,
            "next": stamp(poll.next_check),
            "etag": poll.etag,
            "last_modified": poll.last_modified,
            "body_hash": poll.body_hash,
            "conditional": poll.conditional_polls,
            "address": poll.address,
            "moving_to": poll.moving_to,
            "moving_seen": poll.moving_seen,
            "usual_seconds": poll.usual_seconds,
            **values_of(poll.wishes),
            "retire": poll.retire,
            "failures": poll.failures,
            # The start, not the end: `crawl --all` must not poll twice what a run begun later has polled.
            "started": stamp(poll.started),
            "ended": stamp(poll.ended),
            "outcome": poll.outcome,
            "status": poll.http_status,
            "problem": poll.problem,
            "good": poll.outcome in coverage.GOOD,
            "shown": poll.shown,
            "new": new,
            "route": poll.in_use.number,
            "route_since": stamp_or_none(poll.in_use.since),
            "route_problem": poll.in_use.problem,
            "probe": stamp_or_none(poll.in_use.probe),
        }
    )
