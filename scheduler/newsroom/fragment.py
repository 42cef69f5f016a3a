"""The part of a config.toml that points the monitor at an open newsroom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scheduler.newsroom.newsroom import Newsroom
from scheduler.own_entries import toml


def config_fragment(newsroom: Newsroom) -> str:
    """[network], [sources] and [[sources.own]]; nothing but the newsroom is polled."""
    only = [source["id"] for source in newsroom.sources]
    lines = [
        "[network]",
        f"static_hosts = {toml(newsroom.static_hosts)}",
        f"loopback = {toml(newsroom.loopback)}",
        "",
        "[sources]",
        f"only = {toml(only)}",
        *(line for source in newsroom.sources for line in _table(source)),
    ]
    return "\n".join(lines) + "\n"


def _table(source: Mapping[str, Any]) -> list[str]:
    return ["", "[[sources.own]]", *(f"{key} = {toml(value)}" for key, value in source.items())]
