"""`karabakh db`: the database file itself."""

from __future__ import annotations

from pathlib import Path

import click

from scheduler.assemble import utc_now
from scheduler.cli import configuration
from scheduler.maintenance import back_up
from scheduler.process import EXIT_DATABASE


@click.group()
def db() -> None:
    """The database file: size, checks, backup."""


@db.command()
@click.pass_context
def check(ctx: click.Context) -> None:
    """SQLite's own checks and the full-text index's; exit code 74 when something is wrong.

    \b
    Example:
      karabakh db check
    """
    from storage import Store

    path = _existing(ctx)
    with Store.open(path) as store:
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
    from storage import Store

    with Store.open(_existing(ctx)) as store:
        if target is None:
            target = back_up(store, configuration(ctx).values.keep.backups, utc_now())
        else:
            store.backup(target)
    click.echo(str(target))


def _existing(ctx: click.Context) -> Path:
    from storage.errors import DatabaseMissing

    path = configuration(ctx).database
    if not path.exists():
        raise DatabaseMissing(path, "there is no such file; `karabakh run` or `karabakh crawl` makes it")
    return path
