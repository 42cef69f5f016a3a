"""What is no story is refused by name, and no page, however made, makes the reader raise or run on."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extract import Refused, read_page
from storage.article import Article

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
URL = "https://news.example.am/politics/karabakh-talks-41822"
SENTENCE = "The foreign ministers of the two countries met on Monday to discuss the return of displaced families."
PARAGRAPH = f"<p>{SENTENCE * 4}</p>".encode()
LISTING = "".join(
    f'<div class="item"><a href="/{n}">Headline number {n}, which leads to another story of the day</a></div>'
    for n in range(40)
).encode()


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        (b"", "empty"),
        (b"   \n", "empty"),
        (b"%PDF-1.7 ...", "not html"),
        (b'{"error": "not found"}', "not html"),
        (b'<?xml version="1.0"?><rss version="2.0"></rss>', "not html"),
        (b"<title>Just a moment...</title><body>Enable JavaScript and cookies</body>", "challenge page"),
        (b"<html><body><h1>Flash</h1><p>One line.</p></body></html>", "no text"),
        (LISTING, "section front"),
    ],
    ids=["empty", "blank", "pdf", "json", "feed", "challenge", "no text", "section front"],
)  # fmt: skip
def test_what_is_no_story_is_refused_by_name(html: bytes, reason: str) -> None:
    found = read_page(html, URL, now=NOW)

    assert isinstance(found, Refused)
    assert found.reason == reason
    assert found.url == URL
    assert URL in found.detail


def test_a_story_about_a_captcha_is_no_challenge_page() -> None:
    paragraphs = "".join(
        f"<p>{p} {n}. Visitors had to verify you are human, he said.</p>" for n, p in enumerate([SENTENCE] * 24)
    )

    found = read_page(f"<h1>Walls</h1>{paragraphs}".encode(), URL, now=NOW)

    assert isinstance(found, Article)
    assert "verify you are human" in found.body


@pytest.mark.parametrize(
    "html",
    [
        b"<div>" * 100_000 + b"text " * 100,
        b"<h1>T</h1>" + b"<b><i>" * 50_000 + PARAGRAPH,
        b"<table><tr><td>" * 20_000 + PARAGRAPH,
        b"<p>" + b"a" * 2_000_000,
        b"<" * 2_000_000,
        b"<p>" + b"&amp;lt;&#x;&#99999999;&" * 50_000,
        b"<title>" + b" | ".join([b"x" * 10] * 20_000) + b"</title>" + PARAGRAPH,
        b'<script type="application/ld+json">' + b"[" * 200_000 + b"</script>" + PARAGRAPH,
        b"<h1>T\x00itle</h1>" + PARAGRAPH.replace(b"t", b"t\x00"),
        b"<nav>a</nav>&#1;&#x1f;&#xD800;&#65535;<form>b</form>&#0;&#0027;" + PARAGRAPH,
        bytes(range(256)) * 1000,
        PARAGRAPH * 2000,
    ],
    ids=[
        "deep",
        "inline",
        "tables",
        "word",
        "brackets",
        "entities",
        "title",
        "json",
        "nul bytes",
        "references",
        "every byte",
        "long",
    ],
)
def test_a_hostile_page_neither_raises_nor_takes_long(html: bytes) -> None:
    began = time.process_time()

    found = read_page(html, URL, now=NOW)

    assert isinstance(found, Article | Refused)
    assert time.process_time() - began < 10
    if isinstance(found, Article):
        assert "\x00" not in found.title + found.body


SCRAPS = [
    *(
        "<p>",
        "</p>",
        "<div class='share'>",
        "</div>",
        "<br>",
        "<a href='//['>",
        "</a>",
        "<h1>",
        "</h1>",
        "<table>",
        "<td>",
    ),
    *("<img alt='", "'>", "&#0;", "&lt", "\x00", "Баку, 3 янв", SENTENCE, "<time datetime='99999-99-99'>"),
    *("<script type='application/ld+json'>{", "</script>", "<link rel=canonical href='http://a:b/'>"),
    "<meta property='og:url' content='http://[::1'>",
]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(SCRAPS), max_size=60))
def test_no_page_made_of_scraps_makes_the_reader_raise(scraps: list[str]) -> None:
    assert isinstance(read_page("".join(scraps).encode(), URL, now=NOW), Article | Refused)


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=400), st.text(max_size=40))
def test_no_bytes_and_no_address_make_the_reader_raise(html: bytes, url: str) -> None:
    assert isinstance(read_page(PARAGRAPH + html, url, now=NOW), Article | Refused)
