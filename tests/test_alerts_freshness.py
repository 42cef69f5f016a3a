"""Which notices are held back, as docs/alerts.md tells it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from alerts.freshness import FreshnessLimits, held_back
from tests.alerts_world import HOUR, NOW, STORED

LIMITS = FreshnessLimits(first_poll=6 * HOUR, later=48 * HOUR)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("article", "reason"),
    [
        pytest.param({"published": NOW - 6 * HOUR, "first_poll": True}, None, id="first poll, at the limit"),
        pytest.param(
            {"published": NOW - 6 * HOUR - MINUTE, "first_poll": True},
            "first poll of its source, and older than 6 h",
            id="first poll, past the limit",
        ),
        pytest.param(
            {"published": None, "first_poll": True},
            "first poll of its source, and undated",
            id="first poll, undated",
        ),
        pytest.param(
            {"published": NOW - 12 * HOUR, "published_precision": "day", "first_poll": True},
            "first poll of its source, and older than 6 h",
            id="first poll, today without an hour",
        ),
        pytest.param(
            {"published": NOW, "first_poll": True, "warc": "a.warc:1"}, "read from a saved page", id="a saved page"
        ),
        pytest.param({"published": NOW, "warc": "a.warc:1"}, None, id="a saved page that a source shows as new"),
        pytest.param({"published": NOW - 48 * HOUR}, None, id="later, at the limit"),
        pytest.param({"published": NOW - 48 * HOUR - MINUTE}, "older than 48 h", id="later, past it"),
        pytest.param({"published": NOW + 9 * HOUR}, None, id="a moment yet to come"),
        pytest.param({"published": None}, None, id="later, undated, just seen"),
        pytest.param(
            {"published": None, "first_seen": NOW - 49 * HOUR},
            "undated, and first seen more than 48 h before",
            id="later, undated, seen long ago",
        ),
        pytest.param(
            {"published": NOW - 60 * HOUR, "published_precision": "day"}, None, id="a day that may have ended in time"
        ),
        pytest.param(
            {"published": NOW - 73 * HOUR, "published_precision": "day"},
            "older than 48 h",
            id="a day that is surely over",
        ),
    ],
)
def test_old_news_is_held_back_with_a_reason(article: dict[str, Any], reason: str | None) -> None:
    assert held_back(replace(STORED, **article), LIMITS, NOW) == reason


def test_no_hours_at_all_hold_everything_of_a_first_poll() -> None:
    limits = FreshnessLimits(first_poll=timedelta(), later=48 * HOUR)

    assert held_back(replace(STORED, first_poll=True, published=NOW - MINUTE), limits, NOW)
    assert held_back(replace(STORED, first_poll=False, published=NOW - MINUTE), limits, NOW) is None
