"""`karabakh run` and `karabakh crawl`."""

from __future__ import annotations

import logging
import re
import sys
from datetime import timedelta

import click

from scheduler.assemble import Parts, assemble, utc_now
from scheduler.cli import configuration
from scheduler.process import start_log, under_reactor


@click.command()
@click.option("-v", "--verbose", is_flag=True, help="Log every poll and page, too.")
@click.pass_context
def run(ctx: click.Context, *, verbose: bool) -> None:
    """Poll, judge, store and alert until told to stop.

    The first SIGTERM or Ctrl-C lets what is under way end (at most 10 seconds), a second one ends at once; neither
    loses anything. SIGHUP has configuration, catalogue and topic read anew; what is wrong in them is logged and the
    old ones stay. The log goes to standard error.

    \b
    Example:
      karabakh --config /etc/karabakh/config.toml run
    """
    from scheduler.daemon import run_daemon

    start_log(logging.DEBUG if verbose else logging.INFO)

    def read() -> Parts:
        return assemble(configuration(ctx), utc_now())

    parts = read()
    under_reactor(lambda stop: run_daemon(parts, utc_now, stop, read))


_UNITS = {"s": 1, "m": 60, "min": 60, "h": 3600}


def _span(_ctx: click.Context, _param: click.Parameter, value: str | None) -> timedelta | None:
    if value is None:
        return None
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(s|m|min|h)?", value.strip())
    if not found or float(found[1]) <= 0:
        raise click.BadParameter(f"{value!r} is not a time such as 90s, 10m or 1h")
    return timedelta(seconds=float(found[1]) * _UNITS[found[2] or "s"])


@click.command()
@click.argument("names", nargs=-1, metavar="[SOURCE|OUTLET]...")
@click.option("--all", "everything", is_flag=True, help="Every source that is switched on, due or not.")
@click.option(
    "--max-time", callback=_span, metavar="TIME", help="Stop beginning new work after this time (90s, 10m, 1h)."
)
@click.option("-v", "--verbose", is_flag=True, help="Log every poll and page.")
@click.pass_context
def crawl(
    ctx: click.Context, names: tuple[str, ...], *, everything: bool, max_time: timedelta | None, verbose: bool
) -> None:
    """One pass: fetch what is due (or the named sources now), store, match, deliver, end.

    Quiet when all is well, unless it writes to a terminal or -v is given. Exits 0 when all went well, 1 when some
    source or delivery failed, 75 when another live run holds everything that was wanted.

    \b
    Examples:
      karabakh crawl                       what is due
      karabakh crawl armenpress --max-time 5m
      */10 * * * *  karabakh --config /etc/karabakh/config.toml crawl --max-time 9m      (a crontab's line)
    """
    from scheduler.one_pass import PassRequest
    from scheduler.one_pass import crawl as make_pass

    start_log(logging.DEBUG if verbose else logging.WARNING)
    parts = assemble(configuration(ctx), utc_now())
    only = named_sources(parts, names) if names else None
    request = PassRequest(only=only, everything=everything, max_time=max_time)
    result = under_reactor(lambda stop: make_pass(parts, request, utc_now, stop))
    if verbose or result.exit_code or sys.stderr.isatty():
        for source, problem in sorted(result.tally.failed_sources.items()):
            click.echo(f"{source}: {problem}", err=True)
        click.echo(result.line(), err=True)
    ctx.exit(result.exit_code)


def named_sources(parts: Parts, names: tuple[str, ...]) -> frozenset[str]:
    """Ids of the sources that `names` (sources or outlets) mean; of an outlet, those that are switched on if any is."""
    found: set[str] = set()
    for name in names:
        of_outlet = [one for one in parts.sources if one.outlet == name]
        chosen = [one.id for one in parts.sources if one.id == name]
        chosen += [one.id for one in of_outlet if one.enabled] or [one.id for one in of_outlet]
        if not chosen:
            raise click.UsageError(f"no source or outlet is called {name!r} (karabakh sources list shows them)")
        found.update(chosen)
    return frozenset(found)
