"""Text from the world, made harmless for places that only show it."""

from __future__ import annotations

import unicodedata

# Explicit directions can make a line read as something else than it says; right-to-left text needs none of them.
_DIRECTIONS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c")


def printable(text: str) -> str:
    """`text` on one line without control characters, terminal escapes, direction overrides and lone surrogates.

    Line breaks and tabs become blanks; zero-width joiners stay, since Persian needs them.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(" " if c in "\n\r\t\u2028\u2029" else c for c in text if _shows(c))


def _shows(char: str) -> bool:
    if char in "\n\r\t\u2028\u2029":
        return True
    return char not in _DIRECTIONS and unicodedata.category(char) not in {"Cc", "Cs", "Co"}
