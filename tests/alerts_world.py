"""Stories and stores for the tests of alerts. Events are fictional."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

from alerts.channels import Channel, SendFailure, Sent, open_channels
from alerts.delivery import Delivered, deliver_due
from alerts.freshness import FreshnessLimits
from alerts.matching import match_changes
from alerts.notice import AnyNotice, Notice
from alerts.rules import ChannelSpec, Rule, RuleSpec, compile_rules
from alerts.source_notice import SourceNotice
from scheduler.newsroom.server import Answer, LoopbackServer
from storage.article import Article, StoredArticle
from storage.records import EntryToSave, LeasedNotice, OutletRow, PollToSave, SourceRow
from storage.store import Store
from topic.verdict import Mention, Verdict

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
LEASE = timedelta(minutes=2)
LIMITS = FreshnessLimits(first_poll=6 * HOUR, later=48 * HOUR)
RELEVANT = Verdict("relevant", 4.0, (Mention("lachin", "Lachin", "title", 17, 23),), ("Lachin in the title",), "t1")
UNSURE = Verdict("unsure", 0.5, (), ("a place name alone",), "t1")

ARTICLE = Article(
    url="https://khazar-post.test/en/road?utm_source=feed",
    canonical_url="https://khazar-post.test/en/road",
    final_url="https://khazar-post.test/en/road",
    outlet="khazar-post",
    source="khazar-post-en",
    title="Snow closes the Lachin road for two days",
    body="Drivers waited in Goris.\n\nThe road to Stepanakert was cleared on Tuesday.",
    language="en",
    published=NOW - HOUR,
    published_precision="minute",
    fetched=NOW,
    content_hash="h1",
    extractor="test",
    extractor_version="1",
)

STORED = StoredArticle(
    **{name: getattr(ARTICLE, name) for name in Article.__dataclass_fields__},
    id=1,
    outlet_name="Khazar Post",
    side="Azerbaijan",
    first_seen=NOW,
    last_seen=NOW,
    outcome="relevant",
    score=4.0,
    mentions=RELEVANT.mentions,
    reasons=RELEVANT.reasons,
    topic_version="t1",
)

NOTICE = Notice(
    key="0f3c",
    rule="Lachin road",
    article_id=7,
    title=ARTICLE.title,
    outlet="khazar-post",
    outlet_name="Khazar Post",
    side="Azerbaijan",
    language="en",
    published=NOW - HOUR,
    published_precision="minute",
    first_seen=NOW,
    url=ARTICLE.canonical_url,
    revision=1,
    why=('title has "lachin"',),
    verdict=("Lachin in the title",),
)

SOURCE_NOTICE = SourceNotice(
    key="5b1e",
    rule="Sources",
    condition="silent",
    event="began",
    source="khazar-post-en",
    outlet="khazar-post",
    outlet_name="Khazar Post",
    side="Azerbaijan",
    languages=("en",),
    url="https://khazar-post.test/feed",
    since=NOW - 33 * HOUR,
    at=NOW,
    seen="nothing new for 33 h; its longest pause in six weeks was 14 h",
)


def open_store(folder: Path) -> Store:
    store = Store.open(folder / "karabakh.sqlite")
    outlet = OutletRow(
        id="khazar-post",
        name="Khazar Post",
        homepage="https://khazar-post.test/",
        side="Azerbaijan",
        kind="news site",
        languages=("en",),
        zone="Asia/Baku",
        scope="general",
    )
    source = SourceRow(
        id="khazar-post-en",
        outlet="khazar-post",
        kind="feed",
        url="https://khazar-post.test/feed",
        languages=("en",),
        enabled=True,
        ship="on",
    )
    store.sync_catalogue([outlet], [source], NOW)
    return store


def save_story(store: Store, name: str, *, verdict: Verdict = RELEVANT, now: datetime = NOW, **changes: Any) -> int:
    """A story at an address of its own; the same name again revises it."""
    url = f"https://khazar-post.test/en/{name}"
    changed = replace(ARTICLE, url=url, canonical_url=url, final_url=url, content_hash=name)
    return store.save_article(replace(changed, **changes), verdict, entry_id=None, now=now).article_id


def poll(store: Store, *names: str, now: datetime = NOW) -> None:
    """A successful poll of the one source that brings an entry for each name."""
    entries = tuple(
        EntryToSave(
            canonical_url=f"https://khazar-post.test/en/{name}",
            url=f"https://khazar-post.test/en/{name}",
            title=ARTICLE.title,
            feed_hash=name,
            verdict=RELEVANT,
            state="pending",
        )
        for name in names
    )
    store.save_poll(
        PollToSave(
            source="khazar-post-en",
            owner="test",
            started=now,
            ended=now,
            outcome="ok",
            next_check=now,
            shown=len(entries),
            entries=entries,
        )
    )


def rules(
    *specs: tuple[str, str], channels: tuple[str, ...] = ("desk",), relevant_only: bool = True
) -> tuple[Rule, ...]:
    """Rules from (name, query)."""
    made = [RuleSpec(name=n, query=q, channels=channels, relevant_only=relevant_only) for n, q in specs]
    return compile_rules(made, now=NOW, topic=None)


def outbox(store: Store) -> list[dict[str, Any]]:
    """What stands in the file, read past the program's own code."""
    with closing(sqlite3.connect(store.path)) as db:
        db.row_factory = sqlite3.Row
        return [dict(row) for row in db.execute("SELECT * FROM outbox ORDER BY id")]


class Inbox:
    """A channel that keeps what it is sent and answers as it is told, the last answer for ever."""

    def __init__(self, name: str = "desk", *answers: Sent | SendFailure | Exception) -> None:
        self.name = name
        self.answers = list(answers) or [Sent()]
        self.notices: list[Any] = []

    def send(self, notice: AnyNotice) -> Sent | SendFailure:
        self.notices.append(notice)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def keys(self) -> list[str]:
        return [notice.key for notice in self.notices]


class Clock:
    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def wait(self, span: timedelta) -> None:
        self.now += span


def deliver(store: Store, *channels: Channel, clock: Clock, owner: str = "run-1", **options: Any) -> Delivered:
    by_name: Mapping[str, Channel] = {channel.name: channel for channel in channels}
    return asyncio.run(deliver_due(store, by_name, owner=owner, now=clock, **options))


def leased(why: tuple[str, ...] = NOTICE.why) -> LeasedNotice:
    return LeasedNotice(id=1, rule="Lachin road", article_id=1, channel="desk", key="0f3c", why=why, attempts=0)


def fill(store: Store, count: int = 1, channels: tuple[str, ...] = ("desk",), name: str = "road") -> None:
    """`count` stories in the outbox, for each channel."""
    for i in range(count):
        save_story(store, f"{name}-{i}", title=f"Lachin {name} {i}")
    list(match_changes(store, rules(("Lachin", "lachin"), channels=channels), LIMITS, NOW))


def column(store: Store, name: str) -> list[object]:
    return [row[name] for row in outbox(store)]


class Killed(BaseException):
    """The process is gone: nothing after this happens."""


def killed(*_: object) -> NoReturn:
    raise Killed


@contextmanager
def listening(answer: Answer = Answer(204)) -> Iterator[LoopbackServer]:  # noqa: B008 - a frozen value
    with LoopbackServer(lambda _: answer) as server:
        yield server


def webhook(server: LoopbackServer, path: str = "/hook/T0K3N", secret: str = "") -> Channel:
    spec = ChannelSpec(name="desk", kind="webhook", url=f"http://{server.place}{path}", secret=secret)
    return open_channels([spec], now=lambda: NOW)["desk"]
