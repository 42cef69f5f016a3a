"""Sources of the operator's own as text for config.toml, and what is put down for one that nobody described. Pure."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields
from itertools import chain, count
from urllib.parse import urlsplit

from scheduler.config import OwnSourceConfig, RouteConfig
from storage.records import OutletRow
from storage.text import printable

FEWEST_OUTLETS = 3  # of a country's domain, for where another of its outlets is published
SHARE = 0.6
ELSEWHERE = ("Western/international", "UTC")


def own_entry(source: OwnSourceConfig) -> str:
    """A [[sources.own]] with what is not the default."""
    lines = [f"{key} = {toml(value)}" for key, value in _told(source).items()]
    return "\n".join(["[[sources.own]]", *lines])


def _told(value: OwnSourceConfig | RouteConfig) -> dict[str, object]:
    told = {one.name: getattr(value, one.name) for one in fields(value)}
    if told.get("routes"):
        told["routes"] = [_told(way) for way in told["routes"]]
    unsaid = {"zone": "UTC"} | ({"kind": "feed"} if isinstance(value, OwnSourceConfig) else {})
    return {key: one for key, one in told.items() if one and unsaid.get(key) != one}


def toml(value: object) -> str:
    """Texts, and lists and tables of them: JSON's escapes are TOML's."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(str(key))} = {toml(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml, value))}]"
    return json.dumps(printable(str(value)), ensure_ascii=False)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else toml(name)


def free_id(url: str, taken: Collection[str]) -> str:
    """Out of the host's name, with a number where `taken` has it."""
    stem = re.sub(r"[^a-z0-9]+", "-", host_of(url)).strip("-")[:50].strip("-") or "feed"
    return next(one for one in chain([stem], (f"{stem}-{number}" for number in count(2))) if one not in taken)


def host_of(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def side_and_zone(url: str, outlets: Iterable[OutletRow]) -> tuple[str, str]:
    """Where most known outlets of the same country's domain are published, and their time zone."""
    country = host_of(url).rpartition(".")[2]
    those = [one for one in outlets if len(country) == 2 and any(host.endswith(f".{country}") for host in one.hosts)]
    if len(those) < FEWEST_OUTLETS:
        return ELSEWHERE
    counted = Counter((one.side, one.zone) for one in those)
    found, times = counted.most_common(1)[0]
    return found if times >= SHARE * len(those) else ELSEWHERE
