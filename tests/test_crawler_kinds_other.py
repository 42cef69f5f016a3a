"""The kinds of source beside feeds: WordPress, JSON Feed, pages with JSON inside, sitemaps, pages that list stories."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crawler.kinds import KINDS, embedded_json, parser_for, section, sitemap
from tests.data import shared

NOW = datetime(2026, 9, 15, 12, tzinfo=UTC)
HITS = {"hits": "props.feed.data.hits", "link": "/{locale}/article/{article_id}", "locale": "en"}


def inertia(hits: list[Any], where: str = "feed", *, attribute: bool = False) -> bytes:
    page = json.dumps({"component": "Home", "props": {where: {"data": {"hits": hits}}, "locale": {"current": "en"}}})
    if attribute:
        return f"<html><body><div id='app' data-page='{page}'></div></body></html>".encode()
    script = f'<script data-page="app" type="application/json">{page}</script>'
    return f'<html><body>{script}<div id="app"></div></body></html>'.encode()


def hit(number: int, locale: str = "en", **more: object) -> dict[str, object]:
    return {
        "article_id": number,
        "title": f"Story &amp; {number}",
        "published_at": 1789460000,
        "locale": locale,
        **more,
    }


def test_every_kind_has_a_parser_that_reports_a_wrong_answer_instead_of_raising() -> None:
    for kind in KINDS:
        found = parser_for(kind)(b"\xff\x00 no such thing", "https://a.test/x", now=NOW, options=HITS)

        assert found.entries == ()
        assert found.problem is not None
        assert "https://a.test/x" in found.problem


@pytest.mark.parametrize("attribute", [False, True], ids=["script", "attribute"])
def test_the_stories_inside_a_page_have_address_title_moment_and_picture(attribute: bool) -> None:
    body = inertia([hit(1204, thumbnail={"url": "/p.jpg"}), hit(1203)], attribute=attribute)

    found = embedded_json.parse(body, "https://armenpress.test/en", now=NOW, options=HITS)

    first, second = found.entries
    assert (found.problem, found.language) == (None, "en")
    assert (first.link, first.title) == ("https://armenpress.test/en/article/1204", "Story & 1204")
    assert first.published == datetime(2026, 9, 15, 8, 13, 20, tzinfo=UTC)
    assert (first.images, second.images) == (("https://armenpress.test/p.jpg",), ())
    assert (first.guid, first.language) == ("1204", "en")


def test_stories_of_another_edition_are_not_taken_for_the_one_asked_for() -> None:
    some = embedded_json.parse(inertia([hit(1), hit(2, "hy")]), "https://a.test/en", now=NOW, options=HITS)
    none = embedded_json.parse(inertia([hit(2, "hy")]), "https://a.test/en", now=NOW, options=HITS)

    assert [entry.guid for entry in some.entries] == ["1"]
    assert some.notes == ("1 of 2 stories of https://a.test/en are not of the edition en",)
    assert none.problem == "https://a.test/en shows 1 stories, none of them of the edition en"


def test_a_rubric_that_keeps_its_stories_elsewhere_is_read_by_its_own_way() -> None:
    body = inertia([hit(7)], where="data")

    wrong = embedded_json.parse(body, "https://a.test/en/articles/armenia", now=NOW, options=HITS)
    right = embedded_json.parse(
        body, "https://a.test/en/articles/armenia", now=NOW, options={**HITS, "hits": "props.data.data.hits"}
    )

    assert wrong.problem == "https://a.test/en/articles/armenia carries no list of stories at props.feed.data.hits"
    assert len(right.entries) == 1


@pytest.mark.parametrize(
    "bad",
    [None, 3, {}, {"title": "x"}, hit(1, article_id={"a": 1}), hit(1, title=None), hit(1, article_id=None)],
    ids=str,
)
def test_a_hit_without_title_or_number_is_passed_over(bad: object) -> None:
    found = embedded_json.parse(inertia([bad, hit(5)]), "https://a.test/en", now=NOW, options=HITS)

    assert [entry.guid for entry in found.entries] == ["5"]


def test_a_hit_cannot_lead_the_address_elsewhere() -> None:
    found = embedded_json.parse(
        inertia([hit(1, article_id="../../@evil.test/x")]), "https://a.test/en", now=NOW, options=HITS
    )

    assert found.entries[0].link == "https://a.test/en/article/..%2F..%2F%40evil.test%2Fx"


@pytest.mark.parametrize("kind", ["jsonfeed", "wordpress"])
def test_json_nested_without_end_is_a_wrong_answer(kind: str) -> None:
    body = b'{"items":' + b"[" * 200_000

    assert parser_for(kind)(body, "https://a.test/x", now=NOW).problem is not None


NEWS_SITEMAP = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
  xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc>https://a.test/en/1</loc>
<image:image><image:loc>https://a.test/p.jpg</image:loc><image:title>A road</image:title></image:image>
<news:news><news:publication><news:name>A</news:name><news:language>en</news:language></news:publication>
<news:publication_date>2026-09-14T10:05:00+04:00</news:publication_date><news:title>Road &amp; bridge</news:title>
<news:keywords>road, bridge</news:keywords></news:news></url>
<url><loc>https://a.test/about</loc><lastmod>2026-09-14</lastmod></url>
<url><loc>https://a.test/en/2</loc><lastmod>2026-09-13T08:00:00Z</lastmod></url>
<url><loc>https://a.test/en/3</loc><lastmod>2020-01-01</lastmod></url>
<url><loc>https://a.test/en/4</loc></url>
</urlset>"""


def test_a_news_sitemap_gives_titles_and_a_plain_one_its_recent_pages() -> None:
    found = sitemap.parse(NEWS_SITEMAP.encode(), "https://a.test/s.xml", now=NOW, options={"path": "/en/"})

    first, second = found.entries
    assert (first.title, first.language, first.tags) == ("Road & bridge", "en", ("road", "bridge"))
    assert (first.published, first.images) == (datetime(2026, 9, 14, 6, 5, tzinfo=UTC), ("https://a.test/p.jpg",))
    assert (second.link, second.updated) == ("https://a.test/en/2", datetime(2026, 9, 13, 8, tzinfo=UTC))


def test_days_of_nothing_take_every_page_of_a_sitemap() -> None:
    assert len(sitemap.parse(NEWS_SITEMAP.encode(), "https://a.test/s", now=NOW, options={"days": "0"}).entries) == 5


def test_an_index_of_sitemaps_names_the_newest_of_them() -> None:
    body = (
        b"<sitemapindex><sitemap><loc>/a.xml</loc><lastmod>2026-09-01</lastmod></sitemap><sitemap><loc>/b.xml</loc>"
        b"<lastmod>2026-09-14</lastmod></sitemap><sitemap><loc>/c.xml</loc></sitemap></sitemapindex>"
    )

    found = sitemap.parse(body, "https://a.test/s.xml", now=NOW)

    assert found.next_url == "https://a.test/b.xml"
    assert found.problem == ("https://a.test/s.xml is an index of sitemaps that leads to no list of stories")


LISTING = """<html lang="en"><head><title>News list</title></head><body>
<nav><a href="/en/a-very-long-name-of-a-rubric-12345">A very long name of a rubric here</a></nav>
<div class="card"><a href="/en/news/70012"><img src="/p.jpg"></a>
 <h3><a href="/en/news/70012#top">Bridge near Goris opens</a></h3>
 <time datetime="2026-09-14T10:05:00+04:00">today</time>
 <p>Buses run twice a day again, and lorries may use it at night.</p></div>
<div class="card"><a href="/en/news/70011">11:40 | Road to Meghri is closed for 3 days</a>
 <span class="date">13.09.2026 11:40</span></div>
<div class="card"><a href="/en/news/70010">Talks go on in the third week</a><span class="date">09:15</span></div>
<a href="/en/contact">Contact us with your news and views</a>
<a href="https://elsewhere.test/en/news/99999">A story of somebody else</a>
<a href="/files/report-of-the-year-2026.pdf">The report of the whole year</a>
<a href="javascript:void(0)">Do nothing at all here now</a>
<footer><a href="/en/terms-of-use-of-site-2026">The terms of use of this site</a></footer></body></html>"""


def test_a_listing_is_read_without_being_told_what_its_stories_look_like() -> None:
    found = section.parse(LISTING.encode(), "https://a.test/en/", now=NOW, zone=ZoneInfo("Asia/Yerevan"))

    first, second, third = found.entries
    assert (found.problem, found.title, found.language) == (None, "News list", "en")
    assert (first.link, first.title) == ("https://a.test/en/news/70012", "Bridge near Goris opens")
    assert first.published == datetime(2026, 9, 14, 6, 5, tzinfo=UTC)
    assert first.summary.startswith("Buses run twice a day")
    assert (second.title, second.published) == (
        "Road to Meghri is closed for 3 days",
        datetime(2026, 9, 13, 7, 40, tzinfo=UTC),
    )
    assert (third.published, third.published_raw) == (None, "09:15")


@pytest.mark.parametrize("options", [{"path": r"^/en/news/\d+$"}, {"items": "div.card"}, {"items": ".card a"}], ids=str)
def test_a_listing_can_be_told_what_its_stories_look_like(options: dict[str, str]) -> None:
    found = section.parse(LISTING.encode(), "https://a.test/en/", now=NOW, options=options)

    assert [entry.link.rpartition("/")[2] for entry in found.entries] == ["70012", "70011", "70010"]


def test_a_captured_front_page_gives_its_headlines() -> None:
    body = shared("captures/asbarez.com/home_2018-03-24.head-excerpt.html").read_bytes()

    found = section.parse(body, "http://asbarez.com/", now=NOW)

    assert [(entry.link[:27], entry.title[:36]) for entry in found.entries] == [
        ("http://asbarez.com/171163/t", "Thousands Celebrate 30th Anniversary"),
        ("http://asbarez.com/171161/p", "Parliament Restricts Media Access To"),
    ]


@pytest.mark.parametrize(
    ("page", "url", "count", "path"),
    [
        ("tert.am/2021-11-10_af7c6a2e.html", "https://tert.am/am/news", 100, "/am/news/2021/"),
        ("news.am/1778318045.html", "https://news.am/arm/", 80, "/arm/news/"),
        ("a1plus.am/1711609490.html", "https://a1plus.am/hy", 30, "/hy/article/"),
    ],
    ids=["tert.am", "news.am", "a1plus.am"],
)
def test_the_lists_on_captured_pages_are_found(page: str, url: str, count: int, path: str) -> None:
    found = section.parse(shared(f"captures/{page}").read_bytes(), url, now=NOW)

    assert len(found.entries) >= count
    assert sum(path in entry.link for entry in found.entries) > 0.9 * len(found.entries)
