"""What a page says beside its text: its addresses, flags and credits of pictures; and pages that are no story."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.extract import Refused, read_page
from crawler.pictures import split_credit
from crawler.urls import canonical
from storage.article import Alternate, Article

NOW = datetime(2026, 1, 2, tzinfo=UTC)
URL = "https://news.example.am/en/story/5"
STORY = "".join(
    f"<p>The council of the town met on day {n} and spoke about the road, the school and the new bridge.</p>"
    for n in range(6)
)


def page(head: str, body: str = STORY) -> Article | Refused:
    html = f"<html><head>{head}</head><body><h1>Talks about the bridge</h1><article>{body}</article></body></html>"
    return read_page(html.encode(), URL, now=NOW)


def article(head: str) -> Article:
    found = page(head)
    assert isinstance(found, Article)
    return found


def ld(fields: str) -> str:
    return f'<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "Talks", {fields}}}</script>'


def test_the_same_story_in_other_languages_is_kept_with_its_language() -> None:
    links = [
        ("en", "/en/story/5"),
        ("hy", "/hy/story/5"),
        ("x-default", "/story/5"),
        ("ru", "/"),
        ("HY", "/hy/story/5"),
    ]
    head = "".join(f'<link rel="alternate" hreflang="{language}" href="{path}">' for language, path in links)

    assert article(head).alternates == (Alternate("hy", "https://news.example.am/hy/story/5"),)
    assert article('<link rel="alternate" type="application/rss+xml" href="/rss">').alternates == ()


@pytest.mark.parametrize(
    ("head", "paywalled", "live"),
    [
        (ld('"isAccessibleForFree": false'), True, False),
        (ld('"isAccessibleForFree": "False"'), True, False),
        (ld('"isAccessibleForFree": true'), False, False),
        ('<meta property="article:content_tier" content="locked">', True, False),
        ('<meta property="article:content_tier" content="free">', False, False),
        (ld('"liveBlogUpdate": [{"@type": "BlogPosting"}]'), False, True),
        ('<script type="application/ld+json">{"@type": "LiveBlogPosting", "headline": "Talks"}</script>', False, True),
        ("", False, False),
    ],
    ids=["locked", "as text", "free", "tier", "free tier", "updates", "live", "silent"],
)
def test_a_page_says_itself_whether_it_is_paywalled_or_live(head: str, paywalled: bool, live: bool) -> None:
    found = article(head)

    assert (found.paywalled, found.live) == (paywalled, live)


@pytest.mark.parametrize(
    ("head", "body", "reason"),
    [
        ("<title>Page not found</title>", "<p>Sorry, there is nothing here any more.</p>", "not found"),
        ("<title>404</title>", "<p>Sorry, there is nothing here any more.</p>", "not found"),
        ("<title>Страница не найдена</title>", "<p>Попробуйте начать с главной.</p>", "not found"),
        ("<title>Səhifə tapılmadı</title>", "<p>Ana səhifəyə qayıdın.</p>", "not found"),
        ("<title>Էջը չի գտնվել</title>", "<p>Վերադարձեք գլխավոր էջ։</p>", "not found"),
        ("<title>Before you continue</title>", "<p>We use cookies. Choose what to do.</p>", "consent wall"),
        ("<title>News</title>", "<p>Please accept all cookies.</p>", "consent wall"),
        ('<meta property="og:type" content="video.other">', "<p>Watch.</p>", "video"),
        ('<script type="application/ld+json">{"@type": "VideoObject"}</script>', "<p>Watch.</p>", "video"),
        ('<script type="application/ld+json">{"@type": "ImageGallery"}</script>', "<p>1/9</p>", "gallery"),
        ("", "<p>Nothing.</p>", "no text"),
    ],
    ids=[
        "english",
        "number",
        "russian",
        "azerbaijani",
        "armenian",
        "consent",
        "cookies",
        "video",
        "video data",
        "gallery",
        "none",
    ],
)
def test_pages_that_are_no_story_are_refused_by_name(head: str, body: str, reason: str) -> None:
    html = f"<html><head>{head}</head><body>{body}</body></html>"
    found = read_page(html.encode(), URL, now=NOW)

    assert isinstance(found, Refused)
    assert found.reason == reason
    assert URL in found.detail


@pytest.mark.parametrize(
    "head",
    [
        "<title>Page not found: how a village lost its history</title>",
        "<title>Why sites ask to accept all cookies</title>",
        '<meta property="og:type" content="video.other">',
        '<script type="application/ld+json">{"@type": "ImageGallery"}</script>',
    ],
    ids=["about 404", "about cookies", "with video", "with pictures"],
)
def test_a_story_with_its_text_is_never_taken_for_such_a_page(head: str) -> None:
    assert isinstance(page(head), Article)


@pytest.mark.parametrize(
    ("caption", "text", "credit"),
    [
        ("The hall in Geneva (Photo: Anna Petrosyan)", "The hall in Geneva", "Anna Petrosyan"),
        ("The hall in Geneva. Фото: ТАСС", "The hall in Geneva", "ТАСС"),
        ("The hall in Geneva. Photo by Anna Petrosyan", "The hall in Geneva", "Anna Petrosyan"),
        ("The hall in Geneva © Hill Post", "The hall in Geneva", "Hill Post"),
        ("Դահլիճը։ Լուսանկարը՝ Աննա Պետրոսյան", "Դահլիճը։", "Աննա Պետրոսյան"),
        ("Zal. Foto: APA", "Zal", "APA"),
        ("Salon. Fotoğraf: Leyla Kaya/AA", "Salon", "Leyla Kaya/AA"),
        ("La salle. Crédit photo : AFP", "La salle", "AFP"),
        ("The hall in Geneva (AFP)", "The hall in Geneva", "AFP"),
        ("The hall in Geneva", "The hall in Geneva", None),
        ("She takes a photo of the hall", "She takes a photo of the hall", None),
    ],
)  # fmt: skip
def test_a_caption_is_parted_from_its_credit(caption: str, text: str, credit: str | None) -> None:
    assert split_credit(caption) == (text, credit)


@pytest.mark.parametrize(
    "cached",
    [
        "https://news-example-am.cdn.ampproject.org/c/s/news.example.am/en/story/5/amp",
        "https://www.google.com/amp/s/news.example.am/en/story/5",
        "https://www.google.am/amp/s/amp.news.example.am/en/story/5?amp=1",
    ],
)
def test_a_cache_of_amp_pages_leads_to_the_page(cached: str) -> None:
    assert canonical(cached) == URL
