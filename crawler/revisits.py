"""Stories are looked at again, less and less often: did their text change, did they move, are they still there?

What a look means is pure; `look_again` asks.
"""

from __future__ import annotations

import logging
import re
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from crawler.decide import OFFLINE_RETRY
from crawler.extract import Refused
from crawler.pool import Judged
from crawler.retry_after import retry_after
from crawler.revisit_plan import DAY, HOUR, PLAN, late, next_visit
from crawler.story import PAGE_TYPES, page_job
from crawler.urls import canonical
from crawler.wire import Fetched, FetchFailure, FetchRequest
from crawler.world import World
from storage.article import Article
from storage.errors import StorageError
from storage.pages import Page, RevisitLimits
from storage.records import SourceForPoll
from storage.revisits import PageToVisit

log = logging.getLogger(__name__)

AFTER_WITHDRAWAL = (3 * DAY, 14 * DAY)  # it may come back
APART = DAY  # between two looks that must both miss a story
LONGEST_RETRY = 7 * DAY
PER_VISIT = 10
UNCONDITIONAL_EVERY = 3  # some servers answer 304 for ever
SAME_TEXT = 0.3  # of the three-word runs of a story that stand on a page elsewhere which is the same story
_STORY_ADDRESS = re.compile(r"\d|[-_][^/_-]+[-_][^/_-]")
_NO_FRONT = re.compile(r"log-?in|sign-?in|auth|account|register|subscri|consent|cookie|captcha|paywall", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What a look met. "nothing" tells nothing of the story, "failed" could not be read and "put off" was not asked.
    `elsewhere`: the story is missing, by the word of a redirect alone."""

    kind: Literal["there", "read", "missing", "nothing", "failed", "put off"]
    said: str = ""
    wait: timedelta | None = None
    moved_to: str | None = None
    elsewhere: bool = False


def seen(page: Page, answer: Fetched | FetchFailure, *, offline: bool, now: datetime) -> Sight:
    """What an answer says before anything is read; "read": its text has to be."""
    if isinstance(answer, FetchFailure):
        if offline or answer.kind == "held":
            return Sight(kind="put off", said=answer.detail, wait=max((answer.until or now) - now, OFFLINE_RETRY))
        return Sight(kind="failed", said=answer.detail)
    if answer.status in {404, 410}:
        return Sight(kind="missing", said=f"HTTP {answer.status}")
    if answer.status not in {200, 304}:
        return Sight(kind="failed", said=f"HTTP {answer.status}", wait=retry_after(answer, now))
    if is_front(page.url, answer.final_url):
        return Sight(kind="missing", said=f"a redirect to {answer.final_url}", elsewhere=True)
    moved = answer.moved_to if answer.moved_to and _key(answer.moved_to) != _key(page.url) else None
    if answer.status == 304 or answer.body_hash == page.body_hash:
        return Sight(kind="there", moved_to=moved)
    if not answer.headers.get("content-type", "text/html").strip().lower().startswith(PAGE_TYPES):
        return Sight(kind="nothing", said="the page is of another type")
    return Sight(kind="read", moved_to=moved)


def _key(url: str) -> str:
    return canonical(url).rstrip("/")


def is_front(asked: str, final: str) -> bool:
    """Whether a story's address leads to the front of its site, or of a section."""
    if _key(asked) == _key(final):
        return False
    theirs, ours = urlsplit(canonical(final)), urlsplit(canonical(asked))
    path = theirs.path.rstrip("/")
    if theirs.query or _NO_FRONT.search(path):
        return False
    above = theirs.netloc == ours.netloc and ours.path.startswith(f"{path}/")
    return not path or above or not _STORY_ADDRESS.search(path)


def is_same_story(old: Article, new: Article) -> bool:
    runs = _runs(f"{old.title} {old.body}")
    return old.title == new.title or len(runs & _runs(f"{new.title} {new.body}")) >= SAME_TEXT * max(1, len(runs))


def _runs(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return set(zip(words, words[1:], words[2:], strict=False))


def after(page: Page, sight: Sight, answer: Fetched | FetchFailure | None, taken: PageToVisit, now: datetime) -> Page:
    """The page as it is after a look. A failure leaves the plan and what was known of the story as they were."""
    page = replace(page, first=min(page.first, now))
    if sight.kind == "failed":
        wait = min(HOUR * 2 ** min(page.failures, 10), LONGEST_RETRY)
        again = now + max(late(page.url, wait), sight.wait or wait)
        return replace(page, failures=page.failures + 1, problem=sight.said, next_visit=again)
    page = replace(page, visits=page.visits + 1, failures=0, problem=sight.said or None)
    if sight.kind == "missing":
        return _missing(page, sight, taken.others_seen, now)
    if sight.kind == "nothing" or not isinstance(answer, Fetched):
        following = now + late(page.url, APART) if page.missing_since else next_visit(page.url, page.first, now)
        return replace(page, next_visit=following)
    fresh = answer.status == 200
    return replace(
        page,
        url=answer.moved_to or page.url,
        etag=answer.headers.get("etag", None if fresh else page.etag),
        last_modified=answer.headers.get("last-modified", None if fresh else page.last_modified),
        body_hash=answer.body_hash if fresh else page.body_hash,
        seen=now,
        missing_since=None,
        missing=None,
        withdrawn=None,
        moved_to=sight.moved_to or page.moved_to,
        moved=now if sight.moved_to and sight.moved_to != page.moved_to else page.moved,
        next_visit=next_visit(page.url, page.first, now),
    )


def _missing(page: Page, sight: Sight, others_seen: datetime | None, now: datetime) -> Page:
    """A site that sends everybody to its front has not withdrawn all stories: there another page must have been had."""
    since = page.missing_since if page.missing_since and page.missing_since <= now else now
    believed = not sight.elsewhere or (others_seen is not None and others_seen > since)
    withdrawn = page.withdrawn or (now if now - since >= APART and believed else None)
    again = now + late(page.url, max(APART, min(now - since, PLAN[-1])))
    following = next_visit(page.url, min(withdrawn, now), now, AFTER_WITHDRAWAL) if withdrawn else again
    return replace(page, missing_since=since, missing=sight.said, withdrawn=withdrawn, next_visit=following)


async def look_again(source: SourceForPoll, world: World) -> int:
    """Looks at pages of the source that are due, one after another; returns how many looks were made."""
    if not world.revisits_per_day:
        return 0
    made = 0
    while made < PER_VISIT and world.network.offline_since is None:
        taken = world.store.take_revisit(source.id, limits(world), world.now())
        if taken is None:
            break
        try:
            done = await _look(taken, source.user_agent, world)
        except (StorageError, BrokenProcessPool):
            raise
        except Exception:  # the bulkhead of one page
            log.exception("revisit broke: url=%s", taken.page.url)
            fault, now = Sight(kind="failed", said="a fault of this program, see its log"), world.now()
            world.store.save_revisit(taken.page, after(taken.page, fault, None, taken, now), now)
            done = True
        if not done:
            break
        made += 1
    return made


def limits(world: World, places: int = 0) -> RevisitLimits:
    """A look ends before the source's own poll comes due, unless that is asked more often than requests may last."""
    clear = min(timedelta(seconds=world.timeout), DAY / world.polls_per_day / 2)
    return RevisitLimits(per_day=world.revisits_per_day, clear=clear, places=places)


async def _look(taken: PageToVisit, user_agent: str | None, world: World) -> bool:
    """False when the site was not asked."""
    page, asked = taken.page, world.now()
    holds = page.missing_since is None and page.visits % UNCONDITIONAL_EVERY != UNCONDITIONAL_EVERY - 1
    request = FetchRequest(url=page.url, user_agent=user_agent, timeout=world.timeout, max_bytes=world.max_bytes)
    if holds:
        request = replace(request, etag=page.etag, last_modified=page.last_modified)
    answer = await world.hub.fetch(request)
    now = world.now()
    offline = await world.network.is_to_blame(world.hub.fetch, answer, asked=asked, now=now)
    sight, read = seen(page, answer, offline=offline, now=now), None
    if sight.kind == "put off":
        world.store.put_off_revisits(taken.entry.source, now + (sight.wait or OFFLINE_RETRY), now)
        return False
    if sight.kind == "read" and isinstance(answer, Fetched):
        sight, read = await _read(taken, sight, answer, world, now)
    then = after(page, sight, answer, taken, now)
    async with world.at_the_desk():
        if read is None:
            world.store.save_revisit(page, then, now)
        else:
            world.store.save_revisit(page, then, now, article=read.article, verdict=read.verdict)
    return True


async def _read(
    taken: PageToVisit, sight: Sight, answer: Fetched, world: World, now: datetime
) -> tuple[Sight, Judged | None]:
    """What a changed page says; its text is kept only if it is this story's."""
    outlet = taken.entry.outlet
    learnt, local = world.store.boilerplate(outlet), world.store.utc_means_local(outlet)
    judged = await world.pool.read(page_job(taken.entry, answer, now, learnt, utc_means_local=local))
    story = world.store.article(taken.page.article_id)
    if isinstance(judged, Refused) or story is None:
        return Sight(kind="nothing", said=judged.detail if isinstance(judged, Refused) else ""), None
    known = {_key(url) for url in (story.canonical_url, *story.also_at, taken.page.url)}
    own = judged.article.canonical_url
    moved = sight.moved_to or (own if _key(own) not in known else None)
    away = moved or (answer.final_url if _key(answer.final_url) not in known else None)
    if away is not None:
        other = world.store.article_known_at(canonical(away), outlet)
        if other not in {None, story.id} or not is_same_story(story, judged.article):
            said = f"another story at {away}"
            return Sight(kind="missing" if sight.moved_to else "nothing", said=said, elsewhere=True), None
    return Sight(kind="there", moved_to=moved), judged
