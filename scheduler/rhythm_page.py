"""When a source publishes and is asked next, for a terminal and for a program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crawler.cadence import Described
    from storage.reader import Reader
    from storage.wishes import Wishes

_BARS = " ▁▂▃▄▅▆▇█"


def rhythms(reader: Reader, polls_per_day: float, now: datetime) -> Mapping[str, Described]:
    """Of every source that is switched on, from what the database knows: what a daemon would plan if it began now."""
    from crawler.timing import make_planner

    known = reader.rhythms(now)
    planner = make_planner(known, polls_per_day=polls_per_day, now=now)
    return {one.source: planner.describe(one.source, now) for one in known}


def rhythm_lines(described: Described) -> list[str]:
    return [
        f"{'rhythm':<18} {described.why}",
        f"{'hours (UTC)':<18} 0 {bar_chart(described.hours)} 23",
    ]


def rhythm_dict(described: Described) -> dict[str, Any]:
    return {
        "stories_per_day": round(described.per_day, 2),
        "hours_utc": [round(hour, 3) for hour in described.hours],
        "planned_next_check": described.next_check,
        "planned_because": described.why,
    }


def wish_lines(wishes: Wishes) -> tuple[str, ...]:
    pause = wishes.pause and f"to be asked every {wishes.pause / timedelta(minutes=1):.0f} min at most"
    hours = ", ".join(map(str, sorted(wishes.quiet_hours)))
    quiet = hours and f"not to be asked in the hours {hours} UTC"
    return tuple(wish for wish in (pause, quiet) if wish)


def bar_chart(values: Sequence[float]) -> str:
    """A bar for each value, the highest as high as a line."""
    most = max(values, default=0.0)
    return "".join(_BARS[round(value / most * (len(_BARS) - 1))] if most > 0 else _BARS[0] for value in values)
