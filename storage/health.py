"""How sources are: what ails them at present, and an append-only list of beginnings and ends for whoever is to hear.

What counts as an ailment is decided by whoever polls; here it is kept, so that each is noticed once and cleared once.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta

from storage.ailments import Ailment, OpenGap, Sign, SourceEvent, SourceFacts, StoryPage
from storage.errors import translated
from storage.values import clean, moment, moment_or_none, stamp, unlisted
from storage.writer import Writer

TIMES_READ = 1000  # stories of a source from which its rhythm is taken
PAGES_READ, PAGES_AMONG = 72, 1000  # of a source, among the latest stories of its outlet


class Health(Writer):
    def to_review(self, *, quiet: timedelta, stories_since: datetime) -> list[str]:
        """Sources of which time may show something: quiet for so long, with stories stored since, a gap or a move, or
        anything that ails them."""
        with translated(self.path):
            return to_review(self._db, quiet, stories_since)

    def health_facts(self, source: str, *, quiet: timedelta, gaps_since: datetime) -> SourceFacts:
        """`times` are read only where the source has been quiet for as long as `quiet`."""
        with translated(self.path):
            return facts(self._db, source, quiet, gaps_since)

    def save_signs(self, source: str, signs: Sequence[Sign], now: datetime) -> None:
        with self._writing() as db:
            note(db, source, signs, now)

    def events_after(self, step: str, limit: int) -> list[SourceEvent]:
        """Beginnings and ends of ailments that `step` has not handled yet."""
        with translated(self.path):
            return events_after(self._db, step, limit)

    def source_event(self, event_id: int) -> SourceEvent | None:
        with translated(self.path):
            row = self._db.execute(f"{_EVENTS} WHERE source_event.id = ?", (event_id,)).fetchone()
            return None if row is None else _event(row)


def note(db: sqlite3.Connection, source: str, signs: Sequence[Sign], now: datetime) -> None:
    """What a poll or a review has shown; of kinds without a sign nothing is known. Of a source that is switched off
    nobody has to be told anything, even where a person has it asked."""
    has = {row["kind"]: row for row in db.execute("SELECT * FROM ailment WHERE source = ?", (source,))}
    for sign in signs:
        row = has.get(sign.kind)
        if sign.so and (row is not None or _is_enabled(db, source)):
            _keep(db, source, sign, row, now)
        elif row is not None and not sign.so:
            db.execute("DELETE FROM ailment WHERE source = ? AND kind = ?", (source, sign.kind))
            if row["event"] is not None:
                _add_event(db, source, sign, change="ended", since=row["since"], now=now, beginning=row["event"])


def _is_enabled(db: sqlite3.Connection, source: str) -> bool:
    return bool(db.execute("SELECT enabled FROM source WHERE id = ?", (source,)).fetchone()[0])


def _keep(db: sqlite3.Connection, source: str, sign: Sign, row: sqlite3.Row | None, now: datetime) -> None:
    since, shown, event = stamp(sign.since or now), 1, None
    if row is not None:
        since, shown, event = row["since"], row["shown"] + 1, row["event"]
    if event is None and shown >= sign.confirm:
        event = _add_event(db, source, sign, change="began", since=since, now=now)
    db.execute(
        """INSERT INTO ailment (source, kind, since, seen, shown, event) VALUES (?, ?, ?, ?, ?, ?)
           ON CONFLICT (source, kind) DO UPDATE SET seen = excluded.seen, shown = excluded.shown,
           event = excluded.event""",
        (source, sign.kind, since, clean(sign.seen), shown, event),
    )


def _add_event(
    db: sqlite3.Connection,
    source: str,
    sign: Sign,
    *,
    change: str,
    since: str,
    now: datetime,
    beginning: int | None = None,
) -> int:
    row = db.execute(
        """INSERT INTO source_event (source, kind, change, since, at, seen, beginning) VALUES (?, ?, ?, ?, ?, ?, ?)
           RETURNING id""",
        (source, sign.kind, change, since, stamp(now), clean(sign.seen), beginning),
    ).fetchone()
    return int(row[0])


_EVENTS = """SELECT source_event.*, outlet.id AS outlet, outlet.name AS outlet_name, outlet.side, source.languages,
      coalesce(source.address, source.url) AS address
    FROM source_event JOIN source ON source.id = source_event.source JOIN outlet ON outlet.id = source.outlet"""


def events_after(db: sqlite3.Connection, step: str, limit: int) -> list[SourceEvent]:
    rows = db.execute(
        f"""{_EVENTS} WHERE source_event.id > coalesce((SELECT seq FROM mark WHERE step = ?), 0)
            ORDER BY source_event.id LIMIT ?""",  # noqa: S608 - a constant
        (step, limit),
    )
    return [_event(row) for row in rows]


def _event(row: sqlite3.Row) -> SourceEvent:
    same = ("id", "source", "outlet", "outlet_name", "side", "address", "kind", "change", "seen", "beginning")
    return SourceEvent(
        **{name: row[name] for name in same},
        languages=unlisted(row["languages"]),
        since=moment(row["since"]),
        at=moment(row["at"]),
    )


def ailments(db: sqlite3.Connection) -> dict[str, tuple[Ailment, ...]]:
    """By source, those that were noticed, the longest first."""
    found: dict[str, tuple[Ailment, ...]] = {}
    for row in db.execute(
        """SELECT ailment.*, source_event.at FROM ailment JOIN source_event ON source_event.id = ailment.event
           ORDER BY ailment.source, ailment.since, ailment.kind"""
    ):
        one = Ailment(
            source=row["source"],
            kind=row["kind"],
            since=moment(row["since"]),
            noticed=moment(row["at"]),
            seen=row["seen"],
        )
        found[one.source] = (*found.get(one.source, ()), one)
    return found


def to_review(db: sqlite3.Connection, quiet: timedelta, stories_since: datetime) -> list[str]:
    rows = db.execute(
        """SELECT id FROM source WHERE enabled
             AND (address IS NOT NULL OR (julianday(last_ok_at) - julianday(last_new_at)) * 86400 >= :quiet)
           UNION SELECT source FROM ailment
           UNION SELECT source.id FROM coverage JOIN source ON source.id = coverage.source
             WHERE source.enabled AND state = 'gap' AND NOT asked AND tries > 0
           UNION SELECT source.id FROM article JOIN source ON source.id = article.source
             WHERE source.enabled AND article.first_seen >= :since""",
        {"quiet": quiet.total_seconds(), "since": stamp(stories_since)},
    )
    return [row[0] for row in rows]


def facts(db: sqlite3.Connection, source: str, quiet: timedelta, gaps_since: datetime) -> SourceFacts:
    row = db.execute("SELECT * FROM source WHERE id = ?", (source,)).fetchone()
    last_ok, last_new = moment_or_none(row["last_ok_at"]), moment_or_none(row["last_new_at"])
    is_quiet = last_ok is not None and last_new is not None and last_ok - last_new >= quiet
    return SourceFacts(
        source=source,
        enabled=bool(row["enabled"]),
        moved=row["address"] is not None,
        last_ok=last_ok,
        last_new=last_new,
        same_since=_same_since(db, source) if is_quiet else None,
        times=_times(db, source) if is_quiet else (),
        pages=_pages(db, source, row["outlet"]),
        gap=_gap(db, source, gaps_since),
        ails=tuple(one[0] for one in db.execute("SELECT kind FROM ailment WHERE source = ?", (source,))),
    )


def _same_since(db: sqlite3.Connection, source: str) -> datetime | None:
    row = db.execute(
        "SELECT ended_at FROM poll WHERE source = ? AND outcome = 'ok' ORDER BY started_at DESC LIMIT 1", (source,)
    ).fetchone()
    return None if row is None else moment(row[0])


def _times(db: sqlite3.Connection, source: str) -> tuple[datetime, ...]:
    """Of a source's first window, stories without a date tell no time at all."""
    rows = db.execute(
        """SELECT min(coalesce(published, first_seen), first_seen) FROM entry
           WHERE source = ? AND (published IS NOT NULL OR NOT first_poll) ORDER BY first_seen DESC LIMIT ?""",
        (source, TIMES_READ),
    )
    return tuple(sorted(moment(one[0]) for one in rows))


def _pages(db: sqlite3.Connection, source: str, outlet: str) -> tuple[StoryPage, ...]:
    """Of the outlet's latest stories, those of this source whose page was had: read, or refused as no story."""
    rows = db.execute(
        """WITH latest AS (SELECT id FROM article WHERE outlet = :outlet ORDER BY sort_at DESC, id DESC LIMIT :among)
           SELECT length(article.body) AS length, entry.refusal, text_source = 'page' AS was_read
           FROM article LEFT JOIN entry ON entry.article_id = article.id AND entry.source = article.source
           WHERE article.id IN latest AND article.source = :source AND body_dropped_at IS NULL
             AND (was_read OR entry.refusal IS NOT NULL)
           ORDER BY sort_at DESC, article.id DESC LIMIT :limit""",
        {"outlet": outlet, "source": source, "among": PAGES_AMONG, "limit": PAGES_READ},
    )
    return tuple(StoryPage(row["length"], None if row["was_read"] else row["refusal"]) for row in rows)


def _gap(db: sqlite3.Connection, source: str, since: datetime) -> OpenGap | None:
    """The first that another road has failed to fill."""
    row = db.execute(
        """SELECT since, until, evidence FROM coverage WHERE source = ? AND state = 'gap' AND NOT asked AND tries > 0
           AND until >= ? ORDER BY since LIMIT 1""",
        (source, stamp(since)),
    ).fetchone()
    return None if row is None else OpenGap(since=moment(row[0]), until=moment(row[1]), evidence=row[2])
