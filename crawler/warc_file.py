"""The records of a WARC file (ISO 28500), as far as it can be read: it may be cut short or damaged anywhere.

Files are plain, packed record by record with gzip as crawlers do, or packed as a whole. Behind damage in the second
kind reading goes on with the next record; in the others nothing tells where that begins.
"""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import BinaryIO

LONGEST_HEAD = 64 << 10  # bytes of a record's header; crawlers write two thousand
# Bytes that a packed record may say it holds: a longer one is a bomb, since whole files mostly end at 1 GB.
LARGEST_PACKED = 4 << 30
_MOST_BLANK = 1000  # empty lines before a record, of which there are two
_STEP = 1 << 16
_OTHER_FORMATS = {
    b"\x28\xb5\x2f\xfd": "it is packed with zstd, and has to be unpacked first",
    b"\x5d\x2a\x4d\x18": "it is packed with zstd, and has to be unpacked first",
    b"PK\x03\x04": "it is a ZIP archive, and has to be unpacked first",
    b"filedesc://": "it is an ARC file, the format before WARC",
}
_GZIP = b"\x1f\x8b"
_MEMBER = b"\x1f\x8b\x08"
_SCAN = 1 << 20
_MOST_CANDIDATES = 10_000  # places that look like a member; by chance one in 16 MB does
_MOST_BROKEN = 100  # places of a file; one that has more is nothing that a crawler wrote

CUT = "the file ends in the middle of a record"
DAMAGED = "the packing is damaged"
NOT_ITS_LENGTH = "a record is not as long as it says"
NO_RECORD = "no WARC record begins there"


@dataclass(frozen=True, slots=True)
class Record:
    """`offset` is where it begins: in the file, or in what a file unpacks to that is packed as a whole. Names of
    `headers` are lower case. `block` is None where it is longer than was asked for."""

    offset: int
    headers: Mapping[str, str]
    block: bytes | None


@dataclass(frozen=True, slots=True)
class Unread:
    """What could not be read begins at `offset` and ends at `until`, where reading went on; None: nothing behind it was
    read."""

    offset: int
    why: str
    until: int | None = None


class _Broken(Exception):
    """The text is why the record that was begun cannot be read."""


def read_records(file: BinaryIO, *, longest: int) -> Iterator[Record | Unread]:
    """Blocks of more than `longest` bytes are passed over. Raises nothing but what `file` does."""
    at: int | None = 0
    broken, unread = 0, None
    while at is not None:
        stream, at = _Stream(file, at), None
        try:
            while (record := _record(stream, longest)) is not None:
                if unread is not None:
                    yield replace(unread, until=record.offset)
                    unread = None
                yield record
        except _Broken as error:
            broken += 1
            unread = unread or Unread(stream.begun, str(error))
            if stream.packed and broken < _MOST_BROKEN:
                at = _next_member(file, stream.member + 1)
    if unread is not None:
        yield unread


def _record(stream: _Stream, longest: int) -> Record | None:
    version = _first_line(stream)
    if not version:
        return None
    if not version.startswith(b"WARC/"):
        raise _Broken(CUT if b"WARC/".startswith(version) and stream.begun else NO_RECORD)
    headers = _headers(stream)
    length = headers.get("content-length", "")
    if not (length.isascii() and length.isdigit() and len(length) <= 15):
        raise _Broken("a record states no length that can be read")
    size = int(length)
    if stream.packed and size > LARGEST_PACKED:
        raise _Broken(f"a record says that it unpacks to {size} bytes")
    block = stream.take(size) if size <= longest else None
    if (len(block) if block is not None else stream.skip(size)) < size:
        raise _Broken(stream.problem or CUT)
    if (why := stream.spoilt()) is not None:
        raise _Broken(why)
    return Record(stream.begun, headers, block)


def _first_line(stream: _Stream) -> bytes:
    """Nothing at the end of the file."""
    for _ in range(_MOST_BLANK):
        stream.begin()
        line = stream.line(LONGEST_HEAD)
        if line.strip(b"\r\n"):
            return line
        if not line:
            if stream.problem:
                raise _Broken(stream.problem)
            return b""
    raise _Broken(NO_RECORD)


def _headers(stream: _Stream) -> dict[str, str]:
    """Of a name that is there twice the first counts; a line that begins with a blank goes on with the one before."""
    headers, name, room = dict[str, str](), "", LONGEST_HEAD
    while room > 0:
        line = stream.line(room)
        room -= len(line)
        if not line.endswith(b"\n"):
            break
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        if not text:
            return headers
        if text[0] in " \t":
            if name:
                headers[name] += f" {text.strip()}"
            continue
        name, _, value = text.partition(":")
        name = name.strip().lower()
        name = "" if name in headers else name
        if name:
            headers[name] = value.strip()
    raise _Broken(f"a record's header is longer than {LONGEST_HEAD} bytes" if room <= 0 else stream.problem or CUT)


class _Stream:
    """What a file holds from `start` on, unpacked where it is packed. `problem`: why it ended before the file did."""

    def __init__(self, file: BinaryIO, start: int) -> None:
        file.seek(start)
        # What begins otherwise than a plain file may be a packed one with damage at its beginning.
        self.packed = not file.read(16).lstrip(b"\r\n").startswith(b"WARC/")
        file.seek(start)
        self.member = start  # where the packing begins in the file that the stream stands in
        self.begun = start  # where the record begins
        self.problem: str | None = None
        self._file = file
        self._at = start  # of the buffer's first byte: counted in what is unpacked, from the start on
        self._buffer = bytearray()
        self._raw = b""
        self._inflate: zlib._Decompress | None = None
        self._last = -1  # where the last of them begins in the stream, once one has
        self._members = deque[tuple[int, int]]()  # where each begins: in the stream, in the file

    def begin(self) -> None:
        """A record begins where the stream stands."""
        if not self._buffer:
            self._more()
        nothing = not self._buffer and self._inflate is None
        self.begun = self._file.tell() - len(self._raw) if nothing else self._at
        while self._members and self._members[0][0] <= self._at:
            begins, self.member = self._members.popleft()
            if begins == self._at:
                self.begun = self.member

    def line(self, longest: int) -> bytes:
        """With its end, which is missing where the stream ends before it, or `longest` bytes do."""
        searched = 0
        while (end := self._buffer.find(b"\n", searched, longest)) < 0 and len(self._buffer) < longest:
            searched = len(self._buffer)
            if not self._more():
                break
        return self._off(end + 1 if end >= 0 else min(longest, len(self._buffer)))

    def take(self, size: int) -> bytes:
        """Fewer bytes where the stream ends before."""
        while len(self._buffer) < size and self._more():
            pass
        return self._off(size)

    def skip(self, size: int) -> int:
        """How many bytes were there to be passed over."""
        left = size - len(self._off(size))
        while left and self._more():
            left -= len(self._off(left))
        return size - left

    def spoilt(self) -> str | None:
        """Why a record that ends here is not to be believed: the checksum of its packing, which stands behind it, or
        something that is no record."""
        while len(self._buffer) < len(b"\r\n\r\nWARC/") and self._more():
            pass
        if self.problem is not None and self._inflate is not None and self._last < self._at:
            return self.problem
        if any(self._at <= begins <= self._at + len(b"\r\n\r\n") for begins, _ in self._members):
            return None
        behind = bytes(self._buffer[:9]).lstrip(b"\r\n\0")
        return None if behind.startswith(b"WARC/") or b"WARC/".startswith(behind) else NOT_ITS_LENGTH

    def _off(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        self._at += len(taken)
        return taken

    def _more(self) -> bool:
        """Whether the stream goes on."""
        if not self.packed:
            read = self._file.read(_STEP)
            self._buffer += read
            return bool(read)
        while self.problem is None and (self._inflate or self._next_packing()):
            assert self._inflate is not None
            raw = self._raw or self._file.read(_STEP)
            if not raw:
                self.problem = CUT
                break
            try:
                step = self._inflate.decompress(raw, _STEP)
            except zlib.error:
                self.problem = DAMAGED
                break
            self._raw = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail
            self._inflate = None if self._inflate.eof else self._inflate
            self._buffer += step
            if step:
                return True
        return False

    def _next_packing(self) -> bool:
        """Some writers fill the end of the file with zeros."""
        while not (raw := self._raw.lstrip(b"\0")):
            self._raw = self._file.read(_STEP)
            if not self._raw:
                return False
        if len(raw) < len(_GZIP):
            raw += self._file.read(_STEP)
        self._raw = raw
        if not _GZIP.startswith(raw[: len(_GZIP)]):
            other = (why for magic, why in _OTHER_FORMATS.items() if raw.startswith(magic))
            self.problem = DAMAGED if self._last >= 0 else next(other, NO_RECORD)
            return False
        self._last = self._at + len(self._buffer)
        self._members.append((self._last, self._file.tell() - len(raw)))
        self._inflate = zlib.decompressobj(wbits=31)
        return True


def _next_member(file: BinaryIO, after: int) -> int | None:
    """Where the next record begins that is packed by itself."""
    tried, at = 0, after
    while True:
        file.seek(at)
        scanned = file.read(_SCAN)
        place = scanned.find(_MEMBER)
        while place >= 0 and tried < _MOST_CANDIDATES:
            tried += 1
            if _holds_record(file, at + place):
                return at + place
            place = scanned.find(_MEMBER, place + 1)
        if len(scanned) < _SCAN or tried >= _MOST_CANDIDATES:
            return None
        at += _SCAN - len(_MEMBER) + 1


def _holds_record(file: BinaryIO, place: int) -> bool:
    file.seek(place)
    try:
        return zlib.decompressobj(wbits=31).decompress(file.read(_STEP), 5) == b"WARC/"
    except zlib.error:
        return False
