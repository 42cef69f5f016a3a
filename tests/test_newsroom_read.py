"""The newsroom's pages through the monitor's own reader: title, text, makers and moment as the story has them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from crawler.entry import Entry
from crawler.extract import read_page
from crawler.kinds import parser_for
from crawler.rules import OutletRules
from crawler.urls import canonical
from scheduler.newsroom.press import Outlet, Story, load_press, words
from scheduler.newsroom.server import Asked
from scheduler.newsroom.site import Site
from storage.article import Article
from topic import fold

START = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
LATER = START + timedelta(minutes=5)  # everything has appeared and changed
PRESS = load_press()
BY_ID = {outlet.id: outlet for outlet in PRESS}
PAGES = [
    pytest.param(outlet, story, id=f"{outlet.id}-{story.slug}")
    for outlet in PRESS
    for story in outlet.stories
    if outlet.fault(outlet.path(story, START), LATER - START) is None and story.withdrawn is None
]


@cache
def announced(outlet_id: str) -> dict[str, Entry]:
    """By address, as the first feed that works, which holds all stories of its outlet, announces them."""
    outlet = BY_ID[outlet_id]
    feed = next(one for one in outlet.feeds if outlet.fault(one.path, LATER - START) is None)
    answer = Site(outlet, START).answer(Asked("GET", feed.host or outlet.host, feed.path), LATER)
    parsed = parser_for(feed.kind)(
        answer.body, f"http://{feed.host or outlet.host}{feed.path}", now=LATER, options=feed.options
    )
    return {canonical(entry.link): entry for entry in parsed.entries}


def read(outlet: Outlet, story: Story) -> Article:
    return read_by_name(outlet.id, story.slug)


@cache
def read_by_name(outlet_id: str, slug: str) -> Article:
    outlet = BY_ID[outlet_id]
    story = next(one for one in outlet.stories if one.slug == slug)
    url = outlet.url(story, START)
    answer = Site(outlet, START).answer(Asked("GET", outlet.host, outlet.path(story, START)), LATER)
    rules = OutletRules(
        outlet=outlet.id,
        name=outlet.name,
        zone=outlet.zone,
        languages=outlet.languages,
        credits={fold(one.name): one.id for one in PRESS},
    )
    article = read_page(
        answer.body,
        url,
        content_type=answer.headers["Content-Type"],
        now=LATER,
        outlet=rules,
        entry=announced(outlet.id)[canonical(url)],
    )
    assert isinstance(article, Article), article
    return article


@pytest.mark.parametrize(("outlet", "story"), PAGES)
def test_a_page_gives_the_whole_text_and_nothing_else(outlet: Outlet, story: Story) -> None:
    title, _, body = story.text_at(LATER - START)
    article = read(outlet, story)
    paragraphs = body.split("\n\n")

    if outlet.id == "margin-notes":  # whose attacks must not come through as they are
        assert article.title.startswith("=1+1 A ledger of the Lachin corridor")
        assert "A shopkeeper's ledger lists every lorry" in article.body
        assert article.body.endswith("keeps in two rooms.")
        assert not {"\x1b", "\x07"} & set(f"{article.title}{article.summary}{article.body}")
        assert "taken over" not in article.body
        return
    assert title == article.title
    start = paragraphs[0].partition("—")[2] or paragraphs[0]
    assert start in article.body
    assert all(paragraph in article.body for paragraph in paragraphs[1:])
    assert article.body.endswith(paragraphs[-1])
    around = words(outlet.languages[0])
    for foreign in (around["policy"], around["share"], around["related"], around["rights"], story.caption):
        assert not foreign or foreign not in article.body


@pytest.mark.parametrize(("outlet", "story"), PAGES)
def test_a_page_gives_moment_language_and_maker(outlet: Outlet, story: Story) -> None:
    article = read(outlet, story)
    published = START + story.dated
    exact = outlet.json_ld or outlet.meta_dates

    assert (published if exact else published.replace(second=0)) == article.published
    assert ("second" if exact else "minute") == article.published_precision
    assert (story.language or outlet.languages[0]) == article.language
    if outlet.id != "margin-notes":
        assert ((story.author,) if story.author else ()) == article.authors


def test_the_reprint_is_credited_to_the_outlet_that_wrote_it() -> None:
    outlet = next(one for one in PRESS if one.id == "orchard-gazette")
    credit = read(outlet, next(story for story in outlet.stories if story.credit)).credit

    assert credit is not None
    assert (credit.name, credit.outlet) == ("Lori Herald", "lori-herald")
