"""WARC files as crawlers write them, from pages of our own."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from datetime import UTC, datetime

SAVED = datetime(2026, 11, 20, 9, tzinfo=UTC)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
TITLE = "Lachin corridor reopens"


def story(day: str = "Tuesday", title: str = TITLE) -> bytes:
    said = f"Officials in Yerevan said on {day} that the road through the Lachin corridor had been reopened for trucks."
    text = "".join(f"<p>{said} It was report number {n}.</p>" for n in range(4))
    return f"<html lang=en><title>{title}</title><article><h1>{title}</h1>{text}</article></html>".encode()


def record(
    block: bytes,
    url: str | None = "http://news.test/1001",
    *,
    kind: str = "response",
    saved: datetime | str = SAVED,
    **headers: str | None,
) -> bytes:
    """Header names are given with `_` for `-`; None leaves one out."""
    moment = saved if isinstance(saved, str) else saved.isoformat().replace("+00:00", "Z")
    stated = {"WARC-Type": kind, "WARC-Target-URI": url, "WARC-Date": moment, "Content-Length": str(len(block))}
    stated |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in stated.items() if value is not None)
    return f"WARC/1.0\r\n{lines}\r\n".encode() + block + b"\r\n\r\n"


def page(html: bytes, url: str = "http://news.test/1001", *, saved: datetime = SAVED, head: bytes = HEAD) -> bytes:
    return record(head + html, url, saved=saved)


def packed(records: Iterable[bytes]) -> bytes:
    """Each by itself, as crawlers pack them; without a clock, so that the bytes are the same at every run."""
    return b"".join(gzip.compress(one, mtime=0) for one in records)
