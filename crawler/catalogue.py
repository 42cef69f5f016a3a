"""The outlets and sources that the monitor knows: the shipped catalogue or another, with the operator's own sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from crawler.catalogue_file import (
    LANGUAGES,
    CatalogueError,
    OutletEntry,
    RouteEntry,
    credit_keys,
    option_mistakes,
    read_folder,
)
from crawler.kinds import KINDS
from crawler.rules import OutletRules
from storage.records import OutletRow, Route, SourceRow
from topic import fold

__all__ = ["Catalogue", "CatalogueError", "OwnSource", "load_catalogue"]

SHIPPED = Path(__file__).parent / "outlets"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSource:
    """A source of the operator. `outlet` is one of the catalogue; a new one needs name, side and languages."""

    id: str
    url: str
    kind: str
    outlet: str
    name: str = ""
    side: str = ""
    languages: tuple[str, ...] = ()
    zone: str = "UTC"
    options: Mapping[str, str] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """`sources` are as shipped: `enabled` is true of those that ship on and of the operator's own."""

    outlets: tuple[OutletRow, ...]
    sources: tuple[SourceRow, ...]
    sides: tuple[str, ...]
    credited: Mapping[str, str]
    selectors: Mapping[str, tuple[str, ...]]

    def source_rows(
        self, on: Sequence[str] = (), off: Sequence[str] = (), only: Sequence[str] = ()
    ) -> tuple[SourceRow, ...]:
        """All sources, switched on or off as the operator's lists of source and outlet ids say.

        An outlet in `on` switches all its sources on, in `off` all of them off; a source named itself goes before its
        outlet. With `only`, everything that it does not name is off: of an outlet in it the sources that are on are
        polled, or all when none is. Raises CatalogueError for ids that nobody has.
        """
        mistakes = [one for name, ids in (("on", on), ("off", off), ("only", only)) for one in self._unknown(name, ids)]
        mistakes += [f"sources: {one!r} is in both on and off" for one in sorted(set(on) & set(off))]
        if mistakes:
            raise CatalogueError(mistakes)
        switched = tuple(replace(one, enabled=_enabled(one, set(on), set(off))) for one in self.sources)
        return _only(switched, set(only), set(off)) if only else switched

    def _unknown(self, name: str, ids: Iterable[str]) -> Iterator[str]:
        known = {one.id for one in self.outlets} | {one.id for one in self.sources}
        for one in ids:
            if one not in known:
                near = get_close_matches(one, sorted(known), n=3)
                hint = f"; near it: {', '.join(near)}" if near else ""
                yield f"sources.{name}: {one!r} is no source or outlet of the catalogue{hint}"

    def with_own(self, own: tuple[OwnSource, ...]) -> Catalogue:
        """Raises CatalogueError with every mistake of every one of them."""
        catalogue, mistakes = self, []
        for one in own:
            found = [f"sources.own {one.id}: {said}" for said in catalogue._own_mistakes(one)]
            mistakes += found
            catalogue = catalogue if found else catalogue._with(one)
        if mistakes:
            raise CatalogueError(mistakes)
        return catalogue

    def _own_mistakes(self, one: OwnSource) -> Iterator[str]:
        if any(one.id == source.id for source in self.sources):
            yield "the catalogue has a source of that id; choose another"
        yield from (
            f"url: {one.url} is the source {source.id}; switch that on in sources.on"
            for source in self.sources
            if source.url == one.url
        )
        yield from _url_mistakes(one.url)
        yield from self._route_mistakes(one)
        if one.kind not in KINDS:
            yield f"kind: {one.kind!r} is not one of {', '.join(KINDS)}"
        else:
            yield from (f"options: {said}" for said in option_mistakes(one.kind, one.options))
        yield from (
            f"languages: {tag!r} is no BCP 47 language such as hy or az"
            for tag in one.languages
            if tag.split("-")[0] not in LANGUAGES
        )
        if not any(one.outlet == outlet.id for outlet in self.outlets):
            missing = [key for key in ("name", "side", "languages") if not getattr(one, key)]
            if missing:
                yield f"outlet {one.outlet!r} is not in the catalogue, so {', '.join(missing)} must be given"
            if one.side and one.side not in self.sides:
                yield f"side: {one.side!r} is not one of {', '.join(self.sides)}"

    def _route_mistakes(self, one: OwnSource) -> Iterator[str]:
        known = {source.url for source in self.sources} | {one.url}
        for number, way in enumerate(one.routes, 1):
            said = [*_url_mistakes(way.url)]
            if way.url in known:
                said.append(f"url: {way.url} is a source or another route already")
            if way.kind not in KINDS:
                said.append(f"kind: {way.kind!r} is not one of {', '.join(KINDS)}")
            else:
                said += (f"options: {mistake}" for mistake in option_mistakes(way.kind, way.options))
            known.add(way.url)
            yield from (f"routes {number}.{mistake}" for mistake in said)

    def _with(self, one: OwnSource) -> Catalogue:
        outlet = next((known for known in self.outlets if known.id == one.outlet), None)
        languages = one.languages or (outlet.languages if outlet else ())
        source = SourceRow(
            id=one.id,
            outlet=one.outlet,
            kind=one.kind,
            url=one.url,
            languages=languages,
            enabled=True,
            ship="own",
            options=one.options,
            routes=one.routes,
        )
        if outlet is not None:
            return replace(self, sources=(*self.sources, source))
        parts = urlsplit(one.url)
        host = (parts.hostname or "").removeprefix("www.")
        taken = any(host in known.hosts for known in self.outlets)
        added = OutletRow(
            id=one.outlet,
            name=one.name,
            homepage=f"{parts.scheme}://{parts.netloc}/",
            side=one.side,
            kind="own",
            languages=languages,
            zone=one.zone,
            scope="regional",  # whoever adds an outlet wants its stories looked at
            credited_as=(one.name,),
            hosts=() if taken else (host,),
        )
        key = fold(one.name)
        credited = {**self.credited, **({key: one.outlet} if key and key not in self.credited else {})}
        return replace(
            self,
            outlets=(*self.outlets, added),
            sources=(*self.sources, source),
            credited=MappingProxyType(credited),
        )

    def rules(self) -> Mapping[str, OutletRules]:
        """What reading an outlet's pages needs to know, by outlet id."""
        credited = dict(self.credited)  # a plain dict, since the rules travel to other processes
        return {
            one.id: OutletRules(
                outlet=one.id,
                name=one.name,
                zone=one.zone,
                languages=one.languages,
                credited_as=one.credited_as,
                credits=credited,
                body_selectors=self.selectors.get(one.id, ()),
            )
            for one in self.outlets
        }

    def general(self) -> frozenset[str]:
        """The outlets most of whose stories are about something else: only what names the topic is fetched of them."""
        return frozenset(one.id for one in self.outlets if one.scope == "general")


def _enabled(source: SourceRow, on: set[str], off: set[str]) -> bool:
    if source.id in on or source.id in off:
        return source.id in on
    if source.outlet in off:
        return False
    return source.enabled or source.outlet in on


def _only(sources: tuple[SourceRow, ...], only: set[str], off: set[str]) -> tuple[SourceRow, ...]:
    is_on = {one.outlet for one in sources if one.enabled}
    return tuple(
        replace(
            one,
            enabled=one.id not in off
            and one.outlet not in off
            and (one.id in only or (one.outlet in only and (one.enabled or one.outlet not in is_on))),
        )
        for one in sources
    )


def load_catalogue(folder: Path | None = None) -> Catalogue:
    """The catalogue in `folder`, or the shipped one. Raises CatalogueError with every mistake of every file."""
    files = read_folder(SHIPPED if folder is None else folder)
    entries = [outlet for _, outlet in files.outlets]
    return Catalogue(
        outlets=tuple(_outlet_row(one) for one in entries),
        sources=tuple(row for one in entries for row in _source_rows(one)),
        sides=files.sides,
        credited=MappingProxyType({key: one.id for one in entries for key in credit_keys(one)}),
        selectors=MappingProxyType({one.id: one.body_selectors for one in entries if one.body_selectors}),
    )


def _outlet_row(one: OutletEntry) -> OutletRow:
    return OutletRow(
        id=one.id,
        name=one.name,
        homepage=one.homepage,
        side=one.side,
        kind=one.kind,
        languages=one.languages,
        zone=one.zone,
        scope=one.scope,
        credited_as=tuple(dict.fromkeys((one.name, *one.credited_as))),
        hosts=one.hosts,
    )


def _url_mistakes(url: str) -> Iterator[str]:
    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
        yield f"url: {url!r} is no address that begins with http:// or https://"


def _route(way: RouteEntry) -> Route:
    return Route(kind=way.kind, url=way.url, user_agent=way.user_agent, options=way.options, mirror_of=way.mirror_of)


def _source_rows(outlet: OutletEntry) -> Iterator[SourceRow]:
    for one in outlet.sources:
        yield SourceRow(
            id=one.id,
            outlet=outlet.id,
            kind=one.kind,
            url=one.url,
            languages=one.languages,
            enabled=one.ship == "on",
            ship=one.ship,
            note=one.note,
            user_agent=one.user_agent,
            options=one.options,
            routes=tuple(_route(way) for way in one.routes),
        )
