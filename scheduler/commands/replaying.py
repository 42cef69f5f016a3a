"""`karabakh replay`."""

from __future__ import annotations

import logging
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scheduler.assemble import Parts, assemble, utc_now
from scheduler.cli import configuration
from scheduler.process import start_log, under_reactor
from storage.text import printable

if TYPE_CHECKING:
    from scheduler.replay import ReplayResult

SHOWN = 6  # reasons of a kind, the most frequent


@click.command()
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--outlet", metavar="OUTLET", help="Whose the pages are; else whom their hosts belong to.")
@click.option("--since", metavar="WHEN", help="Only what was saved from this day or moment on: 2026-11-01, 7d.")
@click.option("--until", metavar="WHEN", help="Only what was saved up to the end of this day or moment.")
@click.option("-v", "--verbose", is_flag=True, help="Log more.")
@click.pass_context
def replay(
    ctx: click.Context,
    files: tuple[Path, ...],
    *,
    outlet: str | None,
    since: str | None,
    until: str | None,
    verbose: bool,
) -> None:
    """Read the stories of pages that were saved in WARC files: of Common Crawl's news, or of a crawl of yours.

    They are read as they were on the day when they were saved, judged, stored and matched; notices of them are held
    back. What a file tells of no outlet of the catalogue is left out. A second replay changes nothing, and one that
    was stopped goes on. Exits 1 when a file could not be read to its end.

    \b
    Examples:
      karabakh replay CC-NEWS-20261101*.warc.gz
      karabakh replay --outlet asbarez asbarez-2019.warc.gz
    """
    from scheduler.replay import ReplayRequest
    from scheduler.replay import replay as read_again

    start_log(logging.DEBUG if verbose else logging.WARNING)
    now = utc_now()
    parts = assemble(configuration(ctx), now)
    request = ReplayRequest(
        files=tuple(dict.fromkeys(files)),
        outlet=_outlet(parts, outlet),
        since=_moment(since, "--since", now, end=False),
        until=_moment(until, "--until", now, end=True),
    )
    if request.since and request.until and request.since >= request.until:
        raise click.UsageError("--since must lie before --until")
    size = sum(path.stat().st_size for path in request.files)
    with click.progressbar(length=size, label="replaying", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        result = under_reactor(lambda stop: read_again(parts, request, utc_now, stop, progress=bar.update))
    click.echo("\n".join(summary(result)))
    for problem in result.problems:
        click.echo(printable(problem), err=True)
    if result.stopped:
        click.echo("stopped: the same command goes on from here", err=True)
    ctx.exit(result.exit_code)


def _outlet(parts: Parts, name: str | None) -> str | None:
    known = {one.id for one in parts.catalogue.outlets}
    if name is None or name in known:
        return name
    near = get_close_matches(name, sorted(known), n=3)
    hint = f"; near it: {', '.join(near)}" if near else " (karabakh sources list shows them)"
    raise click.UsageError(f"no outlet is called {name!r}{hint}")


def _moment(text: str | None, option: str, now: datetime, *, end: bool) -> datetime | None:
    from storage.query_times import EXPECTED, period

    if text is None:
        return None
    found = period(text, now)
    if found is None:
        raise click.BadParameter(f"{text!r} is not {EXPECTED}", param_hint=option)
    return found[end]


def summary(result: ReplayResult) -> Iterator[str]:
    yield f"files      {result.files}, with {result.records} records and {result.pages} pages"
    for why, count in result.unwanted.most_common():
        yield f"           of {result.pages} pages, {count} are {why}"
    again = f", {result.again} of them from an earlier replay" if result.again else ""
    yield f"stories    {result.new} new, {result.changed} in another version, {result.known} known{again}"
    if result.refused:
        yield f"refused    {_counted(result.refused)}"
    if result.passed:
        yield f"passed by  {_counted(result.passed)}"
    if result.held:
        yield f"notices    {result.held} held back"


def _counted(reasons: Counter[str]) -> str:
    shown = [f"{count} {printable(why)}" for why, count in reasons.most_common(SHOWN)]
    rest = reasons.total() - sum(count for _, count in reasons.most_common(SHOWN))
    return ", ".join(shown + ([f"{rest} for other reasons"] if rest else []))
