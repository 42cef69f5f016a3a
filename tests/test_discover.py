"""What a site offers by its own word and by custom, and which of several finds is best."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discover import (
    Candidate,
    Origin,
    customary_feeds,
    kind_of,
    read_front,
    sitemaps_in,
    spoken,
    unlike,
)
from crawler.entry import Entry, ParsedFeed
from crawler.finds import Find, best_first, language_of, make_find, of_comments, second_route
from crawler.probe import Probed

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
URL = "https://herald.test/en/"
HEAD = """<html lang="en-US"><head><title>Herald - Front</title><meta property="og:site_name" content="The Herald">
<base href="https://herald.test/en/x">
<link rel="alternate" type="application/rss+xml" href="rss">
<link rel="ALTERNATE" type="application/atom+xml; charset=utf-8" href="feed://herald.test/atom">
<link rel="alternate" type="application/feed+json" href="/feed.json">
<link rel="alternate" type="application/rss+xml" href="/comments/feed/">
<link rel="alternate" type="application/json+oembed" href="/oembed">
<link rel="alternate" hreflang="hy" href="https://herald.test/hy/">
<link rel="stylesheet" href="/wp-content/a.css"></head><body>{body}</body></html>"""


def front(body: str) -> list[tuple[str, str, str]]:
    says = read_front(HEAD.format(body=body).encode(), URL, None)
    return [(one.kind, one.url.removeprefix("https://herald.test"), one.origin) for one in says.feeds]


def test_a_head_declares_feeds_of_every_form_but_not_those_of_comments() -> None:
    assert front("") == [
        ("feed", "/en/rss", "declared"),
        ("feed", "/atom", "declared"),
        ("jsonfeed", "/feed.json", "declared"),
    ]


@pytest.mark.parametrize(
    ("link", "is_feed"),
    [
        ('<a href="/export/rss2/index.xml">x</a>', True),
        ('<a href="/news.rss">x</a>', True),
        ('<a href="/en/rss-economy.xml">x</a>', True),
        ('<a href="/?feed=rss2">x</a>', True),
        ('<a href="/subscribe/7"> RSS </a>', True),
        ('<a href="/world/cattle-feed-prices-rise">Prices of feed rise</a>', False),
        ('<a href="/?feed=comments-rss2">x</a>', False),
        ('<a href="/story/comments/feed/">x</a>', False),
        ('<a href="https://elsewhere.test/rss">RSS</a>', False),
        ('<a href="mailto:rss@herald.test">RSS</a>', False),
    ],
)
def test_a_link_to_a_feed_is_known_by_its_address_or_its_words(link: str, is_feed: bool) -> None:
    assert any(origin == "linked" for _, _, origin in front(link)) == is_feed


def test_a_page_says_its_sites_name_language_editions_and_that_it_is_wordpress() -> None:
    says = read_front(HEAD.format(body='<a href="/hy/news/1">x</a>').encode(), URL, None)

    assert (says.site, says.language, says.editions) == ("The Herald", "en-US", ("en", "hy"))
    assert says.posts is not None
    assert says.posts.url == "https://herald.test/wp-json/wp/v2/posts?per_page=20&_embed=1"


HITS = """<script data-page="app" type="application/json">
{"props": {"menu": [{"title": "a", "id": 1}, {"title": "b", "id": 2}], "feed": {"data": {"hits": [
{"title": "One", "uid": "a81", "locale": "en"}, {"title": "Two", "uid": "a82", "locale": "en"}]}}}}</script>"""


def test_embedded_stories_are_found_with_the_form_of_their_addresses() -> None:
    links = '<a href="/en/news/a81?r=1">One</a><a href="/en/news/a82?r=1">Two</a>'
    says = read_front(f"<html>{HITS}{links}</html>".encode(), URL, None)
    unlinked = read_front(f"<html>{HITS.replace('uid', 'article_id')}</html>".encode(), URL, None)

    assert says.embedded is not None
    assert says.embedded.options == {"hits": "props.feed.data.hits", "link": "/en/news/{uid}?r=1", "locale": "en"}
    assert unlinked.embedded is not None
    assert unlinked.embedded.options["link"] == "/{locale}/article/{article_id}"
    assert read_front(f"<html>{HITS}</html>".encode(), URL, None).embedded is None


def test_stories_without_telling_addresses_are_known_by_their_folder() -> None:
    body = "".join(f"<a href='/life/a{n}'>Four words make a headline {n}</a>" for n in range(3))
    says = read_front(f"<html>{body}<a href='/about'>All that there is about us</a></html>".encode(), URL, None)

    assert says.section is not None
    assert says.section.options == {"path": "^/life/[^/]+$"}


def test_robots_names_sitemaps_and_those_of_news_come_first() -> None:
    robots = "User-agent: *\nsitemap: /all.xml\nSITEMAP : https://herald.test/news.xml # ours\nSitemap: ftp://x/y\n"

    assert [one.url for one in sitemaps_in(robots, URL)] == [
        "https://herald.test/news.xml",
        "https://herald.test/all.xml",
    ]


def test_by_custom_the_edition_that_was_named_comes_first() -> None:
    places = [one.url for one in customary_feeds("https://herald.test/hy/news", ["hy", "ru"])]

    assert places[0] == "https://herald.test/hy/rss"
    assert "https://herald.test/rss" in places
    assert places[-1] == "https://herald.test/ru/rss.xml"
    assert len(places) == len(set(places))


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<?xml version='1.0'?><rss><channel/></rss>", "feed"),
        (b'{"version": "https://jsonfeed.org/version/1.1", "items": []}', "jsonfeed"),
        (b'{"error": 1}', None),
        (b'[{"link": "https://herald.test/1"}]', "wordpress"),
        (b"[1, 2]", None),
        (b"<sitemapindex></sitemapindex>", "sitemap"),
        (b"<!doctype html><html><p>", "page"),
        (b"%PDF-1.7", None),
    ],
)
def test_an_answer_is_of_the_kind_that_its_bytes_are(body: bytes, kind: str | None) -> None:
    assert kind_of(body, None) == kind


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("en-US", "en"),
        ("HY", "hy"),
        ("az_Cyrl_AZ", "az-Cyrl"),
        ("xx", None),
        ("english", None),
        ("", None),
        (None, None),
    ],
)
def test_a_declared_language_becomes_one_that_the_configuration_takes(tag: str | None, language: str | None) -> None:
    assert spoken(tag) == language


PIECES = st.sampled_from(
    ["<link rel=alternate type=application/rss+xml href=", "'", '"', ">", "<a href=", "feed:", "//[", "http://", "\x00",
     "<base href=", "<script data-page=x>", "{", "[", '"title":', "<html lang=", "wp-content", "/en/", "rss", "&#0;"]
)  # fmt: skip


@given(st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=30).map("".join), st.text(max_size=30))
def test_nothing_that_a_site_says_breaks_anything(page: str, address: str) -> None:
    body = page.encode("utf-8", "replace")
    says = read_front(body, URL, None)
    kind_of(body, address)
    customary_feeds(URL, says.editions)
    spoken(page)

    named = [*says.feeds, *sitemaps_in(f"Sitemap: {page}", URL)]
    assert all(one.url.startswith(("http://", "https://")) for one in named)
    assert list(unlike([*named, *named])) == list(unlike(named))


def found(
    path: str,
    stories: Sequence[int] = (),
    *,
    kind: str = "feed",
    origin: Origin = "declared",
    newest: timedelta | None = HOUR,
    apart: timedelta = HOUR,
    summary: str = "s",
    problem: str | None = None,
    link: str = "https://herald.test/{}",
) -> Find:
    feed = ParsedFeed(entries=tuple(Entry(link=link.format(n), title=f"t{n}", summary=summary) for n in stories))
    address = f"https://herald.test{path}"
    probed = Probed(
        source="", route=0, kind=kind, address=address, status="", items=len(stories), problem=problem, feed=feed,
        dated=len(stories) if newest is not None else 0, newest=None if newest is None else NOW - newest,
        depth=None if newest is None else apart * (len(stories) - 1),
    )  # fmt: skip
    return make_find(Candidate(kind=kind, url=address, origin=origin), probed)


def test_the_best_comes_first() -> None:
    right = [
        found("/main", range(20), apart=HOUR / 2),
        found("/sport", range(100, 120), apart=HOUR),
        found("/short", range(200, 204), apart=HOUR / 4),
        found("/guessed", range(300, 320), origin="custom"),
        found("/titles", range(400, 420), summary=""),
        found("/page", range(500, 520), kind="section", newest=None),
        found("/dead", range(600, 620), newest=timedelta(days=300)),
        found("/broken", problem="answered HTTP 404"),
    ]

    assert [one.address for one in best_first(reversed(right), NOW)] == [one.address for one in right]


def test_the_same_address_or_the_same_stories_are_shown_once() -> None:
    finds = [
        found("/rss", range(20)),
        found("/rss?utm_source=x", range(20)),
        found("/atom", range(1, 21), kind="jsonfeed"),
        found("/page", range(10, 20), kind="section", newest=None),
        found("/other", range(50, 60), kind="section", newest=None),
    ]
    best, *others = best_first(finds, NOW)

    assert (best.address, [one.address for one in best.alike]) == (
        "https://herald.test/rss",
        ["https://herald.test/atom"],
    )
    assert [one.address for one in others] == ["https://herald.test/page", "https://herald.test/other"]
    assert second_route(best, [best, *others]) == best.alike[0]
    assert second_route(others[1], [best, *others]) is None


def test_a_feed_of_comments_is_known_by_where_it_leads() -> None:
    assert of_comments(found("/feed", range(3), link="https://herald.test/story#comment-{}"))
    assert not of_comments(found("/feed", range(3)))
    assert not of_comments(found("/feed"))


@pytest.mark.parametrize(
    ("title", "declared", "page", "language"),
    [
        ("Լաչինի միջանցքը վերաբացվեց", "en-us", "en", "hy"),
        ("Лачинский коридор вновь открыт, сообщили в Степанакерте", None, "hy", "ru"),
        ("Rêya Laçînê ji nû ve vebû", "kmr", None, "kmr"),
        ("1 2 3", None, "tr", "tr"),
        ("1 2 3", None, None, None),
    ],
)
def test_the_words_of_stories_tell_their_language_before_what_is_declared(
    title: str, declared: str | None, page: str | None, language: str | None
) -> None:
    find = found("/rss")
    feed = ParsedFeed(entries=(Entry(link=URL, title=title),), language=declared)
    told = make_find(find.candidate, Probed(source="", route=0, kind="feed", address=URL, status="", feed=feed))

    assert language_of(told, page) == language
