"""What a site was found to offer, as `karabakh sources add` tells it: a table, and what is not in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from scheduler.assemble import utc_now
from scheduler.commands.checking import figures
from scheduler.picking import outlet_here
from scheduler.process import EXIT_FAILED
from scheduler.render import render
from storage.text import printable

if TYPE_CHECKING:
    from crawler.finds import Find
    from crawler.search_site import Searched
    from scheduler.assemble import Parts

COLUMNS = ("no", "kind", "address", "items", "newest", "hours", "dated", "relevant", "problem")


def show_finds(found: Searched, form: str, *, aside: bool) -> None:
    """The table, and to standard error what is not in it; `aside`: all of it there."""
    now = utc_now()
    if found.finds or form != "table":
        rows = [_row(number, one, now, form) for number, one in enumerate(found.finds, 1)]
        click.echo(render(rows, COLUMNS, form), err=aside)
    for one in found.finds:
        for other in one.alike:
            click.echo(f"{printable(other.address)} lists the same stories as {printable(one.address)}", err=True)
    click.echo("one address was asked" if found.asked == 1 else f"{found.asked} addresses were asked", err=True)


def _row(number: int, find: Find, now: datetime, form: str) -> dict[str, Any]:
    row = {"no": number, "kind": find.candidate.kind, "address": find.address, **figures(find.probed, now, form)}
    if form == "table":
        return row
    return row | {
        "fine": find.probed.fine,
        "named_by": find.candidate.origin,
        "title": find.probed.feed.title,
        "samples": find.samples,
        "options": dict(find.candidate.options),
        "same_stories_at": tuple(one.address for one in find.alike),
    }


def say_what_is_known(parts: Parts, found: Searched, url: str) -> None:
    """Sources that are there already, and the others of the outlet."""
    for place, source in found.known.items():
        click.echo(f"{printable(place)} is the source {source} already", err=True)
    outlet = outlet_here(parts, url)
    those = [one for one in parts.sources if outlet and one.outlet == outlet.id]
    if outlet and those:
        states = ", ".join(f"{one.id} ({'on' if one.enabled else 'off'})" for one in those)
        off = "" if all(one.enabled for one in those) else "; [sources] on in the configuration switches on what is off"
        click.echo(f"{outlet.name} has the sources {states}{off}", err=True)


def say_nothing(found: Searched) -> int:
    """Returns the exit code."""
    if found.known and not found.finds:
        return 0
    for said in found.problems:
        click.echo(printable(said), err=True)
    others = [one for one in found.tried if one.said not in found.problems]
    click.echo(f"nothing was found that could be a source{'; tried:' if others else ''}", err=True)
    for one in others:
        click.echo(f"  {printable(one.said if one.url in one.said else f'{one.url}: {one.said}')}", err=True)
    return EXIT_FAILED


def show_samples(finds: Sequence[Find]) -> None:
    for number, one in enumerate(finds, 1):
        if one.samples:
            click.echo(f"{number:>3}  {printable(' | '.join(one.samples))[:150]}")
