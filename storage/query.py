"""The query language of search, alerts and export: does this article match, and why. For people: docs/query.md.

Text becomes a tree in `query_parser`; the tree and its meaning are in `query_nodes`; `search` turns it into SQL.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.article import StoredArticle
from storage.query_nodes import Node, Searchable
from storage.query_parser import Parser, QueryError
from topic import Topic

__all__ = ["Match", "Query", "QueryError", "Searchable", "parse"]


@dataclass(frozen=True, slots=True)
class Match:
    """Why a query matches an article, in words for the reader."""

    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Query:
    root: Node

    def matches(self, article: StoredArticle | Searchable) -> Match | None:
        """Whoever asks many queries of one article folds it once, with `Searchable.of`."""
        seen = article if isinstance(article, Searchable) else Searchable.of(article)
        why = self.root.why(seen)
        return None if why is None else Match(tuple(dict.fromkeys(why)))

    def __str__(self) -> str:
        return str(self.root)


def parse(text: str, *, now: datetime, topic: Topic | None = None) -> Query:
    """Raises QueryError and nothing else.

    `now` is what relative times count from. Without `topic`, names after @ are taken to be ids of concepts.
    """
    return Query(Parser(text, now, topic).whole())
