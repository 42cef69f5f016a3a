"""Lease, send, mark: over a real database, with the clock in hand."""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from alerts import delivery
from alerts.channels import SendFailure, Sent, open_channels
from alerts.delivery import BACK_OFF, Delivered, next_wait
from alerts.notice import AnyNotice
from alerts.rules import ChannelSpec
from scheduler.newsroom.server import Answer, LoopbackServer
from storage.store import Store
from storage.values import moment
from tests.alerts_world import HOUR, NOW, Clock, Inbox, column, deliver, fill, open_store, save_story

MINUTE = timedelta(minutes=1)
DOWN = SendFailure("channel 'desk': news.test cannot be reached")
GONE = SendFailure("channel 'desk': news.test answered 410", lasting=True)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path) as opened:
        yield opened


def test_what_is_due_is_sent_oldest_first_and_marked(store: Store) -> None:
    fill(store, 3)
    desk, clock = Inbox(), Clock()

    assert deliver(store, desk, clock=clock) == Delivered(sent=3)
    assert [notice.title for notice in desk.notices] == ["Lachin road 0", "Lachin road 1", "Lachin road 2"]
    assert column(store, "state") == ["sent"] * 3
    assert column(store, "sent_at") == ["2026-11-24T12:00:00Z"] * 3
    assert deliver(store, desk, clock=clock) == Delivered()


def test_a_notice_is_sent_though_its_story_no_longer_matches(store: Store) -> None:
    fill(store)
    save_story(store, "road-0", title="Snow closes a road", content_hash="2")
    desk = Inbox()

    deliver(store, desk, clock=Clock())

    (notice,) = desk.notices
    assert (notice.title, notice.changed, notice.why) == ("Snow closes a road", True, ('title has "lachin"',))


# Failure


def test_a_failure_is_tried_again_after_growing_waits_and_given_up_after_a_day(store: Store) -> None:
    fill(store)
    desk, clock = Inbox("desk", DOWN), Clock()
    tried_at = []
    for _ in range(len(BACK_OFF)):
        assert deliver(store, desk, clock=clock) == Delivered(failed=1)
        tried_at.append((clock() - NOW) / MINUTE)
        due = store_due(store)
        assert deliver(store, desk, clock=Clock(due - timedelta(seconds=1))) == Delivered()
        clock.now = due

    assert tried_at == [0, 1, 6, 26, 86, 326, 566, 806, 1046, 1286]
    assert deliver(store, desk, clock=clock) == Delivered(dead=1)
    assert clock() - NOW == timedelta(hours=25, minutes=26)
    assert len(set(desk.keys)) == 1
    assert column(store, "state") == ["dead"]
    assert column(store, "problem") == [DOWN.reason]


def store_due(store: Store) -> datetime:
    (text,) = column(store, "next_try_at")
    return moment(str(text))


def test_a_dead_notice_is_sent_when_someone_retries_it(store: Store) -> None:
    fill(store)
    desk = Inbox("desk", GONE, Sent())
    assert deliver(store, desk, clock=Clock()) == Delivered(dead=1)

    assert store.retry_dead(NOW + HOUR) == 1
    assert deliver(store, desk, clock=Clock(NOW + HOUR)) == Delivered(sent=1)
    assert len(set(desk.keys)) == 1


def test_a_lasting_refusal_gives_up_one_notice_and_not_those_behind_it(store: Store) -> None:
    fill(store, 3)

    assert deliver(store, Inbox("desk", GONE, Sent()), clock=Clock()) == Delivered(sent=2, dead=1)


@pytest.mark.parametrize(
    ("asked", "wait"),
    [
        pytest.param(None, MINUTE, id="nothing"),
        pytest.param(timedelta(minutes=7), timedelta(minutes=7), id="longer than the back-off"),
        pytest.param(timedelta(seconds=20), timedelta(seconds=20), id="shorter than the back-off"),
        pytest.param(timedelta(0), timedelta(seconds=5), id="at once"),
        pytest.param(timedelta(days=400), timedelta(days=1), id="next year"),
    ],
)
def test_what_the_receiver_asks_for_wins(asked: timedelta | None, wait: timedelta) -> None:
    assert next_wait(0, SendFailure("no", retry_after=asked)) == wait


def test_a_channel_that_asks_for_patience_rests_and_what_waits_behind_is_not_counted_as_tried(store: Store) -> None:
    fill(store, 3)
    desk, clock = Inbox("desk", SendFailure("slow down", retry_after=7 * MINUTE), Sent()), Clock()

    assert deliver(store, desk, clock=clock) == Delivered(failed=1, put_off=2)
    assert column(store, "attempts") == [1, 0, 0]
    assert column(store, "next_try_at") == ["2026-11-24T12:07:00Z"] * 3
    assert column(store, "problem") == ["slow down", *["waits behind another notice: slow down"] * 2]

    clock.wait(7 * MINUTE)
    assert deliver(store, desk, clock=clock) == Delivered(sent=3)
    assert column(store, "problem") == [None] * 3


def test_a_notice_that_a_receiver_cannot_take_does_not_keep_back_the_others_for_ever(store: Store) -> None:
    fill(store, 5)

    class Choking(Inbox):
        def send(self, notice: AnyNotice) -> Sent | SendFailure:
            super().send(notice)
            return SendFailure("answered 500") if notice.title.endswith(" 0") else Sent()

    desk, clock = Choking(), Clock()
    for _ in range(3):
        deliver(store, desk, clock=clock)
        clock.wait(MINUTE)

    assert column(store, "state") == ["waiting", *["sent"] * 4]


def test_a_channel_that_refuses_does_not_delay_the_others(store: Store) -> None:
    fill(store, 3, channels=("desk", "phone"))
    phone = Inbox("phone")

    assert deliver(store, Inbox("desk", DOWN), phone, clock=Clock()) == Delivered(sent=3, failed=1, put_off=2)
    assert len(phone.notices) == 3


def test_a_channel_that_hangs_does_not_delay_the_others_and_is_left(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, 1, channels=("desk", "phone"))
    monkeypatch.setattr(delivery, "SEND_TIME", timedelta(seconds=0.2))
    released = threading.Event()

    class Hanging(Inbox):
        def send(self, notice: AnyNotice) -> Sent | SendFailure:
            released.wait(20)
            return Sent()

    phone = Inbox("phone")
    try:
        assert deliver(store, Hanging(), phone, clock=Clock()) == Delivered(sent=1, failed=1)
    finally:
        released.set()
    assert column(store, "problem") == ["channel 'desk': not done within 0 s", None]


def test_a_bug_in_a_channel_is_a_failure_whose_text_stays_out_of_the_log(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    fill(store)

    assert deliver(store, Inbox("desk", KeyError("https://hooks.test/T0K3N")), clock=Clock()) == Delivered(failed=1)
    assert column(store, "problem") == ["channel 'desk': KeyError, see the log"]
    assert "raise answer" in caplog.text
    assert "T0K3N" not in caplog.text


def test_notices_of_a_channel_that_is_no_longer_configured_wait_and_say_so(store: Store) -> None:
    fill(store, 2, channels=("old-desk",))
    clock = Clock()

    assert deliver(store, Inbox(), clock=clock) == Delivered(failed=2)
    assert column(store, "problem") == ["no channel is called 'old-desk' in the configuration"] * 2
    assert column(store, "attempts") == [0, 0]
    assert deliver(store, Inbox(), clock=clock) == Delivered()

    clock.wait(HOUR)
    assert deliver(store, Inbox("old-desk"), clock=clock) == Delivered(sent=2)


# The whole road


def test_a_story_reaches_a_listener_that_first_refuses(store: Store) -> None:
    answers = iter([Answer(503, headers={"Retry-After": "90"}), Answer(204)])
    fill(store)
    clock = Clock()
    with LoopbackServer(lambda _: next(answers)) as server:
        spec = ChannelSpec(name="desk", kind="webhook", url=f"http://{server.place}/hook", secret="s3cret")
        channel = open_channels([spec], now=clock)["desk"]
        assert deliver(store, channel, clock=clock) == Delivered(failed=1)
        clock.wait(timedelta(seconds=90))
        assert deliver(store, channel, clock=clock) == Delivered(sent=1)

    first, second = server.asked
    assert first.body == second.body
    assert json.loads(first.body)["key"] == first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]


def test_no_address_or_secret_is_ever_stored(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    fill(store)
    with LoopbackServer(lambda _: Answer(404, b"T0K3N")) as server:
        spec = ChannelSpec(name="desk", kind="webhook", url=f"http://me:T0K3N@{server.place}/T0K3N", secret="T0K3N")
        assert deliver(store, open_channels([spec])["desk"], clock=Clock()) == Delivered(dead=1)

    with closing(sqlite3.connect(store.path)) as db:
        assert "T0K3N" not in "\n".join(db.iterdump())
    assert "answered 404" in caplog.text
    assert "T0K3N" not in caplog.text
