"""The article schema, the SQLite schema, writing, reading, the query language and search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from storage.reader import Reader
    from storage.store import Store

__all__ = ["Reader", "Store"]


def __getattr__(name: str) -> Any:
    # A search needs no writer, and a writer no reader.
    if name == "Store":
        from storage.store import Store

        return Store
    if name == "Reader":
        from storage.reader import Reader

        return Reader
    raise AttributeError(name)
