"""The text of an article as search sees it: folded words, one blank apart. It is stored, and queries are matched on it.

What a word is, is decided here alone. The full-text index has SQLite's `ascii` tokenizer, which divides such a text at
its blanks and nowhere else, so that SQL and Python agree whatever version of Unicode each of them knows.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from storage.article import Article
from storage.values import clean
from topic import fold

# Letters and digits of every script. Words are cut at 500 characters; FTS5 would cut them at 32768 bytes.
_WORD = re.compile(r"[^\W_]{1,500}")
# Stands between two authors, so that no phrase reaches from one into the next. No query can hold it: it is no letter.
_BETWEEN = " ¶ "


@dataclass(frozen=True, slots=True)
class SearchText:
    """Columns of `article_text`, in the order of the table."""

    title: str
    subtitle: str
    summary: str
    body: str
    authors: str


def words(text: str) -> tuple[str, ...]:
    """The folded words of `text`: "Nagorno-Karabakh" gives nagorno and karabakh."""
    return tuple(_WORD.findall(fold(clean(text))))


def search_text(article: Article) -> SearchText:
    return SearchText(
        title=" ".join(words(article.title)),
        subtitle=" ".join(words(article.subtitle or "")),
        summary=" ".join(words(article.summary or "")),
        body=" ".join(words(article.body)),
        authors=_BETWEEN.join(" ".join(words(one)) for one in article.authors),
    )


def needle(phrase: tuple[str, ...], *, prefix: bool) -> str:
    """What stands in ` column ` where the words stand side by side; with `prefix` the last may be the beginning of a
    word."""
    return " " + " ".join(phrase) + ("" if prefix else " ")


def near(column: str, phrases: Sequence[tuple[tuple[str, ...], bool]], distance: int) -> bool:
    """Whether all phrases, each (words, prefix), stand with at most `distance` words between the end of the first and
    the beginning of the last."""
    held = column.split(" ")
    starts = [_starts(held, phrase, prefix=prefix) for phrase, prefix in phrases]
    if not all(starts):
        return False
    reach = [len(phrase) + distance for phrase, _ in phrases]
    for last in {start for those in starts for start in those}:
        nearest = [bisect_right(those, last) - 1 for those in starts]
        if all(
            index >= 0 and those[index] >= last - back
            for index, those, back in zip(nearest, starts, reach, strict=True)
        ):
            return True
    return False


def _starts(held: list[str], phrase: tuple[str, ...], *, prefix: bool) -> list[int]:
    """Where in the words of a column the phrase begins."""
    *whole, end = phrase
    found = []
    for start in range(len(held) - len(whole)):
        word = held[start + len(whole)]
        if (word.startswith(end) if prefix else word == end) and held[start : start + len(whole)] == whole:
            found.append(start)
    return found
