"""What a source may answer instead of its feed: a clear sentence, nothing lost, and all is well at the next poll."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from crawler.visit import Visit
from scheduler.newsroom.server import Answer, Asked
from tests.desk import Desk

FEED = "http://news.test/feed"
XML = {"Content-Type": "application/rss+xml"}
PACKED = XML | {"Content-Encoding": "gzip"}
EMPTY = b"<rss version='2.0'><channel><title>Herald</title></channel></rss>"
CUT = (
    b"<rss version='2.0'><channel><title>Herald</title><item><title>Lachin corridor reopens</title><link>http://news.te"
)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "k.sqlite")


@pytest.mark.parametrize(
    ("answer", "outcome", "problem"),
    [
        (Answer(200, b"<!doctype html><html><p>Maintenance", {"Content-Type": "text/html"}), "failed",
         f"{FEED} answered an HTML page instead of a feed"),
        (Answer(200, EMPTY, XML), "failed", f"{FEED} is a feed without items"),
        (Answer(200, b"", XML), "failed", f"{FEED} answered nothing instead of a feed"),
        (Answer(200, CUT, XML), "failed", f"{FEED} was cut off before its end; 0 whole items of it were read"),
        (Answer(200, gzip.compress(EMPTY * 50)[:-20], PACKED), "failed",
         "the compressed answer of news.test is cut off"),
        (Answer(200, EMPTY, PACKED), "failed", "the compressed answer of news.test is not gzip"),
        (Answer(200, EMPTY, XML, cut=20), "failed", "the answer of news.test was cut off"),
        (Answer(500), "failed", f"{FEED} answered HTTP 500"),
        (Answer(403), "blocked", f"{FEED} answered HTTP 403: blocked here"),
        (Answer(410), "gone", f"{FEED} answered HTTP 410: gone for good"),
        (Answer(429, headers={"Retry-After": "600"}), "slow down",
         f"{FEED} answered HTTP 429: it asks to be asked less often"),
        (Answer(302, headers={"Location": "/feed"}), "failed", f"{FEED} redirects more than 5 times"),
        (Answer(302, headers={"Location": "http://127.0.0.1/"}), "blocked",
         "http://127.0.0.1/: 127.0.0.1 is not a public address"),
        (Answer(200, EMPTY, XML, wait=9), "failed", "news.test did not answer in time"),
    ],
    ids=["html", "empty feed", "nothing", "cut feed", "cut gzip", "no gzip", "cut answer", "500", "403", "410", "429",
         "loop", "private", "slow"],
)  # fmt: skip
def test_a_bad_answer_is_said_in_a_sentence_and_loses_nothing(
    desk: Desk, answer: Answer, outcome: str, problem: str
) -> None:
    desk.timeout = 0.5
    desk.visit_due()
    desk.clock.forward(minutes=20)
    desk.site.titles["/3"] = "Displaced of Stepanakert meet"
    desk.site.feed = answer

    assert desk.visit_due() == [Visit("herald-en", outcome, problem)]  # type: ignore[arg-type]
    with desk.reading() as reader:
        (source,) = reader.sources()
    assert (source.last_outcome, source.last_problem, source.failures) == (outcome, problem, 1)
    assert desk.texts() == {"/1": ("page", 1), "/2": ("page", 1)}

    desk.site.feed = None
    desk.clock.forward(hours=4)
    assert desk.visit_due() == [Visit("herald-en", "ok", None, new_entries=1, articles=1)]
    assert desk.texts() == {"/1": ("page", 1), "/2": ("page", 1), "/3": ("page", 1)}


def test_items_before_a_cut_are_kept_and_the_rest_is_asked_for_again(desk: Desk) -> None:
    """The cut answer leaves no validators: the server may not say "unchanged" to someone who has half of it."""
    whole = desk.site.rss(Asked("GET", "news.test", "/feed"))
    desk.site.feed = Answer(200, whole.body[: whole.body.index(b"/1") - 5], whole.headers)
    (done,) = desk.visit_due()

    assert (done.outcome, done.new_entries) == ("ok", 1)
    assert done.problem == f"{FEED} was cut off before its end; 1 whole items of it were read"

    desk.site.feed = None
    desk.clock.forward(minutes=20)
    assert desk.visit_due() == [Visit("herald-en", "ok", None, new_entries=1, articles=1)]


@pytest.mark.parametrize(
    ("charset", "declared", "header"),
    [
        ("windows-1251", "utf-8", "application/rss+xml"),
        ("utf-8", "windows-1251", "application/rss+xml"),
        ("windows-1251", "windows-1251", "application/rss+xml; charset=utf-8"),
        ("windows-1251", "", "text/xml; charset=windows-1251"),
    ],
)
def test_a_wrong_charset_does_not_garble_a_title(desk: Desk, charset: str, declared: str, header: str) -> None:
    title = "Дорога через Лачинский коридор открыта"
    said = f'encoding="{declared}"' if declared else ""
    feed = (
        f'<?xml version="1.0" {said}?><rss version="2.0"><channel><title>Вестник</title><item><title>{title}</title>'
        "<link>http://news.test/1</link><description>Грузовики прошли в Степанакерт.</description></item>"
        "</channel></rss>"
    )
    desk.site.feed = Answer(200, feed.encode(charset), {"Content-Type": header})
    desk.site.pages["/1"] = Answer(404)
    (done,) = desk.visit_due()

    assert (done.outcome, done.problem) == ("ok", None)
    with desk.reading() as reader:
        article = reader.article_at("http://news.test/1")
    assert article is not None
    assert (article.title, article.relevant) == (title, True)


def test_a_feed_that_moves_is_asked_at_its_new_address_once_that_is_settled(desk: Desk) -> None:
    desk.site.moved = {"/feed": "/feed-new"}
    asked = []
    for _ in range(5):
        desk.visit_due()
        desk.clock.forward(minutes=20)
        asked.append([path for path in desk.asked if path.startswith("/feed")])

    assert asked == [["/feed", "/feed-new"]] * 3 + [["/feed-new"]] * 2
    with desk.reading() as reader:
        (source,) = reader.sources()
    assert (source.url, source.address) == (FEED, "http://news.test/feed-new")
