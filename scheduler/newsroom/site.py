"""What one outlet answers at one moment. Pure: whoever asks again for the same moment gets the same bytes."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from functools import cached_property

from scheduler.newsroom.faults import PLAIN, cut_short, faulty
from scheduler.newsroom.feeds import Item, listed, render_feed
from scheduler.newsroom.listings import render_listing
from scheduler.newsroom.pages import render_front, render_page
from scheduler.newsroom.press import ROBOTS, Feed, Outlet, Story, amp_twin
from scheduler.newsroom.server import Answer, Asked

RELATED = 4  # links to other stories on a page


@dataclass(frozen=True)
class Site:
    outlet: Outlet
    started: datetime
    _paths: Mapping[str, Story] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        paths = {self.outlet.path(story, self.started): story for story in self.outlet.stories}
        if any(feed.amp for feed in self.outlet.feeds):
            paths |= {amp_twin(path): story for path, story in paths.items()}
        object.__setattr__(self, "_paths", paths)

    @cached_property
    def hosts(self) -> frozenset[str]:
        return frozenset({self.outlet.host, *(feed.host for feed in self.outlet.feeds if feed.host)})

    def answer(self, asked: Asked, moment: datetime) -> Answer:
        """HEAD and GET alike; `wait` of the answer is the outlet's slowness."""
        outlet, path = self.outlet, asked.path.partition("?")[0]
        fault = outlet.fault(path, moment - self.started)
        if fault is not None and fault.kind not in {"people", "empty", "cut"}:
            return faulty(fault, outlet, asked.path)
        answer = self._route(asked.host, path, asked.headers, moment, fault.kind if fault else "")
        if fault is not None and fault.kind == "cut":
            return cut_short(answer)
        if outlet.gzip and "gzip" in asked.headers.get("accept-encoding", "") and answer.body:
            packed = gzip.compress(answer.body, mtime=0)
            answer = replace(answer, body=packed, headers={**answer.headers, "Content-Encoding": "gzip"})
        return replace(answer, wait=outlet.wait)

    def items(self, moment: datetime, feed: Feed | None = None) -> tuple[Item, ...]:
        """What has appeared by `moment`, newest first: in one feed, or at all."""
        elapsed = moment - self.started
        stories = [
            story
            for story in self.outlet.stories
            if story.at <= elapsed and (feed is None or feed.section in {"", story.section})
        ]
        stories.sort(key=lambda story: (story.at, story.slug), reverse=True)
        return tuple(self._item(story, elapsed) for story in stories[: feed.shown if feed else None])

    def _item(self, story: Story, elapsed: timedelta) -> Item:
        title, summary, body = story.text_at(elapsed)
        return Item(
            url=self.outlet.url(story, self.started),
            title=title,
            summary=summary,
            body=body,
            author=story.author,
            section=story.section,
            number=self.outlet.number(story),
            published=self.started + story.dated,
            modified=self.started + story.modified_at(elapsed),
        )

    def _route(self, host: str, path: str, headers: Mapping[str, str], moment: datetime, fault: str) -> Answer:
        outlet = self.outlet
        if path == ROBOTS:
            return Answer(200, outlet.robots.encode(), PLAIN)
        for feed in outlet.feeds:
            if feed.moved_from and path == feed.moved_from:
                return Answer(301, b"", {"Location": f"http://{feed.host or outlet.host}{feed.path}"})
            if path == feed.path and host in {"", feed.host or outlet.host}:
                if fault == "people":
                    break
                return self._feed(feed, headers, moment, empty=fault == "empty")
        if path == "/" or fault == "people":
            return self._html(render_front(outlet, self.items(moment), moment))
        story = self._paths.get(path)
        if story is None or story.at > moment - self.started:
            return Answer(404, b"There is no such page.\n", PLAIN)
        if story.withdrawn is not None and story.withdrawn <= moment - self.started:
            return Answer(404, b"This page was withdrawn.\n", PLAIN)
        return self._page(story, moment)

    def _feed(self, feed: Feed, headers: Mapping[str, str], moment: datetime, *, empty: bool) -> Answer:
        items = () if empty else self.items(moment, feed)
        render = render_feed if feed.kind in {"feed", "jsonfeed"} else render_listing
        body, content_type = render(self.outlet, feed, listed(feed, items))
        validators, unchanged = self._validate(body, items, headers)
        if unchanged:
            return Answer(304, b"", validators)
        return Answer(200, body, {"Content-Type": content_type, **validators})

    def _validate(
        self, body: bytes, items: tuple[Item, ...], headers: Mapping[str, str]
    ) -> tuple[dict[str, str], bool]:
        """(validators to send, whether the asker's still hold): RFC 9110, 13.1."""
        if self.outlet.validator == "etag":
            etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            return {"ETag": etag}, headers.get("if-none-match") == etag
        if self.outlet.validator == "last-modified":
            newest = max((item.modified for item in items), default=self.started).astimezone(UTC)
            newest = newest.replace(microsecond=0)
            held = _http_date(headers.get("if-modified-since", ""))
            return {"Last-Modified": format_datetime(newest, usegmt=True)}, held is not None and newest <= held
        return {}, False

    def _page(self, story: Story, moment: datetime) -> Answer:
        item = self._item(story, moment - self.started)
        related = tuple(one for one in self.items(moment) if one.url != item.url)[:RELATED]
        return self._html(render_page(self.outlet, story, item, related))

    def _html(self, body: bytes) -> Answer:
        return Answer(200, body, {"Content-Type": f"text/html; charset={self.outlet.declared}"})


def _http_date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except ValueError:
        return None
