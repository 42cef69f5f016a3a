"""How a host may hold a connection, beside tests/hostile_hosts.py: each talk gets one on which a request has come in.

The server behaves as its hosts' names ask: n7.test as the seventh of the wires.
"""

from __future__ import annotations

import gzip
import re
import socket
import threading
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Self

MB = 1 << 20
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nSet-Cookie: seen=1\r\nRefresh: 0; url=http://127.0.0.1/\r\n"
FEED = (
    b'<rss version="2.0"><channel><title>N</title><item><title>Road open</title><link>/1</link></item></channel></rss>'
)


@dataclass(frozen=True, slots=True)
class Line:
    """A connection: the socket, how large the case is to be, how long a drop waits for the next, and whether the server
    is about to end (`waits` returns true then)."""

    socket: socket.socket
    size: float
    drop_seconds: float
    waits: Callable[[float], bool]

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def pour(self, piece: bytes, count: int) -> None:
        for _ in range(max(1, int(count * self.size))):
            self.socket.sendall(piece)

    def drip(self, piece: bytes) -> None:
        while not self.waits(self.drop_seconds):
            self.socket.sendall(piece)

    def hold(self) -> None:
        self.waits(60)


@dataclass(frozen=True, slots=True)
class Wire:
    """`ends` are the kinds of failure that it may come to; "feed" stands for the feed having been read."""

    talk: Callable[[Line], None]
    ends: frozenset[str]
    robots: bool = False  # it is robots.txt that answers so
    tls: bool = False

    @property
    def is_endless(self) -> bool:
        return self.ends == {"timeout"}


def _sending(*parts: bytes) -> Callable[[Line], None]:
    return lambda line: line.send(b"".join(parts))


def _dripping(head: bytes, piece: bytes) -> Callable[[Line], None]:
    def talk(line: Line) -> None:
        line.send(head)
        line.drip(piece)

    return talk


def _pouring(head: bytes, piece: bytes, count: int) -> Callable[[Line], None]:
    def talk(line: Line) -> None:
        line.send(head)
        line.pour(piece, count)

    return talk


def _packed(name: str, make: Callable[[float], bytes]) -> Callable[[Line], None]:
    def talk(line: Line) -> None:
        body = make(line.size)
        line.send(OK + b"Content-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (name.encode(), len(body)) + body)

    return talk


def _redirecting(location: str, status: int = 302) -> Callable[[Line], None]:
    return _sending(b"HTTP/1.1 %d Moved\r\nLocation: " % status, location.encode(), b"\r\nContent-Length: 0\r\n\r\n")


@cache
def _zeros(size: float) -> bytes:
    """Up to a gigabyte of nothing."""
    packer = zlib.compressobj(1, wbits=31)
    return b"".join(packer.compress(bytes(MB)) for _ in range(max(3, int(1024 * size)))) + packer.flush()


def _members(size: float) -> bytes:
    """Hundreds of thousands of gzip files in a row, each of which holds nothing."""
    return gzip.compress(b"", 1) * int(350_000 * size + 2000)


def _layers(_: float) -> bytes:
    body = FEED
    for _layer in range(100):
        body = gzip.compress(body, 1)
    return body


_CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
_HEAVY = frozenset({"too large", "truncated"})
_BROKEN = frozenset({"protocol", "truncated"})
_LATE = frozenset({"timeout"})
_READ = frozenset({"feed"})
_RULES = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"

WIRES: Mapping[str, Wire] = {
    "a status that drips": Wire(_dripping(b"HTTP/1.1 200 ", b"O"), _LATE),
    "a status without end": Wire(_pouring(b"HTTP/1.1 200 ", b"O" * 10_000, 20_000), _BROKEN),
    "early hints without end": Wire(
        _pouring(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 100, 20_000), _BROKEN
    ),
    "a chunk of less than nothing": Wire(_sending(_CHUNKED, b"-5\r\n<rss>\r\n0\r\n\r\n"), _BROKEN),
    "the name of a chunk without end": Wire(_pouring(_CHUNKED + b"1;", b"x" * 10_000, 20_000), _HEAVY | _BROKEN),
    "trailers without end": Wire(_pouring(_CHUNKED + b"0\r\n", b"X-A: b\r\n" * 1000, 20_000), _HEAVY | _BROKEN | _READ),
    "a length that is no number": Wire(_sending(OK, b"Content-Length: many\r\n\r\n", FEED), _BROKEN | _READ),
    "two lengths": Wire(_sending(OK, b"Content-Length: 9\r\nContent-Length: 90\r\n\r\n", FEED), _BROKEN),
    "the preface of HTTP/2": Wire(_sending(b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0d"), _BROKEN),
    "zeros in the headers": Wire(
        _sending(b"HTTP/1.1 200 OK\r\nX-\0A: \0\r\nContent-Length: %d\r\n\r\n" % len(FEED), FEED), _BROKEN | _READ
    ),
    "a redirect to an ever longer address": Wire(_redirecting("feed/feed"), frozenset({"redirect loop"})),
    "an address of a megabyte": Wire(_redirecting("/" + "a" * MB), _BROKEN | {"guard"}),
    "a hundred layers of gzip": Wire(_packed(", ".join(["gzip"] * 100), _layers), frozenset({"truncated"})),
    "gzip of very many members": Wire(_packed("gzip", _members), frozenset({"truncated"})),
    "gzip that was not declared": Wire(_packed("identity", _zeros), frozenset({"problem"})),
    "an encoding of no name": Wire(_packed("x" * 5000, lambda _: FEED), frozenset({"truncated"})),
    "brotli that is none": Wire(_packed("br", lambda n: b"\xff" * int(7 * MB * n)), frozenset({"truncated"})),
    "robots.txt that drips": Wire(_dripping(_RULES + b"\r\n", b"#"), _LATE, robots=True),
    "robots.txt that redirects to itself": Wire(_redirecting("/robots.txt"), _READ, robots=True),
    "robots.txt packed into a gigabyte": Wire(
        lambda line: line.send(
            _RULES
            + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(_zeros(line.size))
            + _zeros(line.size)
        ),
        frozenset({"robots"}),
        robots=True,
    ),
    "robots.txt with patterns that never end": Wire(
        _sending(_RULES, b"\r\nUser-agent: *\n" + b"Disallow: /*" + b"f*e*d*a*" * 200 + b"$\n" * 50),
        _READ | {"robots", "too large"},
        robots=True,
    ),
    "robots.txt of a hundred thousand rules": Wire(
        _sending(_RULES, b"\r\nUser-agent: *\n", b"Disallow: /*a*b*c\n" * 27_000), _READ, robots=True
    ),
    "a handshake that never ends": Wire(Line.hold, _LATE, tls=True),
}

_ASKED = re.compile(rb"n(\d+)\.test")
_NO_RULES = b"HTTP/1.1 404 None\r\nSet-Cookie: seen=1\r\nContent-Length: 0\r\n\r\n"


def host_of(name: str) -> str:
    return f"n{list(WIRES).index(name)}.test"


class WireServer:
    """`heads` are those of all requests; `drop_seconds` lie between the drops of what drips."""

    def __init__(self, *, size: float, drop_seconds: float) -> None:
        self.heads: list[bytes] = []
        self._size, self._drop = size, drop_seconds
        self._stopping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.place = f"127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        """One answer for each connection, after which it is closed; a client that goes away is none of our business."""
        with connection, suppress(OSError):
            connection.settimeout(30)
            head = connection.recv(65536)
            self.heads.append(head)
            self._answer(Line(connection, self._size, self._drop, self._stopping.wait), head)
            connection.shutdown(socket.SHUT_WR)
            connection.recv(1)

    def _answer(self, line: Line, head: bytes) -> None:
        asked = _ASKED.search(head.lower())  # in the Host of a request, or in the greeting of TLS
        wire = list(WIRES.values())[int(asked[1])] if asked else None
        is_robots = b"/robots.txt " in head
        if wire is not None and (wire.robots == is_robots or wire.tls):
            wire.talk(line)
        elif is_robots:
            line.send(_NO_RULES)
        else:
            line.send(OK + b"Content-Length: %d\r\n\r\n" % len(FEED) + FEED)
