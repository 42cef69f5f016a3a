"""What a replay of saved pages writes: each page that was read, once, with what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from storage import articles
from storage.article import Article
from storage.errors import translated
from storage.records import Saved
from storage.values import clean, listed
from storage.writer import Writer
from topic.verdict import Verdict


class Replays(Writer):
    def replayed(self, keys: Sequence[str], read_by: str) -> frozenset[str]:
        """Those of the saved pages that were read already, by the same reader and topic."""
        with translated(self.path):
            rows = self._db.execute(
                "SELECT key FROM replayed WHERE key IN (SELECT value FROM json_each(?)) AND read_by = ?",
                (listed(keys), read_by),
            )
            return frozenset(row["key"] for row in rows)

    def save_replayed(self, key: str, read_by: str, article: Article, verdict: Verdict, now: datetime) -> Saved:
        """A page older than the stored text of its story becomes an earlier version of it."""
        with self._writing() as db:
            saved = articles.save(db, article, verdict, entry_id=None, now=now, page_state="done", next_try=None)
            db.execute(_NOTE, (key, clean(article.warc or ""), saved.event, read_by))
            return saved

    def note_replayed(self, key: str, read_by: str, warc: str, why: str) -> None:
        """A saved page that is no story, or none that is kept."""
        with self._writing() as db:
            db.execute(_NOTE, (key, clean(warc), clean(why), read_by))


_NOTE = """INSERT INTO replayed (key, warc, outcome, read_by) VALUES (?, ?, ?, ?)
    ON CONFLICT (key) DO UPDATE SET warc = excluded.warc, outcome = excluded.outcome, read_by = excluded.read_by"""
