"""A changed topic passed over everything stored: what would change, and changing it.

Nothing is lost by it: with the old topic the same road leads back. Where a body is no longer kept, title and summary
are judged, and the verdict on the body is put by for its topic's return.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from storage.reader import Reader
from storage.store import Store
from storage.verdicts import EntryVerdict, NewVerdict, ToJudge
from topic import Topic
from topic.verdict import Outcome, Verdict

BATCH = 200  # judged in a fraction of a second; the write lock is held for the writing alone
WITHOUT_BODY = "judged on title and summary, for its text is no longer kept"


@dataclass(frozen=True, slots=True)
class Changed:
    """A story of which the topic says something else than the verdict that is stored."""

    id: int
    outlet: str
    title: str
    before: Outcome
    verdict: Verdict


@dataclass
class Rejudged:
    """`changed` are those with another outcome. `versions` counts the topics that had judged before."""

    stories: int = 0
    versions: Counter[str] = field(default_factory=Counter)
    changed: list[Changed] = field(default_factory=list)
    without_body: int = 0
    entries: int = 0
    to_fetch: int = 0
    asked_again: int = 0


def rejudge(
    reader: Reader,
    topic: Topic,
    general: frozenset[str],
    *,
    store: Store | None = None,
    refetch: bool = False,
    now: datetime,
    seen: Callable[[int], None] = lambda _count: None,
) -> Rejudged:
    """Judges all that another topic judged; writes it to `store` where one is given, and with `refetch` queues the
    pages of stories without a body that may be about the topic. `seen` hears how many were judged."""
    done = Rejudged()
    for batch in _batches(reader.stories_of_other_topics, topic.version):
        verdicts = [NewVerdict(one.id, judged(one, topic)) for one in batch]
        for old, new in zip(batch, verdicts, strict=True):
            _count(done, old, new.verdict)
        if store is not None:
            store.save_verdicts(verdicts, now)
            wanted = [one.id for one, new in zip(batch, verdicts, strict=True) if one.without_body and _may_be(new)]
            done.asked_again += store.ask_again(wanted, now) if refetch and wanted else 0
        seen(len(batch))
    for batch in _batches(reader.entries_of_other_topics, topic.version):
        entries = [entry_verdict(one, topic, general) for one in batch]
        done.entries += len(entries)
        done.to_fetch += sum(one.fetch for one in entries)
        if store is not None:
            store.save_entry_verdicts(entries, now)
        seen(len(batch))
    return done


def judged(story: ToJudge, topic: Topic) -> Verdict:
    """The topic's verdict on what is kept of a story; its own earlier one where the body it was passed on is gone."""
    if story.past is not None:
        return story.past
    verdict = topic.judge(story.title, story.text, story.language)
    return replace(verdict, reasons=(*verdict.reasons, WITHOUT_BODY)) if story.without_body else verdict


def entry_verdict(entry: ToJudge, topic: Topic, general: frozenset[str]) -> EntryVerdict:
    """An entry was passed over since a general outlet's title and summary named nothing of the topic."""
    verdict = topic.judge(entry.title, entry.text)
    return EntryVerdict(entry.id, verdict, fetch=entry.outlet not in general or bool(verdict.mentions))


def _may_be(new: NewVerdict) -> bool:
    return new.verdict.outcome != "not"


def _count(done: Rejudged, old: ToJudge, verdict: Verdict) -> None:
    done.stories += 1
    done.versions[old.topic_version] += 1
    done.without_body += old.without_body and old.past is None
    if old.outcome != verdict.outcome:
        done.changed.append(Changed(old.id, old.outlet, old.title, old.outcome, verdict))


def _batches(read: Callable[..., list[ToJudge]], version: str) -> Iterator[list[ToJudge]]:
    """Each story once, whether or not its new verdict is written meanwhile."""
    after = 0
    while batch := read(version, after=after, limit=BATCH):
        yield batch
        after = batch[-1].id
