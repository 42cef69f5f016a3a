"""`karabakh rejudge`: a changed topic over what is stored."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from scheduler.assemble import utc_now
from scheduler.cli import configuration, form_option
from scheduler.commands.reading import topic_of
from scheduler.lease_owner import is_dead
from scheduler.render import render, table
from storage.text import printable

if TYPE_CHECKING:
    from scheduler.rejudge import Rejudged
    from storage.reader import Reader
    from topic import Topic

COLUMNS = ("id", "outlet", "from", "to", "title")
SHOWN = 40


@click.command()
@click.option("--apply", "writes", is_flag=True, help="Write the new verdicts; without it nothing is changed.")
@click.option("--refetch", is_flag=True, help="With --apply: ask again for pages whose text is no longer kept.")
@form_option()
@click.pass_context
def rejudge(ctx: click.Context, *, writes: bool, refetch: bool, form: str) -> None:
    """Judge everything stored by the topic as it is now, and show which stories become relevant or no longer are.

    Run again with the old topic, it undoes what it did. Rules hear of stories whose outcome changes; those too old for
    a notice are held back. Stories whose text is no longer kept are judged on title and summary.

    \b
    Examples:
      karabakh rejudge                what would change
      karabakh rejudge --apply
    """
    from scheduler.rejudge import rejudge as judge_anew
    from storage.reader import Reader
    from storage.store import Store

    if refetch and not writes:
        raise click.UsageError("--refetch needs --apply: without it nothing is queued")
    loaded = configuration(ctx)
    topic = topic_of(loaded)
    with ExitStack() as open_things:
        reader = open_things.enter_context(Reader.open(loaded.database))
        store = open_things.enter_context(Store.open_existing(loaded.database)) if writes else None
        general = frozenset(one.id for one in reader.outlets() if one.scope == "general")
        bar = open_things.enter_context(
            click.progressbar(
                length=reader.judged_otherwise(topic.version), label="judging", file=sys.stderr,
                hidden=not sys.stderr.isatty(),
            )
        )  # fmt: skip
        done = judge_anew(reader, topic, general, store=store, refetch=refetch, now=utc_now(), seen=bar.update)
        lines = list(_told(done, topic, reader, writes=writes, refetch=refetch))
    rows = [
        {"id": one.id, "outlet": one.outlet, "from": one.before, "to": one.verdict.outcome, "title": one.title,
         "reasons": list(one.verdict.reasons)}
        for one in done.changed
    ]  # fmt: skip
    if form != "table":
        click.echo(render(rows, (*COLUMNS, "reasons"), form))
        return
    click.echo("\n".join(lines))
    if rows:
        click.echo("\n" + table([[row[name] for name in COLUMNS] for row in rows[:SHOWN]], COLUMNS))
    if len(rows) > SHOWN:
        click.echo(f"… and {len(rows) - SHOWN} more (--json shows all)")


def _told(done: Rejudged, topic: Topic, reader: Reader, *, writes: bool, refetch: bool) -> Iterator[str]:
    if not done.stories and not done.entries:
        yield f"everything stored is judged by {topic.version} already"
        return
    before = ", ".join(f"{count} by {printable(version)}" for version, count in done.versions.most_common())
    yield f"topic      {topic.version}; stories judged before: {before or 'none'}"
    moves = Counter(f"{one.before} -> {one.verdict.outcome}" for one in done.changed)
    changes = ", ".join(f"{count} {move}" for move, count in sorted(moves.items()))
    yield f"stories    {done.stories} judged; {'changed' if writes else 'would change'}: {changes or 'none'}"
    if done.without_body:
        yield f"           {done.without_body} on title and summary, for their text is no longer kept"
    if done.entries:
        yield (
            f"entries    {done.entries} whose pages were never asked for judged; "
            f"{done.to_fetch} {'are' if writes else 'would be'} asked for now"
        )
    if refetch:
        yield f"refetch    {done.asked_again} pages queued"
    if not writes:
        yield "nothing is written yet: --apply does that"
    elif any(run.ended is None and not is_dead(run.owner) for run in reader.status(utc_now()).runs):
        yield "note       a run that goes on judges by the topic it began with until it is reloaded (SIGHUP)"
