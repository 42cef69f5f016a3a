"""`karabakh sources add`: a site asked what it offers, and what is picked of it put into config.toml."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scheduler.assemble import Parts, assemble, utc_now
from scheduler.cli import configuration, form_option
from scheduler.commands.checking import open_desk
from scheduler.commands.found_page import say_nothing, say_what_is_known, show_finds, show_samples
from scheduler.config_append import NotAppended, append_entries
from scheduler.config_file import load_config
from scheduler.own_entries import own_entry
from scheduler.picking import NewOutlet, outlet_here, proposed, sources_of
from scheduler.process import start_log, under_reactor
from storage.text import printable

if TYPE_CHECKING:
    from crawler.finds import Find
    from crawler.probe import Asks
    from crawler.search_site import Searched
    from crawler.wire import Fetched, FetchFailure, FetchRequest
    from scheduler.config import OwnSourceConfig

NEW_CONFIG = Path("config.toml")
BEST = "best"


def _picks(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if value != BEST and not re.fullmatch(r"[1-9][0-9]{0,3}", value):
            raise click.BadParameter(f"{value!r} is neither a number of the table nor {BEST!r}")
    return values


@click.command("add")
@click.argument("url")
@click.option(
    "--pick", "picks", multiple=True, callback=_picks, metavar="N|best", help="Add this one; may be repeated."
)
@click.option("--print", "only_print", is_flag=True, help="Write nothing: the entries of what is picked are printed.")
@click.option("--name", help="The outlet's name, if it is a new one.")
@click.option("--side", help="The side of a new outlet.")
@click.option("--lang", help="The language, if it is another than the stories seem to be in.")
@form_option()
@click.pass_context
def add(
    ctx: click.Context,
    url: str,
    *,
    picks: tuple[str, ...],
    only_print: bool,
    name: str | None,
    side: str | None,
    lang: str | None,
    form: str,
) -> None:
    """Ask the site at URL (any page of it, or a feed) what it offers: feeds, sitemaps, lists of stories. Each is tried
    and shown, the best first; what you pick becomes a source in config.toml.

    Without --pick it asks you, at a terminal, and else stores nothing. At most 25 addresses are asked. Exits 1 when
    nothing is found.

    \b
    Examples:
      karabakh sources add https://herald.example/
      karabakh sources add herald.example --pick best --side Armenia
      karabakh sources add https://herald.example/ --pick 1 --pick 3 --print >> config.toml
    """
    start_log(40)
    parts = assemble(configuration(ctx), utc_now())
    addresses = _addresses(url, parts)
    given = NewOutlet(name=name, side=_known_side(parts, side), language=_known_language(lang))
    found = under_reactor(lambda stop: _until(stop, _search(parts, addresses)))
    if found is None:
        raise click.Abort
    show_finds(found, form, aside=only_print and bool(picks))
    say_what_is_known(parts, found, addresses[0])
    if not any(one.probed.fine for one in found.finds):
        ctx.exit(say_nothing(found))
    asks = form == "table" and not picks and not only_print and at_terminal()
    chosen = _chosen(found.finds, picks or (_asked_for(found.finds) if asks else ()))
    if not chosen:
        return
    is_new = given.is_another or outlet_here(parts, chosen[0].address) is None
    if asks and is_new:
        given = _asked_about(parts, found, chosen[0], given)
    entries = sources_of(parts, found, chosen, given)
    if only_print:
        click.echo("\n\n".join(own_entry(one) for one in entries))
        return
    _write(parts, entries)
    if is_new and given.side is None:
        click.echo("its side is a guess: --side names another, and so does an edit of the entry", err=True)


def at_terminal() -> bool:
    return sys.stdin.isatty()


def _addresses(url: str, parts: Parts) -> Sequence[str]:
    """Of a bare host name both schemes. What the guard refuses is refused before anything is asked."""
    from crawler.guard import refuse

    text = url.strip()
    addresses = [text] if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:(?!\d)", text) else [f"https://{text}", f"http://{text}"]
    reason = refuse(addresses[0], parts.hub.guard)
    if reason is not None:
        raise click.BadParameter(f"{printable(text[:200])}: {reason}", param_hint="URL")
    return addresses


def _known_side(parts: Parts, side: str | None) -> str | None:
    if side is not None and side not in parts.catalogue.sides:
        raise click.BadParameter(f"{side!r} is not one of {', '.join(parts.catalogue.sides)}", param_hint="--side")
    return side


def _known_language(lang: str | None) -> str | None:
    from crawler.discover import spoken

    if lang is not None and spoken(lang) is None:
        raise click.BadParameter(f"{lang!r} is no language such as hy, az or az-Cyrl", param_hint="--lang")
    return spoken(lang)


async def _until(stop: asyncio.Event, search: Coroutine[Any, Any, Searched]) -> Searched | None:
    """None when it is told to stop before the end."""
    searching, stopping = asyncio.ensure_future(search), asyncio.ensure_future(stop.wait())
    await asyncio.wait({searching, stopping}, return_when=asyncio.FIRST_COMPLETED)
    ended = searching.done()
    for one in (searching, stopping):
        one.cancel()
    await asyncio.wait({searching, stopping})
    return searching.result() if ended else None


@dataclass
class _Shown:
    """The hub, with what is asked shown at a terminal."""

    hub: Asks
    count: int = 0

    async def fetch(self, request: FetchRequest) -> Fetched | FetchFailure:
        self.count += 1
        if sys.stderr.isatty():
            click.echo(f"\r\x1b[K{self.count} asked: {printable(request.url)[:90]}", nl=False, err=True)
        return await self.hub.fetch(request)


async def _search(parts: Parts, addresses: Sequence[str]) -> Searched:
    from crawler.search_site import search_site
    from crawler.urls import canonical

    known = {canonical(one.url): one.id for one in parts.sources}
    known |= {canonical(way.url): one.id for one in parts.sources for way in one.routes}
    outlet = outlet_here(parts, addresses[0])
    zone = outlet.zone if outlet else proposed(parts, addresses[0])[1]
    async with open_desk(parts) as opened:
        desk = replace(opened, hub=_Shown(opened.hub), zones={"": zone})
        problems: tuple[str, ...] = ()
        asked = 0
        for url in addresses:
            found = await search_site(url, desk, known, utc_now())
            problems, asked = problems + found.problems, asked + found.asked
            if not found.unreachable:
                break
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True)
    return replace(found, problems=tuple(dict.fromkeys(problems)), asked=asked)


def _asked_for(finds: Sequence[Find]) -> tuple[str, ...]:
    show_samples(finds)
    while True:
        answer = click.prompt("Add which (numbers; nothing for none)", default="", show_default=False, err=True)
        wanted = tuple(dict.fromkeys(re.split(r"[\s,;]+", answer.strip()))) if answer.strip() else ()
        try:
            _chosen(finds, wanted)
        except click.UsageError as error:
            click.echo(error.message, err=True)
        else:
            return wanted


def _chosen(finds: Sequence[Find], picks: Sequence[str]) -> tuple[Find, ...]:
    """Raises UsageError for what cannot be picked."""
    chosen: dict[int, Find] = {}
    for pick in picks:
        number = 1 if pick == BEST else int(pick) if re.fullmatch(r"[0-9]{1,4}", pick) else 0
        if not 1 <= number <= len(finds):
            raise click.UsageError(f"there is no number {printable(pick)} in the table, which ends with {len(finds)}")
        if not finds[number - 1].probed.fine:
            raise click.UsageError(
                f"number {number} does not work: {printable(finds[number - 1].probed.problem or '')}"
            )
        chosen[number] = finds[number - 1]
    return tuple(chosen.values())


def _asked_about(parts: Parts, found: Searched, best: Find, given: NewOutlet) -> NewOutlet:
    """What a new outlet needs, with what is put down for it unless told otherwise."""
    entry = sources_of(parts, found, (best,), given)[0]
    name = given.name or click.prompt("Name of the outlet", default=entry.name, err=True)
    sides = click.Choice(parts.catalogue.sides)
    side = given.side or click.prompt("Its side", default=entry.side, type=sides, show_choices=True, err=True)
    return replace(given, name=name, side=side)


def _write(parts: Parts, entries: Sequence[OwnSourceConfig]) -> None:
    path = parts.loaded.path or NEW_CONFIG
    try:
        after = append_entries(
            path, [own_entry(one) for one in entries], lambda fresh: assemble(load_config(fresh), utc_now())
        )
    except NotAppended as error:
        raise click.ClickException(str(error)) from error
    rows = {one.id: one for one in after.sources}
    for one in entries:
        outlet = next(known for known in after.catalogue.outlets if known.id == rows[one.id].outlet)
        about = f"{outlet.name}, {outlet.side}, {', '.join(rows[one.id].languages)}"
        click.echo(
            f"{path}: added {one.id} ({one.kind} {printable(one.url)}) of {outlet.id} ({printable(about)})", err=True
        )
        for way in one.routes:
            click.echo(f"  when that fails: {way.kind} {printable(way.url)}", err=True)
        if not rows[one.id].enabled:
            click.echo(f"  it is not polled, since sources.only or sources.off leaves it out: {path}", err=True)
    names = " ".join(one.id for one in entries)
    click.echo(f"`karabakh crawl {names}` reads it now; a daemon takes it up at SIGHUP", err=True)
