"""The part of a config.toml that points the monitor at an open newsroom."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from scheduler.newsroom.newsroom import Newsroom


def config_fragment(newsroom: Newsroom) -> str:
    """[network], [sources] and [[sources.own]]; nothing but the newsroom is polled."""
    only = [source["id"] for source in newsroom.sources]
    lines = [
        "[network]",
        f"static_hosts = {_toml(newsroom.static_hosts)}",
        f"loopback = {_toml(newsroom.loopback)}",
        "",
        "[sources]",
        f"only = {_toml(only)}",
        *(line for source in newsroom.sources for line in _table(source)),
    ]
    return "\n".join(lines) + "\n"


def _table(source: Mapping[str, Any]) -> list[str]:
    return ["", "[[sources.own]]", *(f"{key} = {_toml(value)}" for key, value in source.items())]


def _toml(value: object) -> str:
    """Texts, and lists and tables of them: JSON writes texts and lists as TOML reads them."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_toml(key)} = {_toml(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)
