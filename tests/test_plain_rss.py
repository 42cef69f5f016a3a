"""Plain RSS is read as feedparser reads it, or left to it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawler.kinds.feed import MOST_MARKS, asked_pause, older_page, read_any
from crawler.kinds.feed_entry import RawItem, read_entry, text_of
from crawler.kinds.plain_rss import read_plain
from crawler.kinds.xml_text import XmlText, read_xml, shortened
from tests.test_feeds import CASES, RSS, URL, body_of

NOW = datetime(2026, 9, 15, 12, tzinfo=UTC)
TEXTS = (
    *(
        "",
        " ",
        "Road open",
        "Лачин &amp; Шуша",
        "Լաչին",
        "<![CDATA[<p>A &amp; b</p>]]>",
        "caf\u00e9",
        "na\u00c3\u00afve",
    ),
    *("a&#133;b", "a <!-- no --> b", "<b>bold</b>", "&lt;b&gt;bold&lt;/b&gt;", "Anna (News)"),
    *("anna@news.test (Anna)", "anna@news.test", "a.b@news.travel (Anna)", "Anna &lt;anna@news.test&gt;"),
)
ADDRESSES = (
    *(
        "",
        "https://news.test/1",
        " https://news.test/2 ",
        "/3",
        "https:////news.test/4",
        "https://news.test/?a=1&amp;b=2",
    ),
    *("https://news.test/?a=1&amp;amp;b=2", "javascript:void(0)", "42", "tag:news.test,2026:1"),
)
WRITTEN = (
    *("title", "description", "pubDate", "author", "dc:creator", "category", "dc:subject", "dc:date", "dc:language"),
    *("content:encoded", "comments", "source", "turbo:content", "yandex:full-text", "yandex:genre", "media:title"),
    *(
        "media:description",
        "media:credit",
        "TITLE",
        "updated",
        "foo:bar",
        "Foo:Title",
        "cc:title",
        "fulltext",
        "summary",
        "content",
    ),
    *("itunes:summary", "slash:section", "wfw:commentRss"),
)
NAMESPACES = (
    ' xmlns:turbo="http://turbo.yandex.ru" xmlns:yandex="http://news.yandex.ru"'
    ' xmlns:foo="https://foo.test/" xmlns:Foo="https://foo.test/" xmlns:cc="https://cc.test/" xmlns:slash='
    '"http://purl.org/rss/1.0/modules/slash/" xmlns:wfw="http://wellformedweb.org/CommentAPI/"'
    ' xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
)


@st.composite
def elements(draw: st.DrawFn, depth: int = 1) -> str:
    text, address = st.sampled_from(TEXTS), st.sampled_from(ADDRESSES)
    shape = draw(st.sampled_from(("text", "link", "guid", "category", "enclosure", "media", "atom", "image")))
    if shape == "text":
        name = draw(st.sampled_from(WRITTEN))
        return f"<{name}>{draw(text)}</{name}>"
    if shape == "link":
        return f"<link>{draw(address)}</link>"
    if shape == "guid":
        said = draw(st.sampled_from(("", ' isPermaLink="false"', ' isPermaLink="true"', ' isPermalink="false"')))
        return f"<guid{said}>{draw(address)}</guid>"
    if shape == "category":
        said = draw(st.sampled_from(("", ' domain="x"', ' domain="y"', ' term="z"')))
        return f"<category{said}>{draw(text)}</category>"
    if shape == "enclosure":
        return f'<enclosure url="{draw(address)}" type="{draw(st.sampled_from(("IMAGE/jpeg", "audio/mpeg", "")))}"/>'
    if shape == "atom":
        rel = draw(st.sampled_from(("alternate", "self", "NEXT")))
        return f'<atom:link rel="{rel}" href="{draw(address)}"/>'
    if shape == "image":
        more = draw(st.sampled_from(("", "<title>Picture</title><link>/p</link>")))
        return f"<image><url>{draw(address)}</url>{more}</image>"
    inside = "".join(draw(st.lists(elements(depth - 1), max_size=2))) if depth else ""
    name = draw(st.sampled_from(("media:content", "media:thumbnail", "media:group")))
    return f'<{name} url="{draw(address)}" medium="image">{inside}</{name}>'


items = st.lists(elements(), max_size=7).map(lambda found: f"<item>{''.join(found)}</item>")
channels = st.tuples(
    st.lists(elements(0), max_size=3), st.lists(items, max_size=3), st.sampled_from(("", "<ttl>5</ttl>", "<ttl/>"))
).map(
    lambda parts: RSS.replace("{}", parts[2] + "".join((*parts[1], *parts[0]))).replace("<rss", f"<rss{NAMESPACES}", 1)
)


def told(read: tuple[RawItem, list[RawItem]]) -> Any:
    """All that is made of a feed."""
    channel, found = read
    entries = [read_entry(one, URL, now=NOW, zone=None) for one in found]
    return (
        entries,
        text_of(channel, "title"),
        text_of(channel, "language"),
        asked_pause(channel),
        older_page(channel, URL),
    )


def agree(document: XmlText) -> bool:
    """Whether it was read here; what is made of it must be the same."""
    plain = read_plain(document.text)
    assert plain is None or told(plain) == told(read_any(document, URL))
    return plain is not None


@given(channels)
@example(RSS.replace("{}", "<item><guid>https://news.test/1</guid><link>/2</link></item>"))
@example(RSS.replace("{}", "<item><link/><guid>https://news.test/1</guid></item>"))
def test_what_is_read_is_what_feedparser_would_read(text: str) -> None:
    agree(read_xml(text.encode(), None))


ODD = st.sampled_from("\x00\x08\t\n\x0b\r\x1f\x7f\x80\x84\x85\x86\x9f\xa0«Лퟻ\ufffd\ufffe\uffff")


@given(st.text(ODD | st.characters(codec="utf-8", exclude_characters="<&>")))
def test_what_xml_forbids_goes_and_all_else_stays(text: str) -> None:
    kept = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]", "", text)

    assert read_xml(f"<rss><channel>{text}</channel></rss>".encode(), None).text.endswith(f">{kept}</channel></rss>")


RSS_CASES = [one for one in CASES if read_xml(body_of(one.values[0]), one.values[0].get("content_type")).root == "rss"]


def test_most_feeds_of_our_own_are_read_here_and_all_of_them_the_same() -> None:
    documents = [read_xml(body_of(one.values[0]), one.values[0].get("content_type")) for one in RSS_CASES]

    read_here = sum(agree(shortened(document, MOST_MARKS)) for document in documents)

    assert read_here > 0.8 * len(documents)


@pytest.mark.parametrize("name", ["CommentAPI/", "commentapi/"])
def test_what_wordpress_writes_is_plain(name: str) -> None:
    feed = f"""<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"
      xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wfw="http://wellformedweb.org/{name}"
      xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom"
      xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xmlns:slash="http://purl.org/rss/1.0/modules/slash/">
    <channel><title>Valley News</title><atom:link href="https://news.test/feed/" rel="self" type="application/rss+xml"/>
    <link>https://news.test</link><description/><lastBuildDate>Mon, 14 Sep 2026 10:00:00 +0000</lastBuildDate>
    <language>en-US</language><sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>1</sy:updateFrequency>
    <generator>https://wordpress.org/?v=6.8</generator>
    <image><url>https://news.test/i.png</url><title>Valley</title><link>https://news.test</link><width>32</width></image>
    <site xmlns="com-wordpress:feed-additions:1">1</site>
    <item><title>Road open</title><link>https://news.test/1</link><comments>https://news.test/1#respond</comments>
    <dc:creator><![CDATA[Anna]]></dc:creator><pubDate>Mon, 14 Sep 2026 09:00:00 +0000</pubDate>
    <category><![CDATA[Roads]]></category><guid isPermaLink="false">https://news.test/?p=1</guid>
    <description><![CDATA[<p>The road is open.</p>]]></description>
    <content:encoded><![CDATA[<p>The road is open again.</p>]]></content:encoded>
    <wfw:commentRss>https://news.test/1/feed/</wfw:commentRss><slash:comments>0</slash:comments>
    <post-id xmlns="com-wordpress:feed-additions:1">1</post-id></item></channel></rss>"""

    assert agree(read_xml(feed.encode(), None))
