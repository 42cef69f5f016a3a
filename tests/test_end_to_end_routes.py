"""`karabakh crawl` over outlets of the newsroom whose first route fails: their stories come, and status says how."""

from __future__ import annotations

import json
from pathlib import Path

from scheduler.newsroom.newsroom import Newsroom
from tests.program import configuration, karabakh, karabakh_here


def test_stories_that_only_a_second_route_tells_are_stored_and_status_says_so(tmp_path: Path) -> None:
    with Newsroom() as newsroom:
        told = [story for story in newsroom.stories if story.fallback and story.appears_after == 0]
        outlets = sorted({story.outlet for story in told})
        config = configuration(tmp_path, newsroom)
        for _ in range(2):  # an outlet that only stumbles is given a second chance
            karabakh(config, "crawl", *outlets)
        (found,) = json.loads(karabakh_here(config, "status", "--json").stdout)
        rows = json.loads(karabakh_here(config, "sources", "list", "--format", "json").stdout)
        search = karabakh_here(config, "search", "", "--limit", "1000", "--format", "jsonl").stdout

    away = {one["source"]: one for one in found["troubled"] if one["state"].startswith("route ")}
    assert {row["outlet"] for row in rows if row["source"] in away} >= set(outlets)
    assert all("serves; route 1 (" in one["problem"] for one in away.values())
    stored = [json.loads(line)["canonical_url"] for line in search.splitlines()]
    assert sorted(set(stored)) == sorted(stored)
    assert {story.canonical_url for story in told} <= set(stored)
