"""Other roads to the stories of a time past: which there are, and what each answer means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.entry import Entry, ParsedFeed
from crawler.roads import POSTS, Span, Walk, first_address, roads_of, step
from storage.records import RouteForPoll, SourceForPoll

SINCE = datetime(2026, 11, 20, 6, tzinfo=UTC)
SPAN = Span(SINCE, SINCE + timedelta(hours=12))
HOUR = timedelta(hours=1)


def road(kind: str, address: str = "https://outlet.am/list") -> SourceForPoll:
    return SourceForPoll(
        id="outlet-hy",
        outlet="outlet",
        kind=kind,
        address=address,
        languages=("hy",),
        poll_due=True,
        options={"a": "b"},
    )


def story(hours: float | None) -> Entry:
    published = None if hours is None else SINCE + hours * HOUR
    return Entry(link=f"https://outlet.am/{hours}", title="A story", published=published)


def test_the_cheapest_road_comes_first_and_none_twice() -> None:
    others = [
        RouteForPoll(number=0, kind=kind, address=f"https://outlet.am/{kind}")
        for kind in ("section", "sitemap", "spider", "wordpress", "sitemap")
    ]

    ways = roads_of(road("feed"), others)

    assert [(way.kind, way.address) for way in ways] == [
        ("feed", "https://outlet.am/list"),
        ("wordpress", "https://outlet.am/wordpress"),
        ("sitemap", "https://outlet.am/sitemap"),
        ("section", "https://outlet.am/section"),
    ]
    assert [dict(way.options) for way in ways] == [{"a": "b"}, {}, {"days": "0"}, {}]


def test_wordpress_is_asked_for_the_time_itself_page_by_page() -> None:
    posts = road("wordpress", "https://outlet.am/wp-json/wp/v2/posts?_embed=1")
    first = first_address(posts, SPAN)
    asked = dict(parse_qsl(urlsplit(first).query))
    full = ParsedFeed(entries=tuple(story(n / 60) for n in range(POSTS)))

    assert asked == {
        "_embed": "1", "after": "2026-11-20T05:00:00", "before": "2026-11-20T19:00:00", "per_page": "100", "page": "1",
    }  # fmt: skip
    on = step(posts, first, full, SPAN, ())
    assert (on.past, len(on.entries), len(on.ahead)) == (False, POSTS, 1)
    assert dict(parse_qsl(urlsplit(on.ahead[0]).query)) == asked | {"page": "2"}
    assert step(posts, on.ahead[0], ParsedFeed(entries=(story(1),)), SPAN, ()).past


@pytest.mark.parametrize(
    ("hours", "further", "kept", "past", "ahead"),
    [
        ((30, 11, 5), "https://outlet.am/2", 2, False, ("https://outlet.am/2",)),
        ((5, 1, -3), "https://outlet.am/2", 2, True, ("https://outlet.am/2",)),
        ((5, 1), None, 2, False, ()),
        ((None, 30), None, 1, False, ()),
        ((), "https://outlet.am/2", 0, False, ()),  # pages without stories go on for ever
    ],
)
def test_a_feed_is_gone_back_page_by_page_until_it_has_come_past_the_time(
    hours: tuple[float | None, ...], further: str | None, kept: int, past: bool, ahead: tuple[str, ...]
) -> None:
    parsed = ParsedFeed(entries=tuple(map(story, hours)), next_url=further)

    done = step(road("feed"), "https://outlet.am/list", parsed, SPAN, ())

    assert (len(done.entries), done.past, done.ahead) == (kept, past, ahead)


def test_of_an_index_of_sitemaps_the_parts_are_asked_that_have_changed_since_the_newest_first() -> None:
    sitemap = road("sitemap")
    parts = (("old", SINCE - 2 * HOUR), ("b", SINCE + HOUR), ("undated", None), ("a", SINCE + 40 * HOUR))

    index = step(sitemap, "index", ParsedFeed(parts=parts, problem="an index"), SPAN, ("rest",))

    assert index.ahead == ("a", "b", "undated", "rest")
    assert not step(sitemap, "a", ParsedFeed(entries=(story(30), story(2))), SPAN, ("b",)).past
    last = step(sitemap, "undated", ParsedFeed(entries=(story(30), story(2))), SPAN, ())
    assert (len(last.entries), last.past) == (1, True)


@given(st.integers(0, 9), st.lists(st.text(max_size=9), max_size=4))
def test_a_walk_is_resumed_where_it_stood(number: int, ahead: list[str]) -> None:
    walk = Walk(number, tuple(ahead))

    assert Walk.resumed(str(walk)) == walk
    assert Walk.resumed(None) == Walk()
