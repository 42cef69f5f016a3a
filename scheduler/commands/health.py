"""`karabakh status` and `karabakh sources`: what the monitor has, and how its sources are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scheduler.assemble import assemble, utc_now
from scheduler.cli import configuration, form_option
from scheduler.commands.adding import add
from scheduler.commands.checking import check
from scheduler.commands.opml import export_opml, import_opml
from scheduler.process import EXIT_FAILED
from scheduler.render import iso, render
from scheduler.rhythm_page import rhythm_dict, rhythm_lines, rhythms, wish_lines
from scheduler.status_page import source_state, status_dict, status_page
from storage.text import printable

if TYPE_CHECKING:
    from crawler.cadence import Described
    from scheduler.assemble import Parts
    from storage.boilerplate import Repeated
    from storage.reader import SourceStatus

COLUMNS = ("side", "language", "source", "kind", "ship", "state", "last_ok", "address")


@click.command()
@form_option()
@click.pass_context
def status(ctx: click.Context, *, form: str) -> None:
    """What is stored, which sources are overdue, failing or blocked, what was held back, what waits to be sent.

    \b
    Example:
      karabakh status --json
    """
    from storage.reader import Reader

    loaded, now = configuration(ctx), utc_now()
    with Reader.open(loaded.database) as reader:
        found, sources = reader.status(now), reader.sources()
    if form == "table":
        click.echo(status_page(found, sources, loaded, now))
        return
    click.echo(render([status_dict(found, sources, loaded, now)], (), form))


@click.group()
def sources() -> None:
    """The catalogue of outlets and the health of their sources."""


for command in (check, add, export_opml, import_opml):
    sources.add_command(command)


@sources.command("list")
@click.option("--side", help="Only this side.")
@click.option("--lang", help="Only this language.")
@click.option("--on", "only_on", is_flag=True, help="Only what is switched on.")
@form_option()
@click.pass_context
def list_sources(ctx: click.Context, *, side: str | None, lang: str | None, only_on: bool, form: str) -> None:
    """Every source of the catalogue, by side and language, with its state where it has been polled.

    \b
    Examples:
      karabakh sources list --side Azerbaijan --on
      karabakh sources list --lang hy --format csv
    """
    parts = assemble(configuration(ctx), utc_now())
    rows = [
        row
        for row in _rows(parts, _known(parts), utc_now())
        if (side is None or row["side"] == side)
        and (lang is None or lang in row["languages"])
        and (not only_on or row["enabled"])
    ]
    click.echo(render(rows, COLUMNS, form))
    if form == "table":
        counts = Counter(row["side"] for row in rows if row["enabled"])
        click.echo(
            f"\n{len(rows)} sources, {sum(counts.values())} on: " + ", ".join(f"{n} {s}" for s, n in counts.items())
        )


def _known(parts: Parts) -> dict[str, SourceStatus]:
    """Before the first run there is no database, and the catalogue can be looked at all the same."""
    from storage.errors import DatabaseMissing
    from storage.reader import Reader

    try:
        with Reader.open(parts.loaded.database) as reader:
            return {one.id: one for one in reader.sources()}
    except DatabaseMissing:
        return {}


def _rows(parts: Parts, known: dict[str, SourceStatus], now: datetime) -> list[dict[str, Any]]:
    outlets = {one.id: one for one in parts.catalogue.outlets}
    rows = []
    for source in parts.sources:
        outlet, status_ = outlets[source.outlet], known.get(source.id)
        rows.append(
            {
                "side": outlet.side,
                "language": ",".join(source.languages),
                "languages": source.languages,
                "source": source.id,
                "outlet": outlet.id,
                "outlet_name": outlet.name,
                "kind": status_.kind_in_use if status_ else source.kind,
                "ship": source.ship,
                "enabled": source.enabled,
                "state": source_state(status_, now)
                if status_ and source.enabled
                else "on"
                if source.enabled
                else "off",
                "last_ok": status_.last_ok if status_ else None,
                "address": source.url,
                "note": source.note,
                "routes": tuple(f"{way.kind} {way.url}" for way in source.routes),
            }
        )
    return sorted(rows, key=lambda row: (row["side"], row["language"], row["source"]))


@sources.command("show")
@click.argument("name")
@form_option()
@click.pass_context
def show_source(ctx: click.Context, name: str, *, form: str) -> None:
    """An outlet, or one source: what the catalogue says, how polling it went, when it publishes and is asked next.

    \b
    Example:
      karabakh sources show armenpress
    """
    parts, now = assemble(configuration(ctx), utc_now()), utc_now()
    known = _known(parts)
    chosen = [row for row in _rows(parts, known, now) if name in {row["source"], row["outlet"]}]
    if not chosen:
        click.echo(f"no source or outlet is called {printable(name)}", err=True)
        ctx.exit(EXIT_FAILED)
    rows = [row | _health(known.get(row["source"])) for row in chosen]
    planned = _planned(parts, now)
    left_out = repeated_by(parts.loaded.database, rows[0]["outlet"])
    if form != "table":
        told = [{"pages": one.pages, "begins": one.sample} for one in left_out]
        rhythm = {source: rhythm_dict(described) for source, described in planned.items()}
        click.echo(render([row | {"left_out": told} | rhythm.get(row["source"], {}) for row in rows], (), form))
        return
    for row in rows:
        plan = rhythm_lines(planned[row["source"]]) if row["source"] in planned else []
        click.echo("\n".join([*_facts(row.items()), *plan]) + "\n")
    if left_out:
        click.echo("left out of its stories, since its pages repeat it:")
    for one in left_out:
        click.echo(f"  {printable(one.sample)} (on {one.pages} pages)")


def _planned(parts: Parts, now: datetime) -> Mapping[str, Described]:
    """What a daemon would plan; nothing before the first run."""
    from storage.errors import DatabaseMissing
    from storage.reader import Reader

    try:
        with Reader.open(parts.loaded.database) as reader:
            return rhythms(reader, parts.config.fetching.polls_per_day, now)
    except DatabaseMissing:
        return {}


def repeated_by(database: Path, outlet: str) -> list[Repeated]:
    """What was learnt to be no part of an outlet's stories; nothing before the first run."""
    from storage.errors import DatabaseMissing
    from storage.reader import Reader

    try:
        with Reader.open(database) as reader:
            return reader.repeated(outlet)
    except DatabaseMissing:
        return []


def _health(found: SourceStatus | None) -> dict[str, Any]:
    """What ails it comes last."""
    if found is None:
        return {}
    known = {key: value for key, value in asdict(found).items() if value not in (None, "", ()) and key != "ails"}
    return known | {"wishes": wish_lines(found.wishes), "ails": [asdict(one) for one in found.ails]}


def _facts(items: Iterable[tuple[str, Any]]) -> Iterable[str]:
    for key, value in items:
        if key == "ails":
            yield from (
                f"{one['kind']:<18} since {iso(one['since'])}, noticed {iso(one['noticed'])}: {printable(one['seen'])}"
                for one in value
            )
            continue
        text = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        if text or key != "wishes":
            yield f"{key:<18} {printable(text)}"
