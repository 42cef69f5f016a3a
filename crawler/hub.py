"""The one door to the world: a long-lived Scrapy engine, asked by coroutines.

    async with Hub(settings) as hub:        # inside `run`, or any asyncio loop under Twisted's asyncio reactor
        answer = await hub.fetch(FetchRequest(url="https://..."))

Answers of any status and failures of any kind are values; only cancellation and bugs are raised.
"""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import AsyncIterator, Coroutine
from datetime import UTC, datetime
from typing import Any, Self, TypeVar
from urllib.parse import urljoin, urlsplit

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerRunner, Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.http import Response
from scrapy.utils.reactor import install_reactor

from crawler.guard import refuse
from crawler.resolver import GuardedResolver
from crawler.robots import MAX_BYTES as ROBOTS_BYTES
from crawler.robots import Rules, rules_from
from crawler.settings import HubSettings, scrapy_settings
from crawler.wire import Fetched, FetchFailure, FetchRequest

T = TypeVar("T")

REDIRECTS = frozenset({301, 302, 303, 307, 308})
PERMANENT = frozenset({301, 308})
MAX_REDIRECTS = 5
ASYNCIO_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
ACCEPT = "application/rss+xml,application/atom+xml,application/feed+json,text/html,application/xml;q=0.9,*/*;q=0.5"


def run(main: Coroutine[Any, Any, T]) -> T:
    """Runs `main` under Twisted's asyncio reactor and returns what it returns. Once in a process: reactors do not restart."""
    install_reactor(ASYNCIO_REACTOR)
    from twisted.internet import reactor

    task: asyncio.Task[T] | None = None

    def begin() -> None:
        nonlocal task
        task = asyncio.get_event_loop().create_task(main)
        task.add_done_callback(lambda _: reactor.stop())  # type: ignore[attr-defined]

    reactor.callWhenRunning(begin)  # type: ignore[attr-defined]
    reactor.run(installSignalHandlers=False)  # type: ignore[attr-defined]
    assert task is not None
    return task.result()


class _Door(Spider):
    """Keeps the engine open until it is told to close."""

    name = "hub"

    def __init__(self, opened: asyncio.Event, closing: asyncio.Event, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._opened, self._closing = opened, closing

    async def start(self) -> AsyncIterator[Any]:
        self._opened.set()
        await self._closing.wait()
        return
        yield  # an async generator that yields nothing


class Hub:
    def __init__(self, settings: HubSettings) -> None:
        self.settings = settings
        self._robots: dict[str, Rules] = {}

        self._opened, self._closing = asyncio.Event(), asyncio.Event()
        self._crawler: Crawler | None = None
        self._crawl: asyncio.Future[None] | None = None

    async def start(self) -> None:
        logging.getLogger("scrapy").setLevel(logging.WARNING)
        runner = AsyncCrawlerRunner(dict(scrapy_settings(self.settings)))
        self._crawler = runner.create_crawler(_Door)
        self._crawl = asyncio.ensure_future(runner.crawl(self._crawler, opened=self._opened, closing=self._closing))
        opened = asyncio.ensure_future(self._opened.wait())
        await asyncio.wait({opened, self._crawl}, return_when=asyncio.FIRST_COMPLETED)
        if not self._opened.is_set():
            opened.cancel()
            await self._crawl  # raises what kept the engine from opening

    async def stop(self) -> None:
        self._closing.set()
        if self._crawler is not None and self._crawl is not None:
            await self._crawler.stop_async()
            await self._crawl

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def fetch(self, request: FetchRequest) -> Fetched | FetchFailure:
        """Follows redirects, each hop past the guard and robots.txt."""
        url, moved_to, permanent = request.url, None, True
        for _ in range(MAX_REDIRECTS + 1):
            refused = await self._refused(url, request)
            if refused is not None:
                return refused
            answer = await self._ask(url, request, conditional=url == request.url or permanent)
            if isinstance(answer, FetchFailure) or answer.status not in REDIRECTS:
                break
            location = answer.headers.get("location")
            if not location:
                break
            permanent = permanent and answer.status in PERMANENT
            url = urljoin(url, location).partition("#")[0]
            moved_to = url if permanent else moved_to
        else:
            return FetchFailure(
                url=request.url, kind="redirect loop", detail=f"{request.url} redirects more than {MAX_REDIRECTS} times"
            )
        if isinstance(answer, FetchFailure):
            return answer
        return Fetched(
            url=request.url,
            final_url=url,
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            moved_to=moved_to if answer.status < 400 else None,
        )

    async def _refused(self, url: str, request: FetchRequest) -> FetchFailure | None:
        reason = refuse(url, self.settings.guard)
        if reason is not None:
            return FetchFailure(url=url, kind="guard", detail=f"{url[:200]}: {reason}")
        if not self.settings.obey_robots:
            return None
        agent = request.user_agent or self.settings.user_agent
        rules = await self._rules(url, request)
        if isinstance(rules, FetchFailure):
            return rules
        self._space(url, rules.delay(agent))
        if rules.allows(agent, url):
            return None
        why = "cannot be had at present" if rules.closed else "does not allow it"
        return FetchFailure(url=url, kind="robots", detail=f"{url}: robots.txt of {urlsplit(url).netloc} {why}")

    async def _rules(self, url: str, request: FetchRequest) -> Rules | FetchFailure:
        """The host's robots.txt, asked once by however many want it. A host that cannot be reached at all is a failure."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        known = self._robots.get(site)
        if known is not None and known.until > datetime.now(UTC):
            return known
        asked = FetchRequest(
            url=f"{site}/robots.txt", user_agent=request.user_agent, timeout=request.timeout, max_bytes=ROBOTS_BYTES * 2
        )
        answer = await self._follow_robots(asked)
        if isinstance(answer, FetchFailure) and answer.kind not in {"too large", "redirect loop", "guard"}:
            return FetchFailure(url=url, kind=answer.kind, detail=answer.detail)
        rules = rules_from(answer, datetime.now(UTC))
        self._robots[site] = rules
        return rules

    async def _follow_robots(self, request: FetchRequest) -> Fetched | FetchFailure:
        url = request.url
        for _ in range(MAX_REDIRECTS + 1):
            if refuse(url, self.settings.guard):
                return FetchFailure(url=url, kind="guard", detail=f"{url}: not asked")
            answer = await self._ask(url, request, conditional=False)
            if isinstance(answer, FetchFailure) or answer.status not in REDIRECTS or "location" not in answer.headers:
                return answer
            url = urljoin(url, answer.headers["location"])
        # RFC 9309, 2.3.1.2: too many redirects mean that there are no rules
        return Fetched(url=request.url, final_url=url, status=404)

    def _space(self, url: str, delay: float | None) -> None:
        """A host that asks for a longer pause than ours gets it."""
        if (
            delay is None
            or delay <= self.settings.delay_seconds
            or self._crawler is None
            or self._crawler.engine is None
        ):
            return
        downloader = self._crawler.engine.downloader
        host = urlsplit(url).hostname or ""
        downloader.per_slot_settings.setdefault(host, {})["delay"] = delay
        if host in downloader.slots:
            downloader.slots[host].delay = delay

    async def _ask(self, url: str, request: FetchRequest, *, conditional: bool) -> Fetched | FetchFailure:
        assert self._crawler is not None and self._crawler.engine is not None, "the hub is not open"
        headers = {"Accept": ACCEPT}
        if conditional and request.etag:
            headers["If-None-Match"] = request.etag
        if conditional and request.last_modified:
            headers["If-Modified-Since"] = request.last_modified
        if request.user_agent:
            headers["User-Agent"] = request.user_agent
        meta = {
            "download_timeout": request.timeout,
            "download_maxsize": request.max_bytes,
            "handle_httpstatus_all": True,
        }
        try:
            outgoing = Request(url, headers=headers, meta=meta, dont_filter=True)
            response = await self._crawler.engine.download_async(outgoing)
        except Exception as error:  # noqa: BLE001 - the bulkhead: whatever a host does to a connection is a value
            return _failure(url, error)
        return _fetched(url, response)


def _fetched(url: str, response: Response) -> Fetched:
    names = response.headers.keys()
    headers = {
        name.decode("latin-1").lower(): b", ".join(response.headers.getlist(name)).decode("latin-1") for name in names
    }
    return Fetched(url=url, final_url=url, status=response.status, headers=headers, body=response.body)


def _failure(url: str, error: Exception) -> FetchFailure:
    host = urlsplit(url).netloc
    name = urlsplit(url).hostname or ""
    if isinstance(error, CannotResolveHostError):
        if name in GuardedResolver.refused:
            return FetchFailure(url=url, kind="guard", detail=f"{host} leads to an address that is not public")
        return FetchFailure(url=url, kind="dns", detail=f"the name {name} cannot be resolved")
    if isinstance(error, DownloadTimeoutError):
        return FetchFailure(url=url, kind="timeout", detail=f"{host} did not answer in time")
    if isinstance(error, DownloadConnectionRefusedError):
        return FetchFailure(url=url, kind="refused", detail=f"{host} refuses the connection")
    if isinstance(error, DownloadCancelledError):
        return FetchFailure(url=url, kind="too large", detail=f"{url} is larger than what is taken")
    if isinstance(error, IgnoreRequest):
        return FetchFailure(url=url, kind="too large", detail=f"{url} is larger than what is taken when unpacked")
    if isinstance(error, ResponseDataLossError):
        return FetchFailure(url=url, kind="truncated", detail=f"the answer of {host} was cut off")
    text = f"{error!r} {error.__cause__!r}"
    if "SSL" in text or "certificate" in text or "VerificationError" in text:
        return FetchFailure(url=url, kind="tls", detail=f"the certificate of {host} does not hold")
    if any(str(code) in text for code in (errno.ENETUNREACH, errno.EHOSTUNREACH)) or "NoRoute" in text:
        return FetchFailure(url=url, kind="unreachable", detail=f"there is no way to {host}")
    if isinstance(error, DownloadFailedError | OSError):
        return FetchFailure(url=url, kind="protocol", detail=f"the connection to {host} broke")
    logging.getLogger(__name__).warning("fetch failed oddly: url=%s", url, exc_info=error)
    return FetchFailure(url=url, kind="protocol", detail=f"{host}: {type(error).__name__}")
