"""Verdicts that another topic, or another version of it, passes on what is stored already."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.articles import add_change, write_mentions
from storage.values import listed, stamp, unlisted
from storage.writer import Writer
from topic.verdict import Mention, Outcome, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class ToJudge:
    """A stored story (or an entry never fetched) with a verdict of another topic than the asked one.

    `text` is the body, or the summary where there is no body; `without_body`: there was one that is no longer kept.
    `past` is then the asked topic's own verdict on it, if it ever passed one.
    """

    id: int
    title: str
    text: str
    language: str | None
    outlet: str
    outcome: Outcome
    score: float
    topic_version: str
    without_body: bool
    past: Verdict | None


@dataclass(frozen=True, slots=True)
class NewVerdict:
    article_id: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class EntryVerdict:
    """`fetch`: the entry's page, never asked for, is to be asked for now."""

    entry_id: int
    verdict: Verdict
    fetch: bool


_STORIES = """SELECT article.id, title, body, summary, language, outlet, article.outcome, article.score,
      article.topic_version,
      body_dropped_at IS NOT NULL AS without_body,
      past.outcome AS past_outcome, past.score AS past_score, past.reasons AS past_reasons,
      past.mentions AS past_mentions
    FROM article LEFT JOIN past_verdict AS past ON past.article_id = article.id AND past.topic_version = :version
      AND body_dropped_at IS NOT NULL
    WHERE article.topic_version <> :version AND article.id > :after ORDER BY article.id LIMIT :limit"""
_ENTRIES = """SELECT entry.id, title, '' AS body, summary, NULL AS language, source.outlet, outcome, score,
      topic_version, 0 AS without_body, NULL AS past_outcome
    FROM entry JOIN source ON source.id = entry.source
    WHERE state = 'skipped' AND topic_version <> :version AND entry.id > :after ORDER BY entry.id LIMIT :limit"""


def stories_of_other_topics(db: sqlite3.Connection, version: str, after: int, limit: int) -> list[ToJudge]:
    """Stories with a verdict by another version than `version`, by id from `after` on."""
    return _read(db.execute(_STORIES, {"version": version, "after": after, "limit": limit}), version)


def entries_of_other_topics(db: sqlite3.Connection, version: str, after: int, limit: int) -> list[ToJudge]:
    """The same of entries whose pages were never asked for, since another version thought them hopeless."""
    return _read(db.execute(_ENTRIES, {"version": version, "after": after, "limit": limit}), version)


def judged_otherwise(db: sqlite3.Connection, version: str) -> int:
    """How many both come to."""
    counts = db.execute(
        """SELECT (SELECT count(*) FROM article WHERE topic_version <> :version)
             + (SELECT count(*) FROM entry WHERE state = 'skipped' AND topic_version <> :version)""",
        {"version": version},
    )
    return int(counts.fetchone()[0])


def _read(rows: Iterable[sqlite3.Row], version: str) -> list[ToJudge]:
    return [
        ToJudge(
            id=row["id"],
            title=row["title"],
            text=row["body"] or row["summary"] or "",
            language=row["language"],
            outlet=row["outlet"],
            outcome=row["outcome"],
            score=row["score"],
            topic_version=row["topic_version"],
            without_body=bool(row["without_body"]),
            past=_past(row, version) if row["past_outcome"] else None,
        )
        for row in rows
    ]


def _past(row: sqlite3.Row, version: str) -> Verdict:
    return Verdict(
        outcome=row["past_outcome"],
        score=row["past_score"],
        mentions=tuple(Mention(*one) for one in json.loads(row["past_mentions"])),
        reasons=unlisted(row["past_reasons"]),
        topic_version=version,
    )


class Verdicts(Writer):
    def save_verdicts(self, verdicts: Sequence[NewVerdict], now: datetime) -> None:
        """The steps downstream hear of stories whose outcome is another one. A verdict on a body that is no longer kept
        could not be passed again: it is put by, for the day when its topic comes back."""
        with self._writing() as db:
            for one in verdicts:
                _put_by(db, one)
                _write(db, one, now)

    def save_entry_verdicts(self, verdicts: Sequence[EntryVerdict], now: datetime) -> None:
        with self._writing() as db:
            db.executemany(
                """UPDATE entry SET outcome = :outcome, score = :score, reasons = :reasons, topic_version = :version,
                   state = iif(:asks, 'pending', state), attempts = 0, next_try_at = iif(:asks, :now, next_try_at)
                   WHERE id = :id AND state = 'skipped'""",
                [
                    _columns(one.verdict) | {"id": one.entry_id, "asks": one.fetch, "now": stamp(now)}
                    for one in verdicts
                ],
            )

    def ask_again(self, article_ids: Sequence[int], now: datetime) -> int:
        """Queues the pages of stories whose bodies are no longer kept; returns how many are queued."""
        with self._writing() as db:
            return db.execute(
                """UPDATE entry SET state = 'pending', attempts = 0, next_try_at = :now WHERE id IN (
                     SELECT max(entry.id) FROM entry JOIN source ON source.id = entry.source
                     JOIN article ON article.id = entry.article_id
                     WHERE source.enabled AND NOT whole_page AND state <> 'pending' AND body_dropped_at IS NOT NULL
                     AND article_id IN (SELECT cast(value AS INTEGER) FROM json_each(:ids)) GROUP BY article_id)""",
                {"now": stamp(now), "ids": listed([str(one) for one in article_ids])},
            ).rowcount


def _put_by(db: sqlite3.Connection, one: NewVerdict) -> None:
    mentions = db.execute(
        "SELECT concept, surface, field, start, end FROM mention WHERE article_id = ?", (one.article_id,)
    )
    db.execute(
        """INSERT INTO past_verdict (article_id, topic_version, outcome, score, reasons, mentions)
           SELECT id, topic_version, outcome, score, reasons, :mentions FROM article
           WHERE id = :id AND body_dropped_at IS NOT NULL ON CONFLICT DO NOTHING""",
        {"id": one.article_id, "mentions": json.dumps([tuple(row) for row in mentions], ensure_ascii=False)},
    )


def _write(db: sqlite3.Connection, one: NewVerdict, now: datetime) -> None:
    before = db.execute("SELECT outcome FROM article WHERE id = ?", (one.article_id,)).fetchone()[0]
    db.execute(
        """UPDATE article SET outcome = :outcome, score = :score, reasons = :reasons, topic_version = :version
           WHERE id = :id""",
        _columns(one.verdict) | {"id": one.article_id},
    )
    write_mentions(db, one.article_id, one.verdict)
    if before != one.verdict.outcome:
        add_change(db, one.article_id, now)


def _columns(verdict: Verdict) -> dict[str, object]:
    return {
        "outcome": verdict.outcome,
        "score": verdict.score,
        "reasons": listed(verdict.reasons),
        "version": verdict.topic_version,
    }
