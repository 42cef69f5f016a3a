"""When a source is asked next: the planner's word in the timetable, wishes of sources, what a restart knows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.cadence import Planner
from crawler.extract import Refused
from crawler.pool import Judged, PageJob
from crawler.timing import LONGEST, SHORTEST, SPREAD, next_check, worth
from crawler.visit import visit
from crawler.wire import Fetched
from crawler.wishes import out_of_quiet
from crawler.world import World
from scheduler.newsroom.server import Answer, Asked
from storage.read_records import SourceRhythm
from storage.values import moment
from storage.wishes import Wishes
from tests.desk import NOW, Desk, Site, source_row
from tests.fakes import InlineReader

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


class Hourly(Site):
    """A story at every full hour of the day, none at night."""

    clock: Callable[[], datetime]

    def rss(self, asked: Asked) -> Answer:
        at = self.clock().replace(minute=0, second=0)
        moments = [m for m in (at - n * HOUR for n in range(60)) if 5 <= m.hour <= 20][:20]
        items = "".join(
            f"<item><title>Stepanakert at {m:%d %H}</title><link>http://news.test/{m:%m%d%H}</link>"
            f"<pubDate>{format_datetime(m)}</pubDate></item>"
            for m in moments
        )
        return Answer(200, f"<rss version='2.0'><channel>{items}</channel></rss>".encode())


class NoPages(InlineReader):
    """Whatever the pages say."""

    async def read(self, job: PageJob) -> Judged | Refused:
        return Refused(job.url, "no text", "not looked at")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    site = Hourly()
    desk = Desk(tmp_path / "k.sqlite", site=site, sources=(source_row(),), planned=True)
    site.clock = desk.clock
    return desk


def due(desk: Desk) -> datetime:
    with desk.reading() as reader:
        (source,) = reader.sources()
    return source.next_check


def rhythm(desk: Desk) -> SourceRhythm:
    with desk.reading() as reader:
        (one,) = reader.rhythms(desk.clock())
    return one


def test_a_source_is_polled_when_it_publishes_and_rarely_while_it_sleeps(desk: Desk) -> None:
    polls: list[datetime] = []
    end = NOW + timedelta(days=1)

    async def a_day(world: World) -> None:
        while desk.clock() < end:
            for source in world.store.claim_sources(owner="tests", now=desk.clock(), lease=HOUR, limit=1):
                polls.append(desk.clock())
                await visit(source, world)
            due = moment(world.store._db.execute("SELECT next_check_at FROM source").fetchone()[0])
            assert SHORTEST - SECOND <= due - desk.clock() <= LONGEST + SPREAD
            desk.clock.forward(seconds=(due - desk.clock()).total_seconds())

    desk.run(a_day, reader=NoPages)

    by_day = [at for at in polls if 5 <= at.hour <= 20]
    assert len(by_day) > 4 * (len(polls) - len(by_day))


def test_what_the_database_knows_is_all_that_a_restart_needs(desk: Desk) -> None:
    desk.visit_due()

    known = rhythm(desk)

    assert (known.source, known.shown, known.stories, known.relevant) == ("herald-en", 20, 20, 20)
    assert max(known.published) == NOW
    assert known.watched_since == NOW


def test_stories_without_a_moment_count_from_their_first_sight_but_not_those_of_the_first_poll(desk: Desk) -> None:
    def undated(path: str) -> str:
        return f"<item><title>Stepanakert {path}</title><link>http://news.test/{path}</link></item>"

    def feed(*paths: str) -> Answer:
        return Answer(200, f"<rss version='2.0'><channel>{''.join(map(undated, paths))}</channel></rss>".encode())

    desk.site.feed = feed("a", "b")
    desk.visit_due()
    assert rhythm(desk).published == ()
    desk.clock.forward(seconds=3 * 3600)
    desk.site.feed = feed("c", "a", "b")
    desk.visit_due()

    assert rhythm(desk).published == (desk.clock(),)


@pytest.mark.parametrize(
    ("wishes", "headers", "wait", "why"),
    [
        (Wishes(pause=timedelta(minutes=30)), {}, 30, "ttl"),
        (Wishes(pause=timedelta(days=1)), {}, 60, "ttl"),
        (Wishes(), {"cache-control": "public, max-age=1200"}, 20, "Cache-Control"),
        (Wishes(), {"cache-control": "max-age=soon"}, 0, ""),
        (Wishes(quiet_hours=frozenset({NOW.hour, (NOW.hour + 1) % 24})), {}, 60, "skipHours"),
        (Wishes(quiet_hours=frozenset(range(24))), {}, 0, ""),
        (Wishes(quiet_hours=frozenset({(NOW.hour - 1) % 24})), {}, 0, ""),
    ],
)
def test_wishes_of_a_source_are_kept_up_to_an_hour(
    wishes: Wishes, headers: dict[str, str], wait: int, why: str
) -> None:
    planner = Planner(1000, min_interval=SHORTEST, max_interval=LONGEST)
    planner.learn("a", [NOW - n * timedelta(minutes=7) for n in range(200)], NOW)
    answer = Fetched(url="http://news.test/feed", final_url="http://news.test/feed", status=200, headers=headers)

    at = next_check(planner, "a", answer, wishes, new=(), shown=20, longest_wish=HOUR, now=NOW)

    assert at - NOW >= timedelta(minutes=wait)
    assert why in planner.describe("a", NOW).why


def test_what_a_list_wishes_is_kept_while_it_stays_as_it_is(desk: Desk) -> None:
    skipped = "".join(f"<hour>{hour}</hour>" for hour in (12, 13, 14))
    items = "<item><title>Lachin</title><link>http://news.test/a</link></item>"
    wished = f"<ttl>40</ttl><skipHours>{skipped}</skipHours>"
    feed = f"<rss version='2.0'><channel>{wished}{items}</channel></rss>".encode()
    desk.site.feed = Answer(200, feed, {"ETag": '"same"'})
    waits = []
    for _ in range(2):
        desk.visit_due(NoPages)
        waits.append(due(desk) - desk.clock())
        desk.clock.forward(seconds=waits[-1].total_seconds())
    with desk.reading() as reader:
        (source,) = reader.sources()

    assert source.last_outcome == "unchanged"
    assert source.wishes == Wishes(pause=timedelta(minutes=40), quiet_hours=frozenset({12, 13, 14}))
    assert all(wait >= HOUR for wait in waits), waits


@given(st.integers(0, 10**6), st.frozensets(st.integers(0, 23)), st.integers(0, 10_000))
def test_a_poll_leaves_quiet_hours_only_later_and_within_bounds(after: int, quiet: frozenset[int], most: int) -> None:
    at, longest = NOW + after * SECOND, timedelta(minutes=most)

    later = out_of_quiet(at, quiet, longest=longest)

    assert at <= later <= at + longest
    assert later == at or at.hour in quiet
    assert later.hour not in quiet or later == at + longest or len(quiet) == 24


def test_a_source_is_worth_what_its_stories_were_and_an_unknown_one_a_usual_share() -> None:
    assert worth(0, 0) == pytest.approx(0.1)
    assert worth(500, 500) > 0.9
    assert worth(0, 10_000) == 0.02
