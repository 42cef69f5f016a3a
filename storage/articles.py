"""Articles: one row for each canonical URL, with addresses, sightings, revisions, mentions and the text for search."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Literal

from storage import boilerplate, earlier, pages
from storage.article import Article
from storage.pages import PageSeen
from storage.records import PageState, Saved
from storage.search_text import search_text
from storage.stored import find_id
from storage.values import clean, cleaned, listed, stamp, stamp_or_none
from topic.verdict import Verdict

Event = Literal["new", "changed", "same"]

_BETTER = {"summary": 0, "feed": 1, "page": 2}  # a worse source of text never replaces a better one
_IDENTITY = ("canonical_url", "url", "outlet", "source", "guid")  # whoever came first
_PUBLISHED = (
    "published",
    "published_precision",
    "published_raw",
    "published_method",
    "published_doubt",
    "zone_inferred",
    "year_inferred",
)
_CONTENT = (
    "final_url",
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
    "modified",
    "fetched",
    "images",
    "alternates",
    "paywalled",
    "live",
    "section",
    "tags",
    "content_hash",
    "extractor",
    "extractor_version",
    "extraction_confidence",
    "undecoded",
    "http_status",
    "warc",
    "outcome",
    "score",
    "reasons",
    "topic_version",
)
_ALL = (*_IDENTITY, *_PUBLISHED, *_CONTENT)
_INSERT = f"""INSERT INTO article ({", ".join(_ALL)}, sort_at, first_seen, last_seen, first_poll)
    VALUES ({", ".join(f":{c}" for c in _ALL)}, :sort_at, :now, :now, :first_poll) RETURNING id"""  # noqa: S608
_UPDATE = f"""UPDATE article SET {", ".join(f"{c} = :{c}" for c in (*_PUBLISHED, *_CONTENT))}, sort_at = :sort_at,
    revision = :revision, last_seen = :now, body_dropped_at = NULL WHERE id = :id"""  # noqa: S608


def save(
    db: sqlite3.Connection,
    article: Article,
    verdict: Verdict,
    *,
    entry_id: int | None,
    now: datetime,
    page_state: PageState,
    next_try: datetime | None,
    page: PageSeen | None = None,
    known_as: int | None = None,
) -> Saved:
    """The article under its canonical URL, or under any address by which it is known already, or that with the id
    `known_as`. `page` is what to look at again."""
    entry = db.execute("SELECT canonical_url, first_poll FROM entry WHERE id = ?", (entry_id,)).fetchone()
    addresses = [article.canonical_url, *article.also_at, *([entry["canonical_url"]] if entry else [])]
    old = _known(db, map(clean, addresses), article.outlet, known_as)
    values = _values(article, verdict, now)
    event: Event
    if old is None:
        # A saved page is history until a source that is watched shows its story as new.
        values["first_poll"] = article.warc is not None or bool(entry and entry["first_poll"])
        article_id = int(db.execute(_INSERT, values).fetchone()[0])
        event = "new"
        _write_parts(db, article_id, article, verdict)
        boilerplate.count(db, article, now)
    else:
        article_id = old["id"]
        event = _renew(db, old, article, verdict, values)
    for url in {article.url, article.final_url, *addresses}:
        db.execute(
            "INSERT INTO also_at (url, article_id) VALUES (?, ?) ON CONFLICT DO NOTHING", (clean(url), article_id)
        )
    returned = page is not None and entry_id is not None and pages.had(db, article_id, entry_id, page, now)
    if event != "same" or returned:
        add_change(db, article_id, now)
    add_sighting(
        db,
        article_id,
        source=article.source,
        url=article.url,
        title=article.title,
        now=now,
        first_poll=bool(entry is None or entry["first_poll"]),
    )
    if entry_id is not None:
        db.execute(
            """UPDATE entry SET state = :state, next_try_at = :next, article_id = :article, problem = NULL,
               content = CASE WHEN :state = 'pending' THEN content ELSE '' END WHERE id = :id""",
            {"state": page_state, "next": stamp_or_none(next_try), "article": article_id, "id": entry_id},
        )
    return Saved(article_id, event)


def _known(db: sqlite3.Connection, urls: Iterable[str], outlet: str, known_as: int | None) -> sqlite3.Row | None:
    found = known_as or next((one for url in urls if (one := find_id(db, url, outlet)) is not None), None)
    row: sqlite3.Row | None = db.execute("SELECT * FROM article WHERE id = ?", (found,)).fetchone()
    return row


def _renew(
    db: sqlite3.Connection, old: sqlite3.Row, article: Article, verdict: Verdict, values: dict[str, object]
) -> Event:
    """What seeing an article again changes. Better text from the same moment is not a revision by the outlet."""
    if article.warc is not None and earlier.is_earlier(old, article):
        return earlier.keep(db, old, article)
    same_text = article.content_hash == old["content_hash"]
    better, before = _BETTER[article.text_source], _BETTER[old["text_source"]]
    # A text that retention has dropped is welcome back where the story is, after all, about the topic.
    kept = old["body_dropped_at"] is None or verdict.outcome == "not"
    if kept and same_text and better <= before and verdict.topic_version == old["topic_version"]:
        return "same"
    if better < before or _another_feeds_words(old, article, verdict):
        return "same"
    revised = better == before and not same_text and not _lost_what_was_learnt(db, old, article)
    if revised:
        db.execute(
            """INSERT INTO revision
                 (article_id, number, seen_from, seen_until, title, subtitle, body, content_hash, text_source)
               SELECT id, revision, fetched, :fetched, title, subtitle, body, content_hash, text_source
               FROM article WHERE id = :id""",
            {"fetched": values["fetched"], "id": old["id"]},
        )
    if better == before and old["published"] is not None:
        # An outlet that moves its story's date up, so that it stands on top again, still published it when it did.
        values |= {name: old[name] for name in _PUBLISHED}
    # As StoredArticle.sort_at: never later than the first sight.
    seen = min(old["first_seen"], str(values["fetched"]))
    sort_at = min(str(values["published"] or seen), seen)
    db.execute(_UPDATE, values | {"sort_at": sort_at, "id": old["id"], "revision": old["revision"] + revised})
    _write_parts(db, old["id"], article, verdict)
    return "changed"


def _lost_what_was_learnt(db: sqlite3.Connection, old: sqlite3.Row, article: Article) -> bool:
    """Whether all that is gone is what the outlet says on every page, which was not known when it was read before."""
    if (article.title, article.subtitle) != (old["title"], old["subtitle"]):
        return False
    learnt = boilerplate.learnt(db, article.outlet)
    kept = [one for one in old["body"].split("\n\n") if boilerplate.paragraph_hash(one) not in learnt]
    return article.body.split("\n\n") == kept


def _another_feeds_words(old: sqlite3.Row, article: Article, verdict: Verdict) -> bool:
    """Two feeds that put one story differently, its page not to be had, do not revise each other.

    Only words that say more for the topic take the place of the others.
    """
    return article.text_source != "page" and article.source != old["source"] and verdict.score <= old["score"]


def _values(article: Article, verdict: Verdict, now: datetime) -> dict[str, object]:
    credit = article.credit
    published, seen = article.published, min(now, article.fetched)
    as_they_are = {name: getattr(article, name) for name in _ALL if hasattr(article, name)}
    made = {
        "authors": listed(article.authors),
        "tags": listed(article.tags),
        "images": json.dumps([cleaned(asdict(one)) for one in article.images], ensure_ascii=False),
        "alternates": json.dumps([cleaned(asdict(one)) for one in article.alternates], ensure_ascii=False),
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
        "sort_at": stamp(min(published or seen, seen)),
        "now": stamp(now),
    }
    return cleaned(as_they_are | made)


def _write_parts(db: sqlite3.Connection, article_id: int, article: Article, verdict: Verdict) -> None:
    write_mentions(db, article_id, verdict)
    db.execute("DELETE FROM past_verdict WHERE article_id = ?", (article_id,))  # of a text that was dropped
    db.execute(
        """INSERT INTO article_text (article_id, title, subtitle, summary, body, authors)
           VALUES (:id, :title, :subtitle, :summary, :body, :authors)
           ON CONFLICT (article_id) DO UPDATE SET title = excluded.title, subtitle = excluded.subtitle,
           summary = excluded.summary, body = excluded.body, authors = excluded.authors""",
        {"id": article_id, **asdict(search_text(article))},
    )


def write_mentions(db: sqlite3.Connection, article_id: int, verdict: Verdict) -> None:
    db.execute("DELETE FROM mention WHERE article_id = ?", (article_id,))
    db.executemany(
        """INSERT INTO mention (article_id, concept, field, start, end, surface) VALUES (?, ?, ?, ?, ?, ?)
           ON CONFLICT DO NOTHING""",
        [(article_id, m.concept, m.field, m.start, m.end, clean(m.surface)) for m in verdict.mentions],
    )


def add_change(db: sqlite3.Connection, article_id: int, now: datetime) -> None:
    db.execute("INSERT INTO change (article_id, at) VALUES (?, ?)", (article_id, stamp(now)))


def add_sighting(
    db: sqlite3.Connection, article_id: int, *, source: str, url: str, title: str, now: datetime, first_poll: bool
) -> None:
    """`first_poll`: the source showed it in its first successful poll, which tells nothing of how new it is.

    Once a source that was watched already shows it as new, it is news, and the steps downstream look at it again.
    """
    db.execute(
        """INSERT INTO sighting (article_id, source, url, title, first_seen) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT DO NOTHING""",
        (article_id, source, clean(url), clean(title), stamp(now)),
    )
    db.execute("UPDATE article SET last_seen = max(last_seen, ?) WHERE id = ?", (stamp(now), article_id))
    if not first_poll:
        news = db.execute("UPDATE article SET first_poll = 0 WHERE id = ? AND first_poll", (article_id,)).rowcount
        if news:
            add_change(db, article_id, now)
