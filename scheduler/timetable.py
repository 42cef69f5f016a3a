"""APScheduler as the clock: the dispatch tick, deliveries and the maintenance jobs of `[schedule]`.

Jobs are made anew from the configuration at every start and live in memory: what must survive a crash is a column.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from scheduler.config import ScheduleConfig

Job = Callable[[], Awaitable[None]]

TOLERANCE = 2.0  # seconds

# cron counts weekdays from Sunday = 0, APScheduler from Monday = 0; its from_crontab takes the numbers as its own.
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")


def cron_trigger(expression: str, zone: str) -> CronTrigger:
    """The trigger of a cron expression of five fields, weekdays as cron counts them; ValueError says what is wrong."""
    parts = expression.split()
    if len(parts) != 5:
        raise ValueError(f"expected five fields (minute hour day month weekday), found {len(parts)}")
    minute, hour, day, month, weekday = parts
    named = ",".join(_weekday(one) for one in weekday.split(","))
    return CronTrigger(minute=minute, hour=hour, day=day, month=month, day_of_week=named, timezone=ZoneInfo(zone))


def _weekday(part: str) -> str:
    span, _, step = part.partition("/")
    names = [_WEEKDAYS[int(one)] if one.isdigit() and int(one) < len(_WEEKDAYS) else one for one in span.split("-")]
    if names[0] == "sun" and len(names) == 2:  # a week that begins on Sunday wraps round in APScheduler's count
        return f"sun,mon-{names[1]}" if not step else f"sun,mon-{names[1]}/{step}"
    return "-".join(names) + (f"/{step}" if step else "")


def schedule_mistakes(schedule: ScheduleConfig) -> list[str]:
    """One sentence for each cron expression that does not parse."""
    mistakes = []
    for key in ("retention", "backup", "checkpoint"):
        expression = getattr(schedule, key)
        if not expression.strip():
            continue
        try:
            cron_trigger(expression, schedule.zone)
        except ValueError as error:
            mistakes.append(f"schedule.{key}: {error}")
    return mistakes


@dataclass
class SteadyWatch:
    """Compares the clock that people set with the one that only goes on (seconds since whenever)."""

    _apart: float | None = None

    def set_back(self, now: datetime, steady: float) -> timedelta:
        """How far the clock was set back since the last call; what is within TOLERANCE is a clock being disciplined."""
        apart = now.timestamp() - steady
        before, self._apart = self._apart, apart
        back = before - apart if before is not None else 0.0
        return timedelta(seconds=back) if back > TOLERANCE else timedelta(0)


def begin_anew(timer: AsyncIOScheduler, now: datetime) -> None:
    """After the clock was set back: jobs planned by the clock before would wait until it is that late again."""
    for job in timer.get_jobs():
        following = now if isinstance(job.trigger, IntervalTrigger) else job.trigger.get_next_fire_time(None, now)
        job.modify(next_run_time=following)


def make_timer(
    every: Mapping[str, tuple[float, Job]], crons: Mapping[str, tuple[str, Job]], zone: str
) -> AsyncIOScheduler:
    """`every` maps a job's name to (seconds, coroutine function), `crons` to (cron expression, coroutine function)."""
    timer = AsyncIOScheduler(timezone=ZoneInfo(zone))
    options: dict[str, Any] = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
    for name, (seconds, job) in every.items():
        timer.add_job(
            job, IntervalTrigger(seconds=seconds), id=name, next_run_time=datetime.now(ZoneInfo(zone)), **options
        )
    for name, (expression, job) in crons.items():
        if expression.strip():
            timer.add_job(job, cron_trigger(expression, zone), id=name, **options)
    return timer
