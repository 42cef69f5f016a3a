"""`karabakh sources export` and `import`: OPML."""

from __future__ import annotations

from pathlib import Path

import click

from scheduler.assemble import assemble, utc_now
from scheduler.cli import configuration


@click.command("export")
@click.option("--on", "only_on", is_flag=True, help="Only what is switched on.")
@click.pass_context
def export_opml(ctx: click.Context, *, only_on: bool) -> None:
    """The feeds of the catalogue as OPML, for any feed reader.

    \b
    Example:
      karabakh sources export --on > feeds.opml
    """
    from scheduler.opml import FEEDS, write_opml

    parts = assemble(configuration(ctx), utc_now())
    chosen = [one for one in parts.sources if one.enabled or not only_on]
    click.echo(write_opml(chosen, parts.catalogue.outlets).decode(), nl=False)
    other = sum(one.kind not in FEEDS for one in chosen)
    if other:
        click.echo(f"{other} sources are no feeds (section pages, sitemaps and the like) and left out", err=True)


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--side", default="Western/international", show_default=True, help="The side of all of them.")
@click.option("--lang", default="en", show_default=True, help="The language of those for which the file states none.")
@click.pass_context
def import_opml(ctx: click.Context, file: Path, *, side: str, lang: str) -> None:
    """The feeds of an OPML file as entries for config.toml, without those that are known.

    \b
    Example:
      karabakh sources import feeds.opml --side Armenia --lang hy >> config.toml
    """
    from scheduler.opml import NotOpml, new_ones, own_sources, read_opml

    parts = assemble(configuration(ctx), utc_now())
    try:
        found = read_opml(file.read_bytes())
    except NotOpml as error:
        raise click.ClickException(f"{file} {error}") from error
    fresh = list(new_ones(found, (one.url for one in parts.sources)))
    taken = {one.id for one in parts.sources} | {one.id for one in parts.catalogue.outlets}
    for block in own_sources(fresh, taken, side=side, language=lang):
        click.echo(f"\n{block}")
    click.echo(f"{len(fresh)} of {len(found)} feeds are new", err=True)
