"""The monitor's sources as the spiders of a Scrapy project: `scrapy list`, `scrapy crawl NAME`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any, Self

from scrapy import Request, Spider
from scrapy.exceptions import UsageError
from scrapy.settings import BaseSettings

from crawler.spiders.door import ProjectDoor


class SourceSpider(Spider):
    """Visits the source of its name as the daemon does, lease and all, over this crawler's own connections. What the
    visit finds goes into the database; Scrapy sees requests in the statistics, and no items."""

    _visit: asyncio.Future[tuple[str, int]] | None = None

    async def start(self) -> AsyncIterator[Any]:
        door = self.crawler.engine.downloader
        assert isinstance(door, ProjectDoor)
        self._stop = asyncio.Event()
        self._visit = asyncio.ensure_future(self.settings["SOURCE_VISIT"](self.name, door.engine, self._stop))
        summary, failed = await asyncio.shield(self._visit)
        (self.logger.error if failed else self.logger.info)("%s", summary)
        for item in tuple[Any, ...]():  # none: it makes this the async generator that Scrapy wants
            yield item

    async def closed(self, reason: str) -> None:  # noqa: ARG002 - Scrapy's signature
        """Scrapy was interrupted: what is under way is let end, as `karabakh crawl` does."""
        if self._visit is not None and not self._visit.done():
            self._stop.set()
            await self._visit


class NoSuchSource(UsageError, KeyError):
    """Scrapy's loaders raise KeyError; its command line shows the sentence of a UsageError and exits 2."""


class SourceLoader:
    def __init__(self, on: tuple[str, ...], known: tuple[str, ...]) -> None:
        self._on, self._known = on, frozenset(known)

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        return cls(settings["SOURCES_ON"], settings["SOURCES_KNOWN"])

    def list(self) -> Sequence[str]:
        return self._on

    def load(self, spider_name: str) -> type[Spider]:
        """A source that is switched off is crawled when it is named. Raises NoSuchSource."""
        if spider_name not in self._known:
            raise NoSuchSource(f"no source is called {spider_name!r} (karabakh sources list shows them)")
        return type("SourceSpider", (SourceSpider,), {"name": spider_name})

    def find_by_request(self, request: Request) -> Sequence[str]:  # noqa: ARG002 - Scrapy's signature
        """None: `scrapy shell URL` asks for a page and visits no source."""
        return ()
