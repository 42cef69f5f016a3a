"""Entries: every story that a source has announced, and whether its page is still to be fetched."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal

from storage.articles import add_sighting
from storage.records import EntryToSave, PageState, PendingEntry
from storage.stored import find_ids
from storage.values import clean, cleaned, listed, moment_or_none, stamp, stamp_or_none, unlisted

_INSERT = """INSERT INTO entry (source, canonical_url, url, guid, title, summary, content, whole_page, feed_hash,
      published, published_raw, updated, authors, tags, language, first_seen, last_seen, first_poll, outcome, score,
      reasons, topic_version, state, next_try_at, article_id)
    VALUES (:source, :canonical_url, :url, :guid, :title, :summary, :content, :whole_page, :feed_hash, :published,
      :published_raw, :updated, :authors, :tags, :language, :now, :now, :first_poll, :outcome, :score, :reasons,
      :topic_version, :state, :next_try_at, :article_id)
    ON CONFLICT (source, canonical_url) DO UPDATE SET url = excluded.url, title = excluded.title,
      summary = excluded.summary, content = excluded.content, whole_page = excluded.whole_page,
      feed_hash = excluded.feed_hash,
      published_raw = iif(published IS NULL, excluded.published_raw, published_raw),
      published = coalesce(published, excluded.published), updated = excluded.updated, authors = excluded.authors,
      tags = excluded.tags, last_seen = excluded.last_seen, outcome = excluded.outcome, score = excluded.score,
      reasons = excluded.reasons, topic_version = excluded.topic_version, state = excluded.state, attempts = 0,
      next_try_at = excluded.next_try_at, problem = NULL"""


Known = Mapping[str, sqlite3.Row]  # rows of a source's entries, by canonical address
Saved = Literal["new", "changed", "same"]


def known_of(db: sqlite3.Connection, source: str, found: Iterable[EntryToSave]) -> Known:
    """Those of the entries that the source has shown before."""
    rows = db.execute(
        """SELECT id, canonical_url, feed_hash, state, last_seen, published FROM entry
           WHERE source = ? AND canonical_url IN (SELECT value FROM json_each(?))""",
        (source, listed(entry.canonical_url for entry in found)),
    )
    return {row["canonical_url"]: row for row in rows}


def save_all(
    db: sqlite3.Connection,
    source: str,
    found: Sequence[EntryToSave],
    known: Known,
    *,
    outlet: str,
    now: datetime,
    is_history: Callable[[EntryToSave], bool],
) -> list[Saved]:
    """`known` are those of them that stand there; `is_history` tells which are no news."""
    fresh = [entry.canonical_url for entry in found if clean(entry.canonical_url) not in known]
    articles = find_ids(db, fresh, outlet) if fresh else {}
    done: list[Saved] = []
    for entry in found:
        url = clean(entry.canonical_url)
        done.append(_save(db, source, entry, known.get(url), articles.get(url), now=now, first_poll=is_history(entry)))
    return done


def _save(
    db: sqlite3.Connection,
    source: str,
    entry: EntryToSave,
    known: sqlite3.Row | None,
    article_id: int | None,
    *,
    now: datetime,
    first_poll: bool,
) -> Saved:
    """A changed entry is fetched again; a new one is not when another source's entry has led to its article already."""
    if known and known["feed_hash"] == entry.feed_hash:
        db.execute("UPDATE entry SET last_seen = ? WHERE id = ?", (stamp(now), known["id"]))
        return "same"
    state = "done" if article_id is not None else entry.state
    if known and known["state"] != "skipped":
        state = "pending"
    db.execute(_INSERT, _values(source, entry, state, now=now, first_poll=first_poll) | {"article_id": article_id})
    if article_id is not None:
        add_sighting(db, article_id, source=source, url=entry.url, title=entry.title, now=now, first_poll=first_poll)
    return "changed" if known else "new"


def _values(source: str, entry: EntryToSave, state: PageState, *, now: datetime, first_poll: bool) -> dict[str, object]:
    pending = state == "pending"
    return cleaned(
        {
            "source": source,
            "canonical_url": entry.canonical_url,
            "url": entry.url,
            "guid": entry.guid,
            "title": entry.title,
            "summary": entry.summary,
            "content": entry.content if pending else "",
            "whole_page": entry.whole_page,
            "feed_hash": entry.feed_hash,
            "published": stamp_or_none(entry.published),
            "published_raw": entry.published_raw,
            "updated": stamp_or_none(entry.updated),
            "authors": listed(entry.authors),
            "tags": listed(entry.tags),
            "language": entry.language,
            "now": stamp(now),
            "first_poll": first_poll,
            "outcome": entry.verdict.outcome,
            "score": entry.verdict.score,
            "reasons": listed(entry.verdict.reasons),
            "topic_version": entry.verdict.topic_version,
            "state": state,
            "next_try_at": stamp(now) if pending else None,
        }
    )


def save_failure(
    db: sqlite3.Connection,
    entry_id: int,
    reason: str,
    *,
    state: PageState,
    next_try: datetime | None,
    blame: bool,
    refusal: str | None,
) -> None:
    db.execute(
        """UPDATE entry SET state = :state, next_try_at = :next, problem = :reason, attempts = attempts + :blame,
           content = CASE WHEN :state = 'pending' THEN content ELSE '' END, refusal = :refusal WHERE id = :id""",
        {
            "state": state,
            "next": stamp_or_none(next_try),
            "reason": clean(reason),
            "blame": blame,
            "refusal": refusal,
            "id": entry_id,
        },
    )


def pending(db: sqlite3.Connection, source: str, now: datetime, limit: int) -> list[PendingEntry]:
    rows = db.execute(
        """SELECT entry.*, source.outlet FROM entry JOIN source ON source.id = entry.source
           WHERE source = ? AND state = 'pending' AND next_try_at <= ? ORDER BY next_try_at, entry.id LIMIT ?""",
        (source, stamp(now), limit),
    )
    return [_pending(row) for row in rows]


def by_id(db: sqlite3.Connection, entry_id: int) -> PendingEntry:
    return _pending(
        db.execute(
            "SELECT entry.*, source.outlet FROM entry JOIN source ON source.id = entry.source WHERE entry.id = ?",
            (entry_id,),
        ).fetchone()
    )


def _pending(row: sqlite3.Row) -> PendingEntry:
    same = (
        "id",
        "source",
        "outlet",
        "url",
        "canonical_url",
        "title",
        "summary",
        "content",
        "attempts",
        "guid",
        "published_raw",
        "language",
    )
    return PendingEntry(
        **{name: row[name] for name in same},
        whole_page=bool(row["whole_page"]),
        first_poll=bool(row["first_poll"]),
        published=moment_or_none(row["published"]),
        updated=moment_or_none(row["updated"]),
        authors=unlisted(row["authors"]),
        tags=unlisted(row["tags"]),
    )
