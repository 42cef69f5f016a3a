"""From what was picked of a site to entries of config.toml. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scheduler.config import OwnSourceConfig, RouteConfig
from scheduler.own_entries import free_id, host_of, side_and_zone
from storage.text import printable

if TYPE_CHECKING:
    from crawler.finds import Find
    from crawler.search_site import Searched
    from scheduler.assemble import Parts
    from storage.records import OutletRow

LONGEST_NAME = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOutlet:
    """What the operator says; None where nothing."""

    name: str | None = None
    side: str | None = None
    language: str | None = None

    @property
    def is_another(self) -> bool:
        """Than the one that has the host."""
        return self.name is not None or self.side is not None


def outlet_here(parts: Parts, url: str) -> OutletRow | None:
    """The outlet of the catalogue, or of the operator, that has the address's host."""
    return next((one for one in parts.catalogue.outlets if host_of(url) in one.hosts), None)


def proposed(parts: Parts, url: str) -> tuple[str, str]:
    """(side, zone) for a new outlet."""
    side, zone = side_and_zone(url, parts.catalogue.outlets)
    return (side if side in parts.catalogue.sides else parts.catalogue.sides[0]), zone


def sources_of(parts: Parts, found: Searched, chosen: Sequence[Find], given: NewOutlet) -> tuple[OwnSourceConfig, ...]:
    """An entry for each; of a new outlet the first has it all, and the others name it."""
    from crawler.finds import language_of, second_route

    taken = {one.id for one in parts.sources} | {one.id for one in parts.catalogue.outlets}
    used = {one.address for one in chosen}
    entries: list[OwnSourceConfig] = []
    new_outlet = ""
    for find in chosen:
        known = None if given.is_another else outlet_here(parts, find.address)
        outlet = known.id if known else new_outlet
        about = {"outlet": outlet} if outlet else _about(parts, found, find, given)
        route = second_route(find, [one for one in found.finds if one.address not in used])
        used |= {route.address} if route else set()
        entries.append(
            OwnSourceConfig(
                id=free_id(find.address, taken),
                url=find.address,
                kind=find.candidate.kind,
                languages=(given.language or language_of(find, found.language) or "en",),
                options=find.candidate.options,
                routes=(_route(route),) if route else (),
                **about,
            )
        )
        taken.add(entries[-1].id)
        new_outlet = new_outlet or ("" if known else entries[-1].id)
    return tuple(entries)


def _about(parts: Parts, found: Searched, find: Find, given: NewOutlet) -> dict[str, str]:
    side, zone = proposed(parts, find.address)
    name = given.name or found.site or find.probed.feed.title or host_of(find.address)
    return {
        "name": printable(name).strip()[:LONGEST_NAME] or host_of(find.address),
        "side": given.side or side,
        "zone": zone,
    }


def _route(find: Find) -> RouteConfig:
    return RouteConfig(url=find.address, kind=find.candidate.kind, options=find.candidate.options)
