"""Notices on their way: lease, send, mark. A crash between any two of these sends a notice again, under the same key,
and never loses one.

Each channel has its own queue within a round, oldest first, so that one that hangs or refuses delays no other. After a
failure that may pass, the channel rests: what waits behind the notice that failed is put off without counting as tried.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import traceback
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.channels import Channel, SendFailure, Sent
from alerts.notice import AnyNotice, make_notice
from alerts.source_notice import make_source_notice
from storage.records import LeasedNotice
from storage.store import Store

log = logging.getLogger(__name__)

SEND_TIME = timedelta(seconds=30)  # more than a channel's own limits (20 s), which a dripping receiver can stretch
ROUND_TIME = timedelta(seconds=15)  # after which a channel starts no further send, so that fresh notices of others go
# Waits between tries; after the last one, a day and an hour after the first try, the notice is given up.
BACK_OFF = tuple(timedelta(minutes=m) for m in (1, 5, 20, 60, 240, 240, 240, 240, 240, 240))
REST = timedelta(minutes=1)  # of a channel that failed: as long as the first wait
SHORTEST_WAIT = timedelta(seconds=5)  # whatever a receiver asks for: no hot loop,
LONGEST_WAIT = timedelta(days=1)  # and no notice lost to a number in a header
UNKNOWN_CHANNEL_RETRY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Delivered:
    """`failed` will be tried again, `dead` only when someone asks; `put_off` was not tried."""

    sent: int = 0
    failed: int = 0
    dead: int = 0
    put_off: int = 0


async def deliver_due(
    store: Store,
    channels: Mapping[str, Channel],
    *,
    owner: str,
    now: Callable[[], datetime],
    lease: timedelta = timedelta(minutes=2),
    at_once: int = 4,
    limit: int = 100,
) -> Delivered:
    """One round over up to `limit` due notices, `at_once` sends at a time; repeat it until nothing is sent or failed.

    `lease` must be longer than a send may take, or the same notice could be leased again during it. Lets StorageError
    fly; what is still leased then, or when the task is cancelled, is sent again once the lease has ended.
    """
    if lease <= SEND_TIME:
        raise ValueError(f"a lease of {lease} is not longer than a send may take, {SEND_TIME}")
    queues: defaultdict[str, list[LeasedNotice]] = defaultdict(list)
    started = now()
    for notice in store.lease_notices(owner=owner, now=started, lease=lease, limit=limit):
        queues[notice.channel].append(notice)
    unknown = sum(
        _keep_waiting(store, owner, queues.pop(name), started) for name in list(queues) if name not in channels
    )
    round_ = _Round(store, owner, now, started + ROUND_TIME, started + lease, asyncio.Semaphore(at_once))
    work = [asyncio.create_task(round_.work(channels[name], queue)) for name, queue in queues.items()]
    # All of them end before a failure of the database is raised: none may go on where nobody looks.
    await asyncio.gather(*work, return_exceptions=True)
    each = [task.result() for task in work]
    return Delivered(
        sent=sum(one.sent for one in each),
        failed=sum(one.failed for one in each) + unknown,
        dead=sum(one.dead for one in each),
        put_off=sum(one.put_off for one in each),
    )


def _keep_waiting(store: Store, owner: str, queue: Sequence[LeasedNotice], now: datetime) -> int:
    """A channel that was renamed or taken out: its notices wait until it is back, or for ever, and say so."""
    name = queue[0].channel
    problem = f"no channel is called {name!r} in the configuration"
    store.put_off_notices(owner, [n.id for n in queue], next_try=now + UNKNOWN_CHANNEL_RETRY, problem=problem)
    log.warning("notices wait: channel=%s notices=%s problem=%s", name, len(queue), problem)
    return len(queue)


@dataclass(frozen=True, slots=True)
class _Round:
    store: Store
    owner: str
    now: Callable[[], datetime]
    over: datetime
    lease_until: datetime
    slots: asyncio.Semaphore

    async def work(self, channel: Channel, queue: Sequence[LeasedNotice]) -> Delivered:
        """Sends a channel's notices one after the other, until it fails or the round is over."""
        sent = dead = 0
        for i, leased in enumerate(queue):
            async with self.slots:
                now = self.now()
                # The first is always tried, or channels that wait long for a slot would never have their turn.
                if now + SEND_TIME > self.lease_until or (i and now >= self.over):
                    self._put_off(queue[i:], None, None)
                    return Delivered(sent, 0, dead, len(queue) - i)
                outcome = await self._send(channel, leased)
            if isinstance(outcome, Sent):
                self.store.mark_sent(leased.id, self.now())
                sent += 1
            elif self._failed(leased, outcome):
                dead += 1
            else:
                rest = _clamped(outcome.retry_after) or REST
                self._put_off(queue[i + 1 :], self.now() + rest, f"waits behind another notice: {outcome.reason}")
                return Delivered(sent, 1, dead, len(queue) - i - 1)
        return Delivered(sent, 0, dead)

    async def _send(self, channel: Channel, leased: LeasedNotice) -> Sent | SendFailure:
        notice = self._notice(leased)
        if isinstance(notice, SendFailure):
            return notice
        try:
            return await asyncio.wait_for(_in_thread(channel, notice), SEND_TIME.total_seconds())
        except TimeoutError:
            return SendFailure(f"channel {channel.name!r}: not done within {SEND_TIME.total_seconds():.0f} s")
        except Exception as error:  # noqa: BLE001 - the bulkhead of one delivery
            # Without the error's own text, which may hold the address.
            frames = "".join(traceback.format_tb(error.__traceback__))
            log.error("send failed: channel=%s error=%s\n%s", channel.name, type(error).__name__, frames)  # noqa: TRY400
            return SendFailure(f"channel {channel.name!r}: {type(error).__name__}, see the log")

    def _notice(self, leased: LeasedNotice) -> AnyNotice | SendFailure:
        if leased.event_id is not None:
            event = self.store.source_event(leased.event_id)
            return make_source_notice(event, leased) if event else _no_longer_stored("event", leased.event_id)
        article = None if leased.article_id is None else self.store.article(leased.article_id)
        return make_notice(article, leased) if article else _no_longer_stored("story", leased.article_id)

    def _failed(self, leased: LeasedNotice, failure: SendFailure) -> bool:
        """Marks it; returns whether it was given up."""
        wait = next_wait(leased.attempts, failure)
        self.store.mark_failed(leased.id, failure.reason, None if wait is None else self.now() + wait)
        if wait is None:
            log.warning("notice given up: key=%s rule=%s problem=%s", leased.key, leased.rule, failure.reason)
        return wait is None

    def _put_off(self, queue: Sequence[LeasedNotice], until: datetime | None, problem: str | None) -> None:
        if queue:
            self.store.put_off_notices(self.owner, [n.id for n in queue], next_try=until, problem=problem)


def next_wait(attempts: int, failure: SendFailure) -> timedelta | None:
    """How long to wait after a failure that followed `attempts` others; None: give up. What the receiver asks for wins
    over the back-off, but not over the number of tries."""
    if failure.lasting or attempts >= len(BACK_OFF):
        return None
    return _clamped(failure.retry_after) or BACK_OFF[attempts]


def _clamped(wait: timedelta | None) -> timedelta | None:
    return None if wait is None else min(max(wait, SHORTEST_WAIT), LONGEST_WAIT)


def _no_longer_stored(what: str, number: int | None) -> SendFailure:
    return SendFailure(f"{what} {number} is no longer stored", lasting=True)


async def _in_thread(channel: Channel, notice: AnyNotice) -> Sent | SendFailure:
    """`channel.send` in a daemon thread: unlike a pool's, it does not keep a process alive whose receiver hangs."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Sent | SendFailure] = loop.create_future()

    def settle(outcome: Sent | SendFailure | BaseException) -> None:
        if done.done():  # nobody waits any more
            return
        if isinstance(outcome, BaseException):
            done.set_exception(outcome)
        else:
            done.set_result(outcome)

    def run() -> None:
        try:
            outcome: Sent | SendFailure | BaseException = channel.send(notice)
        except Exception as error:  # noqa: BLE001 - raised where it is awaited
            outcome = error
        try:
            loop.call_soon_threadsafe(settle, outcome)
        except RuntimeError:
            """The loop was closed meanwhile."""

    threading.Thread(target=run, name=f"send-{channel.name}", daemon=True).start()
    return await done
