"""Real pages of outlets: none makes the reader raise, and only what is no article is refused.

What the articles say is held against a person's reading in tests/test_captures_crawled.py.
"""

from __future__ import annotations

from datetime import UTC, datetime

from crawler.extract import Refused, read_page
from tests.capture_site import address, captures
from tests.data import shared

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def test_no_captured_page_makes_the_reader_raise_and_all_articles_are_read() -> None:
    refused = {}
    for capture in captures():
        html = shared(capture["file"]).read_bytes()
        outcome = read_page(html, address(capture), now=NOW)
        if isinstance(outcome, Refused):
            refused[capture["file"]] = capture["kind"]
            assert address(capture) in outcome.detail

    assert len(refused) == 6
    assert set(refused.values()) == {"feed", "listing"}
