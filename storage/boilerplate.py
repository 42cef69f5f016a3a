"""What an outlet says on page after page: paragraphs counted over its stories, so that reading the next one can leave
out what is no part of it (a slogan, terms of use, an appeal).

A background paragraph that an agency adds to every story of one affair repeats too, and a story may be published twice:
what is learnt therefore has to stand on many pages, and on a large share of all since it was first seen.
"""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from storage.article import Article
from storage.values import clean, listed, stamp
from topic.folding import fold

LEAST_PAGES = 5
LEAST_SHARE = 0.3  # of the outlet's pages since the first that showed it; one affair is seldom so much of its news
LONGEST = 600  # characters; terms of use are seldom longer, and longer paragraphs would fill the table with stories
_OWN = 80  # characters of a paragraph that is new; a page without any shows a story again that was counted before
_SAMPLE = 160
_HASH_BYTES = 8
# What was learnt is no longer counted, since it is read away: it is given up after half a year, and learnt again from
# five pages if it still stands there. What stays rare is forgotten within a month.
_LEARNT_FOR = timedelta(days=180)
_COUNTED_FOR = timedelta(days=30)
_PAGES_BETWEEN_SWEEPS = 50


@dataclass(frozen=True, slots=True)
class Repeated:
    """A paragraph that is left out of an outlet's stories; it stood on `pages` pages before it was learnt."""

    hash: str
    sample: str
    pages: int
    learnt_at: str


def paragraph_hash(paragraph: str) -> str:
    """16 hexadecimal digits, the same for paragraphs that differ in case, marks, punctuation and white space alone."""
    return blake2b(paragraph_key(paragraph).encode(), digest_size=_HASH_BYTES).hexdigest()


def paragraph_key(paragraph: str) -> str:
    return " ".join(re.findall(r"\w+", fold(paragraph)))


def count(db: sqlite3.Connection, article: Article, now: datetime) -> None:
    """Counts the paragraphs of a story that is stored for the first time, each once."""
    told = {paragraph_hash(p): p for p in article.body.split("\n\n") if 0 < len(p) <= LONGEST}
    if article.text_source != "page" or not told:
        return
    at = {"outlet": article.outlet, "hashes": listed(told), "now": stamp(now)}
    known = {
        row["hash"]
        for row in db.execute(
            """SELECT hash FROM outlet_paragraph WHERE outlet = :outlet
               AND hash IN (SELECT value FROM json_each(:hashes))""",
            at,
        )
    }
    longer = any(len(p) > LONGEST for p in article.body.split("\n\n"))
    if not longer and all(len(text) < _OWN for key, text in told.items() if key not in known):
        return
    pages = db.execute(
        """INSERT INTO outlet_pages (outlet, pages) VALUES (:outlet, 1)
           ON CONFLICT (outlet) DO UPDATE SET pages = pages + 1 RETURNING pages""",
        at,
    ).fetchone()[0]
    db.executemany(
        """INSERT INTO outlet_paragraph (outlet, hash, sample, pages, since, last_seen) VALUES (?, ?, ?, 1, ?, ?)
           ON CONFLICT (outlet, hash) DO UPDATE SET pages = pages + 1, last_seen = excluded.last_seen""",
        [(article.outlet, key, clean(text[:_SAMPLE]), pages, at["now"]) for key, text in told.items()],
    )
    db.execute(
        """UPDATE outlet_paragraph SET learnt_at = :now WHERE outlet = :outlet AND learnt_at IS NULL
           AND hash IN (SELECT value FROM json_each(:hashes))
           AND pages >= :least AND pages >= :share * (:pages - since + 1)""",
        at | {"least": LEAST_PAGES, "share": LEAST_SHARE, "pages": pages},
    )
    if pages % _PAGES_BETWEEN_SWEEPS == 0:
        _forget(db, article.outlet, now)


def _forget(db: sqlite3.Connection, outlet: str, now: datetime) -> None:
    db.execute(
        """DELETE FROM outlet_paragraph WHERE outlet = :outlet
           AND (learnt_at < :learnt OR (learnt_at IS NULL AND last_seen < :counted))""",
        {"outlet": outlet, "learnt": stamp(now - _LEARNT_FOR), "counted": stamp(now - _COUNTED_FOR)},
    )


def learnt(db: sqlite3.Connection, outlet: str) -> frozenset[str]:
    """The hashes of the paragraphs that are no part of this outlet's stories."""
    rows = db.execute("SELECT hash FROM outlet_paragraph WHERE outlet = ? AND learnt_at IS NOT NULL", (outlet,))
    return frozenset(row["hash"] for row in rows)


def repeated(db: sqlite3.Connection, outlet: str) -> list[Repeated]:
    rows = db.execute(
        """SELECT hash, sample, pages, learnt_at FROM outlet_paragraph WHERE outlet = ? AND learnt_at IS NOT NULL
           ORDER BY pages DESC, sample""",
        (outlet,),
    )
    return [Repeated(**row) for row in rows]
