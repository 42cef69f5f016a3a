"""`karabakh topic`: the concepts that the monitor knows, what they are called, and how a query names them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

import click

from scheduler.cli import configuration, form_option
from scheduler.commands.reading import topic_of
from scheduler.process import EXIT_FAILED
from scheduler.render import render
from storage.text import printable
from topic.concepts import KINDS, Office

if TYPE_CHECKING:
    from topic import Topic
    from topic.concepts import Concept

_WHOLE = 3  # concepts that are shown whole where nothing bears exactly the name
_APART = frozenset(
    {"id", "kind", "label", "names", "written", "groups"}
)  # fields with a place of their own, in JSON too
_LINES = frozenset({"type", "at", "offices", "namings"})  # and those of the page alone


@click.group()
def topic() -> None:
    """The concepts that the monitor knows, with all their names."""


@topic.command("list")
@click.option("--kind", type=click.Choice(KINDS), help="Only these.")
@form_option()
@click.pass_context
def list_concepts(ctx: click.Context, *, kind: str | None, form: str) -> None:
    """Every concept, and the groups of them that a query may name, such as @karabakh.people.

    \b
    Examples:
      karabakh topic list --kind place
      karabakh topic list --json
    """
    from storage.query_names import groups

    known = topic_of(configuration(ctx))
    rows = [_row(one, known) for one in known.concepts if kind in {None, one.kind}]
    click.echo(render(rows, ("id", "kind", "label", "names"), form))
    if form == "table":
        counted = ", ".join(f"@{known.id}.{name} ({len(ids)})" for name, ids in groups(known).items())
        click.echo("\n" + textwrap.fill(f"groups: {counted}", 110, break_on_hyphens=False))


@topic.command("find")
@click.argument("name")
@form_option()
@click.pass_context
def find_concept(ctx: click.Context, name: str, *, form: str) -> None:
    """The concepts that bear NAME, in any language or spelling; then those whose names contain it.

    \b
    Example:
      karabakh topic find Ханкенди
    """
    from storage.query_names import bearers

    known = topic_of(configuration(ctx))
    exact = bearers(name, known)
    others = [one for one in known.find(name) if one not in exact] if name.strip() else []
    if not exact and not others:
        click.echo(f"no concept is called {printable(name)}", err=True)
        ctx.exit(EXIT_FAILED)
    if form != "table":
        click.echo(render([_row(one, known) for one in (*exact, *others)], (), form))
        return
    whole, rest = (exact, others) if exact or len(others) > _WHOLE else (others, [])
    pages = ["\n".join(_page(one, known)) for one in whole]
    if rest:
        rows = [{"id": one.id, "kind": one.kind, "label": one.label} for one in rest]
        pages.append(f"names that contain it:\n{render(rows, ('id', 'kind', 'label'), 'table')}")
    click.echo("\n\n".join(pages))


def _row(concept: Concept, known: Topic) -> dict[str, Any]:
    from storage.query_names import spelled

    return {
        "id": concept.id,
        "query": spelled(concept, known),
        "kind": concept.kind,
        "label": concept.label,
        "names": list(concept.all_names()),
        "by_language": {language: list(names) for language, names in concept.names.items()},
        "groups": list(_groups(concept, known)),
        **{name: _plain(value) for name, value in _facts(concept)},
    }


def _plain(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(value)
    return (
        [_plain(one) for one in value]
        if isinstance(value, tuple)
        else asdict(value)
        if isinstance(value, Office)
        else value
    )


def _page(concept: Concept, known: Topic) -> Iterator[str]:
    from storage.query_names import spelled

    yield printable(concept.label)
    yield _line("id", concept.id)
    yield _line("in a query", spelled(concept, known) or "its words: where it stands in stories is not stored")
    yield _line("kind", f"{concept.kind}, {concept.type}" if concept.type else concept.kind)
    if concept.at:
        yield _line("coordinates", f"{concept.at[0]}, {concept.at[1]}")
    for office in concept.offices:
        yield _line("office", f"{office.title} ({_span(office)})" if office.since or office.until else office.title)
    for name, value in _facts(concept):
        if name not in _LINES and value:
            yield _line(name.replace("_", " "), _said(value))
    if of_groups := ", ".join(_groups(concept, known)):
        yield _line("groups", of_groups)
    yield ""
    for language, names in concept.names.items():
        yield _line(f"  {language}", _by_set(concept, names))


def _by_set(concept: Concept, names: Iterable[str]) -> str:
    """Those of no set first; behind the others the set of names to which they belong."""
    sets: dict[str, list[str]] = {"": []}
    for name in names:
        of = [naming for naming, those in concept.namings.items() if name in those]
        sets.setdefault(of[0] if len(of) == 1 else "", []).append(name)
    return "; ".join(f"{', '.join(those)} ({of})" if of else ", ".join(those) for of, those in sets.items() if those)


def _span(office: Office) -> str:
    if not office.since:
        return f"until {office.until}"
    return f"{office.since} to {office.until}" if office.until else f"since {office.since}"


def _facts(concept: Concept) -> Iterator[tuple[str, Any]]:
    """The keys of the data, so that one which is added later is shown, too."""
    for field in fields(concept):
        if field.name not in _APART:
            yield field.name, getattr(concept, field.name)


def _said(value: object) -> str:
    if isinstance(value, frozenset):
        return ", ".join(sorted(map(str, value)))
    return "yes" if value is True else str(value)


def _line(name: str, value: str) -> str:
    return printable(f"{name:<13} {value}").rstrip()


def _groups(concept: Concept, known: Topic) -> Iterator[str]:
    from storage.query_names import groups

    yield from (f"@{known.id}.{name}" for name, ids in groups(known).items() if concept.id in ids)
