"""The last touches that make two readings of one story the same value."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from hashlib import blake2b

from crawler.markup import squeeze

_MOST_TAGS = 30
_LONGEST_TAG = 80


def content_hash(title: str, subtitle: str | None, body: str) -> str:
    """32 hexadecimal digits over what a reader reads; white space and the composition of accents do not matter."""
    told = "\n".join(" ".join(unicodedata.normalize("NFC", part).split()) for part in (title, subtitle or "", body))
    return blake2b(told.encode("utf-8", "replace"), digest_size=16).hexdigest()


def distinct(texts: Iterable[str]) -> tuple[str, ...]:
    """Keywords and tags, split at commas, each once."""
    found: dict[str, str] = {}
    for text in texts:
        for piece in re.split(r"\s*[,;]\s*", text):
            tag = squeeze(piece).lstrip("#")
            if 0 < len(tag) <= _LONGEST_TAG:
                found.setdefault(tag.casefold(), tag)
    return tuple(found.values())[:_MOST_TAGS]
