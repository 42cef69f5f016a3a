"""`karabakh db`: the database file itself."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from scheduler.assemble import utc_now
from scheduler.cli import configuration, form_option
from scheduler.maintenance import back_up
from scheduler.process import EXIT_DATABASE
from scheduler.render import iso, render


@click.group()
def db() -> None:
    """The database file: size, checks, backup."""


@db.command()
@form_option()
@click.pass_context
def stats(ctx: click.Context, *, form: str) -> None:
    """How large the file is, what of it is free, the rows of each table, the oldest and the newest story.

    \b
    Example:
      karabakh db stats --json
    """
    from storage.reader import Reader

    path = configuration(ctx).database
    with Reader.open(path) as reader:
        found = reader.stats()
    if form != "table":
        click.echo(render([{"database": str(path), **asdict(found)}], (), form))
        return
    click.echo(f"database    {path}: {_size(found.database_bytes)}, {_size(found.free_bytes)} of it free")
    click.echo(f"log         {_size(found.wal_bytes)} not yet folded back into it")
    click.echo(f"schema      {found.schema_version}")
    if found.oldest and found.newest:
        click.echo(f"stories     from {iso(found.oldest)} to {iso(found.newest)}")
    rows = [{"table": name, "rows": count} for name, count in found.rows.items()]
    click.echo(f"\n{render(rows, ('table', 'rows'), form)}")


def _size(count: int) -> str:
    return f"{count / (1 << 20):.1f} MB"


@db.command()
@click.pass_context
def check(ctx: click.Context) -> None:
    """SQLite's own checks and the full-text index's; exit code 74 when something is wrong.

    \b
    Example:
      karabakh db check
    """
    from storage.store import Store

    path = configuration(ctx).database
    with Store.open_existing(path) as store:
        problems = store.check()
    for problem in problems:
        click.echo(f"{path}: {problem}", err=True)
    if problems:
        ctx.exit(EXIT_DATABASE)
    click.echo(f"{path}: all is well")


@db.command()
@click.argument("target", required=False, type=click.Path(path_type=Path))
@click.pass_context
def backup(ctx: click.Context, target: Path | None) -> None:
    """A compact copy, whole at one moment, while a daemon may go on writing. Never written over an existing file.

    Without TARGET it goes beside the database, and older ones beyond keep.backups are removed.

    \b
    Example:
      karabakh db backup /backups/karabakh-today.sqlite
    """
    from storage.store import Store

    loaded = configuration(ctx)
    with Store.open_existing(loaded.database) as store:
        if target is None:
            target = back_up(store, loaded.values.keep.backups, utc_now())
        else:
            store.backup(target)
    click.echo(str(target))
