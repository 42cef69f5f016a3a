"""An operator's own spider as a source: one short crawl is one poll, and its stories are the answer.

It runs inside this process beside the other sources, under the monitor's settings, which go before its own
(`custom_settings`), and asks through the hub. Whatever goes wrong in it is a sentence in the answer.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from scrapy import Spider, signals
from scrapy.crawler import AsyncCrawlerRunner, Crawler
from scrapy.settings import Settings
from twisted.python.failure import Failure

from crawler.hub import Hub
from crawler.kinds.spider import CLASS
from crawler.settings import spider_settings
from crawler.spiders.door import HubDoor, door_into
from crawler.spiders.story import WrongItem, plain_story
from crawler.wire import Fetched, FetchFailure
from storage.records import SourceForPoll

log = logging.getLogger(__name__)

MOST_SECONDS = 120.0  # of one run: below the three minutes of a lease, which are renewed, and above any list of stories
MOST_STORIES = 500  # of one run; the largest feed of the catalogue shows 200
GRACE_SECONDS = 2.0  # for a spider that was told to stop
MOST_PROBLEMS = 3  # that are told of


class CannotRun(Exception):
    """The text completes a sentence that names the spider."""


@dataclass
class _Findings:
    stories: list[Mapping[str, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def note(self, problem: str) -> None:
        if problem not in self.problems and len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)


class SpiderRunner:
    """`folder` is where the modules of spiders lie, beside those that are installed: that of the configuration."""

    def __init__(
        self,
        hub: Hub,
        folder: Path,
        *,
        request_seconds: float = 30.0,
        max_bytes: int = 8 << 20,
        most_seconds: float = MOST_SECONDS,
        most_stories: int = MOST_STORIES,
    ) -> None:
        self._hub, self._folder = hub, folder
        self._bounds = {"seconds": request_seconds, "max_bytes": max_bytes}
        self._most_seconds, self._most_stories = most_seconds, most_stories
        self._stuck: dict[str, asyncio.Future[None]] = {}

    async def ask(self, source: SourceForPoll) -> Fetched | FetchFailure:
        """Never raises for what a spider does. The body is what `crawler.kinds.spider` parses; with no story had, a
        failed request of the spider is the failure."""
        found, failures = _Findings(), list[FetchFailure]()
        name = source.options.get(CLASS, "")
        try:
            await self._run(name, source, found, failures)
        except CannotRun as error:
            found.note(str(error))
        if failures and not found.stories and not found.problems:
            return replace(failures[0], detail=f"the spider {name} had no answer: {failures[0].detail}")
        if failures:
            found.note(f"had no answer to a request: {failures[0].detail}")
        answer = {"spider": name, "stories": found.stories, "problems": found.problems}
        return Fetched(
            url=source.address,
            final_url=source.address,
            status=200,
            headers={"content-type": "application/json"},
            body=json.dumps(answer, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace"),
        )

    async def _run(self, name: str, source: SourceForPoll, found: _Findings, failures: list[FetchFailure]) -> None:
        stuck = self._stuck.get(source.id)
        if stuck is not None and not stuck.done():
            raise CannotRun("does not end: its last run still goes on")
        crawler = self._crawler(load_spider(name, self._folder), source)
        _listen(crawler, found, self._most_stories)
        arguments = {key: value for key, value in source.options.items() if key != CLASS}
        run = asyncio.ensure_future(_crawl(crawler, arguments))
        try:
            await asyncio.wait({run}, timeout=self._most_seconds)
            if not run.done():
                found.note(f"did not end within {self._most_seconds:g} seconds and was stopped")
        finally:  # a visit that is cancelled ends its spider
            if not run.done():
                await self._stop(crawler, run, source.id)
        failures += _door_of(crawler).failures if crawler._engine else []  # noqa: SLF001 - the public name raises
        if run.done() and (error := run.exception()) is not None:
            log.warning("spider broke: source=%s", source.id, exc_info=error)
            raise CannotRun(f"cannot be started: {_said(error)}")

    def _crawler(self, spider: type[Spider], source: SourceForPoll) -> Crawler:
        settings = Settings()
        # cmdline goes before the spider's own: no spider switches off guard, robots.txt or pace by its settings.
        settings.setdict(dict(spider_settings(self._hub.settings)), priority="cmdline")
        door = door_into(self._hub, user_agent=source.user_agent, **self._bounds)
        settings.set("DOWNLOADER", door, priority="cmdline")
        return AsyncCrawlerRunner(settings).create_crawler(spider)

    async def _stop(self, crawler: Crawler, run: asyncio.Future[None], source: str) -> None:
        if crawler._engine is not None:  # noqa: SLF001
            _door_of(crawler).shut()
        stopping = asyncio.ensure_future(crawler.stop_async())
        await asyncio.wait({run}, timeout=GRACE_SECONDS)
        if not run.done():  # it waits for something of its own; it may ask nothing, and is not started again meanwhile
            stopping.cancel()
            log.warning("spider does not stop: source=%s", source)
            self._stuck[source] = run


async def _crawl(crawler: Crawler, arguments: Mapping[str, str]) -> None:
    await crawler.crawl_async(**arguments)


def _door_of(crawler: Crawler) -> HubDoor:
    door = crawler.engine.downloader
    assert isinstance(door, HubDoor)
    return door


def _listen(crawler: Crawler, found: _Findings, most: int) -> None:
    def took(item: object) -> None:
        if len(found.stories) >= most:
            if f"gave more than {most} stories" not in found.problems:
                found.note(f"gave more than {most} stories")
                _door_of(crawler).shut()
                crawler.engine.pause()
                ending = asyncio.ensure_future(crawler.stop_async())
                ending.add_done_callback(lambda done: done.cancelled() or done.exception())
            return
        try:
            found.stories.append(plain_story(item))
        except WrongItem as error:
            found.note(str(error))

    def broke(failure: Failure) -> None:
        log.warning("spider broke: spider=%s", crawler.spidercls.__name__, exc_info=failure.value)
        assert failure.value is not None
        found.note(f"broke: {_said(failure.value)}")

    # Scrapy holds listeners by weak references only; the crawler keeps these for as long as it lives.
    crawler.story_listeners = (took, broke)  # type: ignore[attr-defined]
    crawler.signals.connect(took, signals.item_scraped)
    crawler.signals.connect(broke, signals.spider_error)


def load_spider(path: str, folder: Path) -> type[Spider]:
    """The class at "package.module.Class". Raises CannotRun."""
    module, _, name = path.rpartition(".")
    place = str(folder)
    if place not in sys.path:
        sys.path.append(place)  # at the end: a file of the operator's hides no library
    try:
        found = getattr(import_module(module), name)
    except Exception as error:
        raise CannotRun(f"cannot be imported: {_said(error)}") from error
    except SystemExit as error:
        raise CannotRun("cannot be imported: it ends the program") from error
    if not (isinstance(found, type) and issubclass(found, Spider)):
        raise CannotRun("is not a class made from scrapy.Spider")
    return found


def _said(error: BaseException) -> str:
    """The kind of an error and the first line of what it says."""
    text = str(error).strip().partition("\n")[0][:200]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
