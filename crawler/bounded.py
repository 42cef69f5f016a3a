"""The bounds of an answer while it comes in: how long its head is, and how slowly it may go on.

How long a host may be silent before its answer, and how large this may be, is for Scrapy.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
)
from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure
from twisted.web._newclient import HEADER, STATUS

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

MAX_HEAD = 256 << 10  # bytes of status line and headers with what came in the same piece; real ones stay under 20 kB
# An answer that has begun goes on with a kilobyte a second: the slowest lines bring two, and what drips keeps nobody.
WINDOW_SECONDS, LEAST_IN_WINDOW = 8.0, 8 << 10
_DONE = Failure(ConnectionDone())  # type: ignore[no-untyped-call]


class TooSlow(Exception):
    """The answer dripped."""


class _BoundedProtocol(_LenientHTTP11ClientProtocol):
    """Headers without end are cut off (Twisted bounds each line, but not how many there are), and answers that drip."""

    _head = 0
    _came = 0  # bytes, since the window began
    _window: Any = None

    def request(self, request: Any) -> Any:
        self._head = self._came = 0
        self._close_window()
        return super().request(request)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        if self._parser is not None and self._parser.state in {STATUS, HEADER}:
            self._head += len(data)
            if self._head > MAX_HEAD:
                self.transport.abortConnection()  # type: ignore[union-attr]  # there is one while data come in
                return
        self._came += len(data)
        super().dataReceived(data)  # type: ignore[no-untyped-call]
        if self._window is None and self._parser is not None:  # most answers are whole with their first piece
            self._open_window()

    def connectionLost(self, reason: Failure = _DONE) -> None:  # noqa: N802
        self._close_window()
        super().connectionLost(reason)  # type: ignore[no-untyped-call]

    def _open_window(self) -> None:
        from twisted.internet import reactor

        later: Any = reactor
        self._window = later.callLater(WINDOW_SECONDS, self._judge)

    def _close_window(self) -> None:
        if self._window is not None and self._window.active():
            self._window.cancel()
        self._window = None

    def _judge(self) -> None:
        self._window = None
        if self._parser is None:  # the answer is whole
            return
        if self._came >= LEAST_IN_WINDOW:
            self._came = 0
            self._open_window()
            return
        decoder: Any = getattr(self._parser, "bodyDecoder", None)
        if getattr(decoder, "contentLength", 0) is None:
            decoder.contentLength = sys.maxsize  # else a body without a stated length would seem to end here
        self.transport.abortConnection()  # type: ignore[union-attr]
        self._giveUp(Failure(TooSlow()))  # type: ignore[no-untyped-call]


class _BoundedFactory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: Any) -> _BoundedProtocol:  # noqa: ARG002, N802
        return _BoundedProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]


class BoundedHandler(HTTP11DownloadHandler):
    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = _BoundedFactory  # noqa: SLF001 - as Scrapy itself sets it; the pool has no other door
