"""Content-Encoding undone: never past a limit, and never taking half a body for a whole one."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import brotli

ACCEPTED = "gzip, deflate, br"
_STEP = 1 << 18  # bytes asked of a decompressor at a time: a bomb is noticed this far past the limit at most
MOST_LAYERS = 3  # no server packs twice; each layer may unpack to the limit
# Files of gzip in a row, of which each copies the rest of the body: real ones have one, or one for each flush of a log.
MOST_MEMBERS = 1000
_GZIP_MAGIC = b"\x1f\x8b"


class TooLarge(Exception):
    """More comes out than the limit allows."""


class Damaged(Exception):
    """The compressed body is cut off, or is not what its encoding says."""


def unpack(body: bytes, encoding: str, limit: int) -> bytes:
    """`encoding` is the value of Content-Encoding; several are undone from the last to the first (RFC 9110, 8.4)."""
    layers = [name for one in encoding.split(",") if (name := one.strip().lower()) not in {"", "identity"}]
    if len(layers) > MOST_LAYERS:
        raise Damaged(f"packed {len(layers)} times over")
    for name in reversed(layers):
        if not body:
            break
        steps = _STEPS.get(name)
        if steps is None:
            raise Damaged(f"packed as {name[:40]!r}, which was not asked for")
        body = _joined(steps(body), limit)
    return body


def _joined(steps: Iterator[bytes], limit: int) -> bytes:
    out = bytearray()
    try:
        for step in steps:
            out += step
            if len(out) > limit:
                raise TooLarge
    except (zlib.error, brotli.error) as error:
        raise Damaged("damaged") from error
    return bytes(out)


def _gzip(body: bytes) -> Iterator[bytes]:
    """All members of a gzip file. What follows the last one (padding of some servers) is ignored, as browsers do."""
    if not body.startswith(_GZIP_MAGIC):
        raise Damaged("not gzip")
    for _ in range(MOST_MEMBERS):
        member = zlib.decompressobj(wbits=31)
        yield from _inflated(member, body)
        body = member.unused_data
        if not body.startswith(_GZIP_MAGIC):
            return
    raise Damaged(f"more than {MOST_MEMBERS} packings in a row")


def _deflate(body: bytes) -> Iterator[bytes]:
    """With the zlib header that RFC 9110, 8.4.1.2 asks for, or without, as some servers send it."""
    headed = len(body) > 1 and body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0
    return _inflated(zlib.decompressobj(wbits=15 if headed else -15), body)


def _inflated(stream: zlib._Decompress, body: bytes) -> Iterator[bytes]:
    while not stream.eof:
        step = stream.decompress(body, _STEP)
        body = stream.unconsumed_tail
        if not step and not body and not stream.eof:
            raise Damaged("cut off")
        yield step


def _brotli(body: bytes) -> Iterator[bytes]:
    stream = brotli.Decompressor()
    step = stream.process(body, output_buffer_limit=_STEP)
    while step or not stream.can_accept_more_data():
        yield step
        step = stream.process(b"", output_buffer_limit=_STEP)
    if not stream.is_finished():
        raise Damaged("cut off")


_STEPS = {"gzip": _gzip, "x-gzip": _gzip, "deflate": _deflate, "br": _brotli}
