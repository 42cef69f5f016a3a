"""`karabakh judge` and `extract`: trying out what the monitor thinks, without a database."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, TextIO
from urllib.parse import urlsplit

import click

from scheduler.assemble import assemble, hub_settings, utc_now
from scheduler.cli import configuration, form_option
from scheduler.commands.reading import topic_of
from scheduler.process import EXIT_FAILED, start_log, under_reactor
from scheduler.render import render
from storage.text import printable

if TYPE_CHECKING:
    from crawler.rules import OutletRules
    from crawler.wire import Fetched, FetchFailure
    from scheduler.config_file import LoadedConfig


@click.command()
@click.argument("file", type=click.File("r", encoding="utf-8", errors="replace"))
@click.option("--title", help="The title; else the first line of the text is taken for it.")
@form_option()
@click.pass_context
def judge(ctx: click.Context, file: TextIO, title: str | None, *, form: str) -> None:
    """A verdict, with its reasons, for a text of yours (FILE, or - for standard input).

    \b
    Example:
      echo 'Talks on the Lachin corridor resumed' | karabakh judge -
    """
    text = file.read()
    if title is None:
        title, _, text = text.strip().partition("\n")
    verdict = topic_of(configuration(ctx)).judge(title, text.strip())
    if form != "table":
        click.echo(render([asdict(verdict) | {"relevant": verdict.relevant}], (), form))
        return
    click.echo(f"{verdict.outcome} (score {verdict.score:.2f})")
    for reason in verdict.reasons:
        click.echo(f"  because: {printable(reason)}")
    for mention in verdict.mentions:
        click.echo(f"  {mention.concept}: {printable(mention.surface)} ({mention.field} {mention.start}-{mention.end})")


@click.command()
@click.argument("page")
@click.option("--url", help="The page's address, when PAGE is a file.")
@click.option("--outlet", help="Read it by the rules of this outlet; else by the address's host.")
@click.pass_context
def extract(ctx: click.Context, page: str, url: str | None, outlet: str | None) -> None:
    """One page (an address, or a saved file) to the article that would be stored, as JSON. Nothing is stored.

    \b
    Examples:
      karabakh extract https://asbarez.com/some-story/
      karabakh extract saved.html --url https://asbarez.com/some-story/
    """
    from crawler.extract import Refused, read_page

    start_log(30)
    loaded = configuration(ctx)
    rules = _rules_for(loaded, url or page, outlet)
    if page.startswith(("http://", "https://")):
        answer = _fetched(loaded, page)
        html, address, content_type = answer.body, answer.final_url, answer.headers.get("content-type")
    else:
        html, content_type = _saved(Path(page)), None
        address = url or Path(page).resolve().as_uri()
    article = read_page(html, address, content_type=content_type, now=utc_now(), outlet=rules)
    if isinstance(article, Refused):
        click.echo(f"not an article ({article.reason}): {printable(article.detail)}", err=True)
        sys.exit(EXIT_FAILED)
    click.echo(json.dumps(json.loads(render([asdict(article)], (), "json"))[0], ensure_ascii=False, indent=2))


def _saved(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise click.ClickException(f"{path}: cannot be read: {error.strerror}") from error


def _rules_for(loaded: LoadedConfig, url: str, outlet: str | None) -> OutletRules | None:
    parts = assemble(loaded, utc_now())
    rules = parts.catalogue.rules()
    if outlet is not None:
        if outlet not in rules:
            raise click.UsageError(f"no outlet is called {outlet!r} (karabakh sources list shows them)")
        return rules[outlet]
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    found = next((one.id for one in parts.catalogue.outlets if host and host in one.hosts), None)
    return rules[found] if found else None


def _fetched(loaded: LoadedConfig, url: str) -> Fetched:
    from crawler.hub import Hub
    from crawler.wire import Fetched, FetchRequest

    fetching = loaded.values.fetching

    async def ask(_stop: object) -> Fetched | FetchFailure:
        async with Hub(hub_settings(loaded)) as hub:
            limit = int(fetching.max_megabytes * (1 << 20))
            return await hub.fetch(FetchRequest(url=url, timeout=fetching.timeout_seconds, max_bytes=limit))

    answer = under_reactor(ask)
    if not isinstance(answer, Fetched):
        raise click.ClickException(printable(answer.detail))
    if answer.status != 200:
        raise click.ClickException(f"{url} answered HTTP {answer.status}")
    return answer
