"""Reading robots.txt as RFC 9309 has it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.robots import KEEP, KEEP_ON_ERROR, LONGEST_DELAY, MAX_BYTES, allowed, product, rules_from
from crawler.settings import user_agent
from crawler.wire import Fetched, FetchFailure

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
AGENT = user_agent("1.0", "desk@news.test")
URL = "https://outlet.am/news/1?page=2"


@pytest.mark.parametrize(
    ("robots", "may"),
    [
        ("", True),
        ("User-agent: *\nDisallow:", True),
        ("User-agent: *\nDisallow: /", False),
        ("User-agent: *\nDisallow: /news/", False),
        ("User-agent: *\nDisallow: /News/", True),
        ("User-agent: *\nDisallow: /news/\nAllow: /news/1", True),
        ("User-agent: *\nDisallow: /*?page=", False),
        ("User-agent: *\nDisallow: /news/1$", True),
        ("User-agent: karabakh-monitor\nDisallow: /", False),
        ("User-agent: KARABAKH-MONITOR\nDisallow: /", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: karabakh-monitor\nAllow: /", True),
        ("User-agent: a\nUser-agent: karabakh-monitor\nDisallow: /", False),
        ("User-agent: Mozilla\nDisallow: /", True),
        ("User-agent: Googlebot\nDisallow: /", True),
        ("\ufeffUser-agent: *\r\nDisallow: / # all of it\r\n", True),
        ("garbage\n\0\nDisallow: /", True),
    ],
)
def test_groups_and_the_longest_rule_decide(robots: str, may: bool) -> None:
    assert allowed(robots, AGENT, URL) is may


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (AGENT, "karabakh-monitor"),
        ("karabakh-monitor/1.0 (+desk@news.test)", "karabakh-monitor"),
        ("karabakh-monitor", "karabakh-monitor"),
        ("Mozilla/5.0 (X11; Linux x86_64)", "Mozilla"),
    ],
)
def test_the_name_that_rules_address_is_found_in_a_user_agent(agent: str, name: str) -> None:
    assert product(agent) == name


@pytest.mark.parametrize(
    ("answer", "closed", "keep"),
    [
        (Fetched(url=URL, final_url=URL, status=200), False, KEEP),
        (Fetched(url=URL, final_url=URL, status=404), False, KEEP),
        (Fetched(url=URL, final_url=URL, status=401), False, KEEP),
        (Fetched(url=URL, final_url=URL, status=429), True, KEEP_ON_ERROR),
        (Fetched(url=URL, final_url=URL, status=500), True, KEEP_ON_ERROR),
        (FetchFailure(url=URL, kind="too large", detail=""), True, KEEP_ON_ERROR),
    ],
    ids=["200", "404", "401", "429", "500", "too large"],
)
def test_an_answer_holds_for_its_time(answer: Fetched | FetchFailure, closed: bool, keep: timedelta) -> None:
    rules = rules_from(answer, NOW)

    assert (rules.closed, rules.until) == (closed, NOW + keep)
    assert rules.allows(AGENT, URL) is not closed


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("10", 10.0), ("0.5", 0.5), ("0", 0.0), ("-4", 0.0), ("soon", 0.0), ("nan", 0.0), ("3600", LONGEST_DELAY)],
)
def test_crawl_delay_is_read_and_bounded(said: str, seconds: float) -> None:
    body = f"User-agent: *\nCrawl-delay: {said}\n".encode()

    assert rules_from(Fetched(url=URL, final_url=URL, status=200, body=body), NOW).delay(AGENT) == seconds


def test_what_stands_past_the_limit_is_not_read() -> None:
    body = b"User-agent: *\n#" + b"x" * MAX_BYTES + b"\nDisallow: /\n"

    assert rules_from(Fetched(url=URL, final_url=URL, status=200, body=body), NOW).allows(AGENT, URL)


@given(st.binary(max_size=300), st.text(max_size=50))
def test_any_bytes_are_read_without_an_error(body: bytes, path: str) -> None:
    rules = rules_from(Fetched(url=URL, final_url=URL, status=200, body=body), NOW)

    assert rules.allows(AGENT, f"https://outlet.am/{path}") in {True, False}
    assert 0 <= rules.delay(AGENT) <= LONGEST_DELAY
