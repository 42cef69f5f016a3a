"""`karabakh extract`: what one page would be stored as, and what the choice of its text rests on."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from scheduler.assemble import assemble, hub_settings, utc_now
from scheduler.cli import configuration
from scheduler.commands.health import repeated_by
from scheduler.process import EXIT_FAILED, start_log, under_reactor
from scheduler.render import render
from storage.text import printable

if TYPE_CHECKING:
    from crawler.body import Found
    from crawler.extract import Examined
    from crawler.rules import OutletRules
    from crawler.wire import Fetched, FetchFailure
    from scheduler.config_file import LoadedConfig

_FIRST_WORDS = 60  # characters of a reading that --explain shows


@click.command()
@click.argument("page")
@click.option("--url", help="The page's address, when PAGE is a file.")
@click.option("--outlet", help="Read it by the rules of this outlet; else by the address's host.")
@click.option("--explain", is_flag=True, help="Show every reading of the text, and why one was chosen.")
@click.pass_context
def extract(ctx: click.Context, page: str, url: str | None, outlet: str | None, *, explain: bool) -> None:
    """One page (an address, or a saved file) to the article that would be stored, as JSON. Nothing is stored.

    \b
    Examples:
      karabakh extract https://asbarez.com/some-story/
      karabakh extract saved.html --url https://asbarez.com/some-story/ --explain
    """
    from crawler.extract import Refused, examine_page

    start_log(30)
    loaded = configuration(ctx)
    rules = _rules_for(loaded, url or page, outlet)
    if page.startswith(("http://", "https://")):
        answer = _fetched(loaded, page)
        html, address, content_type = answer.body, answer.final_url, answer.headers.get("content-type")
    else:
        html, content_type = _saved(Path(page)), None
        address = url or Path(page).resolve().as_uri()
    examined = examine_page(html, address, content_type=content_type, now=utc_now(), outlet=rules)
    if explain:
        for line in explained(examined):
            click.echo(printable(line))
    article = examined.outcome
    if isinstance(article, Refused):
        click.echo(f"not an article ({article.reason}): {printable(article.detail)}", err=True)
        sys.exit(EXIT_FAILED)
    if not explain:
        click.echo(json.dumps(json.loads(render([asdict(article)], (), "json"))[0], ensure_ascii=False, indent=2))


def explained(examined: Examined) -> Iterator[str]:
    found = examined.found
    if found is None:
        yield "no reading was made"
        return
    yield f"chosen: {found.extractor or 'none'}, confidence {found.confidence:.2f}: {found.why}"
    yield from _readings(found)
    body = getattr(examined.outcome, "body", "")
    kept = len(body.split("\n\n")) if body else 0
    yield f"after cleaning: {kept} of {len(found.paragraphs)} paragraphs, {len(body)} characters"


def _readings(found: Found) -> Iterator[str]:
    chosen = next((reading for reading in found.readings if reading.name == found.extractor), None)
    for reading in found.readings:
        agrees = 1.0 if chosen is None else reading.agreement(chosen)
        start = " ".join(reading.paragraphs)[:_FIRST_WORDS]
        paragraphs = f"{len(reading.paragraphs)} paragraphs"
        yield f"  {reading.name:<12}{reading.size:>7} characters {paragraphs:>16}  agrees {agrees:.2f}  {start}"


def _saved(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise click.ClickException(f"{path}: cannot be read: {error.strerror}") from error


def _rules_for(loaded: LoadedConfig, url: str, outlet: str | None) -> OutletRules | None:
    parts = assemble(loaded, utc_now())
    rules = parts.catalogue.rules()
    if outlet is None:
        host = (urlsplit(url).hostname or "").removeprefix("www.")
        outlet = next((one.id for one in parts.catalogue.outlets if host and host in one.hosts), None)
    elif outlet not in rules:
        raise click.UsageError(f"no outlet is called {outlet!r} (karabakh sources list shows them)")
    if outlet is None:
        return None
    learnt = frozenset(one.hash for one in repeated_by(loaded.database, outlet))
    return replace(rules[outlet], boilerplate=learnt)


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
