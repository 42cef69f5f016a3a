"""The newsroom's data: outlets, their feeds and their stories, read from the TOML files beside this module.

Moments are told relative to the newsroom's start: "-2h30m" stands in the feed from the beginning, "+12s" appears later.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, TypeAdapter
from pydantic.dataclasses import dataclass

HERE = Path(__file__).parent
STRICT = ConfigDict(strict=True, extra="forbid")
OFFSET = re.compile(r"([+-])(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
ROBOTS = "/robots.txt"
FOR_GOOD = timedelta(days=3650)
KINDS = {
    "json": "jsonfeed",
    "inertia": "embedded-json",
    "wordpress": "wordpress",
    "cards": "section",
    "front": "section",
    "sitemap": "sitemap",
}
FIRST_NUMBER = 41001  # of the stories whose address is a number


def parse_offset(text: str) -> timedelta:
    """ "-1d2h", "+12s"."""
    match = OFFSET.fullmatch(text)
    if match is None or not any(match.groups()[1:]):
        raise ValueError(f"expected a moment relative to the start such as -2h30m or +12s, found {text!r}")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:])
    length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    return length if match[1] == "+" else -length


def _offset(value: object) -> object:
    return parse_offset(value) if isinstance(value, str) else value


def _paragraphs(text: str) -> str:
    """Paragraphs joined by a blank line; line breaks inside one are for the reader of the TOML file only."""
    return "\n\n".join(" ".join(part.split("\n")) for part in re.split(r"\n\s*\n", text.strip()))


Offset = Annotated[timedelta, BeforeValidator(_offset)]
Body = Annotated[str, AfterValidator(_paragraphs)]


@dataclass(frozen=True, config=STRICT)
class Change:
    """A story as it reads from `at` on; an empty field stays as it was."""

    at: Offset
    title: str = ""
    summary: str = ""
    body: Body = ""


@dataclass(frozen=True, config=STRICT)
class Fault:
    """What happens instead of an answer, from `since` to `until`, where `path` (a pattern with *) fits: everywhere, if
    it is empty, but at /robots.txt, which a broken site mostly still serves.

    status: `status` with `headers`.   people: the page for people instead of a feed.   empty: a feed without items.
    cut: a gzip that breaks off.   blank: a page without text.   large: a page larger than anybody takes.
    loop: a redirect to itself.   reset: the connection breaks.   silent: no answer ever.
    """

    kind: Literal["status", "people", "empty", "cut", "blank", "large", "loop", "reset", "silent"]
    path: str = ""
    status: int = 500
    headers: Mapping[str, str] = Field(default_factory=dict)
    since: Offset = timedelta(days=-9)
    until: Offset = FOR_GOOD

    def holds(self, path: str, elapsed: timedelta) -> bool:
        fits = fnmatchcase(path, self.path) if self.path else path != ROBOTS
        return fits and self.since <= elapsed < self.until


@dataclass(frozen=True, config=STRICT)
class Story:
    """`relevant` is what the monitor should find. `credit` is the outlet it is reprinted from. `section` decides in
    which feeds it stands. `extra` is mark-up that the page carries besides the story. `hostile` texts attack
    whoever shows them, and are not stored as they came. `says` is when the outlet claims that it was published, if that
    is not when it appeared; from `withdrawn` on its page is gone, though feeds go on naming it."""

    slug: str
    at: Offset
    title: str
    summary: str
    body: Body
    relevant: bool
    language: str = ""
    author: str = ""
    caption: str = ""
    photo_by: str = ""
    section: str = ""
    credit: str = ""
    extra: str = ""
    hostile: bool = False
    says: Offset | None = None
    withdrawn: Offset | None = None
    changes: tuple[Change, ...] = ()

    @property
    def dated(self) -> timedelta:
        return self.at if self.says is None else self.says

    def text_at(self, elapsed: timedelta) -> tuple[str, str, str]:
        """(title, summary, body) as they read `elapsed` after the start."""
        title, summary, body = self.title, self.summary, self.body
        for change in self.changes:
            if change.at <= elapsed:
                title, summary, body = change.title or title, change.summary or summary, change.body or body
        return title, summary, body

    def modified_at(self, elapsed: timedelta) -> timedelta:
        """When what reads so was last touched."""
        return max([self.at, *(change.at for change in self.changes if change.at <= elapsed)])


@dataclass(frozen=True, config=STRICT)
class Feed:
    """A list of stories, and with it a source. `format` "cards" and "front" are pages that list them, "inertia" is a
    page that carries them as JSON. `route_of` makes it a second route of the source of that id instead.

    `section` keeps the stories of one section only. `moved_from` answers 301 to `path` at `host` (or the outlet's).
    `zone_name` writes dates as "MSK" instead of "+0300", "none" leaves the zone out; `shown` is how many entries it
    holds. `bare` leaves all but title and link out, `twice` repeats each with tracking parameters, `amp` and `relative`
    say how it links, `guid` is what it calls every item; `declared`: the front page names it in its head.
    """

    id: str
    path: str
    format: Literal["rss", "rdf", "atom", "json", "inertia", "wordpress", "cards", "front", "sitemap"]
    section: str = ""
    dated: bool = True
    full_text: bool = False
    zone_name: str = ""
    shown: int = 50
    moved_from: str = ""
    host: str = ""
    route_of: str = ""
    options: Mapping[str, str] = Field(default_factory=dict)
    bare: bool = False
    twice: bool = False
    amp: bool = False
    relative: bool = False
    guid: str = ""
    declared: bool = False

    @property
    def kind(self) -> str:
        """What the monitor calls its format."""
        return KINDS.get(self.format, "feed")

    def link(self, url: str) -> str:
        url = amp_twin(url) if self.amp else url
        return urlsplit(url).path if self.relative else url


@dataclass(frozen=True, config=STRICT)
class Outlet:
    """`address` is the path of a story as a format of `at` (local time), `slug`, `section` and `number`. `wait` is in
    seconds; `declares` is the charset that it claims, if not the true one; `untrusted` is https with a certificate that
    nobody knows."""

    id: str
    host: str
    name: str
    side: str
    languages: Annotated[tuple[str, ...], Field(min_length=1)]
    zone: str
    page: Literal["wordpress", "bitrix", "semantic"]
    address: str
    feeds: Annotated[tuple[Feed, ...], Field(min_length=1)]
    stories: tuple[Story, ...] = ()
    charset: str = "utf-8"
    gzip: bool = False
    validator: Literal["", "etag", "last-modified"] = ""
    json_ld: bool = True
    meta_dates: bool = True
    robots: str = "User-agent: *\nDisallow:\n"
    wait: float = 0.0
    declares: str = ""
    untrusted: bool = False
    faults: tuple[Fault, ...] = ()

    @cached_property
    def _numbers(self) -> Mapping[str, int]:
        return {story.slug: number for number, story in enumerate(self.stories, FIRST_NUMBER)}

    def number(self, story: Story) -> int:
        return self._numbers[story.slug]

    @property
    def origin(self) -> str:
        return f"http{'s' if self.untrusted else ''}://{self.host}"

    @property
    def declared(self) -> str:
        return self.declares or self.charset

    def url(self, story: Story, started: datetime) -> str:
        return f"{self.origin}{self.path(story, started)}"

    def path(self, story: Story, started: datetime) -> str:
        local = (started + story.at).astimezone(ZoneInfo(self.zone))
        return self.address.format(at=local, slug=story.slug, section=story.section, number=self._numbers[story.slug])

    def feed_url(self, feed: Feed) -> str:
        """The address to subscribe to: where the feed was before it moved, if it did."""
        if feed.moved_from or not feed.host:
            return f"{self.origin}{feed.moved_from or feed.path}"
        return f"http://{feed.host}{feed.path}"

    @property
    def sources(self) -> tuple[Feed, ...]:
        return tuple(feed for feed in self.feeds if not feed.route_of)

    def routes(self, source: Feed) -> tuple[Feed, ...]:
        return tuple(feed for feed in self.feeds if feed.route_of == source.id)

    def feeds_of(self, story: Story) -> tuple[Feed, ...]:
        """Where it is listed, sources and second routes alike, when nothing fails."""
        return tuple(feed for feed in self.feeds if feed.section in {"", story.section})

    def fault(self, path: str, elapsed: timedelta) -> Fault | None:
        return next((fault for fault in self.faults if fault.holds(path, elapsed)), None)


def amp_twin(url: str) -> str:
    return f"{url.rstrip('/')}/amp{'/' if url.endswith('/') else ''}"


def load_press(folder: Path = HERE / "outlets") -> tuple[Outlet, ...]:
    """Every outlet of the folder, in the order of the file names. The shipped files are checked by a test."""
    return tuple(_load(path) for path in sorted(folder.glob("*.toml")))


def _load(path: Path) -> Outlet:
    # By way of JSON, in which strict validation takes an array for a tuple.
    return TypeAdapter(Outlet).validate_json(json.dumps(tomllib.loads(path.read_text("utf-8"))))


@cache
def words(language: str) -> Mapping[str, Any]:
    """What stands around a story in that language: menu, buttons, policies, months, the way dates are written."""
    found: Mapping[str, Any] = tomllib.loads((HERE / "words.toml").read_text("utf-8"))[language]
    return found
