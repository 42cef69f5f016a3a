"""The one door to the world, asked by coroutines.

    async with Hub(settings) as hub:        # inside `run`, or any asyncio loop under Twisted's asyncio reactor
        answer = await hub.fetch(FetchRequest(url="https://..."))

Answers of any status and failures of any kind are values; only cancellation and bugs are raised.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Coroutine
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self, TypeVar
from urllib.parse import urljoin, urlsplit

from twisted.internet import asyncioreactor

from crawler.engine import Engine
from crawler.guard import refuse
from crawler.pace import Pace
from crawler.retry_after import retry_after
from crawler.robots import KEEP, KEEP_ON_FAILURE, Rules, rules_from
from crawler.robots import MAX_BYTES as ROBOTS_BYTES
from crawler.settings import HubSettings
from crawler.slots import SiteHeld, Slots
from crawler.unpack import ACCEPTED
from crawler.urls import registrable_domain
from crawler.wire import Fetched, FetchFailure, FetchRequest

log = logging.getLogger(__name__)

T = TypeVar("T")

REDIRECTS = frozenset({301, 302, 303, 307, 308})
PERMANENT = frozenset({301, 308})
MAX_REDIRECTS = 5  # RFC 9309, 2.3.1.2, for robots.txt; no outlet of the catalogue needs more than three for its feeds
LEAST_PATIENCE = 1.0  # seconds
SITES_KEPT = 1000  # robots.txt files remembered
UNSAID_PAUSE = timedelta(minutes=1)  # of a whole site after a 429 that names no moment
ACCEPT = "application/rss+xml,application/atom+xml,application/feed+json,text/html,application/xml;q=0.9,*/*;q=0.5"


def run(main: Coroutine[Any, Any, T]) -> T:
    """Runs `main` under Twisted's asyncio reactor and returns what it returns. Once in a process: none restarts."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    asyncioreactor.install(loop)  # type: ignore[no-untyped-call]
    from twisted.internet import reactor as installed

    reactor: Any = installed
    task = loop.create_task(main)
    task.add_done_callback(lambda _: reactor.stop())
    reactor.run(installSignalHandlers=False)
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
    return task.result()


class Hub:
    """`engine` is one of the caller's, else the hub has its own."""

    def __init__(self, settings: HubSettings, engine: Engine | None = None) -> None:
        self.settings = settings
        self._engine = engine or Engine(settings)
        self._pace = Pace(
            per_site=settings.per_site,
            delay=settings.delay_seconds,
            total=settings.concurrency,
            slots=_shared_slots(settings),
        )
        self._robots: OrderedDict[str, Rules] = OrderedDict()
        self._dead: dict[str, tuple[datetime, FetchFailure]] = {}
        self._asking_robots: dict[tuple[str, str | None], asyncio.Task[Rules | FetchFailure]] = {}

    async def __aenter__(self) -> Self:
        await self._engine.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._asking_robots.values():
            task.cancel()
        await self._engine.stop()

    async def fetch(self, request: FetchRequest) -> Fetched | FetchFailure:
        """Follows redirects, each hop past the guard and robots.txt; `request.timeout` is for all hops together."""
        url, moved_to, permanent, patient = request.url, None, True, request
        for _ in range(MAX_REDIRECTS + 1):
            rules = await self._entrance(url, request)
            if isinstance(rules, FetchFailure):
                return rules
            # Validators belong to what the address stood for when it was last asked: they go on with a lasting move.
            answer = await self._ask(url, patient, conditional=permanent, delay=rules.delay(self._agent(request)))
            if isinstance(answer, FetchFailure):
                return answer
            target = _redirect(url, answer)
            if target is None:
                still_there = answer.status < 400
                return Fetched(
                    url=request.url,
                    final_url=url,
                    status=answer.status,
                    headers=answer.headers,
                    body=answer.body,
                    seconds=answer.seconds,
                    moved_to=moved_to if still_there else None,
                )
            permanent = permanent and answer.status in PERMANENT
            url, patient = target, _patience_left(patient, answer)
            moved_to = url if permanent else moved_to
        detail = f"{request.url} redirects more than {MAX_REDIRECTS} times"
        return FetchFailure(url=request.url, kind="redirect loop", detail=detail)

    async def _entrance(self, url: str, request: FetchRequest) -> Rules | FetchFailure:
        """The rules by which `url` may be asked, or why it may not."""
        reason = refuse(url, self.settings.guard)
        if reason is not None:
            return FetchFailure(url=url, kind="guard", detail=f"{url[:200]}: {reason}")
        if not self.settings.obey_robots:
            return Rules(datetime.now(UTC))
        rules = await self._rules(url, request)
        if isinstance(rules, FetchFailure):
            return replace(rules, url=url)
        if rules.allows(self._agent(request), url):
            return rules
        why = "cannot be had at present" if rules.closed else "does not allow it"
        return FetchFailure(url=url, kind="robots", detail=f"{url}: robots.txt of {urlsplit(url).netloc} {why}")

    def _agent(self, request: FetchRequest) -> str:
        return request.user_agent or self.settings.user_agent

    async def _rules(self, url: str, request: FetchRequest) -> Rules | FetchFailure:
        """The host's robots.txt, asked once by however many want it. A host that cannot be reached is a failure."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        now = datetime.now(UTC)
        known = self._robots.get(site)
        if known is not None and now < known.until <= now + KEEP:  # beyond it lies what a clock that ran ahead has kept
            return known
        dead_until, failure = self._dead.get(site, (now, None))
        if failure is not None and now < dead_until <= now + KEEP_ON_FAILURE:
            return failure
        key = (site, request.user_agent)
        task = self._asking_robots.get(key)
        if task is None:
            task = self._asking_robots[key] = asyncio.ensure_future(self._ask_robots(site, request))
            task.add_done_callback(lambda _: self._asking_robots.pop(key, None))
        return await asyncio.shield(task)  # one who gives up does not take the answer from the others

    async def _ask_robots(self, site: str, request: FetchRequest) -> Rules | FetchFailure:
        answer = await self._follow_robots(
            FetchRequest(
                url=f"{site}/robots.txt",
                user_agent=request.user_agent,
                timeout=request.timeout,
                max_bytes=ROBOTS_BYTES * 2,
            )
        )
        now = datetime.now(UTC)
        if isinstance(answer, FetchFailure) and answer.kind not in {"too large", "truncated", "guard"}:
            self._dead = {name: dead for name, dead in self._dead.items() if dead[0] > now}
            self._dead[site] = (now + KEEP_ON_FAILURE, answer)
            return answer
        rules = self._robots[site] = rules_from(answer, now)
        self._robots.move_to_end(site)
        if len(self._robots) > SITES_KEPT:
            self._robots.popitem(last=False)
        return rules

    async def _follow_robots(self, request: FetchRequest) -> Fetched | FetchFailure:
        url = request.url
        for _ in range(MAX_REDIRECTS + 1):
            if refuse(url, self.settings.guard):
                return FetchFailure(url=url, kind="guard", detail=f"{url[:200]}: not asked")
            answer = await self._ask(url, request, conditional=False)
            target = _redirect(url, answer) if isinstance(answer, Fetched) else None
            if target is None or isinstance(answer, FetchFailure):
                return answer
            url, request = target, _patience_left(request, answer)
        # RFC 9309, 2.3.1.2: too many redirects mean that there are no rules
        return Fetched(url=request.url, final_url=url, status=404)

    async def _ask(
        self, url: str, request: FetchRequest, *, conditional: bool, delay: float = 0.0
    ) -> Fetched | FetchFailure:
        headers = {"Accept": ACCEPT, "Accept-Encoding": ACCEPTED, "User-Agent": self._agent(request)}
        if conditional and request.etag:
            headers["If-None-Match"] = request.etag
        if conditional and request.last_modified:
            headers["If-Modified-Since"] = request.last_modified
        site = registrable_domain(url)
        try:
            async with self._pace.turn(site, delay):
                answer = await self._engine.ask(url, headers, request.timeout, request.max_bytes)
                if isinstance(answer, Fetched) and (pause := pause_asked(answer, datetime.now(UTC))):
                    self._pace.hold(site, (datetime.now(UTC) + pause).timestamp())
                return answer
        except SiteHeld as held:
            until = datetime.fromtimestamp(held.until, UTC)
            detail = f"{site} {held.why}: not asked before {until:%Y-%m-%d %H:%M:%S} UTC"
            return FetchFailure(url=url, kind="held", detail=detail, until=until)


def _shared_slots(settings: HubSettings) -> Slots | None:
    if settings.slots_folder is None:
        return None
    try:
        return Slots(settings.slots_folder, slots=settings.per_site, per_day=settings.per_site_daily)
    except OSError as error:
        log.warning("other runs do not know of the turns of this one: folder=%s reason=%s", error.filename, error)
        return None


def pause_asked(answer: Fetched, now: datetime) -> timedelta | None:
    """How long a whole site wants to be left alone: 429 says so of whoever asks, 503 when it names a moment."""
    wait = retry_after(answer, now)
    if answer.status == 429:
        return wait or UNSAID_PAUSE
    return wait if answer.status == 503 else None


def _patience_left(request: FetchRequest, answer: Fetched) -> FetchRequest:
    """A second at least, so that a slow start of a chain is told by its end."""
    return replace(request, timeout=max(LEAST_PATIENCE, request.timeout - (answer.seconds or 0.0)))


def _redirect(url: str, answer: Fetched) -> str | None:
    """Where an answer sends the asker; None when it is the answer itself."""
    location = answer.headers.get("location", "").strip()
    if answer.status not in REDIRECTS or not location:
        return None
    try:
        return urljoin(url, location).partition("#")[0]
    except ValueError:  # an address that cannot be read
        return location
