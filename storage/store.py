"""The writer. Every public method is one transaction (where it does not say otherwise): it happens whole or not at all,
and raises StorageError subclasses."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from storage import articles, boilerplate, clocks, coverage, entries, outbox, rhythms, routes, sources, stored
from storage.article import Article, StoredArticle
from storage.connection import reading
from storage.errors import translated
from storage.health import Health
from storage.pages import PageSeen, RevisitLimits
from storage.query_nodes import Searchable
from storage.read_records import Gap, SourceRhythm
from storage.records import (
    Change,
    FillToSave,
    LeasedNotice,
    NoticeToSave,
    OutletRow,
    PageState,
    PendingEntry,
    PollToSave,
    RouteForPoll,
    Saved,
    SavedNotices,
    SavedPoll,
    SourceForPoll,
    SourceRow,
)
from storage.replays import Replays
from storage.revisits import Revisits
from storage.upkeep import Upkeep
from storage.values import stamp
from storage.verdicts import Verdicts
from topic.verdict import Verdict


class Store(Verdicts, Revisits, Replays, Health, Upkeep):
    """What a run writes: the timetable, stories, notices; verdicts passed anew, revisits, replays, health and upkeep
    are inherited."""

    # The catalogue and the timetable

    def sync_catalogue(self, outlets: Sequence[OutletRow], rows: Sequence[SourceRow], now: datetime) -> None:
        with self._writing() as db:
            sources.sync_catalogue(db, outlets, rows, now)

    def claim_sources(
        self,
        *,
        owner: str,
        now: datetime,
        lease: timedelta,
        limit: int,
        only: Collection[str] | None = None,
        unpolled_since: datetime | None = None,
        held: Collection[str] = (),
        revisits: RevisitLimits | None = None,
    ) -> list[SourceForPoll]:
        """Leases up to `limit` due sources, longest due first. Due: the time has come, or pages wait to be fetched;
        with `unpolled_since`, any source that no run has polled since. `only` takes switched-off sources too. What is
        left goes to sources whose pages are to be looked at again, as far as `revisits` allows."""
        with self._writing() as db:
            return sources.claim(
                db,
                owner=owner,
                now=now,
                lease=lease,
                limit=limit,
                only=only,
                unpolled_since=unpolled_since,
                held=held,
                revisits=revisits,
            )

    def leased_by_others(
        self, owner: str, now: datetime, only: Collection[str] | None = None, unpolled_since: datetime | None = None
    ) -> int:
        with translated(self.path):
            return sources.leased_by_others(self._db, owner, now, only, unpolled_since)

    def renew_leases(self, owner: str, now: datetime, lease: timedelta) -> None:
        with self._writing() as db:
            db.execute("UPDATE source SET lease_until = ? WHERE lease_owner = ?", (stamp(now + lease), owner))

    def release_source(self, source: str, owner: str) -> None:
        with self._writing() as db:
            db.execute(
                "UPDATE source SET lease_owner = NULL, lease_until = NULL WHERE id = ? AND lease_owner = ?",
                (source, owner),
            )

    def release_owner(self, owner: str) -> None:
        """Gives back everything that `owner` holds, when it stops or is known to be dead."""
        with self._writing() as db:
            db.execute("UPDATE source SET lease_owner = NULL, lease_until = NULL WHERE lease_owner = ?", (owner,))
            outbox.free(db, owner)

    def lease_owners(self) -> list[str]:
        with translated(self.path):
            rows = self._db.execute(
                """SELECT lease_owner FROM source WHERE lease_owner IS NOT NULL
                   UNION SELECT lease_owner FROM outbox WHERE lease_owner IS NOT NULL"""
            )
            return [row[0] for row in rows]

    def save_poll(self, poll: PollToSave) -> SavedPoll:
        with self._writing() as db:
            return sources.save_poll(db, poll)

    def rhythms(self, now: datetime) -> list[SourceRhythm]:
        """Of every source that is switched on: when it publishes, as far as the last weeks tell."""
        with reading(self._db, self.path) as db:
            return rhythms.rhythms(db, now)

    def plan_poll(self, source: str, owner: str, moment: datetime) -> None:
        """When a leased source is polled next."""
        with self._writing() as db:
            db.execute(
                "UPDATE source SET next_check_at = ? WHERE id = ? AND lease_owner = ?", (stamp(moment), source, owner)
            )

    def open_gaps(self, source: str, now: datetime) -> list[Gap]:
        """Gaps of a source that are to be filled now, the latest first."""
        with translated(self.path):
            return coverage.open_gaps(self._db, source, now)

    def save_fill(self, fill: FillToSave, now: datetime) -> int:
        """Returns how many of the entries were new."""
        with self._writing() as db:
            return coverage.save_fill(db, fill, now)

    def ask_backfill(self, source: str, since: datetime, until: datetime | None, now: datetime) -> Gap:
        """Notes that a person wants the stories of that time, or says how far an earlier run has come with it. `until`
        None: that of a search which was begun and has not ended, else `now`."""
        with self._writing() as db:
            return coverage.ask(db, source, since, until, now)

    def known_before(self, source: str, urls: Sequence[str], moment: datetime) -> frozenset[str]:
        """Which of the canonical addresses the source had announced by that moment."""
        with translated(self.path):
            return coverage.known_before(self._db, source, urls, moment)

    def roads(self, source: str) -> tuple[RouteForPoll, ...]:
        """Ways to the stories of a source's outlet, in its languages, that its sibling sources go by."""
        with translated(self.path):
            return routes.roads(self._db, source)

    def make_offline_due(self, now: datetime) -> int:
        """Sources and pages that failed only because the network was away become due at once."""
        with self._writing() as db:
            db.execute(
                "UPDATE entry SET next_try_at = :now WHERE state = 'pending' AND attempts = 0 AND next_try_at > :now",
                {"now": stamp(now)},
            )
            return db.execute(
                "UPDATE source SET next_check_at = :now WHERE last_outcome = 'offline' AND next_check_at > :now",
                {"now": stamp(now)},
            ).rowcount

    # Stories

    def pending_entries(self, source: str, now: datetime, limit: int) -> list[PendingEntry]:
        with translated(self.path):
            return entries.pending(self._db, source, now, limit)

    def save_article(
        self,
        article: Article,
        verdict: Verdict,
        *,
        entry_id: int | None,
        now: datetime,
        page_state: PageState = "done",
        next_try: datetime | None = None,
        page: PageSeen | None = None,
    ) -> Saved:
        """`page`: what is known of its page, which is looked at again."""
        with self._writing() as db:
            return articles.save(
                db, article, verdict, entry_id=entry_id, now=now, page_state=page_state, next_try=next_try, page=page
            )

    def boilerplate(self, outlet: str) -> frozenset[str]:
        """The hashes (`storage.boilerplate.paragraph_hash`) of what an outlet says on page after page."""
        with reading(self._db, self.path) as db:
            return boilerplate.learnt(db, outlet)

    def utc_means_local(self, outlet: str) -> bool:
        """Whether the outlet was found to write Z behind its own clock."""
        with reading(self._db, self.path) as db:
            return clocks.utc_means_local(db, outlet)

    def save_page_failure(
        self,
        entry_id: int,
        reason: str,
        *,
        state: PageState,
        next_try: datetime | None,
        blame: bool = True,
        refusal: str | None = None,
    ) -> None:
        """`blame` False does not count as an attempt: the page was not at fault. `refusal`: the page was had, and is no
        story."""
        with self._writing() as db:
            entries.save_failure(db, entry_id, reason, state=state, next_try=next_try, blame=blame, refusal=refusal)

    def article(self, article_id: int) -> StoredArticle | None:
        with reading(self._db, self.path) as db:
            return stored.load(db, article_id)

    def searchable(self, article_id: int) -> Searchable | None:
        """An article made ready for many queries."""
        with reading(self._db, self.path) as db:
            return stored.load_searchable(db, article_id)

    # Steps downstream

    def changes_after(self, step: str, limit: int) -> list[Change]:
        with translated(self.path):
            return outbox.changes_after(self._db, step, limit)

    def save_matches(self, step: str, upto: int, notices: Sequence[NoticeToSave], now: datetime) -> SavedNotices:
        """The notices and the mark of `step` together.

        A notice already there stays as it is, unless it was held back and no longer is.
        """
        with self._writing() as db:
            return outbox.save_matches(db, step, upto, notices, now)

    def lease_notices(self, *, owner: str, now: datetime, lease: timedelta, limit: int) -> list[LeasedNotice]:
        with self._writing() as db:
            return outbox.lease(db, owner, now, lease, limit)

    def mark_sent(self, notice_id: int, now: datetime) -> None:
        with self._writing() as db:
            outbox.mark_sent(db, notice_id, now)

    def mark_failed(self, notice_id: int, problem: str, next_try: datetime | None) -> None:
        """`next_try` None gives the notice up: it stays, as dead, until someone retries it."""
        with self._writing() as db:
            outbox.mark_failed(db, notice_id, problem, next_try)

    def put_off_notices(
        self, owner: str, ids: Sequence[int], *, next_try: datetime | None = None, problem: str | None = None
    ) -> None:
        """Gives back leased notices that were not tried: no attempt counts, and None leaves the moment or problem."""
        with self._writing() as db:
            outbox.put_off(db, owner, ids, next_try, problem)

    def retry_dead(self, now: datetime) -> int:
        with self._writing() as db:
            return outbox.retry_dead(db, now)
