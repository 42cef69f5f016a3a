"""From what ails sources to notices in the outbox, by events since a durable mark, as `alerts.matching` reads stories.

A rule that is added later is not told what began before it; nor is it told that such a thing has ended.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator, Sequence
from datetime import datetime

from alerts.matching import Matched
from alerts.rules import SourceRule, condition_name
from storage.ailments import SourceEvent
from storage.records import NoticeToSave
from storage.store import Store

log = logging.getLogger(__name__)

STEP = "source alerts"


def match_events(store: Store, rules: Sequence[SourceRule], now: datetime, *, batch: int = 200) -> Matched:
    notices = 0
    while events := store.events_after(STEP, batch):
        found = [notice for event in events for notice in notices_for(event, rules)]
        for event in events:
            log.warning(
                "%s: source=%s event=%s seen=%s", condition_name(event.kind), event.source, event.change, event.seen
            )
        notices += store.save_matches(STEP, events[-1].id, found, now).waiting
    return Matched(notices=notices)


def notices_for(event: SourceEvent, rules: Sequence[SourceRule]) -> Iterator[NoticeToSave]:
    """One notice for each channel of each rule that fires. Pure."""
    for rule in rules:
        if rule.fires_for(event.kind, source=event.source, outlet=event.outlet):
            for channel in dict.fromkeys(rule.channels):
                yield NoticeToSave(
                    rule=rule.name,
                    event_id=event.id,
                    follows=event.beginning,
                    channel=channel,
                    key=event_key(rule.name, event, channel),
                    why=(condition_name(event.kind),),
                )


def event_key(rule: str, event: SourceEvent, channel: str) -> str:
    """The idempotency key: the same for every try, and made of nothing that another database would number anew."""
    said = [rule, event.source, event.kind, event.change, event.at.isoformat(), channel]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]
