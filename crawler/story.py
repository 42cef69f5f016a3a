"""One story, from a waiting entry to a stored article: fetch its page, read it, judge it, keep it.

A page that cannot be had does not silence a story. When it is refused for good (403, robots.txt, 404, not an article),
the feed's own words are kept instead; when it fails in a way that may pass, the feed's words are kept at once, so that
nobody waits for a slow server, and the page is asked again and takes their place.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from crawler.decide import OFFLINE_RETRY
from crawler.entry import Entry
from crawler.extract import Refused
from crawler.pool import PageJob
from crawler.retry_after import retry_after
from crawler.revisit_plan import page_seen
from crawler.wire import Fetched, FetchFailure, FetchRequest
from crawler.world import World
from storage.records import PendingEntry, Saved

log = logging.getLogger(__name__)

# Minutes until a page is asked again. A story is news for a day; the feed's own words stand in from the first failure.
RETRY_MINUTES = (1, 5, 20, 60, 240)
HELD_RETRY = timedelta(seconds=5)  # beyond the moment at which its site may be asked again
FOR_GOOD = frozenset({400, 401, 402, 403, 404, 405, 406, 410, 414, 415, 451})
PAGE_TYPES = ("text/html", "application/xhtml+xml", "text/plain", "application/xml", "text/xml")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a page was not had. `lasting`: asking again would not help. `blameless`: it was not asked, or the network may
    be away. `refusal`: it was had, and is no story."""

    reason: str
    lasting: bool
    wait: timedelta | None = None
    blameless: bool = False
    refusal: str | None = None


def judge_answer(answer: Fetched | FetchFailure, *, offline: bool, now: datetime) -> Fetched | Unreadable:
    """Whether an answer is a page that can be read."""
    if isinstance(answer, FetchFailure):
        if offline:
            return Unreadable(answer.detail, lasting=False, wait=OFFLINE_RETRY, blameless=True)
        if answer.kind == "held":
            wait = max((answer.until or now) - now, HELD_RETRY)
            return Unreadable(answer.detail, lasting=False, wait=wait, blameless=True)
        return Unreadable(answer.detail, lasting=answer.kind in {"robots", "guard", "too large", "redirect loop"})
    if answer.status in FOR_GOOD:
        return Unreadable(f"the page answered HTTP {answer.status}", lasting=True)
    if answer.status != 200:
        return Unreadable(f"the page answered HTTP {answer.status}", lasting=False, wait=retry_after(answer, now))
    content_type = answer.headers.get("content-type", "text/html").split(";")[0].strip().lower()
    if content_type and not content_type.startswith(PAGE_TYPES):
        return Unreadable(f"the page is of type {content_type}", lasting=True)
    return answer


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a story: `saved` is None when nothing could be stored, and the entry then says why."""

    saved: Saved | None
    page_had: bool


async def take_story(waiting: PendingEntry, user_agent: str | None, world: World) -> Taken:
    page = _given(waiting) or await _ask(waiting, user_agent, world)
    now = world.now()
    if isinstance(page, Fetched):
        learnt = world.store.boilerplate(waiting.outlet)
        local = world.store.utc_means_local(waiting.outlet)
        judged = await world.pool.read(page_job(waiting, page, now, learnt, utc_means_local=local))
        if not isinstance(judged, Refused):
            kept = judged.verdict.outcome != "not" and not waiting.whole_page
            async with world.at_the_desk():
                saved = world.store.save_article(
                    judged.article,
                    judged.verdict,
                    entry_id=waiting.id,
                    now=now,
                    page=page_seen(page, now) if kept else None,
                )
            return Taken(saved, page_had=True)
        page = Unreadable(judged.detail, lasting=True, refusal=judged.reason)
    return Taken(await _without_page(waiting, page, world, now), page_had=False)


def _given(waiting: PendingEntry) -> Fetched | None:
    """The page that came with its entry."""
    if not waiting.whole_page:
        return None
    headers = {"content-type": "text/html; charset=utf-8"}
    body = waiting.content.encode("utf-8", "replace")
    return Fetched(url=waiting.url, final_url=waiting.url, status=200, headers=headers, body=body)


async def _ask(waiting: PendingEntry, user_agent: str | None, world: World) -> Fetched | Unreadable:
    asked = world.now()
    answer = await world.hub.fetch(
        FetchRequest(url=waiting.url, user_agent=user_agent, timeout=world.timeout, max_bytes=world.max_bytes)
    )
    now = world.now()
    offline = await world.network.is_to_blame(world.hub.fetch, answer, asked=asked, now=now)
    return judge_answer(answer, offline=offline, now=now)


async def _without_page(waiting: PendingEntry, why: Unreadable, world: World, now: datetime) -> Saved | None:
    state, next_try = again(waiting.attempts, why, now)
    log.info("page not had: url=%s reason=%s again=%s", waiting.url, why.reason, next_try)
    if why.blameless and next_try is not None and next_try - now <= OFFLINE_RETRY:  # worth the wait
        world.store.save_page_failure(waiting.id, why.reason, state=state, next_try=next_try, blame=False)
        return None
    saved = None
    judged = await world.pool.read(_entry_job(waiting, now))
    if not isinstance(judged, Refused):
        saved = world.store.save_article(
            judged.article, judged.verdict, entry_id=waiting.id, now=now, page_state=state, next_try=next_try
        )
    world.store.save_page_failure(
        waiting.id, why.reason, state=state, next_try=next_try, blame=not why.blameless, refusal=why.refusal
    )
    return saved


def again(attempts: int, why: Unreadable, now: datetime) -> tuple[Literal["pending", "failed"], datetime | None]:
    """When to ask for a page again: (state of the entry, moment), or ("failed", None) when it is not worth it."""
    if why.blameless:
        return "pending", now + (why.wait or OFFLINE_RETRY)
    if why.lasting or attempts >= len(RETRY_MINUTES):
        return "failed", None
    return "pending", now + max(timedelta(minutes=RETRY_MINUTES[attempts]), why.wait or timedelta(0))


def entry_of(waiting: PendingEntry) -> Entry:
    return Entry(
        link=waiting.url,
        title=waiting.title,
        summary=waiting.summary,
        content=waiting.content,
        whole_page=waiting.whole_page,
        published=waiting.published,
        published_raw=waiting.published_raw,
        updated=waiting.updated,
        authors=waiting.authors,
        guid=waiting.guid,
        tags=waiting.tags,
        language=waiting.language,
        source=waiting.source,
    )


def page_job(
    waiting: PendingEntry, page: Fetched, now: datetime, boilerplate: frozenset[str], *, utc_means_local: bool
) -> PageJob:
    return PageJob(
        html=page.body,
        url=page.final_url,
        outlet=waiting.outlet,
        entry=entry_of(waiting),
        now=now,
        content_type=page.headers.get("content-type"),
        http_status=page.status,
        boilerplate=boilerplate,
        utc_means_local=utc_means_local,
    )


def _entry_job(waiting: PendingEntry, now: datetime) -> PageJob:
    return PageJob(html=None, url=waiting.url, outlet=waiting.outlet, entry=entry_of(waiting), now=now)
