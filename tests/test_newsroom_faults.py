"""What is wrong with the newsroom's outlets: each fault says what it should, and ends when it should."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta

import pytest

from scheduler.newsroom.press import load_press
from scheduler.newsroom.server import Answer, Asked
from scheduler.newsroom.site import Site

START = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
LATER = START + timedelta(minutes=5)  # everything has appeared and changed
PRESS = {outlet.id: outlet for outlet in load_press()}


def get(outlet: str, path: str, moment: datetime = LATER) -> Answer:
    return Site(PRESS[outlet], START).answer(Asked("GET", PRESS[outlet].host, path), moment)


@pytest.mark.parametrize(
    ("outlet", "path", "status"),
    [
        pytest.param("closed-press", "/rss", 410, id="gone"),
        pytest.param("tide-register", "/lost/morskoe-uchilische", 404, id="lost page"),
        pytest.param("round-table", "/feed", 302, id="redirect loop"),
        pytest.param("nor-arev", "/shushi-namak/", 404, id="withdrawn page"),
        pytest.param("sevan-observer", "/feed/", 500, id="first route"),
    ],
)
def test_what_is_wrong_for_good_stays_so(outlet: str, path: str, status: int) -> None:
    answer = get(outlet, path)

    assert answer.status == status
    assert answer.headers.get("Location", path) == path


def test_what_is_wrong_for_a_while_ends() -> None:
    later = START + timedelta(seconds=14)

    assert get("tide-register", "/feed.rdf", START).headers["Retry-After"] == "6"
    assert get("loose-cable", "/feed/", START).reset
    with pytest.raises(EOFError):
        gzip.decompress(get("volga-digest", "/rss.xml", START).body)
    for outlet, path in (("tide-register", "/feed.rdf"), ("loose-cable", "/feed/"), ("volga-digest", "/rss.xml")):
        assert (get(outlet, path, later).status, get(outlet, path, later).reset) == (200, False)


def test_answers_that_are_no_story_or_no_answer() -> None:
    assert get("silent-harbour", "/feed").wait > 60 > get("silent-harbour", "/robots.txt").wait
    assert b"<item>" not in get("rhone-matin", "/rss.xml").body
    assert len(get("tide-register", "/large/albom-shushi").body) > 8 << 20
    blank = get("tide-register", "/blank/gruzy-cherez-karabah").body.decode()
    assert "Нагорный" not in blank


def test_a_charset_is_declared_that_is_not_the_true_one() -> None:
    feed = get("nor-arev", "/feed/")

    assert "iso-8859-1" in feed.headers["Content-Type"]
    assert b'encoding="iso-8859-1"' in feed.body
    assert "Արցախից" in feed.body.decode("utf-8")


def test_one_text_stands_in_two_outlets_that_credit_nobody() -> None:
    told = [story for one in PRESS.values() for story in one.stories if story.body.startswith("Дневники жителей")]

    assert len({story.body for story in told}) == 1
    assert [story.credit for story in told] == ["", ""]


def test_an_amp_twin_is_the_same_page() -> None:
    outlet = PRESS["caspian-clock"]
    path = outlet.path(outlet.stories[0], START)

    assert get("caspian-clock", f"{path}/amp").body == get("caspian-clock", path).body
