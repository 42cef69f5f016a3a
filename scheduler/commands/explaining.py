"""`karabakh explain`: all that led to a verdict, for any address that a source has ever announced."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from scheduler.assemble import rule_specs, utc_now
from scheduler.cli import configuration
from scheduler.commands.reading import find, topic_of
from scheduler.process import EXIT_FAILED
from scheduler.render import iso, names_used
from storage.article import StoredArticle
from storage.text import printable

if TYPE_CHECKING:
    from scheduler.config_file import LoadedConfig
    from storage.reader import EntryRecord, Reader
    from topic import Topic

PLACES_SHOWN = 6
PAGES: Mapping[str, str] = {
    "pending": "is still to be asked for",
    "done": "was fetched",
    "skipped": "was not asked for: most stories of this outlet are about other things, and title and summary name "
    "nothing of the topic",
    "failed": "could not be had",
}


@click.command()
@click.argument("id_or_url")
@click.pass_context
def explain(ctx: click.Context, id_or_url: str) -> None:
    """Why a story is, or is not, about the topic: what was found in it and what weighed how much; who announced it,
    whether its page was fetched; which alert rules fire, and why.

    \b
    Example:
      karabakh explain https://news.am/eng/news/123456.html
    """
    from crawler.urls import canonical
    from storage.reader import Reader

    loaded = configuration(ctx)
    topic = topic_of(loaded)
    with Reader.open(loaded.database) as reader:
        story = find(reader, id_or_url)
        entries = _entries(reader, story) if story else reader.entries_at(canonical(id_or_url))
    if story is None and not entries:
        click.echo(f"no source has announced {printable(id_or_url)}", err=True)
        ctx.exit(EXIT_FAILED)
    for line in _explained(story, entries, topic, loaded):
        click.echo(printable(line))


def _entries(reader: Reader, story: StoredArticle) -> list[EntryRecord]:
    addresses = dict.fromkeys((story.canonical_url, *story.also_at))
    return [entry for url in addresses for entry in reader.entries_at(url)]


def _explained(
    story: StoredArticle | None, entries: Sequence[EntryRecord], topic: Topic, loaded: LoadedConfig
) -> Iterator[str]:
    if story is None:
        yield entries[0].title
    else:
        yield from _story(story, topic)
    for entry in entries:
        yield from _entry(entry, told=story is not None)
    if story is not None:
        yield from _rules(story, topic, loaded)


def _story(story: StoredArticle, topic: Topic) -> Iterator[str]:
    yield story.title
    yield f"verdict: {story.outcome} (score {story.score:.2f}, topic {story.topic_version})"
    yield from (f"  because: {reason}" for reason in story.reasons)
    if story.body_dropped is None:
        yield from _weights(topic, story.title, story.body or story.summary or "", story.language)
    if story.topic_version != topic.version:
        yield f"  the topic is another one by now ({topic.version}): karabakh rejudge shows what it says"
    labels = {one.id: one.label for one in topic.concepts}
    seen: dict[str, list[str]] = {}
    for mention in story.mentions:
        seen.setdefault(mention.concept, []).append(f"{mention.surface} ({mention.field} {mention.start})")
    for concept, places in seen.items():
        more = f" and {len(places) - PLACES_SHOWN} more" if len(places) > PLACES_SHOWN else ""
        yield f"  found {labels.get(concept, concept)}: {', '.join(places[:PLACES_SHOWN])}{more}"
    yield from (f"  names used: {line}" for line in names_used(story.mentions, topic))
    sure = f", confidence {story.extraction_confidence:.2f}" if story.extraction_confidence is not None else ""
    status = f", HTTP {story.http_status}" if story.http_status else ""
    yield f"text from: {story.text_source}, fetched {iso(story.fetched)}{status}, read by {story.extractor}{sure}"


def _weights(topic: Topic, title: str, text: str, language: str | None) -> Iterator[str]:
    """As the topic weighs the story now; the sum goes through the logistic function and becomes the score."""
    parts = [one for one in topic.weighed(title, text, language) if one.points]
    told = ", ".join(f"{one.name} {one.points:+.1f}" for one in parts)
    yield f"  weighed: {told}; together {sum(one.points for one in parts):+.1f}"


def _entry(entry: EntryRecord, *, told: bool) -> Iterator[str]:
    yield f"announced by {entry.source} on {iso(entry.first_seen)}; its page {PAGES[entry.state]}"
    if entry.problem:
        yield f"  problem: {entry.problem} (asked {entry.attempts} times)"
    if entry.next_try:
        yield f"  asked next: {iso(entry.next_try)}"
    yield f"  verdict on title and summary: {entry.outcome} (score {entry.score:.2f})"
    if not told:
        yield from (f"    because: {reason}" for reason in entry.reasons)


def _rules(story: StoredArticle, topic: Topic, loaded: LoadedConfig) -> Iterator[str]:
    from alerts.rules import compile_rules

    rules = compile_rules(rule_specs(loaded.values), now=utc_now(), topic=topic)
    if not rules:
        yield "rules: none are configured"
    for rule in rules:
        match = rule.query.matches(story)
        if match is None:
            yield f"rule {rule.name!r}: does not fire, its query does not match"
        elif rule.relevant_only and not story.relevant:
            yield f"rule {rule.name!r}: its query matches, but the story is not judged relevant (relevant_only)"
        else:
            yield f"rule {rule.name!r}: fires: {'; '.join(match.why)}"
