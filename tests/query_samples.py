"""A story as the database keeps it, and what a query says of it."""

from __future__ import annotations

from typing import Any

from storage.article import StoredArticle
from storage.query import parse
from tests.storage_samples import NOW, article


def stored(**changes: Any) -> StoredArticle:
    one = article(**{key: changes.pop(key) for key in list(changes) if key in ARTICLE_FIELDS})
    values = {name: getattr(one, name) for name in ARTICLE_FIELDS}
    more: dict[str, Any] = {
        "id": 1,
        "outlet_name": "Lori Herald",
        "side": "Armenia",
        "first_seen": NOW,
        "last_seen": NOW,
        "outcome": "relevant",
        "score": 0.9,
        "topic_version": "t1",
    }
    return StoredArticle(**(values | more | changes))


ARTICLE_FIELDS = tuple(article().__dataclass_fields__)


def why(query: str, **changes: Any) -> tuple[str, ...] | None:
    match = parse(query, now=NOW).matches(stored(**changes))
    return match.why if match else None
