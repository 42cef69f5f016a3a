"""A query that cannot be understood, as a person is told of it: the sentence, the query, a caret under the place."""

from __future__ import annotations

from itertools import accumulate

from storage.query import QueryError
from storage.text import printable

_BEFORE = 60  # columns of the query that are shown before the place, and
_AFTER = 16  # behind it, so that the line does not break in a window of 80
_INDENT = "  "


def pointed(error: QueryError) -> str:
    """Columns are those of a terminal: a Chinese letter takes two of them, a combining mark none."""
    from wcwidth import wcwidth

    shown = [printable(char) for char in error.text]
    widths = [max(wcwidth(char), 0) if char else 0 for char in shown]
    at = min(error.column - 1, len(shown))
    while 0 < at < len(shown) and widths[at] == 0:
        at -= 1  # a mark is pointed at where its letter stands
    first = at - _fitting(widths[:at][::-1], _BEFORE)
    last = at + _fitting(widths[at:], _AFTER)
    start, end = "…" if first else "", "…" if last < len(shown) else ""
    line = f"{start}{''.join(shown[first:last])}{end}"
    return f"{error}\n{_INDENT}{line}\n{_INDENT}{' ' * (len(start) + sum(widths[first:at]))}^"


def _fitting(widths: list[int], room: int) -> int:
    """How many of the characters, from the first on, have room."""
    return sum(total <= room for total in accumulate(widths))
