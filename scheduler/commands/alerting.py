"""`karabakh alerts`: the rules, what came of them, and trying one out over what is stored."""

from __future__ import annotations

from pathlib import Path

import click

from alerts.rules import CONDITIONS, RuleSpec, compile_rules, compile_source_rules
from scheduler.assemble import rule_specs, utc_now
from scheduler.cli import configuration, form_option
from scheduler.commands.reading import SEARCH_COLUMNS, topic_of
from scheduler.render import render, story_row

HISTORY_COLUMNS = ("created", "rule", "channel", "state", "attempts", "about", "title")


@click.group()
def alerts() -> None:
    """Rules, their history, and trying one out."""


@alerts.command("list")
@form_option()
@click.pass_context
def list_rules(ctx: click.Context, *, form: str) -> None:
    """The rules of the configuration.

    \b
    Example:
      karabakh alerts list
    """
    specs = rule_specs(configuration(ctx).values)
    if not specs and form == "table":
        click.echo("no rules are configured: [[alerts]] in config.toml, docs/alerts.md", err=True)
        return
    rows = [
        {
            "rule": s.name,
            "channels": list(s.channels),
            "relevant_only": None if s.on else s.relevant_only,
            "query": s.query or None,
            "on": list(s.on),
            "sources": list(s.sources),
            "fires_for": _fires_for(s),
        }
        for s in specs
    ]
    click.echo(render(rows, ("rule", "channels", "relevant_only", "fires_for"), form))


def _fires_for(spec: RuleSpec) -> str:
    if not spec.on:
        return spec.query
    return " ".join(["on", ", ".join(spec.on), *(["of", ", ".join(spec.sources)] if spec.sources else [])])


@alerts.command("test")
@click.argument("rule_or_query")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True)
@form_option()
@click.pass_context
def try_rule(ctx: click.Context, rule_or_query: str, *, limit: int, form: str) -> None:
    """The stored stories that a rule (by its name) or a query would fire for. Nothing is sent.

    Of a rule of sources, or of a condition such as source-silent: the sources of which that is so now.

    \b
    Examples:
      karabakh alerts test 'title:lachin lang:en'
      karabakh alerts test source-blocked
    """
    from storage.query import parse
    from storage.reader import Reader

    loaded = configuration(ctx)
    topic = topic_of(loaded)
    spec = next((one for one in rule_specs(loaded.values) if one.name == rule_or_query), None)
    if spec is None and rule_or_query in CONDITIONS:
        spec = RuleSpec(name="test", channels=("test",), on=(rule_or_query,))
    if spec is not None and spec.on:
        _try_source_rule(loaded.database, spec, limit, form)
        return
    if spec is None:
        parse(rule_or_query, now=utc_now(), topic=topic)  # an error's column then counts in what was typed
        spec = RuleSpec(name="test", query=rule_or_query, channels=("test",), relevant_only=True)
    compile_rules([spec], now=utc_now(), topic=topic)
    text = f"({spec.query}) verdict:relevant" if spec.relevant_only else spec.query
    with Reader.open(loaded.database) as reader:
        stories = reader.search(parse(text, now=utc_now(), topic=topic), limit=limit)
    if not stories and form == "table":
        click.echo("no stored story would fire it", err=True)
        return
    click.echo(render([story_row(one) for one in stories], SEARCH_COLUMNS, form))


def _try_source_rule(database: Path, spec: RuleSpec, limit: int, form: str) -> None:
    from storage.reader import Reader

    (rule,) = compile_source_rules([spec])
    with Reader.open(database) as reader:
        rows = [
            {"source": source.id, "condition": one.kind, "since": one.since, "noticed": one.noticed, "seen": one.seen}
            for source in reader.sources()
            for one in source.ails
            if rule.fires_for(one.kind, source=source.id, outlet=source.outlet)
        ]
    if not rows and form == "table":
        click.echo("of no source is that so now", err=True)
        return
    click.echo(render(rows[:limit], ("source", "condition", "since", "noticed", "seen"), form))


@alerts.command("history")
@click.option("--rule", help="Only this rule.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=30, show_default=True)
@form_option()
@click.pass_context
def history(ctx: click.Context, *, rule: str | None, limit: int, form: str) -> None:
    """What was sent, waits, was held back or given up, newest first.

    \b
    Example:
      karabakh alerts history --rule 'Lachin road'
    """
    from storage.reader import Reader

    with Reader.open(configuration(ctx).database) as reader:
        found = reader.notices(rule=rule, limit=limit)
    rows = [
        {
            "created": one.created,
            "rule": one.rule,
            "channel": one.channel,
            "state": one.state if not one.held else f"held: {one.held}",
            "attempts": one.attempts,
            "article": one.article_id,
            "source": one.source,
            "condition": one.kind,
            "event": one.change,
            "about": str(one.article_id) if one.kind is None else f"{one.source}: {one.kind} {one.change}",
            "title": one.title,
            "sent": one.sent,
            "problem": one.problem,
            "why": list(one.why),
            "key": one.key,
        }
        for one in found
    ]
    if not rows and form == "table":
        click.echo("there are no notices", err=True)
        return
    click.echo(render(rows, HISTORY_COLUMNS, form))


@alerts.command("retry")
@click.pass_context
def retry(ctx: click.Context) -> None:
    """Put the notices that were given up back into the outbox; the daemon or the next crawl sends them.

    \b
    Example:
      karabakh alerts retry
    """
    from storage.store import Store

    with Store.open_existing(configuration(ctx).database) as store:
        click.echo(f"{store.retry_dead(utc_now())} notices are to be sent again")
