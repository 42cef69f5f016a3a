"""What the tables say of entries, sources, outlets, notices and the whole: plain reading, no decisions."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

from storage import health
from storage.migrations import applied
from storage.read_records import (
    Condition,
    DatabaseStats,
    EntryRecord,
    NoticeRecord,
    Revision,
    Run,
    SourceStatus,
    Status,
)
from storage.records import OutletRow
from storage.values import moment, moment_or_none, stamp, unlisted
from storage.wishes import wishes_of

RUNS_SHOWN = 10
_PAGES = ("page_count", "freelist_count", "page_size")


def entries_at(db: sqlite3.Connection, canonical_url: str) -> list[EntryRecord]:
    rows = db.execute("SELECT * FROM entry WHERE canonical_url = ? ORDER BY first_seen, id", (canonical_url,))
    same = (
        *("source", "url", "canonical_url", "title", "summary", "outcome"),
        *("score", "topic_version", "state", "attempts", "problem", "article_id"),
    )
    return [
        EntryRecord(
            **{name: row[name] for name in same},
            reasons=unlisted(row["reasons"]),
            next_try=moment_or_none(row["next_try_at"]),
            published=moment_or_none(row["published"]),
            first_seen=moment(row["first_seen"]),
            last_seen=moment(row["last_seen"]),
            first_poll=bool(row["first_poll"]),
        )
        for row in rows
    ]


def revisions(db: sqlite3.Connection, article_id: int) -> list[Revision]:
    rows = db.execute("SELECT * FROM revision WHERE article_id = ? ORDER BY number", (article_id,))
    return [
        Revision(
            **{name: row[name] for name in ("number", "title", "subtitle", "body", "content_hash", "text_source")},
            seen_from=moment(row["seen_from"]),
            seen_until=moment(row["seen_until"]),
        )
        for row in rows
    ]


def sources(db: sqlite3.Connection) -> list[SourceStatus]:
    rows = db.execute(
        """SELECT source.*, outlet.name AS outlet_name, outlet.side,
             coalesce(route.address, route.url, source.address, source.url) AS asked_at,
             coalesce(route.kind, source.kind) AS kind_in_use,
             (SELECT count(*) FROM entry WHERE entry.source = source.id AND state = 'pending') AS pending
           FROM source JOIN outlet ON outlet.id = source.outlet
           LEFT JOIN route ON route.source = source.id AND route.number = source.route
           ORDER BY outlet.side, source.id"""
    )
    ails = health.ailments(db)
    same = (
        *("id", "outlet", "outlet_name", "side", "kind", "url", "ship", "note", "user_agent"),
        *("lease_owner", "last_outcome", "last_status", "last_problem", "failures", "moving_to", "pending"),
        *("route", "kind_in_use", "route_problem"),
    )
    return [
        SourceStatus(
            **{name: row[name] for name in same},
            first_ok=moment_or_none(row["first_ok_at"]),
            last_ok=moment_or_none(row["last_ok_at"]),
            last_polled=moment_or_none(row["last_polled_at"]),
            last_new=moment_or_none(row["last_new_at"]),
            route_since=moment_or_none(row["route_since"]),
            probe=moment_or_none(row["probe_at"]),
            address=row["asked_at"],
            languages=unlisted(row["languages"]),
            enabled=bool(row["enabled"]),
            retired=bool(row["retired"]),
            options=json.loads(row["options"]),
            next_check=moment(row["next_check_at"]),
            lease_until=moment_or_none(row["lease_until"]),
            wishes=wishes_of(row),
            ails=ails.get(row["id"], ()),
        )
        for row in rows
    ]


def outlets(db: sqlite3.Connection) -> list[OutletRow]:
    rows = db.execute("SELECT * FROM outlet ORDER BY side, id")
    return [
        OutletRow(
            **{name: row[name] for name in ("id", "name", "homepage", "side", "kind", "zone", "scope")},
            languages=unlisted(row["languages"]),
            credited_as=unlisted(row["credited_as"]),
            hosts=unlisted(row["hosts"]),
        )
        for row in rows
    ]


def notices(db: sqlite3.Connection, rule: str | None, limit: int) -> list[NoticeRecord]:
    rows = db.execute(
        """SELECT outbox.*, coalesce(article.title, source_event.seen) AS title, source_event.source,
             source_event.kind, source_event.change, coalesce(article.canonical_url, source.address, source.url) AS url
           FROM outbox LEFT JOIN article ON article.id = article_id
           LEFT JOIN source_event ON source_event.id = event_id LEFT JOIN source ON source.id = source_event.source
           WHERE :rule IS NULL OR rule = :rule ORDER BY created_at DESC, outbox.id DESC LIMIT :limit""",
        {"rule": rule, "limit": limit},
    )
    same = (
        *("id", "rule", "article_id", "title", "url", "channel", "key", "state", "held", "attempts", "problem"),
        *("source", "kind", "change"),
    )
    return [
        NoticeRecord(
            **{name: row[name] for name in same},
            why=unlisted(row["why"]),
            created=moment(row["created_at"]),
            next_try=moment_or_none(row["next_try_at"]),
            sent=moment_or_none(row["sent_at"]),
        )
        for row in rows
    ]


def status(db: sqlite3.Connection, now: datetime, overdue: timedelta) -> Status:
    outbox = _counts(db, "SELECT state, count(*) FROM outbox GROUP BY state ORDER BY state")
    enabled, late, failing, never = db.execute(
        """SELECT count(*), coalesce(sum(last_polled_at IS NOT NULL AND next_check_at < ?), 0),
             coalesce(sum(failures > 0), 0), coalesce(sum(last_polled_at IS NULL), 0)
           FROM source WHERE enabled AND NOT retired""",
        (stamp(now - overdue),),
    ).fetchone()
    day_ago = stamp(now - timedelta(days=1))
    newest = db.execute("SELECT max(sort_at) FROM article").fetchone()[0]
    return Status(
        articles=_counts(db, "SELECT outcome, count(*) FROM article GROUP BY outcome ORDER BY outcome"),
        articles_last_day=db.execute("SELECT count(*) FROM article WHERE first_seen >= ?", (day_ago,)).fetchone()[0],
        newest=moment_or_none(newest),
        entries=_counts(db, "SELECT state, count(*) FROM entry GROUP BY state ORDER BY state"),
        sources_enabled=enabled,
        sources_overdue=late,
        sources_failing=failing,
        sources_never_polled=never,
        outbox=outbox,
        held=_counts(db, "SELECT held, count(*) FROM outbox WHERE state = 'held' GROUP BY held ORDER BY held"),
        notices_dead=outbox.get("dead", 0),
        gaps_open=db.execute("SELECT count(*) FROM coverage WHERE state = 'gap'").fetchone()[0],
        conditions=_conditions(db),
        runs=_runs(db),
        schema_version=applied(db)[-1],
        database_bytes=db.execute("PRAGMA page_count").fetchone()[0] * db.execute("PRAGMA page_size").fetchone()[0],
    )


def stats(db: sqlite3.Connection, path: Path) -> DatabaseStats:
    names = db.execute(
        """SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
             AND name NOT LIKE '\\_%' ESCAPE '\\' AND name NOT LIKE 'article\\_fts%' ESCAPE '\\' ORDER BY name"""
    ).fetchall()
    oldest, newest = db.execute("SELECT min(sort_at), max(sort_at) FROM article").fetchone()
    pages, free, size = (db.execute(f"PRAGMA {name}").fetchone()[0] for name in _PAGES)
    log = path.with_name(path.name + "-wal")
    return DatabaseStats(
        schema_version=applied(db)[-1],
        database_bytes=pages * size,
        free_bytes=free * size,
        wal_bytes=log.stat().st_size if log.exists() else 0,
        oldest=moment_or_none(oldest),
        newest=moment_or_none(newest),
        rows={name: db.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for (name,) in names},  # noqa: S608
    )


def _counts(db: sqlite3.Connection, sql: str) -> dict[str, int]:
    return {row[0]: row[1] for row in db.execute(sql)}


def _conditions(db: sqlite3.Connection) -> tuple[Condition, ...]:
    rows = db.execute("SELECT * FROM condition ORDER BY since, name")
    return tuple(Condition(name=row["name"], text=row["text"], since=moment(row["since"])) for row in rows)


def _runs(db: sqlite3.Connection) -> tuple[Run, ...]:
    rows = db.execute("SELECT * FROM run ORDER BY id DESC LIMIT ?", (RUNS_SHOWN,))
    return tuple(
        Run(
            command=row["command"],
            owner=row["owner"],
            started=moment(row["started_at"]),
            ended=moment_or_none(row["ended_at"]),
            summary=row["summary"],
        )
        for row in rows
    )
