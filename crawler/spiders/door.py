"""The downloader of every spider: what it asks goes through the hub, past guard and robots.txt, at the hub's pace."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Self

from scrapy import Request, Spider
from scrapy.core.downloader import Downloader
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes
from scrapy.utils.defer import deferred_from_coro
from twisted.internet.defer import Deferred

from crawler.engine import Engine
from crawler.hub import Hub
from crawler.settings import HubSettings
from crawler.wire import Fetched, FetchFailure, FetchRequest

log = logging.getLogger(__name__)


class NotHad(IgnoreRequest):
    """A request to which there is no answer. Reaches an errback; where there is none, Scrapy passes over it."""

    def __init__(self, failure: FetchFailure) -> None:
        super().__init__(failure.detail)
        self.failure = failure


class HubDoor(Downloader):
    """`failures` grows by each request that got no answer. Scrapy's own queue, middlewares and delays are not used."""

    loudness = logging.DEBUG  # the runner says it in its own words

    def __init__(self, crawler: Crawler, hub: Hub, *, user_agent: str | None, seconds: float, max_bytes: int) -> None:
        super().__init__(crawler)
        self._hub = hub
        self._bounds: Mapping[str, Any] = {"user_agent": user_agent, "timeout": seconds, "max_bytes": max_bytes}
        self._asking: set[asyncio.Task[Response]] = set()
        self._shut = False
        self.failures: list[FetchFailure] = []

    def fetch(self, request: Request, spider: Spider | None = None) -> Deferred[Response | Request]:  # noqa: ARG002
        return deferred_from_coro(self._fetch(request))

    async def _fetch(self, request: Request) -> Response:
        self.active.add(request)  # the engine closes a spider that has nothing in flight
        task = asyncio.ensure_future(self._ask(request))
        self._asking.add(task)
        try:
            return await task
        except asyncio.CancelledError:
            raise IgnoreRequest(f"{request.url} was given up") from None
        finally:
            self._asking.discard(task)
            self.active.discard(request)

    async def _ask(self, request: Request) -> Response:
        if self._shut:
            raise IgnoreRequest(f"{request.url} is not asked any more")
        if request.method != "GET" or request.body:
            detail = f"{request.url}: only GET without a body is asked, not {request.method}"
            raise self._not_had(FetchFailure(url=request.url, kind="guard", detail=detail))
        answer = await self._hub.fetch(FetchRequest(url=request.url, **self._bounds))
        if isinstance(answer, FetchFailure):
            raise self._not_had(answer)
        return as_response(answer, request)

    def _not_had(self, failure: FetchFailure) -> NotHad:
        self.failures.append(failure)
        log.log(self.loudness, "request without an answer: %s", failure.detail)
        return NotHad(failure)

    @property
    def is_shut(self) -> bool:
        return self._shut

    def shut(self) -> None:
        """Nothing is asked any more, and what is in flight is given up."""
        self._shut = True
        for task in self._asking:
            task.cancel()


class EndlessOutput:
    """A spider middleware: once the door is shut, a callback that yields without end is not asked for more."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:  # noqa: ARG002
        door = self._crawler.engine.downloader
        async for one in result:
            if isinstance(door, HubDoor) and door.is_shut:
                return
            yield one


def as_response(answer: Fetched, request: Request) -> Response:
    headers = Headers(dict(answer.headers))
    kind = responsetypes.from_args(headers=headers, url=answer.final_url, body=answer.body)
    return kind(url=answer.final_url, status=answer.status, headers=headers, body=answer.body, request=request)


def door_into(hub: Hub, **bounds: Any) -> Callable[[Crawler], HubDoor]:
    """The DOWNLOADER of a crawler beside an open hub. A function, since Scrapy copies its settings deep."""
    return lambda crawler: HubDoor(crawler, hub, **bounds)


class ProjectDoor(HubDoor):
    """For the command `scrapy`: a hub over this crawler's own connections, opened with the first request."""

    loudness = logging.WARNING

    def __init__(self, crawler: Crawler) -> None:
        settings: HubSettings = crawler.settings["HUB"]
        self.engine = Engine(settings, download=self._through_handlers)
        self._opening: asyncio.Lock = asyncio.Lock()
        self._open = False
        seconds, max_bytes = crawler.settings["DOWNLOAD_TIMEOUT"], crawler.settings["DOWNLOAD_MAXSIZE"]
        super().__init__(crawler, Hub(settings, self.engine), user_agent=None, seconds=seconds, max_bytes=max_bytes)

    async def _through_handlers(self, request: Request) -> Response:
        self.crawler.stats.inc_value("hub/requests")
        return await self.handlers.download_request_async(request)

    async def _ask(self, request: Request) -> Response:
        async with self._opening:
            if not self._open:
                await self.engine.start()
                self._open = True
        return await super()._ask(request)
