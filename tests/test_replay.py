"""`karabakh replay`: pages of WARC files on the road of every page."""

from __future__ import annotations

import asyncio
import gzip
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.freshness import FreshnessLimits
from alerts.matching import match_changes
from alerts.rules import RuleSpec, compile_rules
from crawler.hosts import outlet_at
from scheduler.commands.replaying import summary
from storage.errors import DatabaseLocked
from storage.reader import Reader
from tests.archive_desk import Archive, the_topic
from tests.archives import SAVED, packed, page, record, story
from tests.desk import NOW
from tests.fakes import InlineReader, under_reactor
from tests.program import karabakh_here
from tests.storage_samples import entry, poll

HOUR = timedelta(hours=1)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path)


def test_a_saved_page_is_stored_as_it_was_when_it_was_saved(archive: Archive) -> None:
    html = story().replace(b"<h1>", b"<time>2 hours ago</time><h1>")
    path = archive.write("a.warc.gz", page(html, "http://news.test/1001?utm_source=x"))
    result = archive.replay(path)
    (stored,) = archive.stories().values()
    offset = int((stored.warc or "").removeprefix("a.warc.gz#"))

    assert (result.new, result.pages, result.problems) == (1, 1, [])
    assert (stored.outlet, stored.canonical_url, stored.outcome) == ("herald", "https://news.test/1001", "relevant")
    assert (stored.published, stored.fetched, stored.first_seen) == (SAVED - 2 * HOUR, SAVED, NOW)
    assert gzip.decompress(path.read_bytes()[offset:]) == page(html, "http://news.test/1001?utm_source=x")


def test_an_undated_page_is_as_old_as_its_saving(archive: Archive) -> None:
    archive.replay(archive.write("a.warc.gz", page(story())))
    (stored,) = archive.stories().values()

    assert (stored.published, stored.sort_at) == (None, SAVED)


def test_pages_go_to_the_outlets_of_their_hosts(archive: Archive) -> None:
    urls = [
        "https://herald.test/1001",
        "http://en.news.test/1002",
        "https://stranger.test/1003",
        "https://herald.test.evil.test/1004",
    ]
    path = archive.write("a.warc.gz", *(page(story(url), url) for url in urls))
    result = archive.replay(path)

    assert {url: one.outlet for url, one in archive.stories().items()} == dict.fromkeys(urls[:2], "herald")
    assert list(summary(result))[:2] == [
        "files      1, with 5 records and 4 pages",
        "           of 4 pages, 2 are of outlets that are not in the catalogue",
    ]

    archive.replay(path, outlet="herald")

    assert archive.stories().keys() == set(urls)


def test_the_longest_host_that_is_named_tells_the_outlet() -> None:
    hosts = {"news.test": "a", "sport.news.test": "b"}
    urls = ["http://news.test/", "http://x.sport.news.test./", "http://snews.test/", "http://[", "http:///"]

    assert [outlet_at(url, hosts) for url in urls] == ["a", "b", None, None, None]


def test_a_second_replay_reads_no_page_and_changes_nothing(archive: Archive) -> None:
    path = archive.write("a.warc.gz", page(story()), page(b"<html><p>Short.", "http://news.test/1002"))
    first = archive.replay(path)
    before = archive.stories()
    second = archive.replay(path.rename(archive.folder / "moved.warc.gz"))

    assert (first.new, dict(first.refused)) == (1, {"no text": 1})
    assert (second.new, second.known, second.again, archive.reader.read_urls) == (0, 2, 2, [])
    assert archive.stories() == before


def test_the_same_text_at_another_moment_is_known(archive: Archive) -> None:
    archive.replay(archive.write("a.warc.gz", page(story())))
    later = archive.replay(archive.write("b.warc.gz", page(story(), saved=SAVED + HOUR)))
    (stored,) = archive.stories().values()

    assert (later.new, later.changed, later.known, later.again) == (0, 0, 1, 0)
    assert ((stored.warc or "").split("#")[0], stored.fetched, stored.revision) == ("a.warc.gz", SAVED, 1)
    assert [one.source for one in stored.sightings] == ["a.warc.gz", "b.warc.gz"]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (1, 0, 2)], ids=str)
def test_versions_stand_in_the_order_in_which_they_were_saved(archive: Archive, order: tuple[int, ...]) -> None:
    titles = ["Lachin road closes", "Lachin road reopens", "Lachin road reopens: what is known"]
    for number in order:
        saved = SAVED + number * HOUR
        archive.replay(archive.write(f"{number}.warc.gz", page(story(title=titles[number]), saved=saved)))
    again = archive.replay(archive.write("again.warc.gz", page(story(title=titles[0]), saved=SAVED + HOUR / 2)))
    (stored,) = archive.stories().values()

    assert archive.versions("https://news.test/1001") == [(title, SAVED + n * HOUR) for n, title in enumerate(titles)]
    assert (stored.revision, (stored.warc or "").split("#")[0], again.known) == (3, "2.warc.gz", 1)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=str)
def test_a_story_was_not_published_after_it_could_be_read(archive: Archive, order: tuple[int, ...]) -> None:
    saved = (SAVED, SAVED + 50 * HOUR)
    for number in order:
        stated = f"<meta property='article:published_time' content='{saved[number] - HOUR:%Y-%m-%dT%H:%M:%SZ}'><title>"
        html = story(title=f"Lachin road, report {number}").replace(b"<title>", stated.encode())
        archive.replay(archive.write(f"{number}.warc.gz", page(html, saved=saved[number])))
    (stored,) = archive.stories().values()

    assert (stored.title, stored.published) == ("Lachin road, report 1", SAVED - HOUR)


SPEC = RuleSpec(name="r", query="lachin", channels=("desk",))
LIMITS = FreshnessLimits(first_poll=6 * HOUR, later=48 * HOUR)


def test_no_notice_of_a_saved_page_is_sent_until_a_source_shows_its_story_as_new(archive: Archive) -> None:
    fresh = story().replace(b"<h1>", b"<time>1 hour ago</time><h1>")
    archive.replay(archive.write("a.warc.gz", page(fresh, saved=NOW)))
    rules = compile_rules((SPEC,), now=NOW, topic=the_topic())
    with archive.store() as store:
        told = [(one.notices, one.held) for one in match_changes(store, rules, LIMITS, NOW)]
        store.claim_sources(owner="tests", now=NOW, lease=HOUR, limit=1)
        for shown in (
            entry("0", canonical_url="https://news.test/1000"),
            entry("1", canonical_url="https://news.test/1001"),
        ):
            store.save_poll(poll("herald-en", shown, owner="tests"))
        then = [(one.notices, one.held) for one in match_changes(store, rules, LIMITS, NOW)]

    assert told == [(0, 1)]
    assert then == [(1, 0)]


def test_a_page_that_neither_its_address_nor_itself_calls_a_story_is_left_out(archive: Archive) -> None:
    dated = story().replace(
        b"<title>", b"<meta property='article:published_time' content='2026-11-19T10:00:00Z'><title>"
    )
    path = archive.write("a.warc.gz", page(story(), "http://news.test/imprint"), page(dated, "http://news.test/lachin"))
    result = archive.replay(path)

    assert archive.stories().keys() == {"http://news.test/lachin"}
    assert dict(result.refused) == {"no story by its address": 1}


def test_of_a_general_outlet_only_what_names_the_topic_is_kept(archive: Archive) -> None:
    other = story().replace(b"Lachin corridor", b"main street").replace(b"Yerevan", b"Oslo")
    path = archive.write("a.warc.gz", page(story(), "https://world.test/1001"), page(other, "https://world.test/1002"))
    result = archive.replay(path)

    assert archive.stories().keys() == {"https://world.test/1001"}
    assert dict(result.refused) == {"not about the topic": 1}
    assert archive.replay(path).again == 2


def test_several_files_are_read_and_each_that_cannot_be_is_told(archive: Archive) -> None:
    pages = [page(story(str(n)), f"http://news.test/100{n}") for n in range(6)]
    whole, cut = archive.write("whole.warc.gz", *pages[:3]), archive.write("cut.warc.gz", *pages[3:], cut=9)
    empty, text, folder = archive.folder / "empty.warc", archive.folder / "text.warc", archive.folder
    empty.write_bytes(b"")
    text.write_bytes(b"Dear diary, nothing happened today.\n" * 40)
    zipped = archive.folder / "crawl.wacz"
    zipped.write_bytes(b"PK\x03\x04" + bytes(900))
    result = archive.replay(whole, cut, empty, text, zipped, folder)
    place = len(packed([record(b"software: pen\r\n", None, kind="warcinfo"), *pages[3:5]]))

    assert (result.new, result.exit_code) == (5, 1)
    assert set(result.problems) == {
        f"{cut} is cut short at byte {place}: the file ends in the middle of a record; what stands before was read",
        f"{empty} holds no WARC record",
        f"{text} cannot be read as WARC: no WARC record begins there",
        f"{zipped} cannot be read as WARC: it is a ZIP archive, and has to be unpacked first",
        f"{folder} cannot be read: Is a directory",
    }


def test_reading_waits_for_the_pool(archive: Archive) -> None:
    urls = [f"http://news.test/100{n}" for n in range(40)]
    archive.replay(archive.write("a.warc.gz", *(page(story(url), url) for url in urls)))

    assert sorted(archive.reader.read_urls) == sorted(urls)
    assert archive.reader.most_under_way <= 3


def test_a_replay_that_is_stopped_goes_on(archive: Archive) -> None:
    urls = [f"http://news.test/100{n}" for n in range(40)]
    path = archive.write("a.warc.gz", *(page(story(url), url) for url in urls))
    first = archive.replay(path, progress=lambda stop: stop.set())
    second = archive.replay(path)

    assert (first.stopped, first.exit_code, 0 < first.new < 40) == (True, 1, True)
    assert (second.stopped, second.exit_code, second.again, second.new) == (False, 0, first.new, 40 - first.new)


def test_what_breaks_in_mid_replay_is_raised_as_it_is(archive: Archive) -> None:
    files = [
        archive.write(f"{name}.warc.gz", *(page(story(), f"http://news.test/{name}-100{n}") for n in range(20)))
        for name in "ab"
    ]
    with pytest.raises(DatabaseLocked):
        archive.replay(*files, fails=DatabaseLocked(archive.folder, "is locked"))

    assert archive.replay(*files).problems == []


def test_only_what_was_saved_in_the_time_asked_for_is_read(archive: Archive) -> None:
    days = [SAVED + timedelta(days=n) for n in range(4)]
    path = archive.write("a.warc.gz", *(page(story(), f"http://news.test/100{n}", saved=d) for n, d in enumerate(days)))
    result = archive.replay(path, since=days[1], until=days[3])

    assert archive.stories().keys() == {"http://news.test/1001", "http://news.test/1002"}
    assert dict(result.unwanted) == {"from outside the time asked for": 2}


CONFIG = """
[storage]
path = "karabakh.sqlite"
[fetching]
workers = 1
[sources]
only = ["herald-en"]
[[sources.own]]
id = "herald-en"
url = "http://news.test/feed"
kind = "feed"
name = "Herald"
side = "Armenia"
languages = ["en"]
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG, "utf-8")
    return path


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["none.warc"], "File 'none.warc' does not exist", id="no such file"),
        pytest.param(
            [__file__, "--outlet", "harald-en"], "no outlet is called 'harald-en'; near it: herald-en", id="outlet"
        ),
        pytest.param([__file__, "--since", "soon"], "'soon' is not", id="no moment"),
        pytest.param([__file__, "--since", "1d", "--until", "9d"], "--since must lie before --until", id="span"),
        pytest.param([], "Missing argument 'FILE...'", id="no file"),
    ],
)
def test_what_cannot_be_asked_is_said(config: Path, arguments: list[str], said: str) -> None:
    done = karabakh_here(config, "replay", *arguments)

    assert done.returncode == 2
    assert said in done.stderr


def test_the_command_prints_what_it_did(archive: Archive, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.commands.replaying.under_reactor", lambda make: under_reactor(make(asyncio.Event())))
    monkeypatch.setattr("scheduler.work.ReadingPool", lambda workers, topic, rules: InlineReader(topic, rules))
    pages = [page(story(str(n)), f"http://news.test/100{n}") for n in range(2)]
    path = archive.write(
        "a.warc.gz", *pages, page(story(), "http://stranger.test/"), record(b"x", kind="revisit"), cut=2
    )
    done = karabakh_here(config, "replay", str(path))
    with Reader.open(config.with_name("karabakh.sqlite")) as reader:
        stored = [one.url for one in reader.search(None)]

    assert done.stdout.splitlines() == [
        "files      1, with 4 records and 3 pages",
        "           of 3 pages, 1 are of outlets that are not in the catalogue",
        "stories    2 new, 0 in another version, 0 known",
        "passed by  1 warcinfo records",
    ]
    assert done.stderr.splitlines()[0].startswith(f"{path} is cut short at byte ")
    assert (done.returncode, sorted(stored)) == (1, ["http://news.test/1000", "http://news.test/1001"])
