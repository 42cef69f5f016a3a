"""Reading pages through the front door: what comes out of a page, what is refused, what hostile input does."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from crawler.entry import Entry
from crawler.extract import Refused, read_entry, read_page
from crawler.rules import OutletRules
from storage.article import Article

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
URL = "https://news.example.am/politics/karabakh-talks-41822"
PARAGRAPHS = [
    "The foreign ministers of the two countries met on Monday to discuss the return of displaced families.",
    "Both sides described the meeting as useful, while they gave different accounts of what had been agreed on.",
    "Observers said that the road through the corridor had remained closed since the end of the winter.",
]
BAKU = OutletRules(outlet="example", name="Example News", zone="Asia/Baku", languages=("en",))


def page(head: str = "", *, title: str = "Ministers discuss the return of families", body: str | None = None) -> bytes:
    text = body if body is not None else "".join(f"<p>{p}</p>" for p in PARAGRAPHS)
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title} | Example News</title>
    {head}</head>
    <body><nav><a href="/">Home</a> <a href="/politics">Politics</a></nav>
    <main><h1>{title}</h1><div class="text">{text}</div></main><footer>© Example News</footer></body></html>""".encode()


def json_ld(**story: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **story})}</script>'


def article(html: bytes, **more: object) -> Article:
    found = read_page(html, URL, now=NOW, **more)  # type: ignore[arg-type]
    assert isinstance(found, Article), found
    return found


def test_a_plain_page_gives_its_title_text_and_language() -> None:
    found = article(page())

    assert found.title == "Ministers discuss the return of families"
    assert found.body == "\n\n".join(PARAGRAPHS)
    assert (found.language, found.language_method, found.script) == ("en", "text", "Latn")
    assert (found.outlet, found.text_source, found.fetched) == ("example.am", "page", NOW)


def test_structured_data_fill_the_record() -> None:
    story = json_ld(
        headline="Ministers discuss the return of families",
        datePublished="2026-03-09T18:30:00+04:00",
        dateModified="2026-03-09T19:00:00+04:00",
        author=[{"@type": "Person", "name": "Anna Petrosyan"}, {"@type": "Organization", "name": "Example News"}],
        articleSection="Politics",
        keywords="Karabakh, talks",
        image={"@type": "ImageObject", "url": "/img/1.jpg"},
    )

    found = article(page(story), outlet=BAKU, http_status=200)

    assert found.published == datetime(2026, 3, 9, 14, 30, tzinfo=UTC)
    assert (found.published_method, found.published_precision, found.zone_inferred) == ("json-ld", "second", False)
    assert found.modified == datetime(2026, 3, 9, 15, tzinfo=UTC)
    assert found.authors == ("Anna Petrosyan",)
    assert (found.section, found.tags) == ("Politics", ("Karabakh", "talks"))
    assert [image.url for image in found.images] == ["https://news.example.am/img/1.jpg"]
    assert (found.outlet, found.http_status) == ("example", 200)


@pytest.mark.parametrize(
    "script",
    [
        '{"@graph": [{"@type": "WebPage"}, {"@type": ["NewsArticle"], "datePublished": "2026-03-09T14:30:00Z"}]}',
        '[{"@type": "Organization"}, {"@type": "Article", "datePublished": "2026-03-09T14:30:00Z"}]',
        '{"@type": "WebPage", "mainEntity": {"@type": "NewsArticle", "datePublished": "2026-03-09T14:30:00Z"}}',
        '{"@type": "NewsArticle", "description": "line\nbreak", "datePublished": "2026-03-09T14:30:00Z",}',
        '//<![CDATA[\n{"@type": "NewsArticle", "datePublished": "2026-03-09T14:30:00Z"}\n//]]>',
        '{"@type": "Organization"}\n{"@type": "NewsArticle", "datePublished": "2026-03-09T14:30:00Z"}',
        '{"@type": "http://schema.org/NewsArticle", "datePublished": "2026-03-09T14:30:00Z"};',
    ],
    ids=["graph", "array", "main entity", "line break and comma", "cdata", "two documents", "full type"],
)
def test_json_ld_is_read_in_every_shape(script: str) -> None:
    found = article(page(f'<script type="application/ld+json">{script}</script>'))

    assert found.published == datetime(2026, 3, 9, 14, 30, tzinfo=UTC)


def test_json_ld_beyond_mending_is_passed_over() -> None:
    found = article(page('<script type="application/ld+json">{"@type": "NewsArticle", "datePub</script>'))

    assert found.published is None


def test_authors_given_by_reference_are_found() -> None:
    script = json.dumps(
        {
            "@graph": [
                {"@type": "NewsArticle", "headline": "x", "author": {"@id": "#a"}},
                {"@type": "Person", "@id": "#a", "name": "Leyla Mammadova"},
            ]
        }
    )

    assert article(page(f'<script type="application/ld+json">{script}</script>')).authors == ("Leyla Mammadova",)


@pytest.mark.parametrize(
    ("declared", "real"),
    [("utf-8", "windows-1251"), ("windows-1251", "utf-8"), ("koi8-r", "koi8-r"), ("utf-8", "utf-16")],
    ids=lambda name: name,
)
def test_a_wrong_charset_is_seen_through(declared: str, real: str) -> None:
    words = "Министры иностранных дел двух стран обсудили возвращение семей, сообщает правительство. "
    html = f'<meta charset="{declared}"><h1>Заголовок о переговорах</h1><p>{words * 4}</p>'

    found = article(html.encode(real), content_type=f"text/html; charset={declared}")

    assert words.strip() in found.body
    assert found.language == "ru"


@pytest.mark.parametrize(
    ("stated", "canonical"),
    [
        ("https://www.example.am/politics/the-talks", "https://example.am/politics/the-talks"),
        ("https://other.example.com/politics/the-talks", URL),
        ("https://news.example.am/", URL),
        ("https://news.example.am/politics/", URL),
        ("/politics/karabakh-talks-41822?utm_source=x", URL),
    ],
    ids=["own site", "another site", "home page", "folder above", "tracking"],
)
def test_a_canonical_address_is_trusted_where_it_can_be_true(stated: str, canonical: str) -> None:
    found = article(page(f'<link rel="canonical" href="{stated}">'))

    assert found.canonical_url == canonical


def test_the_page_and_the_link_that_led_to_it_stay_known() -> None:
    entry = Entry(link="https://news.example.am/?p=41822", title="x", guid="41822", source="example-rss")

    found = article(page(f'<link rel="amphtml" href="{URL}?amp=1">'), entry=entry)

    assert (found.url, found.final_url, found.canonical_url) == (entry.link, URL, URL)
    assert found.also_at == (entry.link, f"{URL}?amp=1")
    assert (found.guid, found.source) == ("41822", "example-rss")


def test_a_feeds_moment_is_taken_where_the_page_tells_only_the_day() -> None:
    html = page('<meta property="article:published_time" content="2026-03-09">')
    entry = Entry(link=URL, title="x", published=datetime(2026, 3, 9, 14, 31, tzinfo=UTC))

    found = article(html, entry=entry, outlet=BAKU)

    assert (found.published, found.published_method) == (entry.published, "feed")


def test_a_feeds_moment_on_another_day_does_not_move_the_page() -> None:
    html = page('<meta property="article:published_time" content="2026-03-01">')
    entry = Entry(link=URL, title="x", published=datetime(2026, 3, 9, 14, 31, tzinfo=UTC))

    found = article(html, entry=entry, outlet=BAKU)

    assert found.published == datetime(2026, 2, 28, 20, tzinfo=UTC)
    assert (found.published_method, found.published_precision, found.zone_inferred) == ("meta", "day", True)


def test_a_date_in_the_future_is_not_believed() -> None:
    ahead = (NOW + timedelta(days=2)).isoformat()
    html = page(
        f'<meta property="article:published_time" content="{ahead}"><meta name="date" content="2026-03-09T10:00Z">'
    )

    assert article(html).published == datetime(2026, 3, 9, 10, tzinfo=UTC)


def test_a_local_clock_called_utc_is_set_right_by_what_the_page_shows() -> None:
    body = "<p>09.03.2026, 14:05</p>" + "".join(f"<p>{p}</p>" for p in PARAGRAPHS)
    html = page('<meta name="pubdate" content="2026-03-09T14:05:00Z">', body=body)

    assert article(html, outlet=BAKU).published == datetime(2026, 3, 9, 10, 5, tzinfo=UTC)
    assert article(html).published == datetime(2026, 3, 9, 14, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "outlet", [OutletRules(outlet="trend", name="Trend", zone="Asia/Baku"), None], ids=["known", "unknown"]
)
def test_a_dateline_on_lines_of_its_own_stays_with_the_text(outlet: OutletRules | None) -> None:
    body = "<p>BAKU, Azerbaijan, Nov. 2</p><p>Trend:</p>" + "".join(f"<p>{p}</p>" for p in PARAGRAPHS)

    found = read_page(page(body=body), "https://en.trend.az/azerbaijan/3325112.html", now=NOW, outlet=outlet)

    assert isinstance(found, Article)
    assert (found.dateline, found.credit) == ("Baku", None)
    assert found.body.startswith("BAKU, Azerbaijan, Nov. 2\n\nTrend:\n\nThe foreign ministers")


def test_a_known_selector_of_the_outlet_holds_the_text() -> None:
    aside = "".join(f"<p>{p}</p>" for p in PARAGRAPHS)
    longer = "Another text of the page, longer than the story. " * 20
    body = f'<div class="other"><p>{longer}</p></div><div class="story">{aside}</div>'
    rules = OutletRules(outlet="example", body_selectors=(".absent", "div.story", "[["))

    found = article(page(body=body), outlet=rules)

    assert (found.body, found.extractor) == ("\n\n".join(PARAGRAPHS), "selector")


def test_the_text_a_page_only_states_is_used() -> None:
    found = article(page(json_ld(headline="x", articleBody="\n".join(PARAGRAPHS)), body="<p>Log in to read.</p>"))

    assert (found.body, found.extractor) == ("\n\n".join(PARAGRAPHS), "structured")


def test_a_summary_stands_in_when_there_is_no_text() -> None:
    entry = Entry(link=URL, title="Talks go on &amp; on", summary="The talks <b>go on</b>.", content="<p>Short…</p>")

    found = read_entry(entry, now=NOW, outlet=BAKU)

    assert isinstance(found, Article)
    assert (found.title, found.summary, found.body) == ("Talks go on & on", "The talks go on.", "")
    assert (found.text_source, found.outlet, found.http_status) == ("summary", "example", None)


def test_a_feeds_text_that_breaks_off_counts_as_a_summary() -> None:
    content = "".join(f"<p>{p}</p>" for p in PARAGRAPHS) + "<p>The ministers then said that […]</p>"

    found = read_entry(Entry(link=URL, title="Talks", summary="s", content=content), now=NOW)

    assert isinstance(found, Article)
    assert (found.text_source, found.body) == ("summary", "")


def test_an_entry_without_page_and_title_is_refused() -> None:
    found = read_entry(Entry(link=URL, title=" "), now=NOW)

    assert isinstance(found, Refused)
    assert URL in found.detail


def test_the_hash_is_the_same_whatever_the_white_space() -> None:
    spread = page(body="".join(f"<p>\n  {p.replace(' ', '&nbsp; ')}\t</p>\n\n" for p in PARAGRAPHS))

    assert article(spread).content_hash == article(page()).content_hash
    assert article(page(title="Ministers discuss the return of refugees")).content_hash != article(page()).content_hash
