"""`karabakh config check` and `karabakh config show`."""

from __future__ import annotations

import click

from scheduler.assemble import NO_CONTACT, assemble, utc_now
from scheduler.cli import configuration, form_option
from scheduler.config_file import effective, scalar_keys
from scheduler.render import render


@click.group()
def config() -> None:
    """Check the configuration, or show what holds."""


@config.command()
@click.pass_context
def check(ctx: click.Context) -> None:
    """Read configuration, catalogue, topic and rules; report every mistake at once (exit code 78).

    \b
    Example:
      karabakh --config new.toml config check
    """
    parts = assemble(configuration(ctx), utc_now())
    enabled = sum(source.enabled for source in parts.sources)
    where = parts.loaded.path or "defaults"
    rules, channels = len(parts.config.alerts), len(parts.channels)
    click.echo(f"{where}: all is well: {enabled} sources on, {rules} rules, {channels} channels")
    if not parts.config.fetching.contact:
        click.echo(NO_CONTACT)


@config.command()
@click.option("--environment", is_flag=True, help="List the environment variables that override single values.")
@form_option()
@click.pass_context
def show(ctx: click.Context, *, form: str, environment: bool) -> None:
    """Every setting that holds, with where it comes from; secrets are masked.

    \b
    Example:
      karabakh config show --json
    """
    if environment:
        rows = [{"variable": name, "setting": ".".join(key)} for name, key in sorted(scalar_keys().items())]
        click.echo(render(rows, ("variable", "setting"), form))
        return
    rows = [
        {"setting": key, "from": origin, "value": value if form != "table" else str(value)}
        for key, value, origin in effective(configuration(ctx))
    ]
    click.echo(render(rows, ("setting", "from", "value"), form))
