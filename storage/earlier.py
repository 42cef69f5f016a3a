"""What a story said before the text that is stored, as a page tells that was saved then: an earlier version, in its
place among those that are known."""

from __future__ import annotations

import sqlite3
from typing import Literal

from storage.article import Article
from storage.values import clean, stamp, stamp_or_none


def is_earlier(old: sqlite3.Row, article: Article) -> bool:
    """Whether a saved page is older than the text of the page that is stored. A page of any age is better than a feed's
    words, and one that gives a dropped text back is welcome."""
    if article.text_source != old["text_source"] or old["text_source"] != "page":
        return False
    same = article.content_hash == old["content_hash"]
    return stamp(article.fetched) < old["fetched"] and not (same and old["body_dropped_at"])


def keep(db: sqlite3.Connection, old: sqlite3.Row, article: Article) -> Literal["changed", "same"]:
    """Nothing where the version before or after says the same. Later versions move up by a number."""
    moment = stamp(article.fetched)
    redated = _published_before(db, old, article)
    rows = db.execute(
        "SELECT number, seen_from, content_hash FROM revision WHERE article_id = ? ORDER BY number", (old["id"],)
    ).fetchall()
    known = [(row["seen_from"], row["content_hash"]) for row in rows] + [(old["fetched"], old["content_hash"])]
    place = sum(seen_from <= moment for seen_from, _ in known)
    beside = {content_hash for _, content_hash in known[max(0, place - 1) : place + 1]}
    if article.content_hash in beside:
        return "changed" if redated else "same"
    # Two steps, since each number is unique at every moment.
    db.execute("UPDATE revision SET number = -number WHERE article_id = ? AND number > ?", (old["id"], place))
    db.execute("UPDATE revision SET number = 1 - number WHERE article_id = ? AND number < 0", (old["id"],))
    db.execute(
        "UPDATE revision SET seen_until = ? WHERE article_id = ? AND number = ? AND seen_until > ?",
        (moment, old["id"], place, moment),
    )
    db.execute(
        """INSERT INTO revision
             (article_id, number, seen_from, seen_until, title, subtitle, body, content_hash, text_source)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            old["id"], place + 1, moment, known[place][0], clean(article.title),
            article.subtitle and clean(article.subtitle), "" if old["body_dropped_at"] else clean(article.body),
            article.content_hash, article.text_source,
        ),
    )  # fmt: skip
    db.execute("UPDATE article SET revision = revision + 1 WHERE id = ?", (old["id"],))
    return "changed"


def _published_before(db: sqlite3.Connection, old: sqlite3.Row, article: Article) -> bool:
    """A story that could be read at a moment was not published after it: its outlet has moved its date up since."""
    moment, published = stamp(article.fetched), stamp_or_none(article.published)
    if old["published"] is None or old["published"] <= moment or published is None or published > moment:
        return False
    db.execute(
        """UPDATE article SET published = :published, published_precision = :precision, published_raw = :raw,
           published_method = :method, published_doubt = :doubt, zone_inferred = :zone, year_inferred = :year,
           sort_at = min(:published, sort_at) WHERE id = :id""",
        {
            "published": published,
            "precision": article.published_precision,
            "raw": article.published_raw and clean(article.published_raw),
            "method": article.published_method,
            "doubt": article.published_doubt,
            "zone": article.zone_inferred,
            "year": article.year_inferred,
            "id": old["id"],
        },
    )
    return True
