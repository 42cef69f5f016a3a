"""Small values of the storage room for its tests, with one moment from which their times count."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from storage import Store
from storage.article import Article
from storage.records import EntryToSave, OutletRow, PollToSave, Saved, SourceRow
from topic.verdict import Mention, Outcome, Verdict

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

OUTLETS = (
    OutletRow(
        id="lori-herald",
        name="Lori Herald",
        homepage="https://lori.test/",
        side="Armenia",
        kind="newspaper",
        languages=("hy", "en"),
        zone="Asia/Yerevan",
        scope="regional",
        hosts=("lori.test",),
    ),
    OutletRow(
        id="khazar-post",
        name="Xəzər Poçtu",
        homepage="https://khazar.test/",
        side="Azerbaijan",
        kind="news site",
        languages=("az",),
        zone="Asia/Baku",
        scope="general",
        hosts=("khazar.test",),
    ),
)


def source(name: str, **changes: Any) -> SourceRow:
    row = SourceRow(
        id=name,
        outlet="khazar-post" if name.startswith("khazar") else "lori-herald",
        kind="rss",
        url=f"https://{name}.test/feed",
        languages=("en",),
        enabled=True,
        ship="on",
    )
    return replace(row, **changes)


SOURCES = (source("lori-en"), source("lori-top"), source("khazar-az"))


def fill(store: Store) -> None:
    """The catalogue of the tests."""
    store.sync_catalogue(OUTLETS, SOURCES, NOW - DAY)


@contextmanager
def newsroom(folder: Path) -> Iterator[Store]:
    """A store with that catalogue; afterwards its file is checked, and the full-text index against the texts."""
    with Store.open(folder / "news.sqlite") as store:
        fill(store)
        yield store
        assert store.check() == []


def changes(store: Store) -> list[int]:
    """The articles that a step which has handled nothing would hear of."""
    return [change.article_id for change in store.changes_after("nobody", 1000)]


def verdict(
    outcome: Outcome = "relevant",
    *mentions: Mention,
    score: float = 0.9,
    version: str = "t1",
    reasons: tuple[str, ...] = ("Lachin in the title",),
) -> Verdict:
    return Verdict(outcome, score, mentions, reasons, version)


def article(name: str = "a", **changes: Any) -> Article:
    """The page https://lori.test/NAME."""
    url = f"https://lori.test/{name}"
    values: dict[str, Any] = {
        "url": url,
        "canonical_url": url,
        "final_url": url,
        "outlet": "lori-herald",
        "source": "lori-en",
        "title": f"Lachin road story {name}",
        "body": f"The road is open again, says {name}.\n\nMore follows.",
        "published": NOW - HOUR,
        "published_precision": "minute",
        "fetched": NOW,
        "language": "en",
        "extractor": "test",
        "extractor_version": "1",
    }
    values |= changes
    said = "\x1f".join(str(values.get(key)) for key in ("title", "summary", "body"))
    values.setdefault("content_hash", sha256(said.encode("utf-8", "replace")).hexdigest())
    return Article(**values)


def entry(name: str = "a", **changes: Any) -> EntryToSave:
    values: dict[str, Any] = {
        "canonical_url": f"https://lori.test/{name}",
        "url": f"https://lori.test/{name}?utm_source=feed",
        "title": f"Lachin road story {name}",
        "feed_hash": f"hash of {name}",
        "verdict": verdict(),
        "state": "pending",
    }
    return EntryToSave(**(values | changes))


def poll(source_id: str, *entries: EntryToSave, at: datetime = NOW, **changes: Any) -> PollToSave:
    values: dict[str, Any] = {
        "source": source_id,
        "owner": "host/1/1",
        "started": at,
        "ended": at,
        "outcome": "ok",
        "next_check": at + HOUR,
        "http_status": 200,
        "shown": len(entries),
        "entries": entries,
    }
    return PollToSave(**(values | changes))


def save(store: Store, one: Article, *, judged: Verdict | None = None, now: datetime = NOW, **more: Any) -> Saved:
    return store.save_article(one, judged or verdict(), entry_id=more.pop("entry_id", None), now=now, **more)


def small_database(folder: Path) -> Path:
    """A small database, cleanly closed."""
    path = folder / "news.sqlite"
    with Store.open(path) as store:
        fill(store)
        save(store, article())
        store.save_poll(poll("lori-en", entry("b")))
    return path


def dump(path: Path) -> list[str]:
    with sqlite3.connect(path) as db:
        found = list(db.iterdump())
    db.close()
    return found


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another process in the middle of a write."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        db.close()
