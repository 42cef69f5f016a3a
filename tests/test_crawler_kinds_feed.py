"""What comes out of feeds of every format: stories as captured feeds tell them, and each field from its elements."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from crawler.kinds.feed import parse, parse_feed
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


FORMATS = {
    "rss 0.91": '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/x.dtd">'
    '<rss version="0.91"><channel><title>N</title><item><title>Road open</title><link>/a</link></item></channel></rss>',
    "rss 2.0": '<rss version="2.0"><channel><item><title>Road open</title><link>/a</link></item></channel></rss>',
    "rdf": '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
    '<channel rdf:about="https://news.test/"><title>N</title></channel>'
    '<item rdf:about="https://news.test/a"><title>Road open</title><link>https://news.test/a</link></item></rdf:RDF>',
    "atom": '<feed xmlns="http://www.w3.org/2005/Atom"><title>N</title><entry><title type="html">Road &lt;b>open&lt;/b>'
    '</title><link rel="enclosure" href="/a.mp3"/><link href="/a"/><id>tag:news.test:1</id></entry></feed>',
    "atom with xml:base": '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://news.test/x/"><entry>'
    '<title>Road open</title><link href="../a"/></entry></feed>',
    "guid for a link": '<rss version="2.0"><channel><item><title>Road open</title>'
    "<guid>https://news.test/a</guid></item></channel></rss>",
    "json feed": '{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": 1, "url": "/a",'
    ' "title": "Road open"}]}',
    "junk around it": '<b>Warning</b>: in x.php\n<rss version="2.0"><channel><item><title>Road open</title>'
    "<link>/a</link></item></channel></rss>\n<!-- cached --> <script>x</script>",
}


@pytest.mark.parametrize("body", FORMATS.values(), ids=FORMATS)
def test_every_format_gives_the_entry(body: str) -> None:
    found = parse_feed(body.encode(), URL, now=NOW)

    assert found.problem is None
    assert [(entry.title, entry.link) for entry in found.entries] == [("Road open", "https://news.test/a")]


TITLES = {
    "plain": ("Talks in Meghri", "Talks in Meghri"),
    "entities": ("Talks &amp;amp; tea", "Talks & tea"),
    "escaped twice": ("&amp;quot;Zirə&amp;quot; &amp;amp;amp; co", '"Zirə" & co'),
    "tags": ("<![CDATA[<b>Talks</b> in <i>Meghri</i>]]>", "Talks in Meghri"),
    "less than": ("<![CDATA[5 < 6 and 7 > 3]]>", "5 < 6 and 7 > 3"),
    "no entity": ("AT&amp;T and R&amp;D", "AT&T and R&D"),
    "lines": ("  Talks\n\tin   Meghri ", "Talks in Meghri"),
    "soft hyphen": ("Meg\u00adhri", "Meghri"),
    "armenian": ("Ի՞նչ է կատարվում", "Ի՞նչ է կատարվում"),
}


@pytest.mark.parametrize(("written", "meant"), TITLES.values(), ids=TITLES)
def test_a_title_is_one_line_of_plain_text(written: str, meant: str) -> None:
    assert parse_feed(item(f"<title>{written}</title>"), URL, now=NOW).entries[0].title == meant


def test_a_summary_is_paragraphs_of_plain_text_without_scripts_and_captions() -> None:
    markup = (
        "<p>First&nbsp;one.</p><script>alert(1)</script><figure><figcaption>A photo</figcaption></figure><p>Second.</p>"
    )

    entry = parse_feed(item(f"<description><![CDATA[{markup}]]></description>"), URL, now=NOW).entries[0]

    assert entry.summary == "First one.\n\nSecond."


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


def test_authors_tags_pictures_and_language_come_from_the_elements_made_for_them() -> None:
    inside = (
        "<dc:creator>Ani Petrosyan</dc:creator><author>desk@news.test (Night Desk)</author><category>Road</category>"
        '<dc:language>hy</dc:language><media:content url="/p.jpg" medium="image"/>'
        '<enclosure url="//cdn.news.test/q.png" type="image/png" length="1"/>'
        '<enclosure url="/a.mp3" type="audio/mpeg"/>'
    )

    entry = parse_feed(item(inside), URL, now=NOW).entries[0]

    assert set(entry.authors) == {"Ani Petrosyan", "Night Desk"}
    assert (entry.tags, entry.language) == (("Road",), "hy")
    assert set(entry.images) == {"https://news.test/p.jpg", "https://cdn.news.test/q.png"}


DATES = {
    "an offset": ("Mon, 14 Sep 2026 10:00:00 +0400", datetime(2026, 9, 14, 6, tzinfo=UTC)),
    "an offset of two digits": ("Mon, 14 Sep 2026 10:00:00 +04", datetime(2026, 9, 14, 6, tzinfo=UTC)),
    "Moscow time by name": ("Mon, 14 Sep 2026 10:00:00 MSK", datetime(2026, 9, 14, 7, tzinfo=UTC)),
    "hours ahead": ("Tue, 15 Sep 2026 20:00:00 +0400", datetime(2026, 9, 15, 16, tzinfo=UTC)),
    "a year ahead": ("Tue, 14 Sep 2027 10:00:00 +0400", None),
    "a zero": ("Thu, 01 Jan 1970 00:00:00 +0000", None),
    "no date": ("soon", None),
}


@pytest.mark.parametrize(("raw", "instant"), DATES.values(), ids=DATES)
def test_a_date_is_read_from_the_raw_string_and_believed_when_it_can_be_true(
    raw: str, instant: datetime | None
) -> None:
    entry = parse_feed(item(f"<pubDate>{raw}</pubDate>"), URL, now=NOW).entries[0]

    assert (entry.published, entry.published_raw) == (instant, raw)


PAUSES = {
    "ttl": ("<ttl>20</ttl>", timedelta(minutes=20)),
    "hourly": (
        "<sy:updatePeriod> hourly </sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>",
        timedelta(minutes=30),
    ),
    "daily": ("<sy:updatePeriod>daily</sy:updatePeriod>", timedelta(days=1)),
    "zero": ("<ttl>0</ttl>", None),
    "no number": ("<ttl>soon</ttl>", None),
    "for ever": ("<ttl>99999999999999999999</ttl>", timedelta(days=7)),
    "nothing": ("", None),
}


@pytest.mark.parametrize(("channel", "pause"), PAUSES.values(), ids=PAUSES)
def test_the_pause_that_a_feed_asks_for_is_passed_on(channel: str, pause: timedelta | None) -> None:
    assert parse_feed(rss("<item><link>/a</link></item>", channel), URL, now=NOW).ask_again_after == pause


def test_times_without_a_zone_are_in_the_zone_of_the_outlet() -> None:
    body = item("<pubDate>2026-09-14 10:00:00</pubDate>")

    entry = parse(body, URL, now=NOW, zone=ZoneInfo("Asia/Baku")).entries[0]

    assert entry.published == datetime(2026, 9, 14, 6, tzinfo=UTC)
