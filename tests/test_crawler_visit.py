"""Visits from the claim to the stored story: real feeds and pages over loopback, a real database."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.entry import ParsedFeed
from crawler.extract import Refused
from crawler.pool import FeedJob, Judged, PageJob
from crawler.visit import Visit, visit
from crawler.world import World
from scheduler.newsroom.server import Answer, Asked
from storage.errors import DiskFull
from tests.desk import NOW, Desk, source_row
from tests.fakes import InlineReader


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "k.sqlite")


def test_a_first_visit_stores_every_story_with_its_page(desk: Desk) -> None:
    (done,) = desk.visit_due()

    assert done == Visit("herald-en", "ok", None, new_entries=2, articles=2, pages_failed=0)
    assert desk.asked[:2] == ["/robots.txt", "/feed"]
    assert sorted(desk.asked[2:]) == ["/1", "/2"]
    with desk.reading() as reader:
        article = reader.article_at("http://news.test/1")
        (source,) = reader.sources()
    assert article is not None
    assert (article.title, article.source, article.text_source) == ("Lachin corridor reopens", "herald-en", "page")
    assert (article.published, article.relevant, article.first_poll) == (
        datetime(2026, 11, 24, 9, tzinfo=UTC),
        True,
        True,
    )
    assert (source.pending, source.failures, source.lease_owner, source.last_outcome) == (0, 0, None, "ok")


def test_a_second_visit_asks_only_whether_the_feed_has_changed(desk: Desk) -> None:
    desk.visit_due()
    assert desk.visit_due() == []
    desk.clock.forward(minutes=20)

    assert desk.visit_due() == [Visit("herald-en", "unchanged")]
    assert desk.asked == ["/robots.txt", "/feed"]


def test_the_same_bytes_without_validators_are_not_parsed_again(desk: Desk) -> None:
    desk.site.feed = Answer(200, desk.site.rss(Asked("GET", "news.test", "/feed")).body)
    desk.visit_due()
    desk.clock.forward(minutes=20)

    class NeverParses(InlineReader):
        async def parse(self, job: FeedJob) -> ParsedFeed:
            raise AssertionError(job.url)

    assert desk.visit_due(NeverParses) == [Visit("herald-en", "unchanged")]


def test_a_new_item_is_the_only_page_asked_for(desk: Desk) -> None:
    desk.visit_due()
    desk.clock.forward(minutes=20)
    desk.site.titles["/3"] = "Displaced of Stepanakert meet"

    assert desk.visit_due() == [Visit("herald-en", "ok", None, new_entries=1, articles=1)]
    assert desk.asked == ["/robots.txt", "/feed", "/3"]
    with desk.reading() as reader:
        article = reader.article_at("http://news.test/3")
    assert article is not None
    assert not article.first_poll


def test_a_page_that_fails_for_now_is_told_in_the_feeds_words_and_asked_again(desk: Desk) -> None:
    desk.site.pages["/1"] = Answer(500)
    (done,) = desk.visit_due()

    assert (done.articles, done.pages_failed) == (2, 1)
    assert desk.texts() == {"/1": ("summary", 1), "/2": ("page", 1)}
    assert desk.entry() == ("pending", 1, "the page answered HTTP 500")

    del desk.site.pages["/1"]
    desk.clock.forward(minutes=2)
    assert desk.visit_due() == [Visit("herald-en", articles=1)]
    assert desk.asked == ["/robots.txt", "/1"]
    assert desk.texts()["/1"] == ("page", 1)
    assert desk.entry() == ("done", 1, None)


def test_a_page_is_given_up_after_its_last_try(desk: Desk) -> None:
    desk.site.titles.pop("/2")
    desk.site.pages["/1"] = Answer(502)
    tries = 0
    for _ in range(200):
        desk.clock.forward(minutes=5)
        tries += "/1" in desk.asked if desk.visit_due() else 0
        if desk.entry()[0] == "failed":
            break

    assert (tries, desk.entry()) == (6, ("failed", 6, "the page answered HTTP 502"))
    assert desk.texts() == {"/1": ("summary", 1)}


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (Answer(403), "the page answered HTTP 403"),
        (Answer(404), "the page answered HTTP 404"),
        (Answer(200, b"%PDF-1.7", {"Content-Type": "application/pdf"}), "the page is of type application/pdf"),
        (Answer(302, headers={"Location": "http://10.0.0.1/"}), "http://10.0.0.1/: 10.0.0.1 is not a public address"),
        (Answer(302, headers={"Location": "/1"}), "http://news.test/1 redirects more than 5 times"),
    ],
    ids=["403", "404", "pdf", "to a private address", "loop"],
)
def test_a_page_that_cannot_be_had_for_good_is_told_in_the_feeds_words(
    desk: Desk, answer: Answer, problem: str
) -> None:
    desk.site.pages["/1"] = answer
    (done,) = desk.visit_due()

    assert (done.articles, done.pages_failed) == (2, 1)
    assert desk.texts() == {"/1": ("summary", 1), "/2": ("page", 1)}
    assert desk.entry() == ("failed", 1, problem)


def test_a_page_without_text_is_told_in_the_feeds_words(desk: Desk) -> None:
    desk.site.pages["/1"] = Answer(200, b"<html><body></body></html>", {"Content-Type": "text/html"})
    desk.visit_due()

    state, _, problem = desk.entry()
    assert (state, desk.texts()["/1"]) == ("failed", ("summary", 1))
    assert "http://news.test/1" in (problem or "")


def test_a_story_that_changes_in_the_feed_is_fetched_again_and_revised(desk: Desk) -> None:
    desk.visit_due()
    desk.clock.forward(minutes=20)
    desk.site.titles["/1"] = "Lachin corridor reopens, then closes"
    desk.site.pages["/1"] = "Wednesday"

    assert desk.visit_due() == [Visit("herald-en", "ok", None, new_entries=0, articles=1)]
    assert desk.asked == ["/robots.txt", "/feed", "/1"]
    assert desk.texts() == {"/1": ("page", 2), "/2": ("page", 1)}
    with desk.reading() as reader:
        article = reader.article_at("http://news.test/1")
        assert article is not None
        (before,) = reader.revisions(article.id)
    assert "Wednesday" in article.body
    assert "Tuesday" in before.body


def test_one_story_in_two_feeds_at_once_is_one_article_with_two_sightings(desk: Desk) -> None:
    desk.sources = (source_row(), source_row("herald-all", "/feed-all"))
    done = desk.visit_due()

    assert sorted(one.source for one in done) == ["herald-all", "herald-en"]
    with desk.reading() as reader:
        articles = [reader.article_at(f"http://news.test{path}") for path in ("/1", "/2")]
        total = sum(reader.status(desk.clock()).articles.values())
    assert total == 2
    for article in articles:
        assert article is not None
        assert {one.source for one in article.sightings} == {"herald-all", "herald-en"}
        assert article.revision == 1


def test_what_a_crash_left_waiting_is_fetched_by_the_next_run(desk: Desk) -> None:
    """The poll is stored, the pages are not: the process dies there."""

    class Dies(InlineReader):
        async def read(self, job: PageJob) -> Judged | Refused:
            raise DiskFull(desk.path, job.url)  # nothing catches it on the way out of the program

    with pytest.raises(DiskFull):
        desk.visit_due(Dies)
    assert desk.texts() == {}

    assert desk.visit_due() == [Visit("herald-en", articles=2)]
    assert sorted(desk.asked) == ["/1", "/2", "/robots.txt"]
    assert desk.texts() == {"/1": ("page", 1), "/2": ("page", 1)}


def test_a_visit_that_is_cut_off_gives_its_source_back(desk: Desk) -> None:
    desk.site.pages = {"/1": Answer(200, wait=30), "/2": Answer(200, wait=30)}

    async def story(world: World) -> None:
        (source,) = world.store.claim_sources(owner="tests", now=NOW, lease=timedelta(minutes=3), limit=1)
        task = asyncio.ensure_future(visit(source, world))
        while not world.store.pending_entries("herald-en", NOW, 9):  # noqa: ASYNC110 - the database tells
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()

    desk.run(story)
    desk.site.pages = {}

    assert desk.visit_due() == [Visit("herald-en", articles=2)]


def test_a_fault_of_ours_in_one_feed_or_page_is_contained(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.sources = (source_row(), source_row("herald-all", "/feed-all"))

    class Faulty(InlineReader):
        async def parse(self, job: FeedJob) -> ParsedFeed:
            return await super().parse(job) if job.url.endswith("/feed") else ParsedFeed(problem=str(1 // 0))

        async def read(self, job: PageJob) -> Judged | Refused:
            return await super().read(job) if job.url.endswith("/2") else Refused(job.url, "", str(1 // 0))

    done = {one.source: one for one in desk.visit_due(Faulty)}

    fault = "a fault of this program, see its log"
    assert done["herald-all"] == Visit("herald-all", "failed", fault)
    assert done["herald-en"] == Visit("herald-en", "ok", None, new_entries=2, articles=1, pages_failed=1)
    assert desk.entry() == ("failed", 1, fault)
    assert sorted({record.message for record in caplog.records if record.levelname == "ERROR"}) == [
        "page broke: url=http://news.test/1",
        "poll broke: source=herald-all",
    ]
    assert "ZeroDivisionError" in caplog.text
