"""Gaps between two windows, filled from other roads of a real site; what cannot be filled stays to be seen."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from scheduler.newsroom.server import Answer, Asked
from storage.read_records import Gap
from tests.desk import NOW, Desk, Site, source_row

SHOWN = 3
HOUR = timedelta(hours=1)


class Growing(Site):
    """A story an hour, the feed showing the last few; further pages of it (WordPress's way) while `pages` says so."""

    def __init__(self, desk_time: list[datetime], pages: int) -> None:
        super().__init__()
        self.time = desk_time
        self.pages_of_feed = pages
        self.refuses: Answer | None = None

    def moments(self) -> list[datetime]:
        count = int((self.time[0] - NOW) / HOUR)
        return [NOW + n * HOUR for n in range(count, -40, -1)]

    def rss(self, asked: Asked) -> Answer:
        page = int(asked.path.partition("paged=")[2] or 1)
        if page > 1 and self.refuses:
            return self.refuses
        if page > self.pages_of_feed:
            return Answer(404)
        shown = self.moments()[SHOWN * (page - 1) : SHOWN * page]
        items = "".join(
            f"<item><title>Lachin corridor report of hour {m:%d %H}</title><link>http://news.test/{m:%d%H}</link>"
            f"<pubDate>{format_datetime(m)}</pubDate></item>"
            for m in shown
        )
        generator = "<generator>https://wordpress.org/?v=6.5</generator>"
        return Answer(200, f"<rss version='2.0'><channel>{generator}{items}</channel></rss>".encode())


@pytest.fixture
def time() -> list[datetime]:
    return [NOW]


def gaps(desk: Desk, *, filled: bool = False) -> list[Gap]:
    with desk.reading() as reader:
        return reader.gaps(NOW - timedelta(days=2), filled=filled)


def visits(path: Path, time: list[datetime], site: Growing, *hours: float) -> Desk:
    """Visits the source at each of these hours from now on."""
    desk = Desk(path / "k.sqlite", site=site, sources=(source_row(),))
    for hour in hours:
        desk.clock.forward(seconds=(NOW + hour * HOUR - desk.clock()).total_seconds())
        time[0] = desk.clock()
        desk.visit_due()
    return desk


def stored(desk: Desk) -> set[str]:
    with desk.reading() as reader:
        return {one.url for one in reader.search(None, limit=None)}


def test_a_gap_is_filled_from_older_pages_of_the_feed_in_the_same_visit(tmp_path: Path, time: list[datetime]) -> None:
    desk = visits(tmp_path, time, Growing(time, pages=9), 0, 10)

    assert gaps(desk) == []
    (filled,) = gaps(desk, filled=True)
    assert (filled.since, filled.until, filled.requests) == (NOW, NOW + 10 * HOUR, 3)
    assert {f"http://news.test/{NOW + n * HOUR:%d%H}" for n in range(-2, 11)} <= stored(desk)


def test_a_gap_that_no_road_closes_stays_open_with_what_was_tried_and_is_tried_again(
    tmp_path: Path, time: list[datetime]
) -> None:
    site = Growing(time, pages=1)
    desk = visits(tmp_path, time, site, 0, 10)

    (gap,) = gaps(desk)
    assert (gap.tries, gap.requests) == (1, 1)
    assert gap.note is not None
    assert gap.note.endswith("http://news.test/feed?paged=2 answered HTTP 404")
    site.pages_of_feed = 9
    visits(tmp_path, time, site, 11)
    assert gaps(desk) == []


def test_a_search_that_is_held_back_goes_on_later_where_it_stood(tmp_path: Path, time: list[datetime]) -> None:
    site = Growing(time, pages=9)
    site.refuses = Answer(429, headers={"Retry-After": "1200"})
    desk = visits(tmp_path, time, site, 0, 10)

    (gap,) = gaps(desk)
    assert gap.tries <= 1
    site.refuses = None
    visits(tmp_path, time, site, 11, 12)
    assert gaps(desk) == []
