"""`karabakh gaps`: what may have been missed, and the ledger by the hour."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from scheduler.assemble import utc_now
from scheduler.cli import configuration, form_option
from scheduler.render import render

if TYPE_CHECKING:
    from storage.ledger import Hour

COLUMNS = ("source", "since", "until", "state", "tries", "found", "evidence", "note")
# One sign for each hour; what is fine is the least ink.
SIGNS: dict[Hour, str] = {"covered": "·", "filled": "+", "open": " ", "unwatched": "-", "down": "!", "gap": "?"}
LEGEND = (
    "· covered   + a gap that was filled   ? maybe a gap   ! down   - not watched yet   (blank) no poll tells of it yet"
)


@click.command()
@click.option("--hours", "window", type=click.IntRange(1, 24 * 90), default=48, show_default=True, help="How far back.")
@click.option("--filled", is_flag=True, help="Gaps that were filled from elsewhere, too.")
@click.option("--ledger", "by_hour", is_flag=True, help="Every source with a sign for each hour.")
@form_option()
@click.pass_context
def gaps(ctx: click.Context, *, window: int, filled: bool, by_hour: bool, form: str) -> None:
    """What may have been missed: times between two polls whose windows do not overlap.

    As long as a story that a source showed at one poll still stands below everything new at the next, nothing can have
    come and gone between the two. Where that proof is missing there may be a gap, until another road has filled it.

    \b
    Examples:
      karabakh gaps --hours 24
      karabakh gaps --ledger
    """
    from storage.reader import Reader

    now = utc_now()
    since = now - timedelta(hours=window)
    with Reader.open(configuration(ctx).database) as reader:
        found = reader.gaps(since, filled=filled)
        ledger = reader.ledger(since, now) if by_hour else {}
    if by_hour:
        rows = [{"source": source, "hours": those} for source, those in ledger.items()]
        click.echo("\n".join(_strips(ledger, since)) if form == "table" else render(rows, (), form))
        return
    if not found and form == "table":
        click.echo(f"no gap is open that reaches into the last {window} hours", err=True)
        return
    rows = [{name: getattr(one, name) for name in COLUMNS} for one in found]
    click.echo(render(rows, COLUMNS, form))


def _strips(ledger: dict[str, list[Hour]], since: datetime) -> Iterator[str]:
    width = max(map(len, ledger), default=0)
    yield f"{'':<{width}}  from {since:%Y-%m-%d %H}:00 UTC, an hour each"
    for source, hours in ledger.items():
        yield f"{source:<{width}}  {''.join(SIGNS[hour] for hour in hours)}"
    yield LEGEND
