"""What a source announces, judged on title and summary, ready to be stored."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from crawler.entry import Entry
from crawler.language import language_of_title
from crawler.routes import address_at_home
from crawler.urls import canonical
from crawler.world import World
from storage.records import EntryToSave, SourceForPoll


def entries_to_save(entries: Iterable[Entry], source: SourceForPoll, world: World) -> Iterable[EntryToSave]:
    seen: set[str] = set()
    for entry in entries:
        address = canonical(address_at_home(entry.link, source))
        if address in seen:
            continue
        seen.add(address)
        verdict = world.topic.judge(entry.title, entry.summary)
        hopeless = source.outlet in world.general and not verdict.mentions
        yield EntryToSave(
            canonical_url=address,
            url=entry.link,
            title=entry.title,
            feed_hash=_feed_hash(entry),
            verdict=verdict,
            state="skipped" if hopeless else "pending",
            guid=entry.guid,
            summary=entry.summary,
            content=entry.content,
            whole_page=entry.whole_page,
            published=entry.published,
            published_raw=entry.published_raw,
            updated=entry.updated,
            authors=entry.authors,
            tags=entry.tags,
            language=language_of_title(
                f"{entry.title} {entry.summary}", declared=entry.language, usual=source.languages
            ),
        )


def _feed_hash(entry: Entry) -> str:
    """Covers what a reader of the feed would see change. Not `updated`: some outlets touch it at every poll."""
    said = f"{entry.title}\x1f{entry.summary}\x1f{entry.content}"
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()
