"""Which answers are pages, and when a page that was not had is asked for again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawler.story import RETRY_MINUTES, Unreadable, again, judge_answer
from crawler.wire import FailureKind, Fetched, FetchFailure

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
URL = "https://outlet.am/1"


def page(status: int = 200, **headers: str) -> Fetched:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Fetched(url=URL, final_url=URL, status=status, headers=named)


@pytest.mark.parametrize(
    "content_type",
    [None, "", "text/html", "Text/HTML; charset=windows-1251", "application/xhtml+xml", "text/plain", "text/xml"],
)
def test_pages_are_read(content_type: str | None) -> None:
    got = page() if content_type is None else page(content_type=content_type)

    assert judge_answer(got, offline=False, now=NOW) is got


@pytest.mark.parametrize(
    ("got", "lasting", "reason"),
    [
        (page(404), True, "the page answered HTTP 404"),
        (page(403), True, "the page answered HTTP 403"),
        (page(451), True, "the page answered HTTP 451"),
        (page(429), False, "the page answered HTTP 429"),
        (page(500), False, "the page answered HTTP 500"),
        (page(304), False, "the page answered HTTP 304"),
        (page(content_type="application/pdf"), True, "the page is of type application/pdf"),
        (page(content_type="image/jpeg"), True, "the page is of type image/jpeg"),
    ],
)
def test_other_answers_are_not(got: Fetched, lasting: bool, reason: str) -> None:
    assert judge_answer(got, offline=False, now=NOW) == Unreadable(reason, lasting)


@pytest.mark.parametrize(
    ("kind", "lasting"),
    [
        ("timeout", False),
        ("refused", False),
        ("dns", False),
        ("tls", False),
        ("truncated", False),
        ("protocol", False),
        ("robots", True),
        ("guard", True),
        ("too large", True),
        ("redirect loop", True),
    ],
)
def test_failures_pass_or_last(kind: FailureKind, lasting: bool) -> None:
    got = FetchFailure(url=URL, kind=kind, detail="why")

    assert judge_answer(got, offline=False, now=NOW) == Unreadable("why", lasting)


def test_without_a_network_the_page_is_not_at_fault() -> None:
    why = judge_answer(FetchFailure(url=URL, kind="dns", detail="why"), offline=True, now=NOW)

    assert isinstance(why, Unreadable)
    assert (why.blameless, why.lasting) == (True, False)
    assert again(99, why, NOW) == ("pending", NOW + timedelta(minutes=1))


def test_tries_grow_apart_and_end() -> None:
    why = Unreadable("HTTP 500", lasting=False)
    moments = [again(attempts, why, NOW) for attempts in range(len(RETRY_MINUTES) + 1)]

    assert moments == [("pending", NOW + timedelta(minutes=m)) for m in RETRY_MINUTES] + [("failed", None)]


def test_what_lasts_is_not_asked_again() -> None:
    assert again(0, Unreadable("HTTP 404", lasting=True), NOW) == ("failed", None)


def test_a_host_that_asks_for_time_gets_it() -> None:
    why = judge_answer(page(503, retry_after="600"), offline=False, now=NOW)

    assert isinstance(why, Unreadable)
    assert again(0, why, NOW) == ("pending", NOW + timedelta(minutes=10))
    assert again(3, why, NOW) == ("pending", NOW + timedelta(minutes=60))
