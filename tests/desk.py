"""A desk for tests of visits: a database, an outlet's site over loopback, and a clock that is moved by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from crawler.hub import Hub
from crawler.network import NetworkSense
from crawler.revisits import limits
from crawler.rules import OutletRules
from crawler.timing import make_planner
from crawler.urls import canonical
from crawler.visit import Visit, visit
from crawler.world import World
from scheduler.newsroom.server import Answer, Asked, LoopbackServer
from storage.reader import Reader
from storage.records import OutletRow, SourceRow
from storage.store import Store
from tests.fakes import Clock, InlineReader, run_hub
from topic import load

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
OUTLET = OutletRow(
    id="herald", name="Herald", homepage="http://news.test/", side="Armenian", kind="site", languages=("en",),
    zone="Asia/Yerevan", scope="regional",
)  # fmt: skip
RULES = {"herald": OutletRules(outlet="herald", name="Herald", zone="Asia/Yerevan", languages=("en",))}
TITLES = {"/1": "Lachin corridor reopens", "/2": "Stepanakert report"}
WORDS = "Officials in Yerevan said on {day} that the road through the Lachin corridor had been reopened for trucks."


def source_row(name: str = "herald-en", path: str = "/feed") -> SourceRow:
    return SourceRow(
        id=name, outlet="herald", kind="feed", url=f"http://news.test{path}", languages=("en",), enabled=True, ship="on"
    )


# Loading takes a third of a second, and a test makes many worlds.
_topic = cache(load)


@dataclass
class Site:
    """What the outlet's server says at present; `pages` maps a path to the answer or to the day its story tells of."""

    titles: dict[str, str] = field(
        default_factory=lambda: {"/1": "Lachin corridor reopens", "/2": "Stepanakert report"}
    )
    pages: dict[str, Answer | str] = field(default_factory=dict)
    feed: Answer | None = None
    moved: dict[str, str] = field(default_factory=dict)

    def __call__(self, asked: Asked) -> Answer:
        if asked.path == "/robots.txt":
            return Answer(404)
        if asked.path in self.moved:
            return Answer(301, headers={"Location": self.moved[asked.path]})
        if asked.path.startswith("/feed"):
            return self.feed or self.rss(asked)
        said = self.pages.get(asked.path, "Tuesday")
        if isinstance(said, Answer):
            return said
        title = self.titles.get(asked.path, "A story")
        text = "".join(f"<p>{WORDS.format(day=said)} It was report number {n}.</p>" for n in range(6))
        page = f"<html lang=en><title>{title}</title><article><h1>{title}</h1>{text}</article></html>"
        return Answer(200, page.encode(), {"Content-Type": "text/html; charset=utf-8"})

    def rss(self, asked: Asked) -> Answer:
        items = "".join(
            f"<item><title>{title}</title><link>http://news.test{path}</link><description>{title}: trucks reached "
            f"Stepanakert, the feed says.</description><pubDate>Tue, 24 Nov 2026 09:00:00 +0000</pubDate></item>"
            for path, title in reversed(self.titles.items())
        )
        tag = f'"{abs(hash(items))}"'
        if asked.headers.get("if-none-match") == tag:
            return Answer(304, headers={"ETag": tag})
        body = f"<rss version='2.0'><channel><title>Herald</title>{items}</channel></rss>".encode()
        return Answer(200, body, {"Content-Type": "application/rss+xml", "ETag": tag})


Story = Callable[[World], Awaitable[Any]]


@dataclass
class Desk:
    """A database, a site and a clock; `run` is a run of the program over them."""

    path: Path
    site: Site = field(default_factory=Site)
    clock: Clock = field(default_factory=lambda: Clock(NOW))
    sources: tuple[SourceRow, ...] = (source_row(),)
    asked: list[str] = field(default_factory=list)
    timeout: float = 5.0
    revisits: int = 0
    planned: bool = False

    def run(self, story: Story, reader: type[InlineReader] = InlineReader, patience: float = 0.05) -> Any:
        with LoopbackServer(self.site) as server:

            async def with_hub(hub: Hub) -> Any:
                with Store.open(self.path) as store:
                    store.sync_catalogue([OUTLET], self.sources, self.clock())
                    return await story(self.world(hub, store, reader, patience))

            try:
                return run_hub(with_hub, static_hosts={"news.test": server.place}, per_site=8)
            finally:
                self.asked = [asked.path for asked in server.asked]

    def world(self, hub: Hub, store: Store, reader: type[InlineReader], patience: float) -> World:
        topic = _topic()
        return World(
            hub=hub, pool=reader(topic, RULES), store=store, topic=topic, rules=RULES, general=frozenset(),
            owner="tests", now=self.clock, timeout=self.timeout, network=NetworkSense(patience),
            revisits_per_day=self.revisits,
            planner=make_planner(store.rhythms(NOW), polls_per_day=96, now=self.clock()) if self.planned else None,
        )  # fmt: skip

    def visit_due(self, reader: type[InlineReader] = InlineReader) -> list[Visit]:
        """Visits everything that is due, side by side."""

        async def story(world: World) -> list[Visit]:
            claimed = world.store.claim_sources(
                owner=world.owner,
                now=self.clock(),
                lease=timedelta(minutes=3),
                limit=50,
                revisits=limits(world, places=50) if self.revisits else None,
            )
            return list(await asyncio.gather(*(visit(one, world) for one in claimed)))

        done: list[Visit] = self.run(story, reader)
        return done

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        with Reader.open(self.path) as reader:
            yield reader

    def texts(self) -> dict[str, tuple[str, int]]:
        """Of each article by path: where its text is from, and its revision."""
        with self.reading() as reader:
            found = [reader.article_at(f"http://news.test{path}") for path in self.site.titles]
        return {one.url.removeprefix("http://news.test"): (one.text_source, one.revision) for one in found if one}

    def entry(self, path: str = "/1") -> tuple[str, int, str | None]:
        with self.reading() as reader:
            (one,) = reader.entries_at(canonical(f"http://news.test{path}"))
        return one.state, one.attempts, one.problem
