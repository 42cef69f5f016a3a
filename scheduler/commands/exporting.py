"""`karabakh export`: what a query finds, for other programs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, TYPE_CHECKING

import click

from scheduler.assemble import utc_now
from scheduler.cli import configuration
from scheduler.commands.reading import asked_for, topic_of
from storage.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable

# Their conversions are imported with the command's first story: `--help` needs the names alone.
_SCHEMAS = ("native", "newsarticle", "ninjs")


@click.command()
@click.argument("query", nargs=-1)
@click.option("--schema", type=click.Choice(_SCHEMAS), default="native", show_default=True)
@click.option("--since", metavar="WHEN", help="Published at or after: 2026-11-01, 6h, 2d, yesterday.")
@click.option("--until", metavar="WHEN", help="Published before the end of.")
@click.option("--limit", type=click.IntRange(1), help="The newest so many; else all.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Written beside it first and put in its place when it is whole; else to standard output.",
)
@click.pass_context
def export(
    ctx: click.Context,
    query: tuple[str, ...],
    *,
    schema: str,
    since: str | None,
    until: str | None,
    limit: int | None,
    output: Path | None,
) -> None:
    """Whole stories as JSON lines, newest first: as docs/article-schema.json has them (native), as schema.org's
    NewsArticle, or as IPTC ninjs 3.0. The query is that of `karabakh search`; without one: all stories.

    \b
    Examples:
      karabakh export 'lachin OR лачин*' --since 7d > lachin.jsonl
      karabakh export verdict:relevant --schema ninjs --output stories.jsonl
    """
    from scheduler.export import SCHEMAS, Known, line
    from storage.reader import Reader

    loaded = configuration(ctx)
    topic = topic_of(loaded)
    asked = asked_for(" ".join(query).strip(), {"since": since, "until": until}, topic, utc_now())
    convert = SCHEMAS[schema]
    written = 0
    with Reader.open(loaded.database) as reader:
        known = Known(
            {one.id: one.zone for one in reader.outlets()}, {one.id: (one.kind, one.label) for one in topic.concepts}
        )
        with _writing(output) as write:
            for story in reader.stories(asked, limit=limit):
                write(line(convert(story, known)))
                written += 1
    if not written:
        click.echo("no story matches", err=True)


@contextmanager
def _writing(output: Path | None) -> Iterator[Callable[[str], None]]:
    if output is None:
        yield click.echo
        return
    try:
        with _whole(output) as file:

            def write(text: str) -> None:
                file.write(text + "\n")

            yield write
    except OSError as error:
        raise click.ClickException(f"{printable(str(output))}: cannot be written: {error.strerror}") from error


@contextmanager
def _whole(path: Path) -> Iterator[IO[str]]:
    """A file beside `path` that takes its place at the end; nothing stays of it when the end is not reached."""
    with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        part = Path(file.name)
        try:
            yield file.file
            file.flush()
            part.chmod(_usual_mode())
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def _usual_mode() -> int:
    """What a file has that the shell makes; temporary ones are their owner's alone."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
