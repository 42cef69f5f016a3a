"""Which paragraphs of a page are its story: the readings, who decides between them, and how sure that is."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import cast

import pytest
from lxml.html import HtmlElement

from crawler import body as body_module
from crawler import extract as extract_module
from crawler.body import Found, find_body
from crawler.entry import Entry
from crawler.extract import Refused, examine_page, read_page
from crawler.markup import parse_tree
from crawler.pool import PageJob, read_and_judge
from crawler.rules import OutletRules
from scheduler.commands.extracting import explained
from storage.article import Article
from storage.boilerplate import paragraph_hash
from topic import Topic
from topic.verdict import Verdict

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
URL = "https://news.example.am/politics/karabakh-talks-41822"
TITLE = "Ministers discuss the return of families"
STORY = tuple(
    f"{start} the return of the displaced families to their homes, which both sides had spoken of before."
    for start in ("The ministers met on Monday to discuss", "They described in different words", "Nobody expects soon")
)
OTHER = tuple(
    f"{start} as the federation of the region's football clubs announced when the season came to its end."
    for start in (
        "The cup final is played in the capital",
        "Tickets are sold from Friday",
        "The stadium is being repaired",
    )
)


def paragraphs(*texts: str, names: str = "") -> str:
    return "".join(f'<p class="{names}">{text}</p>' if names else f"<p>{text}</p>" for text in texts)


def page(body: str, head: str = "") -> str:
    return f"<html><head><title>{TITLE}</title>{head}</head><body>{body}</body></html>"


def found(body: str, **more: object) -> Found:
    html = page(body)
    tree = parse_tree(html)
    assert tree is not None
    return find_body(tree, whole=lambda: parse_tree(html), title=TITLE, **more)  # type: ignore[arg-type]


def article(body: str, head: str = "", **more: object) -> Article:
    outcome = read_page(page(body, head).encode(), URL, now=NOW, **more)  # type: ignore[arg-type]
    assert isinstance(outcome, Article), outcome
    return outcome


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What trafilatura was asked to read."""
    pages: list[str] = []
    real = body_module._by_trafilatura

    def spy(tree: HtmlElement | None) -> tuple[str, ...]:
        pages.append(str(tree))
        return real(tree)

    monkeypatch.setattr(body_module, "_by_trafilatura", spy)
    return pages


def test_where_the_readings_agree_the_dear_one_is_not_asked(asked: list[str]) -> None:
    one = found(f'<h1>{TITLE}</h1><div class="article-body">{paragraphs(*STORY)}</div>')

    assert one.paragraphs == STORY
    assert (one.extractor, one.confidence) == ("markup", 1.0)
    assert asked == []


def test_a_lone_reading_of_some_length_is_taken_but_not_sure(asked: list[str]) -> None:
    one = found(f"<h1>{TITLE}</h1><div>{paragraphs(*STORY, *OTHER)}</div>")

    assert (one.paragraphs, one.extractor) == (STORY + OTHER, "density")
    assert 0.5 < one.confidence <= 0.7
    assert asked == []


DISPUTED = (
    f'<h1>{TITLE}</h1><div class="article-text">{paragraphs(*STORY)}</div>'
    f'<div class="box">{paragraphs(*OTHER, *(text.replace("as", "just as") for text in OTHER))}</div>'
)


def test_where_the_readings_differ_trafilatura_is_asked_and_nobody_is_sure(asked: list[str]) -> None:
    one = found(DISPUTED)

    assert len(asked) == 1
    assert one.confidence < 0.7
    assert {reading.name for reading in one.readings} >= {"density", "markup"}


def test_a_witness_spares_the_dear_reading(asked: list[str]) -> None:
    one = found(DISPUTED, stated="\n".join(STORY))
    fed = found(DISPUTED, fed=STORY)

    assert (one.paragraphs, fed.paragraphs) == (STORY, STORY)
    assert "structured" in one.why
    assert "feed" in fed.why
    assert asked == []


def test_a_teaser_in_the_structured_data_says_nothing_against_the_text() -> None:
    body = f'<h1>{TITLE}</h1><div class="article-body">{paragraphs(*STORY)}</div>'

    assert found(body, stated=STORY[0][:60]).confidence == 1.0


def test_a_story_parted_by_advertising_is_read_whole() -> None:
    parts = "".join(
        f'<div class="wrap"><div class="part x{n}">'
        f"{paragraphs(text, text.replace('the', 'these'), names='t')}</div></div>"
        f'<div class="banner">Buy now</div>'
        for n, text in enumerate(STORY)
    )
    one = found(f"<h1>{TITLE}</h1><div><div>{parts}</div></div><p>{OTHER[0]}</p>")

    assert one.paragraphs == tuple(part for text in STORY for part in (text, text.replace("the", "these")))


@pytest.mark.parametrize(
    ("inside", "kept"),
    [
        ("<ul><li>a first point</li><li>a second one</li></ul>", ("a first point", "a second one")),
        ("<h3>What comes next</h3>", ("What comes next",)),
        ("<blockquote><p>a short word</p></blockquote>", ("a short word",)),
        ("<p><a href='/x'>Another story of the day</a></p>", ()),
        ("<div class='share'>Send it to your friends</div>", ()),
        ("<div class='relatedArticles'>The cup final is played on Friday.</div>", ()),
        ("<figure><figcaption>The hall of the talks.</figcaption></figure>", ()),
    ],
    ids=["list", "heading", "quotation", "link", "share bar", "camel case", "caption"],
)
def test_what_stands_among_the_paragraphs(inside: str, kept: tuple[str, ...]) -> None:
    body = f'<div class="article-body">{paragraphs(STORY[0])}{inside}{paragraphs(*STORY[1:])}</div>'

    assert found(f"<h1>{TITLE}</h1>{body}").paragraphs == (STORY[0], *kept, *STORY[1:])


def test_links_under_the_text_are_not_its_last_points() -> None:
    more = "<ul><li>Also of interest: <a href='/a'>the cup</a></li></ul>"

    assert found(f"<h1>{TITLE}</h1><div class='article-body'>{paragraphs(*STORY)}{more}</div>").paragraphs == STORY


def test_short_lines_between_line_breaks_stay() -> None:
    text = f"{STORY[0]}<br><br>This was agreed in Geneva<br><br>{STORY[1]}<br><br>{STORY[2]}"

    assert found(f"<h1>{TITLE}</h1><div class='post-body'>{text}</div>").paragraphs[1] == "This was agreed in Geneva"


LEAD = "Two years after the war the ministers of both countries speak of the families for the first time."


@pytest.mark.parametrize(
    ("lead", "is_text"),
    [
        (f'<p class="lead">{LEAD}</p>', True),
        (f'<p class="x7">{LEAD}</p>', True),
        (f'<p class="subtitle">{LEAD}</p>', False),
        (f"<h2>{LEAD}</h2>", False),
        (f'<p class="x7">{LEAD[:-1]}</p>', False),
    ],
    ids=["marked", "the page's description", "subtitle", "heading", "no sentence"],
)
def test_a_lead_is_text_and_a_subtitle_is_not(lead: str, *, is_text: bool) -> None:
    body = f'<h1>{TITLE}</h1><header>{lead}</header><div class="article-body">{paragraphs(*STORY)}</div>'

    assert found(body, summary=LEAD).paragraphs == ((LEAD, *STORY) if is_text else STORY)


def test_terms_of_use_above_the_heading_are_not_the_story() -> None:
    terms = paragraphs(*(f"{text} The editors may take down whatever breaks these rules." for text in OTHER))
    story = tuple(f"{text} So much was said in Geneva." for text in (*STORY, STORY[0].replace("Monday", "Friday")))

    assert found(f"<div>{terms}</div><div><h1>{TITLE}</h1>{paragraphs(*story)}</div>").paragraphs == story


@pytest.mark.parametrize("names", ["row hidden-xs", "overflow-hidden"])
def test_what_is_hidden_on_small_screens_alone_is_shown(names: str) -> None:
    body = f'<h1>{TITLE}</h1><div class="{names}">{paragraphs(*STORY)}</div><p>{OTHER[0] * 12}</p>'

    assert STORY[0] in " ".join(found(body).paragraphs + found(f"{body}{' ' * 50_000}").paragraphs)


def test_the_feeds_full_text_takes_the_place_of_a_part() -> None:
    entry = Entry(link=URL, title=TITLE, content=paragraphs(*STORY, *OTHER))

    one = article(f"<h1>{TITLE}</h1><div class='article-body'>{paragraphs(STORY[0])}</div>", entry=entry)

    assert (one.text_source, one.extractor) == ("feed", "feed")
    assert one.body == "\n\n".join(STORY + OTHER)


@pytest.mark.parametrize(("selector", "reader"), [("div.text", "selector"), ("p.intro", "markup")])
def test_an_outlets_selectors_win_unless_they_hold_a_teaser(selector: str, reader: str) -> None:
    intro = f'<p class="intro">{STORY[0]} {STORY[1]} They said no more.</p>'
    body = f'<div class="article-body">{intro}<div class="text">{paragraphs(*STORY, *OTHER)}</div></div>'

    assert found(f"<h1>{TITLE}</h1>{body}", selectors=(selector,)).extractor == reader


def test_the_record_says_how_sure_it_is_and_what_was_lost() -> None:
    body = f'<h1>{TITLE}</h1><div class="article-body">{paragraphs(*STORY)}</div>'
    russian = "Министры обсудили возвращение семей, сообщает правительство. " * 4
    damaged = page(f"<h1>T</h1><p>{russian}</p>").encode().replace("Министры".encode(), b"\xff\xd0", 1)

    whole, one = article(body), read_page(damaged, URL, now=NOW)

    assert (whole.extraction_confidence, whole.undecoded) == (1.0, 0)
    assert isinstance(one, Article)
    assert one.undecoded == one.body.count("\ufffd") > 0


@pytest.mark.parametrize(
    ("text", "real", "said"),
    [
        ("Министры обсудили возвращение семей, сообщает правительство. ", "windows-1251", "iso-8859-1"),
        ("Bakanlar görüşmede ailelerin geri dönüşünü ele aldı, dediği bildirildi. ", "iso-8859-9", "iso-8859-1"),
        ("Les ministres ont évoqué le retour des familles déplacées à Genève. ", "iso-8859-1", "iso-8859-1"),
        ("The ministers discussed the return of the families — at last. ", "utf-16-le", None),
    ],
    ids=["cyrillic called western", "turkish called western", "western", "utf-16 without a mark"],
)
def test_a_charset_that_the_server_has_wrong_is_found(text: str, real: str, said: str | None) -> None:
    content_type = f"text/html; charset={said}" if said else None

    one = read_page(page(f"<h1>T</h1><p>{text * 4}</p>").encode(real), URL, content_type=content_type, now=NOW)

    assert isinstance(one, Article)
    assert text.strip() in one.body


class Unmoved:
    """A topic that nothing is about: loading the shipped one takes two seconds."""

    def judge(self, *_: object) -> Verdict:
        return Verdict("not", 0.0, (), (), "none")


def test_what_an_outlet_repeats_reaches_the_reading_with_the_page() -> None:
    slogan = "The outlet tells of what others would rather leave untold, and has done so for ten years."
    html = page(f'<h1>{TITLE}</h1><div class="article-body">{paragraphs(*STORY, slogan)}</div>').encode()
    entry = Entry(link=URL, title=TITLE)
    job = PageJob(
        html=html, url=URL, outlet="example", entry=entry, now=NOW, boilerplate=frozenset({paragraph_hash(slogan)})
    )

    judged = read_and_judge(job, cast("Topic", Unmoved()), OutletRules(outlet="example"))

    assert not isinstance(judged, Refused)
    assert judged.article.body == "\n\n".join(STORY)


def test_a_mistake_of_ours_refuses_one_page_and_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(extract_module, "draft_page", lambda *_, **__: 1 / 0)

    with caplog.at_level(logging.ERROR, "crawler.extract"):
        one = read_page(page(paragraphs(*STORY)).encode(), URL, now=NOW)

    assert isinstance(one, Refused)
    assert (one.reason, URL in one.detail) == ("unreadable", True)
    assert "ZeroDivisionError" in caplog.text


def test_every_reading_can_be_looked_at() -> None:
    stated = json.dumps({"@type": "NewsArticle", "articleBody": "\n".join(STORY)})
    head = f'<script type="application/ld+json">{stated}</script>'
    body = f'<h1>{TITLE}</h1><div class="article-body">{paragraphs(*STORY)}</div>'

    lines = list(explained(examine_page(page(body, head).encode(), URL, now=NOW)))

    assert lines[0].startswith("chosen: markup, confidence 1.00: the element called an article")
    assert [line.split()[0] for line in lines[1:-1]] == ["density", "markup", "structured"]
    assert lines[-1].startswith("after cleaning: 3 of 3 paragraphs")
    assert list(explained(examine_page(b"", URL, now=NOW))) == ["no reading was made"]
