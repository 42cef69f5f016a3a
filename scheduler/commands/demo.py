"""`karabakh demo`."""

from __future__ import annotations

from pathlib import Path

import click

from scheduler.process import EXIT_FAILED


@click.command()
@click.option("--seconds", type=click.FloatRange(5, 600), default=30, show_default=True, help="How long it plays.")
@click.option("--keep", is_flag=True, help="Play until Ctrl-C.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("var/demo"),
    show_default=True,
    help="Where configuration, database and log go; those of an earlier demo are replaced.",
)
@click.pass_context
def demo(ctx: click.Context, *, seconds: float, keep: bool, folder: Path) -> None:
    """The real daemon over a newsroom of our own on loopback, without any network: stories arrive, alerts are received.

    Outlets and events are invented; places are real. It ends by itself.

    \b
    Example:
      karabakh demo --seconds 20
    """
    from scheduler.demo import DemoError, play

    try:
        play(folder, None if keep else seconds, click.echo)
    except DemoError as error:
        click.echo(str(error), err=True)
        ctx.exit(EXIT_FAILED)
