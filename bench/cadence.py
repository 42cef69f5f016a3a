"""What each step of the planner saves over real publication times, and whether its numbers hold for other sources.

    python bench/cadence.py TRACES.csv [--budget 24 96] [--weeks 2] [--folds 5 --seed 1]

TRACES.csv has the columns source and ts_utc. Each source is moved by whole weeks to end on one Monday; the planner
learns from up to five weeks and is replayed over the week after them, against fixed intervals with as many polls.
`--weeks` replays earlier weeks as well. With `--folds` the common day and the worth of the readings are found from the
other folds' sources alone, so that every source is judged by numbers it had no part in. The interval is a bootstrap
over sources.
"""

from __future__ import annotations

import argparse
import csv
import math
import random
import sys
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from heapq import heapify, heapreplace
from itertools import chain
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from crawler import cadence_rhythm
from crawler.cadence import Planner

WEEK, END = timedelta(days=7), datetime(2026, 3, 2, 8, tzinfo=UTC)
START, SHOWN = END - WEEK, 20
FLAT = (1.0,) * 24
CERTAIN = 1e9
Traces = dict[str, list[datetime]]
Waits = dict[tuple[int, str], list[float]]
STEPS: dict[str, dict[str, object]] = {
    "the rate alone": {
        "COMMON_DAY": FLAT,
        "READINGS": (1.0, 0.0, 0.0, 0.0),
        "BELIEF_IN_READINGS": CERTAIN,
        "COMMON_WEEKEND": 1.0,
        "BELIEF_IN_WEEK": CERTAIN,
    },
    "and the hour": {"READINGS": (0.02, 0.98, 0.0, 0.0)},
    "and the weekend": {
        "COMMON_WEEKEND": cadence_rhythm.COMMON_WEEKEND,
        "BELIEF_IN_WEEK": cadence_rhythm.BELIEF_IN_WEEK,
    },
    "and twenty minutes": {"READINGS": (0.02, 0.49, 0.49, 0.0)},
    "and the minute of the hour": {"READINGS": cadence_rhythm.READINGS},
    "and each source's own mixture": {"BELIEF_IN_READINGS": cadence_rhythm.BELIEF_IN_READINGS},
    "and the common day": {"COMMON_DAY": cadence_rhythm.COMMON_DAY},
}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("traces", type=Path)
    options.add_argument("--budget", type=float, nargs="+", default=[24, 96])
    options.add_argument("--weeks", type=int, default=1)
    options.add_argument("--folds", type=int, default=0)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    weeks = [load(given.traces, back) for back in range(given.weeks)]
    if given.folds:
        cross_validate(weeks, given.budget, given.folds, given.seed)
        return
    settings: dict[str, object] = {}
    for name, change in STEPS.items():
        settings |= change
        with constants(settings):
            report(name, weeks, given.budget, {})


def cross_validate(weeks: list[Traces], budgets: list[float], folds: int, seed: int) -> None:
    """All sources share one budget as ever; each is learnt by the numbers of the folds without it."""
    names = sorted({name for week in weeks for name in week})
    random.Random(seed).shuffle(names)
    fitted: dict[str, dict[str, object]] = {}
    for fold in range(folds):
        others = {name: weeks[0].get(name, []) for place, name in enumerate(names) if place % folds != fold}
        common = common_day(others)
        worth = worth_of_readings(others, common)
        print(f"fold {fold}: readings {[round(share, 2) for share in worth]}")
        numbers: dict[str, object] = {"COMMON_DAY": common, "READINGS": worth}
        fitted |= {name: numbers for place, name in enumerate(names) if place % folds == fold}
    report(f"cross-validated, seed {seed}", weeks, budgets, fitted)


def common_day(traces: Traces) -> tuple[float, ...]:
    """Hours from local midnight: every source turned to the hour at which it fits the mean of all, a few times over."""
    counts = [[sum(at.hour == hour for at in times if at < START) for hour in range(24)] for times in traces.values()]
    shape = [1 + 0.8 * math.cos((hour - 14) / 12 * math.pi) for hour in range(24)]
    for _ in range(6):
        total = [0.0] * 24
        for hours in counts:
            logs = [math.log(share + 1e-3) for share in shape]
            turn = max(range(24), key=lambda k: sum(hours[(h + k) % 24] * logs[h] for h in range(24)))
            total = [seen + (hours[(h + turn) % 24] + 2) / (sum(hours) + 48) for h, seen in enumerate(total)]
        smooth = [(total[h - 1] + 2 * total[h] + total[(h + 1) % 24]) / 4 for h in range(24)]
        shape = [24 * share / sum(smooth) for share in smooth]
    return tuple(shape)


def worth_of_readings(traces: Traces, common: tuple[float, ...]) -> tuple[float, ...]:
    """Each source's own finding, with next to no belief before it; the mean of all."""
    settings = {"COMMON_DAY": common, "READINGS": (0.25,) * 4, "BELIEF_IN_READINGS": 1.0, "ROUNDS": 40}
    with constants(settings):
        found = []
        for times in traces.values():
            minutes = [int(at.timestamp() - 1) // 60 for at in times if at < START]
            now = int(START.timestamp()) // 60
            if len(minutes) > 20:
                found.append((len(minutes), cadence_rhythm.learn_rhythm(minutes, minutes[0], now).readings))
    total = sum(count for count, _ in found)
    return tuple(sum(count * readings[place] for count, readings in found) / total for place in range(4))


@contextmanager
def constants(values: dict[str, object]) -> Iterator[None]:
    before = {name: getattr(cadence_rhythm, name) for name in values}
    for name, value in values.items():
        setattr(cadence_rhythm, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(cadence_rhythm, name, value)


def load(path: Path, weeks_back: int) -> Traces:
    raw: Traces = defaultdict(list)
    with path.open() as file:
        for row in csv.DictReader(file):
            raw[row["source"]].append(datetime.fromisoformat(row["ts_utc"]))
    out = {}
    for name, times in raw.items():
        shift = (END + WEEK / 14 - max(times)) // WEEK * WEEK + weeks_back * WEEK
        moved = sorted(at + shift for at in times if END - 6 * WEEK <= at + shift < END)
        if moved and moved[0] <= END - 2 * WEEK and sum(at >= START for at in moved) >= 3:
            out[name] = moved
    return out


def replay(traces: Traces, budget: float, numbers: dict[str, dict[str, object]]) -> dict[str, list[datetime]]:
    planner = Planner(budget * len(traces), min_interval=timedelta(minutes=2), max_interval=timedelta(days=1))
    for name, times in traces.items():
        planner.learn(name, [at for at in times if at < START], START)
    queue = []
    for name in traces:
        with constants(numbers.get(name, {})):
            queue.append((planner.next_check(name, START), name))
    heapify(queue)
    polls: dict[str, list[datetime]] = {name: [] for name in traces}
    while queue[0][0] < END:
        now, name = queue[0]
        last = polls[name][-1] if polls[name] else START
        polls[name].append(now)
        planner.observed(name, now, [at for at in traces[name] if last < at <= now][-SHOWN:], SHOWN)
        with constants(numbers.get(name, {})):
            heapreplace(queue, (planner.next_check(name, now), name))
    return polls


def fixed(traces: Traces, each: int) -> dict[str, list[datetime]]:
    return {
        name: [START + WEEK / each * (k + (place + 1) / len(traces)) for k in range(each)]
        for place, name in enumerate(traces)
    }


def delays(traces: Traces, polls: dict[str, list[datetime]]) -> dict[str, list[float]]:
    """Minutes that each story of the week waited, by source."""
    out = {}
    for name, times in traces.items():
        made = [*polls[name], END]
        out[name] = [(made[bisect_left(made, at)] - at).total_seconds() / 60 for at in times if at >= START]
    return out


def report(name: str, weeks: list[Traces], budgets: list[float], numbers: dict[str, dict[str, object]]) -> None:
    said = []
    for budget in budgets:
        ours: Waits = {}
        base: Waits = {}
        spent, began = [], time.process_time()
        for back, traces in enumerate(weeks):
            polls = replay(traces, budget, numbers)
            count = sum(map(len, polls.values()))
            spent.append((count, 7 * budget * len(traces)))
            ours |= {(back, source): waits for source, waits in delays(traces, polls).items()}
            evenly = fixed(traces, round(count / len(traces)))
            base |= {(back, source): waits for source, waits in delays(traces, evenly).items()}
        cpu = 1e6 * (time.process_time() - began) / sum(count for count, _ in spent)
        low, high = bootstrap(ours, base)
        tails = [sorted(chain(*side.values()))[-sum(map(len, side.values())) // 20] for side in (ours, base)]
        said.append(
            f"{budget:g}: saved {100 * saving(ours, base, list(ours)):.1f} % ({100 * low:.0f} to {100 * high:.0f}), "
            f"p95 {tails[0]:.0f} of {tails[1]:.0f} min, "
            f"spent {100 * (sum(a for a, _ in spent) / sum(b for _, b in spent) - 1):+.1f} %, {cpu:.0f} us"
        )
    print(f"{name:32} " + "   ".join(said), flush=True)


def saving(ours: Waits, base: Waits, names: list[tuple[int, str]]) -> float:
    return 1 - sum(sum(ours[name]) for name in names) / sum(sum(base[name]) for name in names)


def bootstrap(ours: Waits, base: Waits) -> tuple[float, float]:
    """5th and 95th percentile, sources drawn anew with all their weeks."""
    draw, by_source = random.Random(1), defaultdict(list)
    for back, source in ours:
        by_source[source].append((back, source))
    sources = list(by_source)
    found = sorted(
        saving(ours, base, [key for _ in sources for key in by_source[draw.choice(sources)]]) for _ in range(500)
    )
    return found[25], found[-25]


if __name__ == "__main__":
    main()
