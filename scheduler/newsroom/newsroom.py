"""Outlets on loopback, open for as long as the context lasts.

with Newsroom() as newsroom:
    newsroom.static_hosts       {"lori-herald.test": "127.0.0.21:41234", ...}     for network.static_hosts
    newsroom.sources            one table for each source                          for sources.own
    newsroom.stories            what a monitor that misses nothing must find
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Self

from crawler.urls import canonical
from scheduler.newsroom.certificate import untrusted
from scheduler.newsroom.press import FOR_GOOD, ROBOTS, Feed, Outlet, Story, load_press
from scheduler.newsroom.server import Answer, Asked, LoopbackServer
from scheduler.newsroom.site import Site

FIRST_ADDRESS = 21  # of 127.0.0.x
NEARLY_FOR_GOOD = FOR_GOOD - timedelta(seconds=1)  # when the faults that pass have passed
WITH_SUMMARY = frozenset({"feed", "jsonfeed", "wordpress", "section"})
FAILURE = Answer(500, b"Something broke.\n", {"Content-Type": "text/plain; charset=utf-8"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedStory:
    """What must be stored of a story once it has appeared.

    `url` is where it is linked, `canonical_url` what the monitor knows it by. `appears_after` and `changes_after` are
    seconds since the start (0: there from the beginning; none: never changes).
    `title` is the first one, `final_title` the one after all changes. `page` is false when the page cannot be had (403,
    robots.txt) and the feed's own words must do: its full text, or else its summary, whose beginning `first_words` then
    is. `dated` tells how exactly the page or feed gives `published`. The title of a `hostile` one is stored defused.
    Of a `fallback` one only a second route tells, which is asked once the first has failed.
    """

    url: str
    canonical_url: str
    outlet: str
    sources: tuple[str, ...]
    title: str
    final_title: str
    first_words: str
    language: str
    relevant: bool
    published: datetime
    dated: str
    appears_after: float
    changes_after: tuple[float, ...]
    credit: str
    page: bool
    hostile: bool
    fallback: bool


class Newsroom:
    """`now` is the clock, to which `advance` adds. Stories are dated from `started`, by default the moment of opening;
    a newsroom opened again with the same `started` tells the same stories at the same addresses."""

    def __init__(
        self,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        started: datetime | None = None,
        press: Sequence[Outlet] | None = None,
    ) -> None:
        self.started = (started or now()).replace(microsecond=0)
        self._now = now
        self._advanced = timedelta(0)
        self._lock = threading.Lock()
        self._failing: dict[tuple[str, str | None], Answer] = {}
        self._sites = {outlet.id: Site(outlet, self.started) for outlet in (load_press() if press is None else press)}
        self._servers: dict[str, LoopbackServer] = {}

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            for place, outlet in enumerate(self._sites, FIRST_ADDRESS):
                self._servers[outlet] = opening.enter_context(
                    _serve(partial(self._answer, outlet), place, self._sites[outlet].outlet)
                )
            opening.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        # At once: each takes a moment to stop.
        with ThreadPoolExecutor(len(self._servers)) as stopping:
            list(stopping.map(lambda server: server.__exit__(), self._servers.values()))

    @property
    def moment(self) -> datetime:
        return self._now() + self._advanced

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._advanced += timedelta(seconds=seconds)

    @property
    def outlets(self) -> tuple[Outlet, ...]:
        return tuple(site.outlet for site in self._sites.values())

    @property
    def static_hosts(self) -> Mapping[str, str]:
        """Host name -> "address:port"."""
        return {
            host: self._servers[outlet].place for outlet, site in self._sites.items() for host in sorted(site.hosts)
        }

    @property
    def loopback(self) -> tuple[str, ...]:
        addresses = dict.fromkeys(server.address[0] for server in self._servers.values())
        return tuple(f"{address}/32" for address in addresses)

    @property
    def sources(self) -> tuple[Mapping[str, Any], ...]:
        """One table of [[sources.own]] for each source."""
        return tuple(_source(outlet, feed) for outlet in self.outlets for feed in outlet.sources)

    @property
    def stories(self) -> tuple[ExpectedStory, ...]:
        """Every story of the script, those still to come among them, but for those that no source ever shows."""
        return tuple(
            _expected(outlet, story, self.started)
            for outlet in self.outlets
            for story in outlet.stories
            if _appears(outlet, story) < FOR_GOOD
        )

    def fail(self, host: str, answer: Answer = FAILURE, path: str | None = None) -> None:
        """Until `recover` the outlet of `host` answers so: at `path`, or everywhere but at /robots.txt, which a broken
        site mostly still serves. (A failing robots.txt closes a site to its visitors for longer than a test takes.)"""
        with self._lock:
            self._failing[self._outlet_of(host), path] = answer

    def recover(self, host: str) -> None:
        """At every path."""
        outlet = self._outlet_of(host)
        with self._lock:
            self._failing = {key: answer for key, answer in self._failing.items() if key[0] != outlet}

    def publish(self, host: str, story: Story) -> ExpectedStory:
        """Adds a story to the outlet; its `at` counts from the start as always, and +0s or less shows it at once."""
        outlet_id = self._outlet_of(host)
        with self._lock:
            outlet = self._sites[outlet_id].outlet
            outlet = replace(outlet, stories=(*outlet.stories, story))
            self._sites[outlet_id] = Site(outlet, self.started)
        return _expected(outlet, story, self.started)

    def requests(self, host: str) -> tuple[Asked, ...]:
        return tuple(self._servers[self._outlet_of(host)].asked)

    def asked(self, host: str, path: str | None = None) -> int:
        """How many requests came, for `path` or at all."""
        return sum(path in {None, asked.path} for asked in self.requests(host))

    def _answer(self, outlet: str, asked: Asked) -> Answer:
        with self._lock:
            failing, site = self._failing.get((outlet, asked.path)), self._sites[outlet]
            if failing is None and asked.path != ROBOTS:
                failing = self._failing.get((outlet, None))
        return failing or site.answer(asked, self.moment)

    def _outlet_of(self, host: str) -> str:
        return next(outlet for outlet, site in self._sites.items() if host in site.hosts)


def _serve(respond: Callable[[Asked], Answer], place: int, outlet: Outlet) -> LoopbackServer:
    """Each outlet has an address of its own, so that politeness per address can be seen; where a system has only
    127.0.0.1 (macOS), a port of its own."""
    tls = untrusted(outlet.host) if outlet.untrusted else None
    try:
        return LoopbackServer(respond, host=f"127.0.0.{place}", tls=tls)
    except OSError:
        return LoopbackServer(respond, tls=tls)


def _source(outlet: Outlet, feed: Feed) -> Mapping[str, Any]:
    table: dict[str, Any] = {
        "id": feed.id,
        **_way(outlet, feed),
        "outlet": outlet.id,
        "name": outlet.name,
        "side": outlet.side,
        "languages": outlet.languages,
        "zone": outlet.zone,
    }
    if routes := outlet.routes(feed):
        table["routes"] = [_way(outlet, route) for route in routes]
    return table


def _way(outlet: Outlet, feed: Feed) -> dict[str, Any]:
    options = {"options": dict(feed.options)} if feed.options else {}
    return {"url": outlet.feed_url(feed), "kind": feed.kind, **options}


def _appears(outlet: Outlet, story: Story) -> timedelta:
    """When some source or second route first shows it."""
    moments = sorted({max(story.at, timedelta(0)), *(fault.until for fault in outlet.faults if fault.until > story.at)})
    ways = outlet.feeds_of(story)
    shown = (
        moment
        for moment in moments
        if any(outlet.fault(feed.path, moment) is None for feed in ways) and moment >= timedelta(0)
    )
    return FOR_GOOD if outlet.untrusted else next(shown, FOR_GOOD)


def _expected(outlet: Outlet, story: Story, started: datetime) -> ExpectedStory:
    last = max([story.at, *(change.at for change in story.changes)])
    feeds, path = outlet.feeds_of(story), outlet.path(story, started)
    # A second route may show a story by its title alone, and does so when the first fails.
    listed = [feed for feed in feeds if not feed.bare and feed.kind in WITH_SUMMARY]
    page = outlet.fault(path, NEARLY_FOR_GOOD) is None and not _disallowed(outlet.robots, path)
    dated = page and (outlet.json_ld or outlet.meta_dates)
    told = page or any(feed.full_text or feed.kind == "wordpress" for feed in feeds)
    url = outlet.url(story, started)
    return ExpectedStory(
        url=url,
        canonical_url=canonical(url),
        outlet=outlet.id,
        sources=tuple(dict.fromkeys(feed.route_of or feed.id for feed in feeds)),
        title=story.title,
        final_title=story.text_at(last)[0],
        first_words=(story.body if told else story.summary if listed else "")[:40],
        language=story.language or outlet.languages[0],
        relevant=story.relevant,
        published=started + story.dated,
        dated="second" if dated or any(feed.dated and not feed.bare for feed in feeds) else "minute",
        appears_after=_appears(outlet, story).total_seconds(),
        changes_after=tuple(change.at.total_seconds() for change in story.changes),
        credit=story.credit,
        page=page,
        hostile=story.hostile,
        fallback=not any(
            outlet.fault(feed.path, moment) is None
            for feed in feeds
            if not feed.route_of
            for moment in (_appears(outlet, story), NEARLY_FOR_GOOD)
        ),
    )


def _disallowed(robots: str, path: str) -> bool:
    rules = [line.partition(":")[2].strip() for line in robots.splitlines() if line.startswith("Disallow:")]
    return any(rule and path.startswith(rule) for rule in rules)
