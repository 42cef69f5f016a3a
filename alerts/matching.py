"""From stored stories to notices in the outbox. Reads what was stored since the durable mark, which moves with what is
written: a crash repeats a batch, and the uniqueness of outbox rows drops what is repeated."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.freshness import FreshnessLimits, held_back
from alerts.prefilter import RuleIndex
from alerts.rules import Rule
from storage.query import Searchable
from storage.records import NoticeToSave
from storage.store import Store

STEP = "alerts"
BATCH = 25  # stories: some ten milliseconds, in which nobody is polled


@dataclass(frozen=True, slots=True)
class Matched:
    """`notices` will be sent, `held` are recorded only; a notice that stood in the outbox already counts as neither."""

    articles: int = 0
    notices: int = 0
    held: int = 0

    def __add__(self, other: Matched) -> Matched:
        return Matched(self.articles + other.articles, self.notices + other.notices, self.held + other.held)


def match_changes(
    store: Store, rules: Sequence[Rule], limits: FreshnessLimits, now: datetime, *, batch: int = BATCH
) -> Iterator[Matched]:
    """Matches every story written or revised since the last time, batch by batch: whoever asks may do other things
    between two. Without rules only the mark moves, so that a rule added later is not told the past."""
    index: RuleIndex | None = None
    while changes := store.changes_after(STEP, batch):
        index = index or RuleIndex([rule.at(now) for rule in rules])
        ids = dict.fromkeys(change.article_id for change in changes) if rules else ()
        found: list[NoticeToSave] = []
        for article_id in ids:
            story = store.searchable(article_id)
            if story is not None:
                found += notices_for(story, index, held_back(story.article, limits, now))
        written = store.save_matches(STEP, changes[-1].seq, found, now)
        yield Matched(len(ids), written.waiting, written.held)


def notices_for(story: Searchable, index: RuleIndex, held: str | None) -> Iterator[NoticeToSave]:
    """One notice for each channel of each rule that fires. Pure."""
    article = story.article
    for rule in index.candidates(story):
        if rule.relevant_only and not article.relevant:
            continue
        match = rule.query.matches(story)
        if match is None:
            continue
        for channel in dict.fromkeys(rule.channels):
            yield NoticeToSave(
                rule=rule.name,
                article_id=article.id,
                channel=channel,
                key=notice_key(rule.name, article.canonical_url, channel),
                why=match.why,
                held=held,
            )


def notice_key(rule: str, canonical_url: str, channel: str) -> str:
    """The idempotency key: the same for every try of a notice, on any machine. It is made of the story's address and
    not of its number in the database, which means another story once a database has been started afresh."""
    return hashlib.sha256(json.dumps([rule, canonical_url, channel]).encode()).hexdigest()[:32]
