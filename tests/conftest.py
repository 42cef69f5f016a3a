"""The order of files: those that run the program go first, so that no process is left with one of them at the end."""

from __future__ import annotations

import pytest

LONG = ("end_to_end", "captures_crawled", "spiders_programs", "polite", "reading_only", "crawler_pool", "scheduler_cli")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keeps the random order among the long files and among the others."""
    items.sort(key=lambda item: not any(name in item.path.name for name in LONG))
