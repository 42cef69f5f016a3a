"""Kills and refusals in any order, over a real database."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.channels import SendFailure, Sent
from alerts.matching import match_changes
from storage.store import Store
from tests.alerts_world import (
    LEASE,
    LIMITS,
    Clock,
    Inbox,
    Killed,
    deliver,
    killed,
    open_store,
    outbox,
    rules,
    save_story,
)

DOWN = SendFailure("channel 'desk': news.test cannot be reached")
GONE = SendFailure("channel 'desk': news.test answered 410", lasting=True)


ACTIONS = (
    *("story", "match", "match, killed", "deliver", "killed after the lease", "killed before the mark"),
    *("refused", "refused for good", "time passes"),
)


class World:
    """Runs over one file, any of which may be killed. `taken` is what the receiver has."""

    def __init__(self, store: Store) -> None:
        self.store, self.clock = store, Clock()
        self.taken: list[str] = []
        self.stories = self.kills = 0

    def do(self, action: str) -> None:
        if action == "story":
            save_story(self.store, f"road-{self.stories}", now=self.clock())
            self.stories += 1
        elif action.startswith("match"):
            self._match(kill=action != "match")
        elif action == "killed after the lease":
            self.store.lease_notices(owner="killed", now=self.clock(), lease=LEASE, limit=100)
        elif action == "time passes":
            self.clock.wait(LEASE)
        else:
            self._deliver(action)

    def _match(self, *, kill: bool) -> None:
        with pytest.MonkeyPatch.context() as patched, suppress(Killed):
            if kill:
                patched.setattr(self.store, "save_matches", killed)
            list(match_changes(self.store, rules(("Lachin", "lachin")), LIMITS, self.clock()))

    def _deliver(self, action: str) -> None:
        answers = {"refused": DOWN, "refused for good": GONE}
        desk = Inbox("desk", answers.get(action, Sent()))
        with pytest.MonkeyPatch.context() as patched:
            if action == "killed before the mark":
                patched.setattr(self.store, "mark_sent", killed)
            try:
                deliver(self.store, desk, clock=self.clock)
            except Killed:
                self.kills += 1
        if action not in answers:
            self.taken += desk.keys

    def finish(self) -> list[dict[str, Any]]:
        """Everything goes well for once, after a day and after someone has asked for what was given up."""
        self.do("match")
        self.store.retry_dead(self.clock())
        self.clock.wait(timedelta(days=1))
        self.do("deliver")
        return outbox(self.store)


@pytest.fixture(scope="module")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    with open_store(tmp_path_factory.mktemp("empty")) as store:
        path = store.path
    return path.read_bytes()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(ACTIONS), max_size=14))
def test_no_combination_of_crashes_and_refusals_loses_a_notice(empty_database: bytes, actions: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "karabakh.sqlite"
        path.write_bytes(empty_database)
        with Store.open(path) as store:
            world = World(store)
            for action in ("story", *actions):
                world.do(action)
            rows = world.finish()

    assert [row["state"] for row in rows] == ["sent"] * world.stories
    assert {row["key"] for row in rows} == set(world.taken)
    assert len(world.taken) - len(rows) <= world.kills, "a kill repeats one notice at most, under its own key"
