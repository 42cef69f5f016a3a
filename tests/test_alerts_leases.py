"""Leases and rounds: who holds a notice, and for how long."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.channels import SendFailure, Sent
from alerts.delivery import Delivered, deliver_due
from alerts.notice import AnyNotice
from storage.errors import DatabaseLocked
from storage.store import Store
from tests.alerts_world import HOUR, LEASE, NOW, Clock, Inbox, Killed, column, deliver, fill, killed, open_store, outbox


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path) as opened:
        yield opened


def test_what_another_run_has_leased_is_left_to_it_until_the_lease_ends(store: Store) -> None:
    fill(store)
    store.lease_notices(owner="killed", now=NOW, lease=LEASE, limit=10)
    desk, clock = Inbox(), Clock(NOW + LEASE - timedelta(seconds=1))

    assert deliver(store, desk, clock=clock) == Delivered()
    clock.wait(timedelta(seconds=1))
    assert deliver(store, desk, clock=clock) == Delivered(sent=1)


def test_a_run_killed_between_sending_and_marking_sends_again_with_the_same_key(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store)
    desk, clock = Inbox(), Clock()

    with monkeypatch.context() as patched:
        patched.setattr(store, "mark_sent", killed)
        with pytest.raises(Killed):
            deliver(store, desk, clock=clock)

    clock.wait(LEASE)
    assert deliver(store, desk, clock=clock, owner="run-2") == Delivered(sent=1)
    assert len(desk.keys) == 2
    assert len(set(desk.keys)) == 1


def test_a_lease_never_ends_during_a_send_of_its_own_run(store: Store) -> None:
    """Sends of 10 s each: a round stops well before its lease ends and gives the rest back at once."""
    fill(store, 30)
    clock = Clock()

    class Slow(Inbox):
        def send(self, notice: AnyNotice) -> Sent | SendFailure:
            (until,) = {row["lease_until"] for row in outbox(store) if row["key"] == notice.key}
            clock.wait(timedelta(seconds=10))
            assert f"{clock():%Y-%m-%dT%H:%M:%SZ}" < until
            return super().send(notice)

    desk = Slow()
    rounds = []
    while (done := deliver(store, desk, clock=clock)).sent:
        rounds.append(done)

    assert rounds[0] == Delivered(sent=2, put_off=28)
    assert len(desk.keys) == len(set(desk.keys)) == 30
    assert [notice.title for notice in desk.notices] == [f"Lachin road {i}" for i in range(30)]


def test_each_of_many_slow_channels_has_its_turn_in_a_round(store: Store) -> None:
    names = tuple(f"channel-{i}" for i in range(9))
    fill(store, 2, channels=names)
    clock = Clock()
    busy, most = 0, 0
    lock = threading.Lock()

    class Slow(Inbox):
        def send(self, notice: AnyNotice) -> Sent | SendFailure:
            nonlocal busy, most
            with lock:
                busy += 1
                most = max(most, busy)
                clock.wait(timedelta(seconds=7))
            outcome = super().send(notice)
            with lock:
                busy -= 1
            return outcome

    channels = [Slow(name) for name in names]
    first = deliver(store, *channels, clock=clock, at_once=3)

    assert first.sent >= len(names)
    assert all(len(channel.notices) >= 1 for channel in channels)
    assert most <= 3


def test_a_lease_too_short_for_a_send_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="not longer than a send may take"):
        deliver(store, Inbox(), clock=Clock(), lease=timedelta(seconds=30))


def test_a_round_takes_no_more_than_its_limit(store: Store) -> None:
    fill(store, 5)

    assert deliver(store, Inbox(), clock=Clock(), limit=2) == Delivered(sent=2)
    assert column(store, "state").count("waiting") == 3


def test_a_late_failure_does_not_unsend_what_another_run_has_sent(store: Store) -> None:
    fill(store)
    (leased,) = store.lease_notices(owner="asleep", now=NOW, lease=LEASE, limit=10)
    deliver(store, Inbox(), clock=Clock(NOW + LEASE))

    store.mark_failed(leased.id, "too late", NOW + HOUR)
    store.put_off_notices("asleep", [leased.id], next_try=NOW)

    assert column(store, "state") == ["sent"]
    assert column(store, "attempts") == [1]


def test_a_failure_of_the_database_is_raised_after_all_sends_have_ended(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, 1, channels=("desk", "phone"))
    mark, phone = store.mark_sent, Inbox("phone")

    def locked_once(notice_id: int, now: object) -> None:
        monkeypatch.setattr(store, "mark_sent", mark)
        raise DatabaseLocked(store.path, "is locked")

    monkeypatch.setattr(store, "mark_sent", locked_once)
    with pytest.raises(DatabaseLocked):
        deliver(store, Inbox(), phone, clock=Clock())

    assert len(phone.notices) == 1
    assert sorted(map(str, column(store, "state"))) == ["sent", "waiting"]


def test_a_delivery_that_is_cancelled_leaves_its_notices_to_the_next_run(store: Store) -> None:
    fill(store, 2)
    released = threading.Event()

    class Hanging(Inbox):
        def send(self, notice: AnyNotice) -> Sent | SendFailure:
            released.wait(20)
            return super().send(notice)

    async def drain() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(deliver_due(store, {"desk": Hanging()}, owner="run-1", now=Clock()), 0.1)

    try:
        asyncio.run(drain())
    finally:
        released.set()
    store.release_owner("run-1")

    assert deliver(store, Inbox(), clock=Clock()) == Delivered(sent=2)
