"""From what was picked of a site to entries of config.toml. Pure."""

from __future__ import annotations

import re
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
_BETWEEN = re.compile(r"\s+[-–—|·:»«/]\s+|\s+::\s+|[:|]\s")


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
                languages=(
                    given.language or language_of(find, found.language, known.languages if known else ()) or "en",
                ),
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
    host = host_of(find.address)
    titles = (name_in(printable(title), host) for title in (find.probed.feed.title, found.title))
    name = given.name or printable(found.site).strip() or next(filter(None, titles), "") or host
    return {"name": name[:LONGEST_NAME], "side": given.side or side, "zone": zone}


def name_in(title: str, host: str) -> str:
    """The part of "Latest news - The Herald" or "Herald | Feed" that the host's name is made of, else the first."""
    parts = [one for piece in _BETWEEN.split(title) if (one := piece.strip())]
    stem = _letters(host.rpartition(".")[0] or host)
    likely = [one for one in parts if _letters(one) and (_letters(one) in stem or stem in _letters(one))]
    return next(iter([*likely, *parts]), "")


def _letters(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())


def _route(find: Find) -> RouteConfig:
    return RouteConfig(url=find.address, kind=find.candidate.kind, options=find.candidate.options)
