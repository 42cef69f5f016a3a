"""Saved pages: what a WARC record holds, as the answer that the page's host gave when it was saved. Pure.

Packings are undone within the same limits as those of a page that is fetched; a record that cannot be used is passed
over, with the reason.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from crawler.story import judge_answer
from crawler.unpack import Damaged, TooLarge, unpack
from crawler.urls import absolute
from crawler.warc_file import LONGEST_HEAD, Record
from crawler.wire import Fetched

NOT_CATALOGUED = "of outlets that are not in the catalogue"
_KINDS = frozenset({"warcinfo", "request", "metadata", "revisit", "resource", "conversion", "continuation"})
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)? +([1-5]\d\d)\b")
_LINE_END = re.compile(r"\r?\n")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_CHUNK = re.compile(rb"([0-9a-fA-F]{1,12})[ \t]*(?:;[^\r\n]*)?\r?\n")
_DIGESTS = {"sha1": 20, "sha256": 32, "md5": 16}
_AHEAD = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPage:
    """`moment` is when it was saved, `offset` where its record begins. `key` is the same for the same answer of one
    address at one moment, in whatever file it is kept."""

    page: Fetched
    moment: datetime
    offset: int
    key: str


@dataclass(frozen=True, slots=True)
class PassedOver:
    """Why a record gives no page; `page`: it holds one, which is not wanted."""

    why: str
    page: bool = False


def saved_page(
    record: Record, *, limit: int, wanted: Callable[[str, datetime], str | None], now: datetime
) -> SavedPage | PassedOver:
    """`wanted` says of an address and a moment why its page is not to be unpacked. Pages longer than `limit` bytes are
    passed over."""
    kind = record.headers.get("warc-type", "").lower()
    if kind != "response":
        return PassedOver(f"{kind} records" if kind in _KINDS else "records of another kind")
    url = absolute("", record.headers.get("warc-target-uri", "").strip("<> "))
    if url is None:
        return PassedOver("not of http or https")
    moment = _moment(record.headers.get("warc-date", ""))
    if moment is None or moment > now + _AHEAD:
        return PassedOver("without a moment that can be")
    if record.block is None:
        return PassedOver("too large")
    if "warc-truncated" in record.headers or "warc-segment-number" in record.headers:
        return PassedOver("cut off when they were saved")
    answer = _answer(record.block, url)
    if answer is None:
        return PassedOver("no answers of HTTP")
    if not isinstance(judge_answer(answer, offline=False, now=moment), Fetched):
        return PassedOver("no HTML" if answer.status == 200 else f"HTTP {answer.status}")
    unwanted = wanted(url, moment)
    if unwanted is not None:
        return PassedOver(unwanted, page=True)
    if not _digest_fits(record.block, record.headers.get("warc-block-digest", "")):
        return PassedOver("not what their digest says")
    try:
        body = _unpacked(answer, limit)
    except TooLarge:
        return PassedOver("too large")
    except Damaged:
        return PassedOver("packed in a way that cannot be undone")
    page = Fetched(url=url, final_url=url, status=answer.status, headers=answer.headers, body=body)
    return SavedPage(page=page, moment=moment, offset=record.offset, key=_key(url, moment, record.block))


def _moment(text: str) -> datetime | None:
    """A day alone, which WARC 1.1 allows, is no moment from which "an hour ago" could be counted."""
    try:
        moment = datetime.fromisoformat(text) if "T" in text else None
        return moment and (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _digest_fits(block: bytes, digest: str) -> bool:
    """Whether a block is what its digest says; one of an unknown kind says nothing."""
    name, _, stated = digest.strip().partition(":")
    name = name.lower().replace("-", "")
    size = _DIGESTS.get(name)
    if size is None:
        return True
    found = hashlib.new(name, block, usedforsecurity=False).digest()
    spellings = (found.hex(), base64.b32encode(found).decode().lower().rstrip("="))
    return stated.lower().rstrip("=") in spellings


def _answer(block: bytes, url: str) -> Fetched | None:
    status = _STATUS.match(block)
    end = _HEAD_END.search(block, 0, LONGEST_HEAD)
    if status is None or end is None:
        return None
    headers, name = dict[str, str](), ""
    for line in _LINE_END.split(block[: end.start()].decode("latin-1"))[1:]:
        if line[:1] in {" ", "\t"} and name:
            headers[name] += f" {line.strip()}"
            continue
        name, _, value = line.partition(":")
        name = name.strip().lower()
        headers[name] = f"{headers[name]}, {value.strip()}" if name in headers else value.strip()
    return Fetched(url=url, final_url=url, status=int(status[1]), headers=headers, body=block[end.end() :])


def _unpacked(answer: Fetched, limit: int) -> bytes:
    """Some crawlers undo the packings and keep the headers that tell of them."""
    body = answer.body
    if "chunked" in answer.headers.get("transfer-encoding", "").lower() and _CHUNK.match(body):
        body = _joined(body)
    encoding = answer.headers.get("content-encoding", "")
    if encoding and body.lstrip()[:1] != b"<":
        body = unpack(body, encoding, limit)
    if len(body) > limit:
        raise TooLarge
    return body


def _joined(body: bytes) -> bytes:
    """The chunks of RFC 9112, 7.1 as one. Raises Damaged where the last one is missing."""
    parts, at = list[bytes](), 0
    while (head := _CHUNK.match(body, at)) is not None:
        size, begins = int(head[1], 16), head.end()
        if size == 0:
            return b"".join(parts)
        parts.append(body[begins : begins + size])
        at = begins + size
        at += 2 if body.startswith(b"\r\n", at) else body.startswith(b"\n", at)
    raise Damaged("cut off")


def _key(url: str, moment: datetime, block: bytes) -> str:
    digest = hashlib.blake2b(f"{url}\n{moment.isoformat()}\n".encode("utf-8", "replace"), digest_size=16)
    digest.update(block)
    return digest.hexdigest()
