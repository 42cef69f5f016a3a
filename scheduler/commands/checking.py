"""`karabakh sources check`: sources tried now, without storing anything."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from scheduler.assemble import Parts, assemble, utc_now
from scheduler.cli import configuration, form_option
from scheduler.commands.crawling import named_sources
from scheduler.process import EXIT_FAILED, start_log, under_reactor
from scheduler.render import ago, render

if TYPE_CHECKING:
    from crawler.probe import Desk, Probed

COLUMNS = ("source", "kind", "status", "items", "newest", "hours", "dated", "relevant", "problem")


@click.command()
@click.argument("names", nargs=-1, metavar="[SOURCE|OUTLET]...")
@form_option()
@click.pass_context
def check(ctx: click.Context, names: tuple[str, ...], *, form: str) -> None:
    """Try sources now (all that are on, or the named ones), without storing anything: what they answer, how many items,
    how old the newest is, how many hours they reach back, how many moments are understood, how many are relevant.

    Of a source with several routes the first that is fine has a line, or each of them where none is. Exits 1 when any
    source fails.

    \b
    Examples:
      karabakh sources check armenpress
      karabakh sources check --json
    """
    start_log(40)
    parts = assemble(configuration(ctx), utc_now())
    wanted = named_sources(parts, names) if names else {one.id for one in parts.sources if one.enabled}
    found: Sequence[Probed] = under_reactor(lambda _stop: _all(parts, sorted(wanted)))
    now = utc_now()
    rows = [_row(way, now, form) for one in found for way in (one, *one.failed)]
    click.echo(render(rows, COLUMNS, form))
    if not all(one.fine for one in found):
        ctx.exit(EXIT_FAILED)


def _row(one: Probed, now: datetime, form: str) -> dict[str, Any]:
    told = {
        "source": one.source,
        "kind": one.kind if not one.route else f"{one.kind} (route {one.route + 1})",
        "status": one.status,
        **figures(one, now, form),
    }
    return told if form == "table" else told | {"address": one.address, "route": one.route, "fine": one.fine}


def figures(one: Probed, now: datetime, form: str) -> dict[str, Any]:
    """What an answer comes to, as every table of tried sources has it."""
    is_table = form == "table"
    return {
        "items": one.items,
        "newest": (ago(one.newest, now) if one.newest else "") if is_table else one.newest,
        "hours": round(one.depth.total_seconds() / 3600, 1) if one.depth is not None else None,
        "dated": (f"{one.dated} of {one.items}" if one.items else "") if is_table else one.dated,
        "relevant": one.relevant,
        "problem": one.problem,
    }


async def _all(parts: Parts, wanted: Sequence[str]) -> Sequence[Probed]:
    from crawler.probe import probe, to_probe

    rows, done = {one.id: one for one in parts.sources}, 0
    gate = asyncio.Semaphore(parts.config.fetching.concurrency)

    async def one(name: str) -> Probed:
        nonlocal done
        async with gate:
            found = await probe(to_probe(rows[name]), desk, utc_now())
        done += 1
        if sys.stderr.isatty():
            click.echo(f"\r{done} of {len(wanted)} tried", nl=done == len(wanted), err=True)
        return found

    async with open_desk(parts) as desk:
        return await asyncio.gather(*(one(name) for name in wanted))


@asynccontextmanager
async def open_desk(parts: Parts) -> AsyncIterator[Desk]:
    """What trying sources needs; to be opened under the reactor."""
    from crawler.hub import Hub
    from crawler.pool import ReadingPool
    from crawler.probe import Desk

    fetching, rules = parts.config.fetching, parts.catalogue.rules()
    pool = ReadingPool(fetching.workers, parts.topic, rules)
    try:
        async with Hub(parts.hub) as hub:
            yield Desk(
                hub=hub,
                pool=pool,
                topic=parts.topic,
                zones={outlet: one.zone for outlet, one in rules.items()},
                timeout=fetching.timeout_seconds,
                max_bytes=int(fetching.max_megabytes * (1 << 20)),
            )
    finally:
        pool.close()
