"""`karabakh judge`: trying out what the monitor thinks, without a database."""

from __future__ import annotations

from dataclasses import asdict
from typing import TextIO

import click

from scheduler.cli import configuration, form_option
from scheduler.commands.reading import topic_of
from scheduler.render import names_used, render
from storage.text import printable


@click.command()
@click.argument("file", type=click.File("r", encoding="utf-8", errors="replace"))
@click.option("--title", help="The title; else the first line of the text is taken for it.")
@form_option()
@click.pass_context
def judge(ctx: click.Context, file: TextIO, title: str | None, *, form: str) -> None:
    """A verdict, with its reasons, for a text of yours (FILE, or - for standard input).

    \b
    Example:
      echo 'Talks on the Lachin corridor resumed' | karabakh judge -
    """
    from topic.naming import naming_of

    text = file.read()
    if title is None:
        title, _, text = text.strip().partition("\n")
    topic = topic_of(configuration(ctx))
    verdict = topic.judge(title, text.strip())
    if form != "table":
        naming = naming_of(verdict.mentions, topic.concepts)
        click.echo(render([asdict(verdict) | {"relevant": verdict.relevant, "naming": naming}], (), form))
        return
    click.echo(f"{verdict.outcome} (score {verdict.score:.2f})")
    for reason in verdict.reasons:
        click.echo(f"  because: {printable(reason)}")
    for mention in verdict.mentions:
        click.echo(f"  {mention.concept}: {printable(mention.surface)} ({mention.field} {mention.start}-{mention.end})")
    for line in names_used(verdict.mentions, topic):
        click.echo(f"  names used: {printable(line)}")
