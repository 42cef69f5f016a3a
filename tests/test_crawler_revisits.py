"""Stories are looked at again on a plan: what changed is a revision, what is gone is withdrawn, what moved is found."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.revisit_plan import PLAN, late, next_visit
from crawler.revisits import is_front
from scheduler.newsroom.server import Answer, Asked
from storage.pages import Page
from tests.desk import NOW, Desk, Site

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
spans = st.timedeltas(min_value=timedelta(0), max_value=400 * DAY)


@given(spans, st.text(max_size=20))
def test_no_look_is_made_before_its_step_nor_made_up_for(waited: timedelta, key: str) -> None:
    found = next_visit(key, NOW, NOW + waited)

    if found is None:
        assert waited > PLAN[-1] / 2
    else:
        step = next(one for one in PLAN if one <= found - NOW <= one * 1.1)
        assert found > NOW + waited
        assert late(key, step) == found - NOW


def test_looks_at_the_stories_of_one_poll_are_spread() -> None:
    assert len({late(f"http://news.test/{n}", DAY) for n in range(50)}) > 45


@pytest.mark.parametrize(
    ("final", "front"),
    [
        ("http://news.test/", True),
        ("http://news.test/politics/", True),
        ("http://news.test/world", True),
        ("http://news.test/politics/12345-a-story-of-today/", False),
        ("http://news.test/politics/98-another-story-told", False),
        ("http://news.test/login?next=/politics/12345", False),
        ("http://news.test/consent", False),
    ],
)
def test_the_front_of_a_site_or_section_is_no_story(final: str, front: bool) -> None:
    assert is_front("http://news.test/politics/12345-a-story-of-today", final) == front


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path / "k.sqlite", revisits=2000)
    desk.visit_due()
    return desk


def later(desk: Desk, **time: float) -> list[str]:
    """Polls first what is due, then looks again; returns which pages were asked."""
    desk.clock.forward(**time)
    asked: list[str] = []
    for _ in range(2):
        desk.visit_due()
        asked += [path for path in desk.asked if path in {"/1", "/2", "/3"}]
    return sorted(asked)


def page(desk: Desk, path: str = "/1") -> Page:
    with desk.reading() as reader:
        story = reader.article_at(f"http://news.test{path}")
        assert story is not None
        found = reader.page(story.id)
    assert found is not None
    return found


def test_a_story_is_looked_at_after_an_hour_and_then_less_often(desk: Desk) -> None:
    assert later(desk, minutes=59) == []
    assert later(desk, minutes=8) == ["/1", "/2"]
    assert later(desk, hours=4) == []
    assert later(desk, hours=2) == ["/1", "/2"]
    assert later(desk, days=365) == ["/1", "/2"]
    assert page(desk).next_visit is None
    assert desk.texts() == {"/1": ("page", 1), "/2": ("page", 1)}


def test_what_changed_is_a_revision(desk: Desk) -> None:
    desk.site.pages["/1"] = "Wednesday"
    later(desk, minutes=70)

    assert desk.texts() == {"/1": ("page", 2), "/2": ("page", 1)}
    assert (page(desk).visits, page(desk).missing_since) == (1, None)


def test_two_looks_a_day_apart_make_a_story_withdrawn_and_its_return_clears_it(desk: Desk) -> None:
    desk.site.pages["/1"] = Answer(404)
    later(desk, minutes=70)
    first = desk.clock()
    assert (page(desk).missing_since, page(desk).withdrawn) == (first, None)
    assert later(desk, hours=23) in ([], ["/2"])
    later(desk, hours=4)

    assert (page(desk).missing_since, page(desk).withdrawn) == (first, desk.clock())
    assert page(desk).seen == NOW
    del desk.site.pages["/1"]
    later(desk, days=4)
    assert (page(desk).missing_since, page(desk).withdrawn, page(desk).seen) == (None, None, desk.clock())


@pytest.mark.parametrize("status", [403, 429, 500, 503])
def test_an_answer_that_tells_nothing_is_asked_for_later_and_nothing_is_said(desk: Desk, status: int) -> None:
    desk.site.pages["/1"] = Answer(status, headers={"Retry-After": "1"})
    later(desk, minutes=70)

    found = page(desk)
    assert (found.visits, found.missing_since, found.withdrawn) == (0, None, None)
    assert found.next_visit is not None
    assert found.next_visit > desk.clock()


def test_a_story_that_moved_for_good_is_known_at_both_addresses(desk: Desk) -> None:
    desk.site.titles["/3"] = desk.site.titles["/1"]
    del desk.site.titles["/1"]
    desk.site.moved["/1"] = "http://news.test/3"
    desk.site.feed = Answer(304)
    later(desk, minutes=70)

    assert (page(desk).moved_to, page(desk).moved, page(desk).url) == (
        "http://news.test/3",
        desk.clock(),
        "http://news.test/3",
    )
    assert page(desk, "/3").article_id == page(desk, "/1").article_id


@dataclass
class Tagged(Site):
    """Its pages have validators, which it honours; `conditional` tells of each request whether it had one."""

    conditional: list[bool] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Answer:
        answer = super().__call__(asked)
        if asked.path not in self.titles:
            return answer
        self.conditional.append("if-none-match" in asked.headers)
        tag = f'"{self.pages.get(asked.path)}"'
        if asked.headers.get("if-none-match") == tag:
            return Answer(304, headers={"ETag": tag})
        return replace(answer, headers={**answer.headers, "ETag": tag})


def test_looks_are_conditional_and_now_and_then_not(tmp_path: Path) -> None:
    site = Tagged(titles={"/1": "Lachin corridor reopens"})
    desk = Desk(tmp_path / "k.sqlite", site=site, revisits=2000)
    desk.visit_due()
    seen = []
    for wait in (timedelta(minutes=70), timedelta(hours=6), timedelta(hours=20)):
        later(desk, seconds=wait.total_seconds())
        seen.append(page(desk).seen == desk.clock())

    assert site.conditional == [False, True, True, False]
    assert seen == [True] * 3
    site.pages["/1"] = "Wednesday"
    later(desk, days=3)
    assert desk.texts() == {"/1": ("page", 2)}


def test_a_page_that_names_another_address_as_its_own_has_moved_there(desk: Desk) -> None:
    whole = desk.site(Asked("GET", "news.test", "/1"))
    named = whole.body.replace(b"<title>", b"<link rel=canonical href=http://news.test/3><title>")
    desk.site.pages["/1"] = replace(whole, body=named)
    later(desk, minutes=70)

    assert (page(desk).moved_to, page(desk).moved) == ("https://news.test/3", desk.clock())
    assert page(desk, "/3").article_id == page(desk, "/1").article_id


def test_a_poll_and_the_budget_come_before_looking_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "k.sqlite", revisits=1)
    desk.visit_due()

    assert len(later(desk, minutes=70)) == 1
    assert later(desk, hours=2) == []
    assert len(later(desk, hours=25)) == 1


@pytest.mark.parametrize(("shut", "withdrawn"), [(("/1",), True), (("/1", "/2"), False)], ids=["one story", "the site"])
def test_a_site_that_sends_everybody_to_its_front_has_not_withdrawn_its_stories(
    desk: Desk,
    shut: tuple[str, ...],
    withdrawn: bool,
) -> None:
    for path in shut:
        desk.site.moved[path] = "http://news.test/"
    later(desk, minutes=70)
    later(desk, hours=27)
    later(desk, hours=52)

    assert page(desk).missing == "a redirect to http://news.test/"
    assert (page(desk).withdrawn is not None) == withdrawn


def test_nothing_is_taken_from_another_story_to_which_an_address_leads(desk: Desk) -> None:
    desk.site.moved["/1"] = "http://news.test/2"
    later(desk, minutes=70)

    assert page(desk).missing == "another story at http://news.test/2"
    assert desk.texts()["/2"] == ("page", 1)
    assert page(desk).moved_to is None
