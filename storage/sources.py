"""The timetable: syncing the catalogue, claiming what is due, and writing what a poll brought."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from storage.records import EntryToSave, OutletRow, PollToSave, SavedPoll, SourceForPoll, SourceRow
from storage.values import clean, listed, moment_or_none, stamp, stamp_or_none, unlisted


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
            (o.id, o.name, o.homepage, o.side, o.kind, listed(o.languages), o.zone, o.scope)
            + (listed(o.credited_as), listed(o.hosts))
            for o in outlets
        ],
    )
    db.execute("UPDATE source SET enabled = 0")
    # A changed address forgets the validators and moves that were learnt at the old one.
    db.executemany(
        """INSERT INTO source (id, outlet, kind, url, languages, enabled, ship, note, user_agent, options, next_check_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (id) DO UPDATE SET outlet = excluded.outlet, kind = excluded.kind, languages = excluded.languages,
           enabled = excluded.enabled, ship = excluded.ship, note = excluded.note, user_agent = excluded.user_agent,
           options = excluded.options,
           address = CASE WHEN url = excluded.url THEN address END,
           etag = CASE WHEN url = excluded.url THEN etag END,
           last_modified = CASE WHEN url = excluded.url THEN last_modified END,
           body_hash = CASE WHEN url = excluded.url THEN body_hash END,
           retired = CASE WHEN url = excluded.url THEN retired ELSE 0 END,
           url = excluded.url""",
        [
            (s.id, s.outlet, s.kind, s.url, listed(s.languages), s.enabled, s.ship, s.note, s.user_agent)
            + (json.dumps(dict(s.options)), stamp(now))
            for s in sources
        ],
    )


_DUE = "(s.next_check_at <= :now OR EXISTS (SELECT 1 FROM entry e WHERE e.source = s.id AND e.state = 'pending' AND e.next_try_at <= :now))"
_UNPOLLED = "(s.last_polled_at IS NULL OR s.last_polled_at < :since)"
_FREE = "(s.lease_until IS NULL OR s.lease_until <= :now OR s.lease_owner = :owner)"
_WANTED = "(s.id IN (SELECT value FROM json_each(:only)))"
_ENABLED = "(s.enabled = 1 AND s.retired = 0)"


def _where(only: Collection[str] | None, unpolled_since: datetime | None) -> str:
    return f"{_ENABLED if only is None else _WANTED} AND {_DUE if unpolled_since is None else _UNPOLLED}"


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
) -> list[SourceForPoll]:
    """`held` are sources that this owner is visiting already."""
    values = {
        "now": stamp(now),
        "owner": owner,
        "since": stamp_or_none(unpolled_since),
        "only": listed(only or ()),
        "held": listed(held),
        "limit": limit,
        "until": stamp(now + lease),
    }
    rows = db.execute(
        f"""SELECT s.*, {"s.next_check_at <= :now" if unpolled_since is None else "1"} AS poll_due FROM source s
            WHERE {_where(only, unpolled_since)} AND {_FREE} AND s.id NOT IN (SELECT value FROM json_each(:held))
            ORDER BY s.next_check_at, s.id LIMIT :limit""",  # noqa: S608 - made of the constants above
        values,
    ).fetchall()
    db.executemany(
        "UPDATE source SET lease_owner = ?, lease_until = ? WHERE id = ?",
        [(owner, values["until"], row["id"]) for row in rows],
    )
    return [_source_for_poll(row) for row in rows]


def leased_by_others(
    db: sqlite3.Connection, owner: str, now: datetime, only: Collection[str] | None, unpolled_since: datetime | None
) -> int:
    """How many sources are wanted (as in `claim`) but in the hands of another live run."""
    row = db.execute(
        f"SELECT count(*) FROM source s WHERE {_where(only, unpolled_since)} AND NOT {_FREE}",  # noqa: S608
        {"now": stamp(now), "owner": owner, "since": stamp_or_none(unpolled_since), "only": listed(only or ())},
    ).fetchone()
    return int(row[0])


def _source_for_poll(row: sqlite3.Row) -> SourceForPoll:
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
    )


def save_poll(db: sqlite3.Connection, poll: PollToSave) -> SavedPoll:
    """The poll and its entries. The first poll that succeeds marks its entries: they are history, not news."""
    first_ok = db.execute("SELECT first_ok_at FROM source WHERE id = ?", (poll.source,)).fetchone()[0]
    outcomes = [_save_entry(db, poll.source, entry, poll.ended, first_ok is None) for entry in poll.entries]
    saved = SavedPoll(new=outcomes.count("new"), changed=outcomes.count("changed"))
    ended = stamp(poll.ended)
    good = poll.outcome in {"ok", "unchanged"}
    db.execute(
        """INSERT INTO poll (source, started_at, ended_at, outcome, http_status, problem, shown, new)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
        (poll.source, stamp(poll.started), ended, poll.outcome, poll.http_status, poll.problem, poll.shown, saved.new),
    )
    db.execute(
        """UPDATE source SET next_check_at = :next, etag = :etag, last_modified = :last_modified, body_hash = :body_hash,
           conditional_polls = :conditional, address = coalesce(:address, address), moving_to = :moving_to,
           moving_seen = :moving_seen, retired = max(retired, :retire), failures = :failures,
           last_polled_at = :started, last_outcome = :outcome, last_status = :status, last_problem = :problem,
           last_ok_at = CASE WHEN :good THEN :ended ELSE last_ok_at END,
           first_ok_at = CASE WHEN :good THEN coalesce(first_ok_at, :ended) ELSE first_ok_at END,
           last_new_at = CASE WHEN :new THEN :ended ELSE last_new_at END
           WHERE id = :id""",
        {
            "id": poll.source,
            "next": stamp(poll.next_check),
            "etag": poll.etag,
            "last_modified": poll.last_modified,
            "body_hash": poll.body_hash,
            "conditional": poll.conditional_polls,
            "address": poll.address,
            "moving_to": poll.moving_to,
            "moving_seen": poll.moving_seen,
            "retire": poll.retire,
            "failures": poll.failures,
            # The start, not the end: `crawl --all` must not poll twice what a run begun later has polled.
            "started": stamp(poll.started),
            "ended": ended,
            "outcome": poll.outcome,
            "status": poll.http_status,
            "problem": poll.problem,
            "good": good,
            "new": saved.new,
        },
    )
    return saved


def _save_entry(db: sqlite3.Connection, source: str, entry: EntryToSave, now: datetime, first_poll: bool) -> str:
    at = stamp(now)
    known = db.execute(
        "SELECT id, feed_hash, state FROM entry WHERE source = ? AND canonical_url = ?", (source, entry.canonical_url)
    ).fetchone()
    if known and known["feed_hash"] == entry.feed_hash:
        db.execute("UPDATE entry SET last_seen = ? WHERE id = ?", (at, known["id"]))
        return "same"
    if known:
        state = "pending" if known["state"] != "skipped" else entry.state
        article = None
    else:
        article = _article_at(db, entry.canonical_url)
        state = "done" if article is not None else entry.state
    db.execute(
        """INSERT INTO entry (source, canonical_url, url, guid, title, summary, content, feed_hash, published,
             published_raw, updated, authors, tags, language, first_seen, last_seen, first_poll, outcome, score, reasons,
             topic_version, state, attempts, next_try_at, article_id)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)
           ON CONFLICT (source, canonical_url) DO UPDATE SET url = excluded.url, title = excluded.title,
             summary = excluded.summary, content = excluded.content, feed_hash = excluded.feed_hash,
             updated = excluded.updated, last_seen = excluded.last_seen, outcome = excluded.outcome,
             score = excluded.score, reasons = excluded.reasons, topic_version = excluded.topic_version,
             state = excluded.state, attempts = 0, next_try_at = excluded.next_try_at""",
        (
            source,
            clean(entry.canonical_url),
            clean(entry.url),
            entry.guid,
            clean(entry.title),
            clean(entry.summary),
            clean(entry.content) if state == "pending" else "",
            entry.feed_hash,
            stamp_or_none(entry.published),
            entry.published_raw,
            stamp_or_none(entry.updated),
            listed(entry.authors),
            listed(entry.tags),
            entry.language,
            at,
            at,
            first_poll,
            entry.verdict.outcome,
            entry.verdict.score,
            listed(entry.verdict.reasons),
            entry.verdict.topic_version,
            state,
            at if state == "pending" else None,
            article,
        ),
    )
    if article is not None:
        add_sighting(db, article, source, entry.url, entry.title, now)
    return "changed" if known else "new"


def _article_at(db: sqlite3.Connection, canonical_url: str) -> int | None:
    row = db.execute(
        "SELECT id FROM article WHERE canonical_url = :url UNION ALL SELECT article_id FROM also_at WHERE url = :url",
        {"url": canonical_url},
    ).fetchone()
    return None if row is None else int(row[0])


def add_sighting(db: sqlite3.Connection, article: int, source: str, url: str, title: str, now: datetime) -> None:
    db.execute(
        """INSERT INTO sighting (article_id, source, url, title, first_seen) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT DO NOTHING""",
        (article, source, clean(url), clean(title), stamp(now)),
    )
    db.execute("UPDATE article SET last_seen = max(last_seen, ?) WHERE id = ?", (stamp(now), article))
