"""Looking again at pages of stories: which one is next, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage import articles, entries, pages
from storage.article import Article
from storage.errors import translated
from storage.pages import DUE, UNHURRIED, Page, RevisitLimits, moments
from storage.records import PendingEntry
from storage.sources import PAGES_WAIT
from storage.stored import find_id
from storage.values import clean, moment_or_none, stamp
from storage.writer import Writer
from topic.verdict import Verdict

_NEXT = f"""SELECT page.* FROM page JOIN source s ON s.id = page.source
    WHERE page.source = :source AND {UNHURRIED} AND {DUE} AND NOT {PAGES_WAIT}
    ORDER BY page.next_visit_at, page.article_id LIMIT 1"""  # noqa: S608 - made of constants


@dataclass(frozen=True, slots=True)
class PageToVisit:
    """`others_seen` is when another page of the same source was last had."""

    page: Page
    entry: PendingEntry
    others_seen: datetime | None


class Revisits(Writer):
    def take_revisit(self, source: str, limits: RevisitLimits, now: datetime) -> PageToVisit | None:
        """The page of a source to look at next, counted as one of the day's looks; None when none is due, when
        the day's are used up, or when there is something better to do for the source."""
        values = moments(limits, now) | {"source": source}
        with translated(self.path):
            if self._db.execute(_NEXT, values).fetchone() is None:
                return None
        with self._writing() as db:
            row = db.execute(_NEXT, values).fetchone()
            if row is None or pages.left(db, limits.per_day, now) <= 0:
                return None
            pages.count(db, now)
            seen = db.execute(
                """SELECT max(seen_at) FROM page
                   WHERE source = ? AND next_visit_at IS NOT NULL AND article_id <> ?""",
                (source, row["article_id"]),
            ).fetchone()[0]
            return PageToVisit(pages.from_row(row), entries.by_id(db, row["entry_id"]), moment_or_none(seen))

    def save_revisit(
        self,
        before: Page,
        after: Page,
        now: datetime,
        *,
        article: Article | None = None,
        verdict: Verdict | None = None,
    ) -> bool:
        """The page as it is after a look, with what it says now if that was read; returns whether its text changed."""
        event = "same"
        with self._writing() as db:
            if article is not None and verdict is not None:
                event = articles.save(
                    db, article, verdict, entry_id=after.entry_id, now=now, page_state="done", next_try=None,
                    known_as=after.article_id,
                ).event  # fmt: skip
            pages.save(db, after)
            if event == "same" and (before.withdrawn is None) != (after.withdrawn is None):
                articles.add_change(db, after.article_id, now)
        return event == "changed"

    def put_off_revisits(self, source: str, until: datetime, now: datetime) -> None:
        """All looks at a source's pages that are due, after one was taken and could not be made."""
        with self._writing() as db:
            pages.take_back(db, now)
            db.execute(
                f"UPDATE page SET next_visit_at = :until WHERE source = :source AND {DUE}",  # noqa: S608
                {"until": stamp(until), "source": source, "now": stamp(now), "beyond": stamp(now + pages.BEYOND)},
            )

    def article_known_at(self, url: str, outlet: str) -> int | None:
        """The story of an outlet that is known under a canonical address."""
        with translated(self.path):
            return find_id(self._db, clean(url), outlet)
