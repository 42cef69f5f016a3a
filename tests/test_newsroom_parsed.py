"""The newsroom read by the monitor's own parsers and judged by its topic: what they find is what the newsroom says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from crawler.kinds import parser_for
from crawler.urls import canonical
from scheduler.newsroom.many import many
from scheduler.newsroom.press import Feed, Outlet, Story, load_press
from scheduler.newsroom.server import Asked
from scheduler.newsroom.site import Site
from topic import judge

START = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
LATER = START + timedelta(minutes=5)  # everything has appeared and changed
PRESS = tuple(outlet for outlet in load_press() if outlet.stories)
ALL = (*PRESS, *many(4, 12))
FEEDS = [
    pytest.param(outlet, feed, id=feed.id)
    for outlet in ALL
    for feed in outlet.feeds
    if outlet.fault(feed.path, LATER - START) is None
]
WITHOUT_SUMMARY = {"inertia", "front", "sitemap"}
STORIES = [pytest.param(outlet, story, id=f"{outlet.id}-{story.slug}") for outlet in PRESS for story in outlet.stories]


@pytest.mark.parametrize(("outlet", "feed"), FEEDS)
def test_each_feed_gives_every_story_with_its_title_summary_and_moment(outlet: Outlet, feed: Feed) -> None:
    host = feed.host or outlet.host
    answer = Site(outlet, START).answer(Asked("GET", host, feed.path), LATER)
    parsed = parser_for(feed.kind)(
        answer.body,
        f"http://{host}{feed.path}",
        content_type=answer.headers["Content-Type"],
        now=LATER,
        zone=ZoneInfo(outlet.zone),
        options=feed.options,
    )
    expected = {outlet.url(story, START): story for story in outlet.stories if feed in outlet.feeds_of(story)}

    assert parsed.problem is None
    assert {canonical(url) for url in expected} == {canonical(entry.link) for entry in parsed.entries}
    assert len(parsed.entries) == len(expected) * (2 if feed.twice else 1)
    stories = {canonical(url): story for url, story in expected.items()}
    for entry in parsed.entries:
        story = stories[canonical(entry.link)]
        title, summary, body = story.text_at(LATER - START)
        precise = START + story.dated
        assert entry.published == (precise if feed.dated and not feed.bare else None)
        assert body.split("\n\n")[-1][:40] in entry.content or not feed.full_text
        if outlet.id != "margin-notes":  # whose text does not stay as it was
            assert title == entry.title
            assert summary == entry.summary or feed.bare or feed.format in WITHOUT_SUMMARY


def test_the_page_where_a_feed_was_is_told_from_a_feed() -> None:
    outlet = next(one for one in load_press() if one.id == "leman-courier")
    answer = Site(outlet, START).answer(Asked("GET", outlet.host, "/rss.xml"), START)
    parsed = parser_for("feed")(answer.body, "http://leman-courier.test/rss.xml", content_type="text/html", now=LATER)

    assert parsed.problem
    assert not parsed.entries


@pytest.mark.parametrize(("outlet", "story"), STORIES)
def test_each_story_is_judged_as_the_newsroom_says(outlet: Outlet, story: Story) -> None:
    title, _, body = story.text_at(LATER - START)
    verdict = judge(title, body)

    assert story.relevant == verdict.relevant, verdict.reasons


def test_generated_stories_are_judged_as_the_newsroom_says() -> None:
    stories = [story for outlet in many(6, 40) for story in outlet.stories]

    assert [story.relevant for story in stories] == [judge(story.title, story.body).relevant for story in stories]
