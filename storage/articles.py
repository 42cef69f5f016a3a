"""Articles: one row for each canonical URL, with sightings, revisions, mentions and the folded text for search."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta

from storage.article import Article, Credit, Image, Sighting, StoredArticle
from storage.records import PageState, PendingEntry, Saved
from storage.sources import add_sighting
from storage.values import clean, listed, moment, moment_or_none, stamp, stamp_or_none, unlisted
from topic import fold
from topic.verdict import Mention, Verdict

_BETTER = {"summary": 0, "feed": 1, "page": 2}  # a worse source of text never replaces a better one
_COLUMNS = [
    "canonical_url",
    "url",
    "final_url",
    "outlet",
    "source",
    "guid",
    "title",
    "subtitle",
    "summary",
    "body",
    "text_source",
    "language",
    "language_method",
    "script",
    "authors",
    "credit_name",
    "credit_outlet",
    "credit_evidence",
    "dateline",
    "published",
    "published_precision",
    "published_raw",
    "published_method",
    "zone_inferred",
    "year_inferred",
    "modified",
    "fetched",
    "images",
    "section",
    "tags",
    "content_hash",
    "extractor",
    "extractor_version",
    "http_status",
    "warc",
    "outcome",
    "score",
    "reasons",
    "topic_version",
    "sort_at",
]
_INSERT = f"""INSERT INTO article ({", ".join(_COLUMNS)}, first_seen, last_seen, first_poll)
    VALUES ({", ".join(":" + c for c in _COLUMNS)}, :now, :now, :first_poll) RETURNING id"""  # noqa: S608
_UPDATE = f"UPDATE article SET {', '.join(f'{c} = :{c}' for c in _COLUMNS)}, revision = :revision, last_seen = :now, body_dropped_at = NULL WHERE id = :id"  # noqa: S608


def save(
    db: sqlite3.Connection,
    article: Article,
    verdict: Verdict,
    *,
    entry_id: int | None,
    now: datetime,
    page_state: PageState,
    next_try: datetime | None,
) -> Saved:
    """The article under its canonical URL, or under any address by which it is known already."""
    old = _find(db, (article.canonical_url, *article.also_at))
    first_poll = entry_id is not None and _is_first_poll(db, entry_id)
    values = _values(article, verdict, now)
    if old is None:
        article_id = int(db.execute(_INSERT, values | {"first_poll": first_poll}).fetchone()[0])
        event = "new"
        _write_parts(db, article_id, article, verdict)
    else:
        article_id = old["id"]
        event = _renew(db, old, article, verdict, values)
    for url in {article.url, article.final_url, article.canonical_url, *article.also_at}:
        db.execute(
            "INSERT INTO also_at (url, article_id) VALUES (?, ?) ON CONFLICT DO NOTHING", (clean(url), article_id)
        )
    add_sighting(db, article_id, article.source, article.url, article.title, now)
    if event != "same":
        db.execute("INSERT INTO change (article_id, at) VALUES (?, ?)", (article_id, stamp(now)))
    if entry_id is not None:
        db.execute(
            """UPDATE entry SET state = ?, next_try_at = ?, article_id = ?, problem = NULL,
               content = CASE WHEN ? = 'pending' THEN content ELSE '' END WHERE id = ?""",
            (page_state, stamp_or_none(next_try), article_id, page_state, entry_id),
        )
    return Saved(article_id, event)  # type: ignore[arg-type]  # one of the three literals


def _find(db: sqlite3.Connection, urls: Iterable[str]) -> sqlite3.Row | None:
    for url in urls:
        row = db.execute(
            """SELECT * FROM article WHERE canonical_url = :url
               UNION ALL SELECT article.* FROM also_at JOIN article ON article.id = article_id WHERE also_at.url = :url""",
            {"url": url},
        ).fetchone()
        if row is not None:
            return row  # type: ignore[no-any-return]  # sqlite3 types its rows as Any
    return None


def _is_first_poll(db: sqlite3.Connection, entry_id: int) -> bool:
    row = db.execute("SELECT first_poll FROM entry WHERE id = ?", (entry_id,)).fetchone()
    return bool(row and row[0])


def _renew(
    db: sqlite3.Connection, old: sqlite3.Row, article: Article, verdict: Verdict, values: dict[str, object]
) -> str:
    """What seeing an article again changes. Better text from the same moment is not a revision by the outlet."""
    if article.content_hash == old["content_hash"] and verdict.topic_version == old["topic_version"]:
        return "same"
    better, before = _BETTER[article.text_source], _BETTER[old["text_source"]]
    if better < before:
        return "same"
    revised = better == before and article.content_hash != old["content_hash"]
    if revised:
        db.execute(
            """INSERT INTO revision (article_id, number, seen_from, seen_until, title, subtitle, body, content_hash, text_source)
               SELECT id, revision, fetched, :now, title, subtitle, body, content_hash, text_source FROM article WHERE id = :id""",
            {"now": values["now"], "id": old["id"]},
        )
    # An outlet that moves its story's date, or reprints it under another source, still published it when it did.
    kept = {"canonical_url": old["canonical_url"], "source": old["source"], "url": old["url"]}
    db.execute(_UPDATE, values | kept | {"id": old["id"], "revision": old["revision"] + revised})
    _write_parts(db, old["id"], article, verdict)
    return "changed"


def _values(article: Article, verdict: Verdict, now: datetime) -> dict[str, object]:
    credit = article.credit
    published = article.published
    return {
        **{c: getattr(article, c) for c in _COLUMNS if hasattr(article, c)},
        "title": clean(article.title),
        "subtitle": article.subtitle and clean(article.subtitle),
        "summary": article.summary and clean(article.summary),
        "body": clean(article.body),
        "authors": listed(map(clean, article.authors)),
        "tags": listed(map(clean, article.tags)),
        "images": clean(json.dumps([asdict(one) for one in article.images], ensure_ascii=False)),
        "credit_name": credit and credit.name,
        "credit_outlet": credit and credit.outlet,
        "credit_evidence": credit and credit.evidence,
        "published": stamp_or_none(published),
        "modified": stamp_or_none(article.modified),
        "fetched": stamp(article.fetched),
        "outcome": verdict.outcome,
        "score": verdict.score,
        "reasons": listed(verdict.reasons),
        "topic_version": verdict.topic_version,
        # A moment in the future would stand above all news until it came true.
        "sort_at": stamp(min(published or now, now)),
        "now": stamp(now),
    }


def _write_parts(db: sqlite3.Connection, article_id: int, article: Article, verdict: Verdict) -> None:
    db.execute("DELETE FROM mention WHERE article_id = ?", (article_id,))
    db.executemany(
        "INSERT INTO mention (article_id, concept, field, start, end, surface) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [(article_id, m.concept, m.field, m.start, m.end, clean(m.surface)) for m in verdict.mentions],
    )
    texts = (article.title, article.subtitle or "", article.summary or "", article.body, " ; ".join(article.authors))
    db.execute(
        """INSERT INTO article_text (article_id, title, subtitle, summary, body, authors) VALUES (?, ?, ?, ?, ?, ?)
           ON CONFLICT (article_id) DO UPDATE SET title = excluded.title, subtitle = excluded.subtitle,
           summary = excluded.summary, body = excluded.body, authors = excluded.authors""",
        (article_id, *(clean(fold(text)) for text in texts)),
    )


def save_page_failure(
    db: sqlite3.Connection, entry_id: int, reason: str, state: PageState, next_try: datetime | None, blame: bool
) -> None:
    db.execute(
        "UPDATE entry SET state = ?, next_try_at = ?, problem = ?, attempts = attempts + ? WHERE id = ?",
        (state, stamp_or_none(next_try), clean(reason), blame, entry_id),
    )


def pending_entries(db: sqlite3.Connection, source: str, now: datetime, limit: int) -> list[PendingEntry]:
    rows = db.execute(
        """SELECT entry.*, source.outlet FROM entry JOIN source ON source.id = entry.source
           WHERE source = ? AND state = 'pending' AND next_try_at <= ? ORDER BY next_try_at, entry.id LIMIT ?""",
        (source, stamp(now), limit),
    )
    return [
        PendingEntry(
            id=row["id"],
            source=row["source"],
            outlet=row["outlet"],
            url=row["url"],
            canonical_url=row["canonical_url"],
            title=row["title"],
            summary=row["summary"],
            content=row["content"],
            attempts=row["attempts"],
            first_poll=bool(row["first_poll"]),
            guid=row["guid"],
            published=moment_or_none(row["published"]),
            published_raw=row["published_raw"],
            updated=moment_or_none(row["updated"]),
            authors=unlisted(row["authors"]),
            tags=unlisted(row["tags"]),
            language=row["language"],
        )
        for row in rows
    ]


ARTICLES = (
    "SELECT article.*, outlet.name AS outlet_name, outlet.side FROM article JOIN outlet ON outlet.id = article.outlet"
)


def load(db: sqlite3.Connection, article_id: int) -> StoredArticle | None:
    row = db.execute(f"{ARTICLES} WHERE article.id = ?", (article_id,)).fetchone()
    return None if row is None else stored(db, row)


def stored(db: sqlite3.Connection, row: sqlite3.Row) -> StoredArticle:
    """The whole record of a row of ARTICLES, with what stands in other tables."""
    mentions = db.execute(
        "SELECT concept, surface, field, start, end FROM mention WHERE article_id = ? ORDER BY field DESC, start",
        (row["id"],),
    )
    sightings = db.execute("SELECT * FROM sighting WHERE article_id = ? ORDER BY first_seen", (row["id"],))
    also = db.execute("SELECT url FROM also_at WHERE article_id = ? AND url <> ?", (row["id"], row["canonical_url"]))
    credit = Credit(row["credit_name"], row["credit_evidence"], row["credit_outlet"]) if row["credit_name"] else None
    same = "id url canonical_url final_url outlet source guid title subtitle summary body text_source language language_method"
    same += " script dateline published_precision published_raw published_method section content_hash extractor"
    same += " extractor_version http_status warc revision outcome score topic_version outlet_name side"
    return StoredArticle(
        **{name: row[name] for name in same.split()},
        also_at=tuple(one[0] for one in also),
        authors=unlisted(row["authors"]),
        credit=credit,
        published=moment_or_none(row["published"]),
        modified=moment_or_none(row["modified"]),
        fetched=moment(row["fetched"]),
        zone_inferred=bool(row["zone_inferred"]),
        year_inferred=bool(row["year_inferred"]),
        images=tuple(Image(**one) for one in json.loads(row["images"])),
        tags=unlisted(row["tags"]),
        first_seen=moment(row["first_seen"]),
        last_seen=moment(row["last_seen"]),
        first_poll=bool(row["first_poll"]),
        body_dropped=moment_or_none(row["body_dropped_at"]),
        sightings=tuple(Sighting(s["source"], s["url"], moment(s["first_seen"]), s["title"]) for s in sightings),
        mentions=tuple(Mention(*one) for one in mentions),
        reasons=unlisted(row["reasons"]),
    )


def drop_bodies(db: sqlite3.Connection, outcomes: tuple[str, ...], age: timedelta, now: datetime) -> int:
    """Empties bodies (and what search knows of them) first seen longer than `age` ago; everything else stays."""
    rows = db.execute(
        """SELECT id FROM article WHERE body <> '' AND first_seen < ?
           AND outcome IN (SELECT value FROM json_each(?))""",
        (stamp(now - age), listed(outcomes)),
    ).fetchall()
    for (article_id,) in rows:
        db.execute("UPDATE article SET body = '', body_dropped_at = ? WHERE id = ?", (stamp(now), article_id))
        db.execute("UPDATE article_text SET body = '' WHERE article_id = ?", (article_id,))
        db.execute("UPDATE revision SET body = '' WHERE article_id = ?", (article_id,))
    return len(rows)
