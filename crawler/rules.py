"""What the catalogue and the database know of an outlet that reading its pages needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletRules:
    """A picklable value that the caller loads and hands to the pure readers in any process.

    `zone` is an IANA name. `credits` maps the folded names that outlets are credited by to outlet ids, for all outlets.
    `utc_means_local`: the outlet writes Z behind its own clock.
    """

    outlet: str
    name: str = ""
    zone: str = "UTC"
    languages: tuple[str, ...] = ()
    credited_as: tuple[str, ...] = ()
    credits: Mapping[str, str] = field(default_factory=dict)
    body_selectors: tuple[str, ...] = ()
    boilerplate: frozenset[str] = frozenset()
    utc_means_local: bool = False
