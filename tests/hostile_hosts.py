"""What a hostile web does, as a table: addresses that must not be asked, and hosts that do not answer as they should.

Sizes grow with `scale`: 1.0 is the full one (bench/hostile_hosts.py), the tests take small ones and smaller limits. Of
the spellings of addresses tests/test_crawler_guard.py has more, of rebinding tests/test_crawler_resolver.py, of broken
connections and certificates tests/test_crawler_hub_faults.py. Documents are in tests/hostile_documents.py.
"""

from __future__ import annotations

import gzip
import socket
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import brotli

Talk = Callable[[socket.socket], None]

MEGABYTE = 1 << 20
SILENT = "no answer"  # the one case that ends with the patience of who asks
FEED = "http://hostile.test/feed"
PAGE = b"<html><body><p>A page."
HEAD = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"


@dataclass(frozen=True, slots=True)
class Case:
    """`url` and `Location` may name {canary}, the port of a server on loopback that nobody may ask. `outcome` is the
    kind of the failure, or "fetched"; `says` stands in the failure's detail or in the body. `robots`: they are
    obeyed, and the first connection asks for them."""

    name: str
    outcome: str
    says: str = ""
    url: str = FEED
    talk: Callable[[float, int], Talk] | None = None
    robots: bool = False


def _spellings() -> Iterator[Case]:
    not_public = "is not a public address"
    for name, host in {
        "loopback": "127.0.0.1",
        "loopback v6": "[::1]",
        "private v4": "10.0.0.1",
        "private v6": "[fd00::1]",
        "link-local": "[fe80::1]",
        "metadata": "169.254.169.254",
        "shared address space": "100.64.0.1",
        "multicast": "224.0.0.1",
        "this host": "0.0.0.0",
        "v4 in v6": "[::ffff:127.0.0.1]",
        "6to4": "[2002:7f00:1::]",
        "NAT64": "[64:ff9b::7f00:1]",
        "decimal": "2130706433",
        "octal": "0177.0.0.1",
        "hexadecimal": "0x7f000001",
        "short": "127.1",
        "trailing dot": "127.0.0.1.",
        "wide digits": "１２７.0.0.1",
    }.items():
        yield Case(f"address: {name}", "guard", not_public, f"http://{host}:{{canary}}/")
    for scheme, rest in {
        "file": "///etc/passwd",
        "ftp": "//outlet.am/",
        "gopher": "//127.0.0.1:{canary}/",
        "data": "text/html,x",
        "javascript": "alert(1)",
    }.items():
        yield Case(f"scheme: {scheme}", "guard", "only http and https are asked", f"{scheme}:{rest}")
    yield Case("user name", "guard", "carries a user name", "http://outlet.am@127.0.0.1:{canary}/")
    yield Case("odd port", "guard", "port 22 is not asked", "http://outlet.am:22/")
    yield Case("line break in a link", "guard", "", "http://127.0.0.1:{canary}/\r\nX-Injected: 1")
    yield Case("name of a private address", "guard", "not public", "http://private.example.am:8080/")


def says(*pieces: bytes) -> Callable[[float, int], Talk]:
    """Sends the same whatever the scale; {canary} is filled in."""
    return lambda _, canary: lambda to: to.sendall(b"".join(pieces).replace(b"{canary}", b"%d" % canary))


def _moves(location: bytes) -> Callable[[float, int], Talk]:
    return says(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nConnection: close\r\nLocation: ", location, b"\r\n\r\n")


def _in_turn(first: bytes, then: bytes) -> Callable[[float, int], Talk]:
    def make(_: float, canary: int) -> Talk:
        answers = iter([first])
        return lambda to: to.sendall(next(answers, then).replace(b"{canary}", b"%d" % canary))

    return make


def _chain(_: float, __: int) -> Talk:
    steps = iter(range(1_000))
    return lambda to: to.sendall(
        b"HTTP/1.1 301 Moved\r\nContent-Length: 0\r\nConnection: close\r\nLocation: /%d\r\n\r\n" % next(steps)
    )


def _endless(head: bytes, piece: bytes) -> Callable[[float, int], Talk]:
    def talk(to: socket.socket) -> None:
        to.sendall(head)
        while True:
            to.sendall(piece)

    return lambda _, __: talk


def _long(head: bytes, piece: bytes, full: int) -> Callable[[float, int], Talk]:
    def make(scale: float, _: int) -> Talk:
        def talk(to: socket.socket) -> None:
            to.sendall(head % {b"length": int(full * scale)} if b"%(" in head else head)
            for _ in range(int(full * scale) // len(piece)):
                to.sendall(piece)

        return talk

    return make


def _long_robots(scale: float, canary: int) -> Talk:
    """Larger than is taken of a robots.txt at any scale."""
    talks = iter([_long(HEAD + b"\r\n", b"Allow: /abcdefg\n" * 64, 100 * MEGABYTE)(max(scale, 0.02), canary)])
    page = says(HEAD, b"\r\n", PAGE)(scale, canary)

    def talk(to: socket.socket) -> None:
        next(talks, page)(to)

    return talk


def _drip(head: bytes, piece: bytes) -> Callable[[float, int], Talk]:
    """A piece now and then until the other side has had enough."""

    def talk(to: socket.socket) -> None:
        to.sendall(head)
        to.settimeout(0.02)
        while True:
            with suppress(TimeoutError):
                if not to.recv(1):
                    return
            to.sendall(piece)

    return lambda _, __: talk


def _packed(name: bytes, pack: Callable[[bytes], bytes], full: int = 1_000 * MEGABYTE) -> Callable[[float, int], Talk]:
    def make(scale: float, _: int) -> Talk:
        body = pack(bytes(int(full * scale)))
        head = HEAD + b"Content-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (name, len(body))
        return lambda to: to.sendall(head + body)

    return make


def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, 6)


def _hosts() -> Iterator[Case]:
    ok, chunked = HEAD + b"\r\n", HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    moved = (
        b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nConnection: close\r\nLocation: http://127.0.0.1:{canary}/\r\n\r\n"
    )
    refresh = b'<meta http-equiv=refresh content="0;url=http://127.0.0.1:{canary}/"><base href="http://127.0.0.1/">'
    yield Case("redirect to loopback", "guard", "not a public", talk=_moves(b"http://127.0.0.1:{canary}/"))
    yield Case("redirect without a scheme", "guard", "not a public", talk=_moves(b"//2130706433:{canary}/"))
    yield Case("redirect to a file", "guard", "only http", talk=_moves(b"file:///etc/passwd"))
    yield Case("redirect with a user name", "guard", "user name", talk=_moves(b"http://a:b@127.0.0.1:{canary}/"))
    yield Case("redirect with control characters", "guard", "", talk=_moves(b"http://127.0.0.1\x0b\x1b:{canary}/"))
    yield Case("redirects without end", "redirect loop", "more than 5 times", talk=_chain)
    yield Case("redirect to itself", "redirect loop", "more than 5 times", talk=_moves(b"/feed"))
    yield Case("meta refresh", "fetched", "refresh", talk=says(ok, refresh))
    yield Case("robots.txt on loopback", "robots", "cannot be had", robots=True, talk=_in_turn(moved, ok + PAGE))
    yield Case("robots.txt of 100 MB", "robots", "cannot be had", robots=True, talk=_long_robots)
    yield Case(SILENT, "timeout", "did not answer in time", talk=_drip(b"", b""))
    yield Case("drip of headers", "timeout", "drips", talk=_drip(HEAD, b"X: y\r\n"))
    yield Case("drip of a body", "timeout", "drips", talk=_drip(ok, b"x"))
    yield Case("drip of chunks", "timeout", "drips", talk=_drip(chunked, b"1\r\nx\r\n"))
    yield Case("headers without end", "protocol", "broke", talk=_endless(HEAD, b"X-More: of the same\r\n" * 100))
    yield Case("one header without end", "protocol", "broke", talk=_endless(HEAD + b"X: ", b"y" * 65536))
    yield Case("body without end", "too large", "larger than", talk=_endless(ok, b"<item/>" * 8192))
    yield Case(
        "chunks without end", "too large", "larger than", talk=_endless(chunked, b"10000\r\n" + b"x" * 65536 + b"\r\n")
    )
    yield Case("one chunk of all", "too large", "larger than", talk=_endless(chunked + b"fffffff0\r\n", b"x" * 65536))
    yield Case("length too large", "too large", "", talk=says(HEAD, b"Content-Length: 99999999999\r\n\r\n", PAGE))
    yield Case("length past the end", "truncated", "cut off", talk=says(HEAD, b"Content-Length: 900\r\n\r\n", PAGE))
    yield Case("length too short", "fetched", "<html", talk=says(HEAD, b"Content-Length: 9\r\n\r\n", PAGE * 9))
    yield Case("length below nothing", "protocol", "", talk=says(HEAD, b"Content-Length: -9\r\n\r\n", PAGE))
    yield Case(
        "feed of 200 MB",
        "too large",
        "larger than",
        talk=_long(HEAD + b"Content-Length: %(length)d\r\n\r\n", b"<item/>\n" * 8192, 200 * MEGABYTE),
    )
    yield Case("gzip bomb", "too large", "unpacked", talk=_packed(b"gzip", _gzip))
    yield Case("deflate bomb", "too large", "unpacked", talk=_packed(b"deflate", zlib.compress))
    yield Case("brotli bomb", "too large", "unpacked", talk=_packed(b"br", lambda b: brotli.compress(b, quality=3)))
    yield Case("zstd, not asked for", "truncated", "not asked for", talk=_packed(b"zstd", lambda _: b"(\xb5/\xfd" * 9))
    yield Case("bomb in a bomb", "too large", "unpacked", talk=_packed(b"gzip, gzip", lambda b: _gzip(_gzip(b))))
    yield Case(
        "a thousand encodings", "truncated", "", talk=_packed(b",".join([b"gzip"] * 1000), lambda _: _gzip(_gzip(b"x")))
    )


CASES = (*_spellings(), *_hosts())
