"""The read side: for search, reports and pages. Opens the file read only, beside a writer or without one.

Every method sees the database as it was at one moment, and raises StorageError subclasses.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from storage import boilerplate, coverage, ledger, pages, reports, rhythms, search, stored, verdicts
from storage.article import StoredArticle
from storage.boilerplate import Repeated
from storage.connection import BUSY_SECONDS, Opened, open_reader, reading
from storage.ledger import Hour
from storage.pages import Page
from storage.query import Query
from storage.read_records import (
    DatabaseStats,
    EntryRecord,
    Gap,
    NoticeRecord,
    Revision,
    Run,
    SourceRhythm,
    SourceStatus,
    Status,
)
from storage.records import OutletRow
from storage.verdicts import ToJudge

__all__ = [
    "OVERDUE",
    "DatabaseStats",
    "EntryRecord",
    "NoticeRecord",
    "Reader",
    "Revision",
    "Run",
    "SourceStatus",
    "Status",
]

# A daemon polls within seconds of the time; a source that waits longer than this has nobody who polls it.
OVERDUE = timedelta(minutes=10)
_AT_ONCE = 200  # stories that one transaction of `stories` reads: some ten milliseconds


class Reader(Opened):
    @classmethod
    def open(cls, path: Path, *, busy_seconds: float = BUSY_SECONDS) -> Self:
        """Raises StorageError when there is no database of this program's present schema that can be read."""
        return cls(open_reader(path, busy_seconds), path)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with reading(self._db, self.path) as db:
            yield db

    def search(
        self, query: Query | None, *, limit: int | None = 50, sort: search.Sort = "newest"
    ) -> list[StoredArticle]:
        """Matching articles, all of them when `query` is None.

        "relevance" puts the best of the newest `search.RANKED` matches first; without words to rank by, the newest.
        """
        with self._reading() as db:
            return stored.load_all(db, search.search(db, query, limit=limit, sort=sort))

    def stories(self, query: Query | None, *, limit: int | None = None) -> Iterator[StoredArticle]:
        """As `search`, newest first, for any number: which they are is settled at once, and each is read as it is when
        its turn comes, so that neither memory nor the writer's log grows with them."""
        with self._reading() as db:
            ids = search.search(db, query, limit=limit, sort="newest")
        for start in range(0, len(ids), _AT_ONCE):
            with self._reading() as db:
                some = stored.load_all(db, ids[start : start + _AT_ONCE])
            yield from some

    def article(self, article_id: int) -> StoredArticle | None:
        with self._reading() as db:
            return stored.load(db, article_id)

    def article_at(self, url: str) -> StoredArticle | None:
        """By any address under which the article is known, written as `crawler.urls.canonical` writes addresses."""
        with self._reading() as db:
            found = stored.find_id(db, url)
            return None if found is None else stored.load(db, found)

    def entries_at(self, canonical_url: str) -> list[EntryRecord]:
        """What each source announced under this address, in the order in which they did."""
        with self._reading() as db:
            return reports.entries_at(db, canonical_url)

    def revisions(self, article_id: int) -> list[Revision]:
        """Earlier texts, oldest first; the present one is the article's own."""
        with self._reading() as db:
            return reports.revisions(db, article_id)

    def page(self, article_id: int) -> Page | None:
        """What became of the page of a story; None when it is not looked at again."""
        with self._reading() as db:
            return pages.of_article(db, article_id)

    def judged_otherwise(self, version: str) -> int:
        """How many stories and unfetched entries have a verdict of another topic than `version`."""
        with self._reading() as db:
            return verdicts.judged_otherwise(db, version)

    def stories_of_other_topics(self, version: str, *, after: int = 0, limit: int = 500) -> list[ToJudge]:
        """By id, from the one behind `after` on: stories whose verdict is not of the topic `version`."""
        with self._reading() as db:
            return verdicts.stories_of_other_topics(db, version, after, limit)

    def entries_of_other_topics(self, version: str, *, after: int = 0, limit: int = 500) -> list[ToJudge]:
        """The same of entries whose pages were never asked for."""
        with self._reading() as db:
            return verdicts.entries_of_other_topics(db, version, after, limit)

    def sources(self) -> list[SourceStatus]:
        with self._reading() as db:
            return reports.sources(db)

    def rhythms(self, now: datetime) -> list[SourceRhythm]:
        """As Store.rhythms."""
        with self._reading() as db:
            return rhythms.rhythms(db, now)

    def gaps(self, since: datetime, *, filled: bool = False) -> list[Gap]:
        """Gaps that reach past `since`, the latest first; with `filled` those that were closed, too."""
        with self._reading() as db:
            return coverage.gaps(db, since, filled=filled)

    def ledger(self, since: datetime, until: datetime) -> dict[str, list[Hour]]:
        """Of each enabled source that was ever watched, the hours from `since` on (whole ones, in UTC)."""
        with self._reading() as db:
            return ledger.ledger(db, since, until)

    def repeated(self, outlet: str) -> list[Repeated]:
        """What was learnt to be no part of an outlet's stories, the most frequent first."""
        with self._reading() as db:
            return boilerplate.repeated(db, outlet)

    def outlets(self) -> list[OutletRow]:
        with self._reading() as db:
            return reports.outlets(db)

    def status(self, now: datetime) -> Status:
        with self._reading() as db:
            return reports.status(db, now, OVERDUE)

    def stats(self) -> DatabaseStats:
        """Counts every row: a second or so for a million stories."""
        with self._reading() as db:
            return reports.stats(db, self.path)

    def notices(self, *, rule: str | None = None, limit: int = 50) -> list[NoticeRecord]:
        """Newest first."""
        with self._reading() as db:
            return reports.notices(db, rule, limit)
