"""`karabakh search`, `show` and `explain`: questions to the database. They import none of the crawler's libraries."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from scheduler.assemble import utc_now
from scheduler.cli import configuration, form_option
from scheduler.config import folder_of
from scheduler.config_file import LoadedConfig
from scheduler.process import EXIT_FAILED
from scheduler.render import iso, names_used, page_lines, render, story_dict, story_page, story_row
from storage.article import StoredArticle
from storage.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from storage.query import Query
    from storage.query_nodes import Node
    from storage.reader import Reader
    from topic import Topic

SEARCH_COLUMNS = ("id", "published", "outlet", "language", "verdict", "title")


def topic_of(loaded: LoadedConfig) -> Topic:
    """Raises ConfigError."""
    from scheduler.config_place import ConfigError
    from topic import load
    from topic.errors import TopicErrors

    try:
        return load(folder_of(loaded.values.topic, loaded.base))
    except TopicErrors as error:
        raise ConfigError(list(error.mistakes)) from error


@click.command()
@click.argument("query", nargs=-1)
@click.option("--since", metavar="WHEN", help="Published at or after: 2026-11-01, 6h, 2d, yesterday.")
@click.option("--until", metavar="WHEN", help="Published before the end of.")
@click.option("--lang", help="Language: hy, az, ru, en, tr …")
@click.option("--outlet", help="An outlet's id, such as armenpress.")
@click.option("--side", help="Armenia, Azerbaijan, Russia, Turkey …")
@click.option("--verdict", type=click.Choice(("relevant", "unsure", "not", "any")), default="any", show_default=True)
@click.option("--sort", type=click.Choice(("newest", "relevance")), default="newest", show_default=True)
@click.option("--limit", type=click.IntRange(1, 100_000), default=20, show_default=True)
@form_option("atom")
@click.pass_context
def search(
    ctx: click.Context,
    query: tuple[str, ...],
    *,
    since: str | None,
    until: str | None,
    lang: str | None,
    outlet: str | None,
    side: str | None,
    verdict: str,
    sort: str,
    limit: int,
    form: str,
) -> None:
    """Find stored stories, newest first. The query language is described in docs/query.md; without a query: all.

    Titles, summaries, bodies and authors are searched without regard to case, to Armenian marks inside words and to
    ı/İ/ё. @NAME finds a place or person under all its names. A query that begins with - goes after --.

    \b
    Examples:
      karabakh search 'lachin OR лачин* OR լաչին*' --since 7d
      karabakh search @stepanakert lang:hy --format jsonl
      karabakh search '(road OR дорог*) NEAR/5 lachin' --format atom
      karabakh search -- '-football' 'title:"peace treaty"'
    """
    from storage.reader import Reader

    loaded = configuration(ctx)
    topic, now = topic_of(loaded), utc_now()
    typed = " ".join(query).strip()
    options = {"since": since, "until": until, "lang": lang, "outlet": outlet, "side": side}
    options["verdict"] = None if verdict == "any" else verdict
    found = asked_for(typed, options, topic, now)
    with Reader.open(loaded.database) as reader:
        stories = reader.search(found, limit=limit, sort="relevance" if sort == "relevance" else "newest")
        unknown = [] if stories or found is None else list(_unknown(found, reader))
    if form == "atom":
        from scheduler.atom import atom

        asked = " ".join([typed, *(f'{name}:"{value}"' for name, value in options.items() if value is not None)])
        click.echo(atom(stories, asked.strip(), now))
        return
    if not stories and form == "table":
        click.echo("; ".join(["no story matches", *unknown]), err=True)
        return
    click.echo(render([story_row(story) for story in stories], SEARCH_COLUMNS, form))


def asked_for(typed: str, options: Mapping[str, str | None], topic: Topic, now: datetime) -> Query | None:
    """A query and the options beside it as one query; None where neither says anything."""
    from storage.query import Query, parse
    from storage.query_nodes import And

    parts = [parse(typed, now=now, topic=topic).root] if typed else []
    parts += [_option(name, value, now) for name, value in options.items() if value is not None]
    return Query(parts[0] if len(parts) == 1 else And(tuple(parts))) if parts else None


def _unknown(query: Query, reader: Reader) -> Iterator[str]:
    """Outlets and sides that a query names and the catalogue does not have."""
    from storage.query_nodes import OfOutlet, leaves

    outlets = reader.outlets()
    for leaf in leaves(query.root):
        if isinstance(leaf, OfOutlet) and not any(leaf.accepts(one.id, one.name, one.side) for one in outlets):
            yield f"no {leaf.field} is called {printable(leaf.surface)} (`karabakh sources list` shows them)"


def _option(name: str, value: str, now: datetime) -> Node:
    """What an option says, by the query's own rules. It cannot say more than one term."""
    from storage.query import QueryError, parse

    one_term = value.replace('"', " ")
    try:
        return parse(f'{name}:"{one_term}"', now=now).root
    except QueryError as error:
        raise click.BadParameter(printable(error.sentence), param_hint=f"--{name}") from error


@click.command()
@click.argument("id_or_url")
@form_option()
@click.pass_context
def show(ctx: click.Context, id_or_url: str, *, form: str) -> None:
    """A whole story: text, moment, makers, sightings, versions, verdict.

    \b
    Example:
      karabakh show 17 --json
    """
    from storage.reader import Reader
    from topic.naming import naming_of

    loaded = configuration(ctx)
    with Reader.open(loaded.database) as reader:
        story = find(reader, id_or_url)
        if story is None:
            click.echo(f"no stored story has the id or address {printable(id_or_url)}", err=True)
            ctx.exit(EXIT_FAILED)
        revisions, page = reader.revisions(story.id), reader.page(story.id)
    topic = topic_of(loaded)
    if form == "table":
        lines = [f"{'names used':<11} {printable(line)}" for line in names_used(story.mentions, topic)]
        lines += [f"version {one.number:<3} until {iso(one.seen_until)}: {printable(one.title)}" for one in revisions]
        lines += page_lines(page) if page else []
        click.echo(story_page(story, lambda: lines))
        return
    versions = [
        {"number": one.number, "seen_until": one.seen_until, "title": one.title, "body": one.body} for one in revisions
    ]
    naming = naming_of(story.mentions, topic.concepts)
    row = story_dict(story) | {"naming": naming, "versions": versions, "page": page and asdict(page)}
    click.echo(render([row], (), form) if form != "json" else render([row], (), "json")[1:-1].strip())


def find(reader: Reader, id_or_url: str) -> StoredArticle | None:
    if id_or_url.isascii() and id_or_url.isdigit():
        return reader.article(int(id_or_url))
    from crawler.urls import canonical

    return reader.article_at(id_or_url) or reader.article_at(canonical(id_or_url))
