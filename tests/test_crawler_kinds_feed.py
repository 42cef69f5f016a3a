"""What comes out of feeds of every format: stories as captured feeds tell them, and each field from its elements."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.kinds.feed import parse_feed
from tests.data import shared

NOW = datetime(2026, 9, 15, 12, tzinfo=UTC)
URL = "https://news.test/rss.xml"
NAMESPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
)


def rss(items: str, channel: str = "") -> bytes:
    return f'<rss version="2.0" {NAMESPACES}><channel><title>News</title>{channel}{items}</channel></rss>'.encode()


def item(inside: str, link: str = "https://news.test/1") -> bytes:
    return rss(f"<item><link>{link}</link>{inside}</item>")


REAL = {
    "apa.az/rss_2026-09-14.excerpt.xml": (
        4,
        "Tramp administrasiyası 11 sentyabr hadisəsi ilə bağlı məxfi məlumatları açıqlaya bilər",
        datetime(2026, 9, 13, 20, 41, 31, tzinfo=UTC),
        "",
    ),
    "azertag.az/rss_2026-09-14.excerpt.xml": (
        7,
        "Naxçıvan şəhərində avtomobil piyadanı vurub",
        datetime(2026, 9, 13, 21, 35, tzinfo=UTC),
        "",
    ),
    "haqqin.az/rss_2026-09-15.excerpt.xml": (
        5,
        "Трампа не переубедить: «Кто владеет ИИ, тот побеждает!»",
        datetime(2026, 9, 14, 21, 52, 20, tzinfo=UTC),
        "Президент США Дональд Трамп выступил",
    ),
    "modern.az/rss_2026-09-14.excerpt.xml": (
        5,
        "Gəncədə iki nəfər bıçaqlandı",
        datetime(2026, 9, 13, 21, 11, tzinfo=UTC),
        "Gəncədə iki nəfər bıçaqlanıb.\n\nModern.az xəbər verir",
    ),
    "qafqazinfo.az/rss_2026-09-14.excerpt.xml": (
        7,
        "Pilotların iş saatı dəyişir",
        datetime(2026, 9, 14, 7, tzinfo=UTC),
        "Kommersiya hava daşımalarını",
    ),
}


@pytest.mark.parametrize("name", REAL, ids=[name.partition("/")[0] for name in REAL])
def test_a_captured_feed_gives_its_stories(name: str) -> None:
    count, title, published, words = REAL[name]

    found = parse_feed(shared(f"captures/{name}").read_bytes(), f"https://{name.partition('/')[0]}/rss", now=NOW)

    first = found.entries[0]
    assert (found.problem, len(found.entries)) == (None, count)
    assert (first.title, first.published) == (title, published)
    assert first.summary.startswith(words)
    assert len({entry.link for entry in found.entries}) == count
    assert all("<" not in entry.title + entry.summary and "CDATA" not in entry.summary for entry in found.entries)
    assert all(entry.content == "" for entry in found.entries)


def test_an_outlet_that_gives_all_its_items_one_guid_keeps_them_apart_by_link() -> None:
    body = shared("captures/qafqazinfo.az/rss_2026-09-14.excerpt.xml").read_bytes()

    entries = parse_feed(body, "https://qafqazinfo.az/rss", now=NOW).entries

    assert {entry.guid for entry in entries} == {"https://www.qafqazinfo.az/news/detail/"}
    assert entries[3].link == "https://www.qafqazinfo.az/news/detail/qarabag-qelebe-qazana-bilmedi-521384"
    assert entries[3].title == "“Qarabağ” qələbə qazana bilmədi"
    assert entries[3].images[0].endswith("/808763908_2171310290397423_8056659409110839273_n.jpg")


def test_a_protocol_relative_picture_and_a_space_entity_in_a_title_come_out_whole() -> None:
    body = shared("captures/modern.az/rss_2026-09-14.excerpt.xml").read_bytes()

    second = parse_feed(body, "https://modern.az/rss", now=NOW).entries[1]

    assert second.title == "Hörmüzdə gəmiyə hücum oldu"
    assert second.images[0].startswith("https://files.modern.az/file/articles/2026/09/13/")
    assert second.tags == ("Dünya",)


STORY = "<p>" + "The bridge is open again and buses run twice a day. " * 30 + "</p>"
CONTENTS = {
    "content:encoded": (
        f"<description>Short.</description><content:encoded><![CDATA[{STORY}]]></content:encoded>",
        STORY,
    ),
    "a long description": (f"<description><![CDATA[{STORY}]]></description>", STORY),
    "a short description": ("<description>The bridge is open.</description>", ""),
    "a long teaser": (f"<description><![CDATA[{STORY[:-5]} [&hellip;]]]></description>", ""),
    "content no longer than the summary": (
        "<description>The bridge is open.</description><content:encoded>The bridge is open.</content:encoded>",
        "",
    ),
    "content that is cut off": (
        "<description>Bridge.</description><content:encoded>The bridge is open to all... Read more</content:encoded>",
        "",
    ),
}


@pytest.mark.parametrize(("inside", "content"), CONTENTS.values(), ids=CONTENTS)
def test_content_is_the_story_where_the_feed_carries_it_and_nothing_else(inside: str, content: str) -> None:
    entry = parse_feed(item(inside), URL, now=NOW).entries[0]

    assert entry.content == content
    assert entry.summary
