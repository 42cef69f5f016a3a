from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from storage import Reader, Store
from storage.article import Alternate, Credit, Image
from storage.records import NoticeToSave
from tests.data import ROOT
from tests.storage_samples import DAY, HOUR, NOW, OUTLETS, SOURCES, article, entry, fill, poll, save, verdict
from topic.verdict import Mention

ME = "host/1/1"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "news.sqlite") as store:
        fill(store)
        yield store


@pytest.fixture
def reader(store: Store) -> Iterator[Reader]:
    with Reader.open(store.path) as reader:
        yield reader


def test_an_article_comes_back_as_it_was_saved(store: Store, reader: Reader) -> None:
    one = article(
        also_at=("https://m.lori.test/a",),
        guid="tag:1",
        subtitle="Below",
        summary="In short",
        language_method="text",
        script="Latn",
        authors=("Ann Lee", "Աննա"),
        credit=Credit("Armenpress", "as Armenpress reports", "armenpress"),
        dateline="Yerevan",
        published_raw="24 Nov",
        published_method="json-ld",
        year_inferred=True,
        modified=NOW,
        images=(Image("https://lori.test/i.jpg", "Lorries", "Photolure"),),
        alternates=(Alternate("hy", "https://lori.test/hy/1"),),
        paywalled=True,
        live=True,
        section="Politics",
        tags=("road",),
        http_status=200,
        warc="a.warc:17",
    )
    judged = verdict("unsure", Mention("lachin", "Lachin", "title", 0, 6), Mention("lachin", "road", "body", 4, 8))
    save(store, one, judged=judged)

    found = reader.article(1)

    assert found is not None
    for name in one.__dataclass_fields__:
        if name != "also_at":
            assert getattr(found, name) == getattr(one, name), name
    assert found.mentions == judged.mentions
    assert (found.outcome, found.score, found.reasons, found.topic_version) == ("unsure", 0.9, judged.reasons, "t1")
    assert (found.outlet_name, found.side, found.first_seen, found.revision) == ("Lori Herald", "Armenia", NOW, 1)
    assert set(found.also_at) == {"https://m.lori.test/a"}


def test_an_article_is_found_under_every_address(store: Store, reader: Reader) -> None:
    store.save_poll(poll("lori-en", entry(canonical_url="https://feedproxy.test/1")))
    save(store, article(also_at=("https://m.lori.test/a",), final_url="https://lori.test/a.html"), entry_id=1)

    for url in ("https://lori.test/a", "https://m.lori.test/a", "https://lori.test/a.html", "https://feedproxy.test/1"):
        found = reader.article_at(url)
        assert found is not None, url
        assert found.id == 1
    assert reader.article_at("https://lori.test/b") is None
    assert reader.article(2) is None


def test_what_each_source_announced_under_an_address(store: Store, reader: Reader) -> None:
    store.save_poll(poll("lori-en", entry()))
    store.save_poll(poll("lori-top", entry(verdict=verdict("not", score=0.1), state="skipped"), at=NOW + HOUR))
    store.save_page_failure(1, "HTTP 500", state="pending", next_try=NOW + HOUR)

    first, second = reader.entries_at("https://lori.test/a")

    assert (first.source, first.state, first.problem, first.attempts) == ("lori-en", "pending", "HTTP 500", 1)
    assert (second.source, second.state, second.outcome, second.score) == ("lori-top", "skipped", "not", 0.1)
    assert (first.first_seen, second.first_seen, first.article_id) == (NOW, NOW + HOUR, None)
    assert first.reasons == ("Lachin in the title",)


def test_revisions_are_the_earlier_texts(store: Store, reader: Reader) -> None:
    for hour, title in enumerate(("44 seized", "46 seized", "46 freed")):
        at = NOW + hour * HOUR
        save(store, article(title=title, fetched=at), now=at)

    found = [(one.number, one.title, one.seen_from, one.seen_until) for one in reader.revisions(1)]

    assert found == [(1, "44 seized", NOW, NOW + HOUR), (2, "46 seized", NOW + HOUR, NOW + 2 * HOUR)]


def test_a_source_is_shown_with_its_health(store: Store, reader: Reader) -> None:
    store.save_poll(poll("lori-en", entry("a"), entry("b"), next_check=NOW + HOUR))
    failed = {
        "outcome": "failed",
        "failures": 1,
        "problem": "HTTP 500",
        "http_status": 500,
        "address": "https://x.test/",
    }
    store.save_poll(poll("lori-en", at=NOW + HOUR, **failed))
    store.claim_sources(owner=ME, now=NOW + 3 * HOUR, lease=HOUR, limit=1, only=["lori-en"])

    found = {one.id: one for one in reader.sources()}
    one = found["lori-en"]

    assert set(found) == {row.id for row in SOURCES}
    assert (one.outlet_name, one.side, one.address, one.url) == (
        "Lori Herald",
        "Armenia",
        "https://x.test/",
        "https://lori-en.test/feed",
    )
    assert (one.last_outcome, one.last_problem, one.last_status, one.failures) == ("failed", "HTTP 500", 500, 1)
    assert (one.first_ok, one.last_ok, one.last_polled, one.last_new) == (NOW, NOW, NOW + HOUR, NOW)
    assert (one.pending, one.lease_owner, one.next_check) == (2, ME, NOW + 2 * HOUR)
    assert found["khazar-az"].last_polled is None


def test_outlets_come_back_as_they_were_synced(reader: Reader) -> None:
    assert sorted(reader.outlets(), key=lambda one: one.id) == sorted(OUTLETS, key=lambda one: one.id)


def test_status_counts_what_there_is(store: Store, reader: Reader) -> None:
    save(store, article("a"), now=NOW - 2 * DAY)
    save(store, article("b"), judged=verdict("not"))
    store.save_poll(poll("lori-en", entry("c"), entry("d", state="skipped")))
    store.save_poll(poll("lori-top", outcome="failed", failures=2, next_check=NOW - HOUR))
    notices = [
        NoticeToSave(rule="r", article_id=n, channel="desk", key=str(n), why=(), held=held)
        for n, held in ((1, "too old"), (2, None))
    ]
    store.save_matches("alerts", 2, notices, NOW)
    store.mark_failed(1, "refused", None)
    store.set_condition("network", "the network is away", NOW - HOUR)
    store.set_condition("network", "the network is still away", NOW)
    ended = store.begin_run("crawl", ME, NOW - HOUR)
    store.end_run(ended, "3 sources", NOW)
    store.begin_run("run", ME, NOW)

    found = reader.status(NOW)

    assert (found.articles, found.articles_last_day) == ({"not": 1, "relevant": 1}, 1)
    assert found.newest == NOW - HOUR
    assert found.entries == {"pending": 1, "skipped": 1}
    assert (found.sources_enabled, found.sources_overdue, found.sources_failing) == (3, 1, 1)
    assert found.sources_never_polled == 1
    assert (found.outbox, found.held, found.notices_dead) == ({"dead": 1, "held": 1}, {"too old": 1}, 1)
    assert [(one.name, one.text, one.since) for one in found.conditions] == [
        ("network", "the network is still away", NOW - HOUR)
    ]
    assert [(run.command, run.ended, run.summary) for run in found.runs] == [
        ("run", None, None),
        ("crawl", NOW, "3 sources"),
    ]
    assert found.database_bytes > 4096


def test_status_of_an_empty_database(tmp_path: Path) -> None:
    Store.open(tmp_path / "new.sqlite").close()
    with Reader.open(tmp_path / "new.sqlite") as reader:
        found = reader.status(NOW)

    assert (found.articles, found.newest, found.runs, found.sources_overdue) == ({}, None, (), 0)


def test_notices_are_shown_with_their_story_newest_first(store: Store, reader: Reader) -> None:
    for number, rule in ((1, "roads"), (2, "schools"), (3, "roads")):
        save(store, article(str(number)))
        one = NoticeToSave(rule=rule, article_id=number, channel="desk", key=f"k{number}", why=('title has "x"',))
        store.save_matches("alerts", number, [one], NOW + timedelta(minutes=number))
    store.mark_sent(1, NOW + HOUR)

    every = reader.notices()
    roads = reader.notices(rule="roads", limit=1)

    assert [one.article_id for one in every] == [3, 2, 1]
    assert (every[2].state, every[2].sent, every[2].attempts) == ("sent", NOW + HOUR, 1)
    assert [(one.title, one.url, one.why) for one in roads] == [
        ("Lachin road story 3", "https://lori.test/3", ('title has "x"',))
    ]


_WRITER = """
import sys
from pathlib import Path
from storage import Store
from tests.storage_samples import *
with Store.open(Path(sys.argv[1])) as store:
    fill(store)
    for number in range(int(sys.argv[2]), 100_000):
        store.save_poll(poll("lori-en", entry(str(number), content="text " * 500)))
        (waiting,) = store.pending_entries("lori-en", NOW, 9)
        save(store, article(str(number), body="word " * 500), entry_id=waiting.id)
        save(store, article(str(number), body="other " * 500))
        print(number, flush=True)
"""


def test_a_writer_killed_at_any_moment_leaves_whole_stories_behind(tmp_path: Path) -> None:
    path = tmp_path / "news.sqlite"
    for stories in (1, 4, 6, 9, 13):
        said = _killed_after(path, stories)
        with Store.open(path) as store:
            assert store.check() == []
            waiting = store.pending_entries("lori-en", NOW, 9)
            assert len(waiting) <= 1
            for one in waiting:  # the step that was cut off is done again
                save(store, article(one.title.split()[-1]), entry_id=one.id)
        with Reader.open(path) as reader:
            found = reader.search(None, limit=None)
            assert {int(one.canonical_url.rpartition("/")[2]) for one in found} >= set(range(said + 1))
            assert len({one.canonical_url for one in found}) == len(found)
            assert reader.status(NOW).entries == {"done": len(found)}


def _killed_after(path: Path, stories: int) -> int:
    """Kills the writer after some stories; returns the last number that it said it had written."""
    begin = 0
    if path.exists():
        with Reader.open(path) as reader:
            begin = len(reader.search(None, limit=None))
    command = [sys.executable, "-c", _WRITER, str(path), str(begin)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        for _ in range(stories):
            writer.stdout.readline()
        writer.kill()
        said = [int(line) for line in writer.stdout if line.strip().isdigit()]
    return max([begin + stories - 1, *said])
