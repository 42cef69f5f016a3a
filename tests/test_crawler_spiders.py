"""An operator's own spider as a source: its stories, and everything that may be wrong with it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.hub import Hub
from crawler.kinds.spider import parse
from crawler.spiders import Story
from crawler.spiders.runner import SpiderRunner
from crawler.spiders.story import WrongItem, plain_story
from crawler.visit import Visit, visit
from crawler.wire import Fetched
from crawler.world import World
from scheduler.newsroom.server import Answer, LoopbackServer
from storage.records import SourceForPoll, SourceRow
from tests.desk import NOW, Desk, Site, source_row
from tests.fakes import answering, run_hub

SPIDERS = '''
import asyncio
import scrapy
from crawler.spiders import Story

class Good(scrapy.Spider):
    name = "good"
    section = "/feed"
    custom_settings = {"DOWNLOADER": "scrapy.core.downloader.Downloader", "EXTENSIONS_BASE": {"no.such": 1}}
    async def start(self):
        yield scrapy.Request("http://news.test" + self.section)
    def parse(self, response):
        for item in response.xpath("//item"):
            yield Story(link=item.xpath("link/text()").get(), title=item.xpath("title/text()").get())

class Whole(scrapy.Spider):
    name = "whole"
    start_urls = ["http://news.test/1"]
    def parse(self, response):
        yield {"link": response.url, "title": "Lachin corridor reopens", "html": response.text}

class Raises(scrapy.Spider):
    name = "raises"
    start_urls = ["http://news.test/1"]
    def parse(self, response):
        raise KeyError("no such cell")

class Wrong(Raises):
    def parse(self, response):
        yield {"link": response.url, "headline": "x"}

class Empty(Raises):
    def parse(self, response):
        return []

class Endless(scrapy.Spider):
    name = "endless"
    async def start(self):
        while True:
            await asyncio.sleep(0.01)
            if self is None:
                yield

class Deaf(Raises):
    async def parse(self, response):
        await asyncio.Event().wait()

class Many(Raises):
    def parse(self, response):
        for n in range(10**9):
            yield {"link": f"http://news.test/{n}", "title": "x"}

class Unborn(scrapy.Spider):
    name = "unborn"
    def __init__(self, **arguments):
        raise RuntimeError("no password")

class Poster(scrapy.Spider):
    name = "poster"
    async def start(self):
        yield scrapy.Request("http://news.test/1", method="POST", body="x")

class Inward(scrapy.Spider):
    name = "inward"
    start_urls = ["http://127.0.0.1:1/", "http://10.0.0.1/"]

class No:
    pass
'''  # fmt: skip
MODULE = "spiders_of_the_tests"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("spiders")
    (folder / f"{MODULE}.py").write_text(SPIDERS, "utf-8")
    (folder / f"{MODULE}_broken.py").write_text("import no_such_library\n", "utf-8")
    (folder / f"{MODULE}_exits.py").write_text("raise SystemExit(3)\n", "utf-8")
    return folder


def own(spider: str, **options: str) -> SourceRow:
    path = spider if "." in spider else f"{MODULE}.{spider}"
    return replace(source_row(path="/"), kind="spider", ship="own", options={"class": path, **options})


def visited(desk: Desk, folder: Path, **bounds: float) -> Visit:
    async def story(world: World) -> Visit:
        assert isinstance(world.hub, Hub)
        runner = SpiderRunner(world.hub, folder, **{"most_seconds": 20.0, **bounds})  # type: ignore[arg-type]
        world = replace(world, spiders=runner)
        (claimed,) = world.store.claim_sources(owner="tests", now=desk.clock(), lease=world.lease, limit=5)
        return await visit(claimed, world)

    done: Visit = desk.run(story)
    return done


def test_a_spiders_stories_take_the_road_of_all_stories(tmp_path: Path, folder: Path) -> None:
    desk = Desk(tmp_path / "db", sources=(own("Good"),))
    done = visited(desk, folder)

    assert (done.outcome, done.problem, done.new_entries, done.articles) == ("ok", None, 2, 2)
    assert desk.texts() == {"/1": ("page", 1), "/2": ("page", 1)}
    assert sorted(desk.asked) == ["/1", "/2", "/feed", "/robots.txt"]


def test_the_same_stories_again_are_unchanged(tmp_path: Path, folder: Path) -> None:
    desk = Desk(tmp_path / "db", sources=(own("Good"),))
    visited(desk, folder)
    desk.clock.forward(hours=7)

    assert visited(desk, folder).outcome == "unchanged"


def test_options_but_the_class_are_the_spiders_arguments(tmp_path: Path, folder: Path) -> None:
    desk = Desk(tmp_path / "db", sources=(own("Good", section="/feed/other"),))
    visited(desk, folder)

    assert "/feed/other" in desk.asked


def test_a_page_that_came_with_its_story_is_not_asked_for(tmp_path: Path, folder: Path) -> None:
    desk = Desk(tmp_path / "db", sources=(own("Whole"),))
    visited(desk, folder)

    assert desk.texts() == {"/1": ("page", 1)}
    assert desk.asked.count("/1") == 1


@pytest.mark.parametrize(
    ("spider", "problem"),
    [
        ("Raises", f"the spider {MODULE}.Raises broke: KeyError: 'no such cell'"),
        ("Wrong", f"the spider {MODULE}.Wrong gave an item with the key 'headline', which a Story does not have"),
        ("Empty", f"the spider {MODULE}.Empty gave no stories"),
        ("Endless", f"the spider {MODULE}.Endless did not end within 0.5 seconds and was stopped"),
        ("Unborn", f"the spider {MODULE}.Unborn cannot be started: RuntimeError: no password"),
        ("No", f"the spider {MODULE}.No is not a class made from scrapy.Spider"),
        ("Absent", f"the spider {MODULE}.Absent cannot be imported: AttributeError"),
        (f"{MODULE}_broken.X", "cannot be imported: ModuleNotFoundError: No module named 'no_such_library'"),
        (f"{MODULE}_exits.X", "cannot be imported: it ends the program"),
        ("Poster", "only GET without a body is asked, not POST"),
        ("Inward", "127.0.0.1 is not a public address"),
    ],
    ids=lambda text: text[-40:],
)
def test_what_is_wrong_with_a_spider_is_one_sentence(tmp_path: Path, folder: Path, spider: str, problem: str) -> None:
    desk = Desk(tmp_path / "db", sources=(own(spider),))
    done = visited(desk, folder, most_seconds=0.5)

    assert done.outcome in {"failed", "blocked"}
    assert problem in (done.problem or "")
    assert "\n" not in (done.problem or "")


def test_a_spider_with_too_many_stories_is_stopped_and_its_first_ones_kept(tmp_path: Path, folder: Path) -> None:
    desk = Desk(tmp_path / "db", sources=(own("Many"),))
    done = visited(desk, folder, most_stories=3)

    assert (done.outcome, done.new_entries) == ("ok", 3)
    assert "gave more than 3 stories" in (done.problem or "")


def test_a_spider_that_does_not_stop_is_not_started_again(folder: Path) -> None:
    source = SourceForPoll(
        id="deaf", outlet="herald", kind="spider", address="http://news.test/", languages=("en",), poll_due=True,
        options={"class": f"{MODULE}.Deaf"},
    )  # fmt: skip

    async def story(hub: Hub) -> list[bytes]:
        runner = SpiderRunner(hub, folder, most_seconds=0.2)
        answers = [await runner.ask(source), await runner.ask(source)]
        for task in asyncio.all_tasks() - {asyncio.current_task()}:  # what the spider left behind
            if "crawl_async" in repr(task) or "Deaf" in repr(task) or "scrapy" in repr(task) or "_crawl" in repr(task):
                task.cancel()
        return [one.body for one in answers if isinstance(one, Fetched)]

    with LoopbackServer(answering(Answer(200, b"<p>x", {"Content-Type": "text/html"}))) as server:
        first, second = run_hub_leniently(story, server)

    assert b"did not end within" in first
    assert b"its last run still goes on" in second
    assert [asked.path for asked in server.asked].count("/1") == 1


def run_hub_leniently(story: object, server: LoopbackServer) -> list[bytes]:
    from tests.fakes import hub_settings, under_reactor

    async def main() -> list[bytes]:
        async with Hub(hub_settings(static_hosts={"news.test": server.place})) as hub:
            found: list[bytes] = await story(hub)  # type: ignore[operator]
            return found

    return under_reactor(main())


def test_a_spiders_requests_share_their_hosts_slot(tmp_path: Path, folder: Path) -> None:
    (folder / "two_at_once.py").write_text(
        "import scrapy\nclass Two(scrapy.Spider):\n name = 'two'\n"
        " start_urls = [f'http://news.test/{n}' for n in range(6)]\n"
        " def parse(self, response):\n  yield {'link': response.url, 'title': 'x'}\n"
    )
    slow = Answer(200, b"<p>x", {"Content-Type": "text/html"}, wait=0.02)
    source = SourceForPoll(
        id="two", outlet="herald", kind="spider", address="http://news.test/", languages=("en",), poll_due=True,
        options={"class": "two_at_once.Two"},
    )  # fmt: skip

    async def story(hub: Hub) -> None:
        await asyncio.gather(*(SpiderRunner(hub, folder).ask(source) for _ in range(2)))

    with LoopbackServer(answering(slow)) as server:
        run_hub(story, static_hosts={"news.test": server.place}, per_site=2)

    assert server.most_at_once == 2


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ({"title": "x"}, "without 'link'"),
        ({"link": "http://a.test/", "title": ""}, "without 'title'"),
        ({"link": "/1", "title": "x"}, "'link' does not begin with http"),
        ({"link": "http://a.test/", "title": 5}, "'title' is an int where a text is expected"),
        ({"link": "http://a.test/", "title": "x", "authors": "Ann"}, "'authors' is a str where a list"),
        ({"link": "http://a.test/", "title": "x", "published": 5}, "'published' is an int where a datetime or a text"),
        (7, "gave an int where a Story"),
    ],
    ids=str,
)
def test_a_wrong_item_is_named_with_its_key(item: object, said: str) -> None:
    with pytest.raises(WrongItem, match=said.replace("(", r"\(")):
        plain_story(item)


def test_a_moment_is_kept_with_its_zone() -> None:
    story = Story(link="http://a.test/1", title="x", published=datetime(2026, 11, 24, 9, tzinfo=UTC))
    plain = plain_story(story)
    body = __import__("json").dumps({"spider": "a.B", "stories": [plain], "problems": []}).encode()

    assert parse(body, "http://a.test/", now=NOW).entries[0].published == datetime(2026, 11, 24, 9, tzinfo=UTC)


def test_the_site_of_these_tests_has_two_stories() -> None:
    assert len(Site().titles) == 2
