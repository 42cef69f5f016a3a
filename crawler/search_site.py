"""Asks a news site what it has to be polled: its page, its front, robots.txt, what they name, what sites mostly have.

Every request goes through the hub; no address is asked twice, no more than MOST_ASKED are, and a site that refuses a
few of them in a row is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from crawler.discover import (
    PAGE_KINDS,
    Candidate,
    PageSays,
    customary_feeds,
    customary_posts,
    customary_sitemaps,
    home_of,
    key_of,
    kind_of,
    read_front,
    sitemaps_in,
    unlike,
)
from crawler.finds import Find, best_first, make_find, of_comments
from crawler.probe import Asks, Desk, probe
from crawler.urls import canonical
from crawler.wire import SILENT, Fetched, FetchFailure, FetchRequest
from storage.records import SourceForPoll

MOST_ASKED = 25
MOST_REFUSED = 4  # in a row, by a site that blocks us or is down
UNREACHABLE = frozenset({"dns", "unreachable", "refused", "timeout", "tls", "protocol"})
FEED_KINDS = frozenset({"feed", "jsonfeed", "wordpress"})
# What does not work is shown where the site itself says that it is there.
NAMED = frozenset({"asked", "declared", "robots"})


@dataclass(frozen=True, slots=True)
class Tried:
    url: str
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """`finds` are the best first; `known` the addresses that are sources already, with their ids; `tried` everything
    that was asked and gave nothing. `problems`: why the site itself could not be read. `site` and `language` are what
    its page says, `title` is that of its front."""

    finds: tuple[Find, ...] = ()
    known: Mapping[str, str]
    tried: tuple[Tried, ...]
    asked: int
    problems: tuple[str, ...] = ()
    unreachable: bool = False
    site: str = ""
    title: str = ""
    language: str | None = None


async def search_site(url: str, desk: Desk, known: Mapping[str, str], now: datetime) -> Searched:
    """`known` has the canonical addresses of sources, with their ids. Never raises for what a site does."""
    url = url if urlsplit(url).path else home_of(url)
    search = _Search(desk, known, now)
    first = await search.look(url)
    problem = _refusal(first, url)
    pages: list[PageSays] = []
    if not _is_hopeless(first):
        pages = await search.everything(url if problem or isinstance(first, FetchFailure) else first.final_url, first)
    return Searched(
        finds=best_first(search.finds, now),
        known=search.met,
        tried=tuple(search.tried),
        asked=search.once.asked,
        problems=(problem,) if problem else (),
        unreachable=isinstance(first, FetchFailure) and first.kind in UNREACHABLE,
        site=next((one.site for one in pages if one.site), ""),
        title=next((one.title for one in reversed(pages) if one.title), ""),
        language=next((one.language for one in pages if one.language), None),
    )


class _Once:
    """The hub, asked for each address once; what was looked at as a page is not asked for again as a source."""

    def __init__(self, hub: Asks) -> None:
        self._hub = hub
        self.asked = 0
        self._refused = 0
        self.kept: dict[str, Fetched | FetchFailure] = {}

    @property
    def spent(self) -> bool:
        return self.asked >= MOST_ASKED or self._refused >= MOST_REFUSED

    async def fetch(self, request: FetchRequest) -> Fetched | FetchFailure:
        if request.url in self.kept:
            return self.kept[request.url]
        answer = await self._hub.fetch(request)
        if isinstance(answer, FetchFailure) and answer.kind in SILENT:  # nothing was asked
            self._refused += answer.kind == "held"
            return answer
        self.asked += 1
        self._refused = self._refused + 1 if _is_hopeless(answer) or _is_closed(answer) else 0
        return answer


class _Search:
    def __init__(self, desk: Desk, known: Mapping[str, str], now: datetime) -> None:
        self.once = _Once(desk.hub)
        self.desk, self.known, self.now = replace(desk, hub=self.once), known, now
        self.finds: list[Find] = []
        self.tried: list[Tried] = []
        self.met: dict[str, str] = {}
        self._seen: set[tuple[str, ...]] = set()

    async def everything(self, url: str, first: Fetched | FetchFailure) -> list[PageSays]:
        kind = _kind(first)
        if kind not in {None, "page"}:
            found = await self.offer(Candidate(kind=kind or "", url=url, origin="asked"))
            if self.met or (found is not None and found.probed.fine):
                return []  # whoever names a feed wants that one
        pages = [await self.front(url), *([await self.front(home_of(url))] if home_of(url) != url else [])]
        await self.feeds(url, pages)
        await self.sitemaps(url)
        for place, page in zip((url, home_of(url)), pages, strict=False):
            found = await self.offer(Candidate(kind="section", url=place, origin="asked"))
            if page.section and not (found and found.probed.fine):
                await self.offer(page.section)
        return pages

    async def look(self, url: str) -> Fetched | FetchFailure:
        """Asks for a page, and keeps it."""
        answer = await self.once.fetch(FetchRequest(url=url, timeout=self.desk.timeout, max_bytes=self.desk.max_bytes))
        self.once.kept[url] = answer
        if isinstance(answer, Fetched):
            self.once.kept[answer.final_url] = answer
        return answer

    async def front(self, url: str) -> PageSays:
        answer = await self.look(url)
        if said := _refusal(answer, url):
            self._note(url, said)
        if not isinstance(answer, Fetched) or _kind(answer) != "page":
            return PageSays()
        return read_front(answer.body, answer.final_url, answer.headers.get("content-type"))

    async def feeds(self, url: str, pages: Iterable[PageSays]) -> None:
        """What is named; where nothing of that works, what stands there by custom, until one does."""
        named = [one for page in pages for one in (*page.feeds, *filter(None, (page.embedded, page.posts)))]
        for one in unlike(named):
            await self.offer_or_follow(one)
        editions = dict.fromkeys(edition for page in pages for edition in page.editions)
        for one in (*customary_feeds(url, editions), customary_posts(url)):
            if any(find.probed.fine and find.candidate.kind in FEED_KINDS for find in self.finds) or self.met:
                return
            await self.offer_or_follow(one)

    async def offer_or_follow(self, candidate: Candidate) -> None:
        """A link called RSS often leads to a page that lists the feeds: those are offered then."""
        unsure = candidate.kind in FEED_KINDS and candidate.origin in {"linked", "custom"}
        if unsure and not self._done(candidate) and not self._is_known(candidate.url):
            answer = await self.look(candidate.url)
            if _kind(answer) == "page" and canonical(candidate.url) != canonical(home_of(candidate.url)):
                self._note(candidate.url, f"{candidate.url} answered a page instead of a feed")
                for one in (await self.front(candidate.url)).feeds:
                    await self.offer(one)
                return
        await self.offer(candidate)

    async def sitemaps(self, url: str) -> None:
        if self.once.spent:
            return
        robots = await self.once.fetch(FetchRequest(url=home_of(url, "/robots.txt"), timeout=self.desk.timeout))
        text = robots.body.decode("utf-8", "replace") if isinstance(robots, Fetched) and robots.status == 200 else ""
        named = sitemaps_in(text, url)
        for one in named or customary_sitemaps(url):
            found = await self.offer(one)
            if found is not None and found.probed.fine and not named:
                return

    async def offer(self, candidate: Candidate) -> Find | None:
        """Tries a candidate that was not tried yet; None where it is no source."""
        if self._done(candidate) or self._is_known(candidate.url):
            return None
        self._seen.add(key_of(candidate))
        find = make_find(candidate, await probe(_source(candidate), self.desk, self.now))
        if find.probed.moved_to:
            self._seen.add(key_of(replace(candidate, url=find.address)))
        if self._is_known(find.address) or of_comments(find):
            return None
        if not find.probed.fine:
            self._note(candidate.url, find.probed.problem or "")
        if find.probed.fine or candidate.origin in NAMED - ({"asked"} if candidate.kind in PAGE_KINDS else set()):
            self.finds.append(find)
        return find

    def _done(self, candidate: Candidate) -> bool:
        spent = self.once.spent and candidate.url not in self.once.kept
        return spent or key_of(candidate) in self._seen

    def _is_known(self, url: str) -> bool:
        source = self.known.get(canonical(url))
        if source is not None:
            self.met[url] = source
        return source is not None

    def _note(self, url: str, said: str) -> None:
        if all(one.url != url for one in self.tried):
            self.tried.append(Tried(url, said))


def _source(candidate: Candidate) -> SourceForPoll:
    return SourceForPoll(
        id="",
        outlet="",
        kind=candidate.kind,
        address=candidate.url,
        languages=(),
        poll_due=True,
        user_agent=None,
        options=candidate.options,
    )


def _kind(answer: Fetched | FetchFailure) -> str | None:
    if isinstance(answer, FetchFailure) or answer.status != 200:
        return None
    return kind_of(answer.body, answer.headers.get("content-type"))


def _is_hopeless(answer: Fetched | FetchFailure) -> bool:
    """Whether the site is down, cannot be reached, or asks to be left alone."""
    if isinstance(answer, FetchFailure):
        return answer.kind not in {"robots", "too large"}
    return answer.status == 429 or answer.status >= 500


def _is_closed(answer: Fetched | FetchFailure) -> bool:
    return isinstance(answer, Fetched) and answer.status in {401, 403, 410}


def _refusal(answer: Fetched | FetchFailure, url: str) -> str | None:
    """Why a page could not be had."""
    if isinstance(answer, FetchFailure):
        return answer.detail
    return None if answer.status == 200 else f"{url} answered HTTP {answer.status}"
