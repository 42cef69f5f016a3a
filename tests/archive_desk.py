"""A desk for tests of replays: a database, a folder of WARC files and a reader that can be watched."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast

from crawler.extract import Refused
from crawler.hosts import outlet_hosts
from crawler.hub import Hub
from crawler.pool import Judged, PageJob
from crawler.rules import OutletRules
from crawler.world import World
from scheduler.replay import ReplayRequest, ReplayResult, replay_files
from storage.article import StoredArticle
from storage.reader import Reader
from storage.records import OutletRow
from storage.store import Store
from tests.archives import packed, record
from tests.desk import NOW, OUTLET, source_row
from tests.fakes import InlineReader
from topic import load

HERALD = replace(OUTLET, hosts=("news.test", "herald.test"))
WORLD_POST = OutletRow(
    id="world-post", name="World Post", homepage="https://world.test/", side="international", kind="site",
    languages=("en",), zone="UTC", scope="general",
)  # fmt: skip
HOSTS = outlet_hosts([HERALD, WORLD_POST])
RULES = {one.id: OutletRules(outlet=one.id, name=one.name, zone=one.zone) for one in (HERALD, WORLD_POST)}
the_topic = cache(load)


class CountingReader(InlineReader):
    """Hears of each page; `fails` is raised at the sixth."""

    def __init__(self, fails: Exception | None = None) -> None:
        super().__init__(the_topic(), RULES)
        self.fails = fails
        self.read_urls: list[str] = []
        self.under_way = self.most_under_way = 0

    async def read(self, job: PageJob) -> Judged | Refused:
        self.read_urls.append(job.url)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        await asyncio.sleep(0)
        self.under_way -= 1
        if self.fails is not None and len(self.read_urls) > 5:
            raise self.fails
        return await super().read(job)


@dataclass
class Archive:
    """A database and a folder of WARC files."""

    folder: Path
    reader: CountingReader = field(default_factory=CountingReader)

    def write(self, name: str, *records: bytes, cut: int = 0) -> Path:
        content = packed([record(b"software: pen\r\n", None, kind="warcinfo"), *records])
        path = self.folder / name
        path.write_bytes(content[: len(content) - cut])
        return path

    def replay(
        self,
        *files: Path,
        progress: Callable[[asyncio.Event], None] = lambda stop: None,
        fails: Exception | None = None,
        **asked: Any,
    ) -> ReplayResult:
        self.reader = CountingReader(fails)

        async def run(store: Store) -> ReplayResult:
            stop = asyncio.Event()
            world = World(
                hub=cast("Hub", None), pool=self.reader, store=store, topic=the_topic(), rules=RULES,
                general=frozenset({"world-post"}), owner="tests", now=lambda: NOW,
            )  # fmt: skip
            return await replay_files(
                ReplayRequest(files, **asked), HOSTS, world, stop, places=3, progress=lambda _bytes: progress(stop)
            )

        with self.store() as store:
            return asyncio.run(run(store))

    def store(self) -> Store:
        store = Store.open(self.folder / "news.sqlite")
        store.sync_catalogue([HERALD, WORLD_POST], [source_row()], NOW - timedelta(days=1))
        return store

    def stories(self) -> dict[str, StoredArticle]:
        with Reader.open(self.folder / "news.sqlite") as reader:
            return {one.url: one for one in reader.search(None)}

    def versions(self, url: str) -> list[tuple[str, datetime]]:
        """Since when a story has said what, the present text last; each was seen until the next was."""
        with Reader.open(self.folder / "news.sqlite") as reader:
            now = reader.article_at(url)
            assert now is not None
            before = reader.revisions(now.id)
            begins = [*(one.seen_from for one in before), now.fetched]
            assert [one.seen_until for one in before] == begins[1:]
            return list(zip([*(one.title for one in before), now.title], begins, strict=True))
