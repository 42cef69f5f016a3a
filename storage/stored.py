"""From rows to the articles that the rest of the program works with."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence

from storage.article import Alternate, Credit, Image, Sighting, StoredArticle
from storage.query_nodes import Searchable
from storage.search_text import SearchText
from storage.values import listed, moment, moment_or_none, unlisted
from topic.verdict import Mention

_ARTICLE = """SELECT article.*, outlet.name AS outlet_name, outlet.side
              FROM article JOIN outlet ON outlet.id = article.outlet WHERE article.id = ?"""
_AS_THEY_ARE = (
    *("id", "url", "canonical_url", "final_url", "outlet"),
    *("source", "guid", "title", "subtitle", "summary"),
    *("body", "text_source", "language", "language_method", "script"),
    *("dateline", "published_precision", "published_raw", "published_method", "published_doubt", "section"),
    *("content_hash", "extractor", "extractor_version", "extraction_confidence", "undecoded", "http_status", "warc"),
    *("revision", "outcome", "score", "topic_version", "outlet_name"),
    "side",
)


def load(db: sqlite3.Connection, article_id: int) -> StoredArticle | None:
    row = db.execute(_ARTICLE, (article_id,)).fetchone()
    return None if row is None else _stored(db, row)


def load_searchable(db: sqlite3.Connection, article_id: int) -> Searchable | None:
    """With the folded text as search has it, which need not be folded again."""
    article = load(db, article_id)
    if article is None:
        return None
    text = db.execute(
        "SELECT title, subtitle, summary, body, authors FROM article_text WHERE article_id = ?", (article_id,)
    ).fetchone()
    return Searchable.of(article, None if text is None else SearchText(*text))


def load_all(db: sqlite3.Connection, ids: Sequence[int]) -> list[StoredArticle]:
    """In the order of `ids`."""
    found = (load(db, one) for one in ids)
    return [article for article in found if article is not None]


def find_id(db: sqlite3.Connection, url: str, outlet: str | None = None) -> int | None:
    """The article that has `url` as canonical or as any other known address.

    Pages may claim any other address for theirs. With `outlet` such a claim counts only between pages of that outlet,
    or one outlet could make another's stories disappear behind its own.
    """
    return next(iter(find_ids(db, [url], outlet).values()), None)


def find_ids(db: sqlite3.Connection, urls: Iterable[str], outlet: str | None) -> dict[str, int]:
    """As `find_id`, of many addresses at once: those that lead to an article."""
    rows = db.execute(
        """SELECT also_at.url, id FROM also_at JOIN article ON article.id = article_id
           WHERE also_at.url IN (SELECT value FROM json_each(:urls)) AND (:outlet IS NULL OR outlet = :outlet)
           UNION ALL
           SELECT canonical_url, id FROM article WHERE canonical_url IN (SELECT value FROM json_each(:urls))""",
        {"urls": listed(urls), "outlet": outlet},
    )
    return {row[0]: row[1] for row in rows}  # of two articles, the one of which it is the canonical address


def _stored(db: sqlite3.Connection, row: sqlite3.Row) -> StoredArticle:
    mentions = db.execute(
        """SELECT concept, surface, field, start, end FROM mention WHERE article_id = ?
           ORDER BY field DESC, start, concept""",
        (row["id"],),
    )
    sightings = db.execute("SELECT * FROM sighting WHERE article_id = ? ORDER BY first_seen, source, url", (row["id"],))
    also = db.execute(
        "SELECT url FROM also_at WHERE article_id = ? AND url <> ? ORDER BY url", (row["id"], row["canonical_url"])
    )
    credit = Credit(row["credit_name"], row["credit_evidence"], row["credit_outlet"]) if row["credit_name"] else None
    return StoredArticle(
        **{name: row[name] for name in _AS_THEY_ARE},
        also_at=tuple(one[0] for one in also),
        authors=unlisted(row["authors"]),
        credit=credit,
        published=moment_or_none(row["published"]),
        modified=moment_or_none(row["modified"]),
        fetched=moment(row["fetched"]),
        zone_inferred=bool(row["zone_inferred"]),
        year_inferred=bool(row["year_inferred"]),
        images=tuple(Image(**one) for one in json.loads(row["images"])),
        alternates=tuple(Alternate(**one) for one in json.loads(row["alternates"])),
        paywalled=bool(row["paywalled"]),
        live=bool(row["live"]),
        tags=unlisted(row["tags"]),
        first_seen=moment(row["first_seen"]),
        last_seen=moment(row["last_seen"]),
        first_poll=bool(row["first_poll"]),
        body_dropped=moment_or_none(row["body_dropped_at"]),
        sightings=tuple(Sighting(s["source"], s["url"], moment(s["first_seen"]), s["title"]) for s in sightings),
        mentions=tuple(Mention(*one) for one in mentions),
        reasons=unlisted(row["reasons"]),
    )
