"""What was found on a site and tried: which finds come to the same, which is best, and what language it is in. Pure.

The order is: what works before what does not; what told of something within a week before what states no moment before
what is older; what dates its stories before what does not; what tells more of them (title and summary, title, address);
what the site itself names before what stood there by custom; what reaches back far enough to be polled in peace; what
brings more stories a day; the kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from crawler.discover import Candidate, spoken
from crawler.language import LANGUAGES, find_language
from crawler.probe import Probed
from crawler.urls import canonical

FRESH = timedelta(days=7)
DEEP = timedelta(hours=2)  # eight polls of those that a source gets on a day by default
MOST = 0.8  # of a list, for what is said of all of it
HALF = 0.5
SAMPLES = 3  # titles
KINDS = ("feed", "jsonfeed", "wordpress", "embedded-json", "sitemap", "section")  # the best first, all else being equal


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """A candidate that was tried. `stories` are canonical addresses; `alike` are finds that list the same ones."""

    candidate: Candidate
    probed: Probed
    stories: frozenset[str] = frozenset()
    alike: tuple[Find, ...] = ()

    @property
    def address(self) -> str:
        return self.probed.moved_to or self.candidate.url

    @property
    def samples(self) -> tuple[str, ...]:
        return tuple(one.title for one in self.probed.feed.entries if one.title)[:SAMPLES]


def make_find(candidate: Candidate, probed: Probed) -> Find:
    return Find(
        candidate=candidate, probed=probed, stories=frozenset(canonical(one.link) for one in probed.feed.entries)
    )


def of_comments(find: Find) -> bool:
    """Whether what is listed are readers' comments: places within pages, as WordPress names them."""
    links = [urlsplit(one.link).fragment for one in find.probed.feed.entries]
    return bool(links) and sum(one.startswith("comment") for one in links) >= HALF * len(links)


def best_first(finds: Iterable[Find], now: datetime) -> tuple[Find, ...]:
    """In the order above; of several at one address or with the same stories the best, which has the others `alike`."""
    ranked: list[Find] = []
    for find in sorted(finds, key=lambda one: worth(one, now), reverse=True):
        place = next((n for n, better in enumerate(ranked) if _same(better, find)), None)
        if place is None:
            ranked.append(find)
        elif canonical(ranked[place].address) != canonical(find.address):
            ranked[place] = replace(ranked[place], alike=(*ranked[place].alike, find))
    return tuple(ranked)


def worth(find: Find, now: datetime) -> tuple[float, ...]:
    """By which finds are ordered; greater is better."""
    probed, entries = find.probed, find.probed.feed.entries
    fresh = 0 if probed.newest is None else 1 if probed.newest > now - FRESH else -1
    told = sum(bool(one.title) for one in entries), sum(bool(one.summary) for one in entries)
    a_day = probed.items / max(probed.depth / timedelta(days=1), 1 / 24) if probed.depth is not None else 0.0
    return (
        probed.fine,
        fresh,
        probed.dated >= MOST * max(1, probed.items),
        sum(count >= HALF * max(1, len(entries)) for count in told),
        find.candidate.origin != "custom",
        probed.depth is not None and probed.depth >= DEEP,
        round(a_day, 1),
        -KINDS.index(find.candidate.kind),
        probed.items,
    )


def _same(one: Find, other: Find) -> bool:
    if canonical(one.address) == canonical(other.address):
        return one.candidate.kind == other.candidate.kind or not other.probed.fine
    return bool(one.stories) and len(one.stories & other.stories) >= MOST * len(one.stories | other.stories)


def second_route(find: Find, finds: Sequence[Find]) -> Find | None:
    """The best of the others that lists mostly the same stories: what to ask when `find` fails."""
    return next((one for one in _others(find, finds) if one.probed.fine and _mostly_in(find, one)), None)


def _others(find: Find, finds: Sequence[Find]) -> Iterator[Find]:
    yield from find.alike
    yield from (one for one in finds if canonical(one.address) != canonical(find.address))


def _mostly_in(find: Find, other: Find) -> bool:
    """Of the shorter list: two routes may reach back to different days."""
    shorter = min(len(find.stories), len(other.stories))
    return shorter > 0 and len(find.stories & other.stories) >= HALF * shorter


def language_of(find: Find, page_says: str | None, usual: Sequence[str] = ()) -> str | None:
    """From the stories' own words as far as they tell, for what feeds and pages declare is often wrong. `usual` are the
    languages of the outlet, if it is known."""
    feed = find.probed.feed
    declared = spoken(feed.language) or spoken(next((one.language for one in feed.entries if one.language), None))
    declared = declared or spoken(page_says)
    if declared and declared.partition("-")[0] not in {*LANGUAGES, "hyw"}:
        return declared  # one that the words are not searched for
    text = " ".join(f"{one.title}. {one.summary[:200]}" for one in feed.entries[:10])
    found, _ = find_language(text, declared=declared, usual=usual)
    return (declared or next(iter(usual), None)) if found == "und" else found
