"""One pure parser per kind of source: the bytes of an answer to the entries in it. No network, no clock.

To add a kind: a module with a `parse` of the shape below, and a line in KINDS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from importlib import import_module
from types import MappingProxyType
from typing import Protocol

from crawler.entry import ParsedFeed

NO_OPTIONS: Mapping[str, str] = MappingProxyType({})


class Parse(Protocol):
    """`url` is where the answer came from, after redirects; `zone` is what times without one are in; `options` are
    the source's own, by the names that its kind knows. A wrong answer is a `ParsedFeed.problem`, never an exception."""

    def __call__(
        self,
        body: bytes,
        url: str,
        *,
        content_type: str | None = None,
        now: datetime,
        zone: tzinfo | None = None,
        options: Mapping[str, str] = NO_OPTIONS,
    ) -> ParsedFeed: ...


@dataclass(frozen=True, slots=True)
class Kind:
    """`needs` and `takes` are the options a source of this kind must and may have; with `open` any other, too."""

    module: str
    needs: frozenset[str] = frozenset()
    takes: frozenset[str] = frozenset()
    open: bool = False


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "feed": Kind("crawler.kinds.feed"),
        "jsonfeed": Kind("crawler.kinds.jsonfeed"),
        "embedded-json": Kind("crawler.kinds.embedded_json", frozenset({"hits", "link"}), frozenset({"locale"})),
        "wordpress": Kind("crawler.kinds.wordpress"),
        "section": Kind("crawler.kinds.section", takes=frozenset({"items", "path"})),
        "sitemap": Kind("crawler.kinds.sitemap", takes=frozenset({"path", "days"})),
        "spider": Kind("crawler.kinds.spider", frozenset({"class"}), open=True),
    }
)


def parser_for(kind: str) -> Parse:
    """Raises KeyError for a kind that is not in KINDS."""
    parse: Parse = import_module(KINDS[kind].module).parse
    return parse
