"""Cron expressions mean what cron means by them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from scheduler.config import ScheduleConfig
from scheduler.timetable import cron_trigger, schedule_mistakes

TUESDAY = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "zone", "expected"),
    [
        pytest.param("17 3 * * *", "UTC", datetime(2026, 11, 25, 3, 17, tzinfo=UTC), id="every night"),
        pytest.param("41 3 * * 0", "UTC", datetime(2026, 11, 29, 3, 41, tzinfo=UTC), id="Sunday is 0"),
        pytest.param("41 3 * * 7", "UTC", datetime(2026, 11, 29, 3, 41, tzinfo=UTC), id="Sunday is 7"),
        pytest.param("0 5 * * 1", "UTC", datetime(2026, 11, 30, 5, 0, tzinfo=UTC), id="Monday is 1"),
        pytest.param("0 5 * * 0-2", "UTC", datetime(2026, 11, 29, 5, 0, tzinfo=UTC), id="from Sunday to Tuesday"),
        pytest.param("*/20 * * * *", "UTC", datetime(2026, 11, 24, 12, 20, tzinfo=UTC), id="every 20 minutes"),
        pytest.param("0 6 * * *", "Asia/Yerevan", datetime(2026, 11, 25, 2, 0, tzinfo=UTC), id="in Yerevan's time"),
    ],
)
def test_the_next_time_is_cron_s(expression: str, zone: str, expected: datetime) -> None:
    after = datetime(2026, 11, 24, 12, 0, 1, tzinfo=UTC)

    assert expected == cron_trigger(expression, zone).get_next_fire_time(None, after)


@pytest.mark.parametrize("expression", ["61 * * * *", "* * *", "a b c d e", "0 5 * * 9"])
def test_a_wrong_expression_is_named_by_its_key(expression: str) -> None:
    (said,) = schedule_mistakes(ScheduleConfig(backup=expression))

    assert said.startswith("schedule.backup: ")


def test_an_empty_expression_switches_its_job_off() -> None:
    assert schedule_mistakes(ScheduleConfig(backup="", retention="", checkpoint="")) == []
