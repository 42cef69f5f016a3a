"""One long-lived Scrapy engine that downloads what it is asked, and what its errors mean."""

from __future__ import annotations

import asyncio
import errno
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from OpenSSL import SSL
from scrapy import Request, Spider
from scrapy.core.downloader import Downloader
from scrapy.crawler import AsyncCrawlerRunner, Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
from scrapy.http import Response
from scrapy.utils.defer import deferred_from_coro
from service_identity import VerificationError
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectError, NoRouteError

from crawler.bounded import TooSlow
from crawler.resolver import GuardedResolver
from crawler.settings import HubSettings, scrapy_settings
from crawler.unpack import Damaged, TooLarge, unpack
from crawler.wire import FailureKind, Fetched, FetchFailure

log = logging.getLogger(__name__)

NO_WAY = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN})


class Line(Downloader):
    """Downloads at once and can be cancelled: who asks keeps the pace (crawler.pace). Scrapy's own queue would go on
    with requests that nobody waits for any more."""

    def fetch(self, request: Request, spider: Spider | None = None) -> Deferred[Response | Request]:  # noqa: ARG002
        return deferred_from_coro(self.handlers.download_request_async(request))


class _Door(Spider):
    """Keeps the engine open until it is stopped."""

    name = "hub"

    def __init__(self, opened: asyncio.Event, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._opened = opened

    async def start(self) -> AsyncIterator[Any]:
        self._opened.set()
        await asyncio.Event().wait()
        yield  # never reached: it makes this the async generator that Scrapy wants


Download = Callable[[Request], Awaitable[Response]]


class Engine:
    """`download` is that of a crawler that runs already, beside which none is opened."""

    def __init__(self, settings: HubSettings, download: Download | None = None) -> None:
        self._settings = settings
        self._download = download
        self._crawler: Crawler | None = None
        self._crawl: asyncio.Future[None] | None = None
        self._resolver: GuardedResolver | None = None
        self._asking: set[asyncio.Task[Response]] = set()

    async def start(self) -> None:
        from twisted.internet import reactor

        # Scrapy's runner leaves the resolver to whoever owns the reactor: its setting for one would do nothing here.
        self._resolver = GuardedResolver(reactor, self._settings.guard)
        self._resolver.install()
        if self._download is None:
            await self._open()

    async def _open(self) -> None:
        # What Scrapy warns of (too large, cut off) comes back from `ask` as a value.
        logging.getLogger("scrapy").setLevel(logging.ERROR)
        opened = asyncio.Event()
        runner = AsyncCrawlerRunner(dict(scrapy_settings(self._settings)))
        self._crawler = runner.create_crawler(_Door)
        self._crawl = asyncio.ensure_future(runner.crawl(self._crawler, opened=opened))
        waiting = asyncio.ensure_future(opened.wait())
        await asyncio.wait({waiting, self._crawl}, return_when=asyncio.FIRST_COMPLETED)
        if not opened.is_set():
            waiting.cancel()
            await self._crawl  # raises what kept the engine from opening
        self._download = self._crawler.engine.download_async

    async def stop(self) -> None:
        """Downloads under way are cancelled for those who wait for them."""
        for task in self._asking:
            task.cancel()
        if self._asking:
            await asyncio.wait(self._asking)
        if self._crawler is not None and self._crawl is not None:
            await self._crawler.stop_async()
            await self._crawl
        if self._resolver is not None:
            self._resolver.uninstall()

    async def ask(self, url: str, headers: Mapping[str, str], seconds: float, max_bytes: int) -> Fetched | FetchFailure:
        """One request, no redirects, given up after `seconds` from the look-up of the name to the last byte."""
        assert self._resolver is not None, "the engine is not started"
        assert self._download is not None
        meta = {"download_timeout": seconds, "download_maxsize": max_bytes}
        try:
            request = Request(url, headers=dict(headers), meta=meta, dont_filter=True)
            task = asyncio.ensure_future(self._download(request))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)
            began = time.monotonic()
            response = await task
            return replace(_fetched(url, response, max_bytes), seconds=time.monotonic() - began)
        except Exception as error:  # noqa: BLE001 - the bulkhead: whatever a host does to a connection is a value
            return _failure(url, error, refused_names=self._resolver.refused)


def _fetched(url: str, response: Response, max_bytes: int) -> Fetched:
    headers = {_text(name).lower(): _text(b", ".join(response.headers.getlist(name))) for name in response.headers}
    packing = headers.pop("content-encoding", "")
    body = unpack(response.body, packing, max_bytes) if packing else response.body
    return Fetched(url=url, final_url=url, status=response.status, headers=headers, body=body)


def _text(raw: bytes) -> str:
    """Header values are ASCII; servers that break the rule mostly send UTF-8 (in Location, for one)."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


# What Scrapy raises, or the unpacking. `{host}` has the port where the URL does.
_MEANING: tuple[tuple[type[Exception], FailureKind, str], ...] = (
    (CannotResolveHostError, "dns", "the name {name} cannot be resolved"),
    (DownloadTimeoutError, "timeout", "{host} did not answer in time"),
    (DownloadConnectionRefusedError, "refused", "{host} refuses the connection"),
    (DownloadCancelledError, "too large", "{url} is larger than what is taken"),
    (TooLarge, "too large", "{url} is larger than what is taken when unpacked"),
    (ResponseDataLossError, "truncated", "the answer of {host} was cut off"),
    (Damaged, "truncated", "the compressed answer of {host} is {error}"),
)


def _failure(url: str, error: Exception, refused_names: frozenset[str]) -> FetchFailure:
    host, name = urlsplit(url).netloc, urlsplit(url).hostname or ""
    if isinstance(error, CannotResolveHostError) and name in refused_names:
        return FetchFailure(url=url, kind="guard", detail=f"{name} leads to an address that is not public")
    causes = list(_causes(error))
    if any(isinstance(one, TooSlow) for one in causes):
        return FetchFailure(url=url, kind="timeout", detail=f"the answer of {host} drips: it was given up")
    for kind_of_error, kind, sentence in _MEANING:
        if isinstance(error, kind_of_error):
            detail = sentence.format(name=name, host=host, url=url, error=error)
            return FetchFailure(url=url, kind=kind, detail=detail)
    if any(isinstance(one, VerificationError) or "certificate verify failed" in repr(one) for one in causes):
        return FetchFailure(url=url, kind="tls", detail=f"the certificate of {host} does not hold")
    if any(isinstance(one, SSL.Error) for one in causes):
        return FetchFailure(url=url, kind="tls", detail=f"no encrypted connection to {host} comes about")
    if any(isinstance(one, NoRouteError) or _errno(one) in NO_WAY for one in causes):
        return FetchFailure(url=url, kind="unreachable", detail=f"there is no way to {host}")
    if not isinstance(error, DownloadFailedError | ConnectError | OSError):
        log.warning("fetch failed oddly: url=%s", url, exc_info=error)
    return FetchFailure(url=url, kind="protocol", detail=f"the connection to {host} broke")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it was raised from, with the several reasons that Twisted may give."""
    yield error
    if error.__cause__ is not None:
        yield from _causes(error.__cause__)
    for failure in getattr(error, "reasons", None) or ():
        yield from _causes(failure.value)


def _errno(error: BaseException) -> int | None:
    """Twisted's ConnectError keeps it as `osError`."""
    found = getattr(error, "osError", None) or getattr(error, "errno", None)
    return found if isinstance(found, int) else None
