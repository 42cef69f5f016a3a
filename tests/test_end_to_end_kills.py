"""kill -9 at random moments, and nothing is lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.kills import Remains, kill_again_and_again


def test_kills_in_mid_crawl_lose_no_story_and_no_notice_and_store_none_twice(tmp_path: Path) -> None:
    """`python -m tests.kills` does a hundred."""
    found = kill_again_and_again(tmp_path, 6)

    assert found.repeats <= 6
    assert replace(found, repeats=0, last="") == Remains(), found
    assert found.last == "exit 0: "
