"""The sample story, as its outlet's page and as its feed item would have it, and what must come out of both."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape

import pytest

from crawler.dates import parse_date
from crawler.entry import Entry
from crawler.extract import read_entry, read_page
from crawler.rules import OutletRules
from storage.article import Article
from tests.data import shared
from topic.folding import fold

URL = "https://asbarez.com/putin-discusses-karabakh-with-pashinyan-aliyev/"
PUBLISHED = datetime(2020, 11, 2, 22, 14, 5, tzinfo=UTC)
NOW = datetime(2020, 11, 3, 8, tzinfo=UTC)
ASBAREZ = OutletRules(
    outlet="asbarez",
    name="Asbarez",
    zone="America/Los_Angeles",
    languages=("en",),
    credits={fold("Azatutyun.am"): "azatutyun"},
)


def story() -> tuple[str, str, list[str], list[str]]:
    """(title, caption, paragraphs, the comment policy's lines) of the sample."""
    lines = [line.strip() for line in shared("seed-asbarez.txt").read_text("utf-8").splitlines() if line.strip()]
    policy = lines.index("Discussion Policy")
    return lines[0], lines[1], [line for line in lines[1:policy] if line != lines[1]], lines[policy:]


def page() -> bytes:
    """A WordPress page around the story: captioned image, share bar, related stories, comment rules."""
    title, caption, paragraphs, policy = story()
    text = "".join(f"<p>{escape(p)}</p>" for p in paragraphs)
    html = f"""<!doctype html><html lang="en-US"><head><meta charset="utf-8"><title>{title} – Asbarez.com</title>
    <link rel="canonical" href="{URL}"><link rel="amphtml" href="{URL}amp/">
    <meta property="og:type" content="article"><meta property="og:title" content="{title} – Asbarez.com">
    <meta property="og:site_name" content="Asbarez.com">
    <meta property="og:image" content="/wp-content/uploads/putin.jpg">
    <meta property="article:published_time" content="2020-11-02T22:14:05+00:00"></head>
    <body class="single single-post"><nav><ul><li><a href="/">Home</a></li><li><a href="/news">News</a></li></ul></nav>
    <div id="content"><article class="post"><h1 class="entry-title">{title}</h1>
    <div class="meta">November 2, 2020 | <a rel="author" href="/author/contributor/">Contributor</a></div>
    <div class="share-bar"><a href="#">Facebook</a> <a href="#">Twitter</a></div>
    <div class="entry-content"><div class="wp-caption"><img src="/wp-content/uploads/putin.jpg" alt="{caption}">
    <p class="wp-caption-text">{caption}</p></div><p>{caption}</p>{text}</div>
    <div class="related"><h3>Must read articles</h3>
    <ul><li><a href="/a">Another story of the day, told elsewhere</a></li></ul></div>
    </article><div id="respond"><h3>{policy[0]}</h3><p>{escape(" ".join(policy[1:]))}</p></div></div>
    <footer>© Asbarez 2020. All rights reserved.</footer></body></html>"""
    return html.encode()


def feed_entry() -> Entry:
    title, caption, paragraphs, _ = story()
    content = f'<p><img src="/putin.jpg" alt="{caption}"></p><p>{caption}</p>' + "".join(
        f"<p>{escape(p)}</p>" for p in paragraphs
    )
    tail = (
        f'<p>The post <a href="{URL}">{title}</a> appeared first on <a href="https://asbarez.com">Asbarez.com</a>.</p>'
    )
    return Entry(
        link=URL,
        title=title,
        summary=paragraphs[0][:200],
        content=content + tail,
        published=PUBLISHED,
        source="asbarez-en",
    )


def from_page() -> Article:
    article = read_page(page(), URL, content_type="text/html; charset=UTF-8", now=NOW, outlet=ASBAREZ)
    assert isinstance(article, Article)
    return article


def from_feed() -> Article:
    article = read_entry(feed_entry(), now=NOW, outlet=ASBAREZ)
    assert isinstance(article, Article)
    return article


@pytest.fixture(params=[from_page, from_feed], ids=["page", "feed"])
def article(request: pytest.FixtureRequest) -> Article:
    made: Article = request.param()
    return made


def test_the_title_stands_once_and_without_the_sites_name(article: Article) -> None:
    assert article.title == story()[0]
    assert article.title not in article.body


def test_no_caption_is_in_the_body(article: Article) -> None:
    assert story()[1] not in article.body


def test_the_body_is_the_storys_seven_paragraphs(article: Article) -> None:
    assert article.body.split("\n\n") == story()[2]


def test_dateline_and_credit_are_read(article: Article) -> None:
    assert article.dateline == "Yerevan"
    assert article.credit is not None
    assert (article.credit.name, article.credit.outlet) == ("Azatutyun.am", "azatutyun")
    assert article.credit.evidence.startswith("YEREVAN (Azatutyun.am)")


def test_outlet_time_and_language_are_known(article: Article) -> None:
    assert article.outlet == "asbarez"
    assert article.published == PUBLISHED
    assert article.published_precision == "second"
    assert (article.language, article.script) == ("en", "Latn")


def test_the_house_account_is_no_author(article: Article) -> None:
    assert article.authors == ()


def test_nothing_of_the_comment_policy_is_kept(article: Article) -> None:
    assert "Discussion Policy" not in article.body
    assert "profanity" not in article.body


def test_page_and_feed_hash_alike() -> None:
    assert from_page().content_hash == from_feed().content_hash


def test_the_page_keeps_its_image_and_its_other_address() -> None:
    article = from_page()

    assert [image.url for image in article.images] == ["https://asbarez.com/wp-content/uploads/putin.jpg"]
    assert article.canonical_url == URL
    assert f"{URL}amp/" in article.also_at


def test_the_feed_says_where_its_text_comes_from() -> None:
    assert from_feed().text_source == "feed"
    assert from_page().text_source == "page"


@pytest.mark.parametrize(
    ("words", "day"), [("Oct. 22", (2020, 10, 22)), ("November 1", (2020, 11, 1)), ("October 31", (2020, 10, 31))]
)
def test_a_day_named_in_the_story_resolves_against_its_publication(words: str, day: tuple[int, int, int]) -> None:
    article = from_page()
    assert words in shared("seed-asbarez.txt").read_text("utf-8")

    assert article.published is not None
    found = parse_date(words, now=article.published)

    assert found is not None
    assert (found.instant.year, found.instant.month, found.instant.day) == day
    assert found.year_inferred
