"""`karabakh backfill`."""

from __future__ import annotations

import logging
import sys
from collections import Counter
from datetime import datetime
from typing import Self

import click

from scheduler.assemble import assemble, utc_now
from scheduler.cli import configuration
from scheduler.commands.crawling import named_sources
from scheduler.process import start_log, under_reactor
from storage.text import printable


@click.command()
@click.argument("name", metavar="OUTLET|SOURCE")
@click.option("--since", metavar="WHEN", required=True, help="From this day or moment on: 2026-11-01, 7d.")
@click.option("--until", metavar="WHEN", help="Up to the end of this day or moment; else up to now.")
@click.option("--requests", type=click.IntRange(1, 10_000), default=200, show_default=True,
              help="How many may be spent on finding the stories; their pages come on top.")  # fmt: skip
@click.option("-v", "--verbose", is_flag=True, help="Log every page.")
@click.pass_context
def backfill(ctx: click.Context, name: str, *, since: str, until: str | None, requests: int, verbose: bool) -> None:
    """Fetch the stories of a time past: from older pages of a feed, WordPress, sitemaps, section pages.

    As polite as every other run. A run that was stopped goes on when the same command is given again. Rules hear of the
    stories, and hold back what is too old for a notice.

    \b
    Examples:
      karabakh backfill armenpress --since 2026-11-01 --until 2026-11-10
      karabakh backfill asbarez-en --since 30d --requests 500
    """
    from scheduler.backfill import BackfillRequest
    from scheduler.backfill import backfill as fill_in

    start_log(logging.DEBUG if verbose else logging.WARNING)
    now = utc_now()
    parts = assemble(configuration(ctx), now)
    begins, ends = _moment(since, "--since", now), _moment(until, "--until", now) if until else None
    request = BackfillRequest(
        sources=named_sources(parts, (name,)),
        since=begins[0],
        until=min(ends[1], now) if ends else None,
        requests=requests,
    )
    if request.since >= (request.until or now):
        raise click.UsageError("--since must lie before --until, and both in the past")
    with _Bars() as bars:
        result = under_reactor(lambda stop: fill_in(parts, request, utc_now, stop, progress=bars.add))
    click.echo(result.line())
    for source, why in sorted(result.open.items()):
        click.echo(f"{source} is not covered: {printable(why)}", err=True)
    if result.elsewhere:
        click.echo(f"in the hands of another run: {result.elsewhere} sources", err=True)
    ctx.exit(result.exit_code)


def _moment(text: str, option: str, now: datetime) -> tuple[datetime, datetime]:
    from storage.query_times import EXPECTED, period

    found = period(text, now)
    if found is None:
        raise click.BadParameter(f"{text!r} is not {EXPECTED}", param_hint=option)
    begin, end = found
    # So many days back are whole days, or the same command would mean another time a minute later.
    return (begin.replace(hour=0, minute=0, second=0), end) if text.strip()[-1:] in "dw" else (begin, end)


class _Bars:
    """Counts that go up on one line of a terminal; nothing where there is none. How many stories there are is what the
    search finds out, so that there is no end to show."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, what: str, more: int) -> None:
        self._counts[what] += more
        if sys.stderr.isatty():
            told = ", ".join(f"{what} {count}" for what, count in self._counts.items())
            click.echo(f"\r{told}", nl=False, err=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._counts and sys.stderr.isatty():
            click.echo(err=True)
