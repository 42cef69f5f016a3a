"""`karabakh status` as a page for people and as a value for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from scheduler.assemble import NO_CONTACT
from scheduler.config_file import LoadedConfig
from scheduler.lease_owner import is_dead
from scheduler.render import ago, table
from storage.ailments import KINDS, AilmentKind
from storage.reader import Run, SourceStatus, Status
from storage.text import printable

# A daemon polls within seconds of the time; a source that waits longer than this has nobody who polls it.
OVERDUE = timedelta(minutes=10)
SHOWN = 20
NO_HINDRANCE: frozenset[AilmentKind] = frozenset({"moved", "gap"})  # the source works all the same


def source_state(source: SourceStatus, now: datetime) -> str:
    """One word (or two) for how a source is."""
    if not source.enabled:
        return "off"
    if source.retired:
        return "gone"
    if source.last_polled is None:
        return "never polled"
    ails = [kind for kind in KINDS if kind in {one.kind for one in source.ails} - NO_HINDRANCE]
    if source.failures:
        return next(iter(ails), source.last_outcome or "failed")
    if now - source.next_check > OVERDUE:
        return "overdue"
    return f"route {source.route + 1}" if source.route else next(iter(ails), "ok")


def _problem(source: SourceStatus) -> str | None:
    if source.failures or not source.route:
        return source.last_problem
    return f"{source.kind_in_use} at {source.address} serves; {source.route_problem}"


def _troubled(sources: Sequence[SourceStatus], now: datetime) -> list[SourceStatus]:
    return [s for s in sources if s.enabled and (s.ails or source_state(s, now) not in {"ok", "never polled"})]


def status_dict(found: Status, sources: Sequence[SourceStatus], loaded: LoadedConfig, now: datetime) -> dict[str, Any]:
    troubled = [
        {
            "source": s.id,
            "state": source_state(s, now),
            "problem": _problem(s),
            "failures": s.failures,
            "ails": [{key: value for key, value in asdict(one).items() if key != "source"} for one in s.ails],
        }
        for s in _troubled(sources, now)
    ]
    return {"database": str(loaded.database), **asdict(found), "troubled": troubled, "contact": bool(_contact(loaded))}


def _contact(loaded: LoadedConfig) -> str:
    return loaded.values.fetching.contact


def status_page(found: Status, sources: Sequence[SourceStatus], loaded: LoadedConfig, now: datetime) -> str:
    return "\n".join(_lines(found, sources, loaded, now))


def _lines(found: Status, sources: Sequence[SourceStatus], loaded: LoadedConfig, now: datetime) -> Iterator[str]:
    size = f"{found.database_bytes / (1 << 20):.1f} MB"
    yield f"database   {loaded.database} ({size})"
    yield f"stories    {_counted(found.articles) or 'none yet'}; in the last 24 hours {found.articles_last_day}"
    yield f"entries    {_counted(found.entries) or 'none yet'}"
    yield f"newest     {ago(found.newest, now)}"
    on = [s for s in sources if s.enabled]
    states = [source_state(s, now) for s in on]
    yield f"sources    {len(on)} on: " + _counted({name: states.count(name) for name in dict.fromkeys(states)})
    yield f"outbox     {_counted(found.outbox) or 'empty'}"
    for reason, count in found.held.items():
        yield f"held back  {count}: {reason}"
    if found.gaps_open:
        yield f"gaps       {found.gaps_open} open: stories may have been missed (karabakh gaps)"
    for condition in found.conditions:
        yield f"now        {condition.text} (since {ago(condition.since, now)})"
    for run in found.runs[:3]:
        yield f"run        {run.command}, begun {ago(run.started, now)}; {_end_of(run, now)}"
    if not _contact(loaded):
        yield f"note       {NO_CONTACT}"
    troubled = _troubled(sources, now)
    if troubled:
        yield ""
        yield table(list(_rows(troubled[:SHOWN], now)), ("source", "state", "since", "last good", "what was seen"))
        if len(troubled) > SHOWN:
            yield f"… and {len(troubled) - SHOWN} more (karabakh sources list)"


def _rows(troubled: Sequence[SourceStatus], now: datetime) -> Iterator[tuple[str, str, str, str, str | None]]:
    """A row for each ailment; of a source that has none, for what the last poll met."""
    for source in troubled:
        state, last_good = source_state(source, now), ago(source.last_ok, now)
        if state not in {"ok", *(one.kind for one in source.ails)}:
            failed = f"{source.failures} failed polls" if source.failures else ""
            yield source.id, state, failed, last_good, _problem(source)
        for one in source.ails:
            yield source.id, one.kind, ago(one.since, now), last_good, one.seen


def _end_of(run: Run, now: datetime) -> str:
    if run.ended:
        return f"ended {ago(run.ended, now)}: {run.summary}"
    return "was cut off" if is_dead(run.owner) else "goes on"


def _counted(counts: Any) -> str:
    return ", ".join(f"{count} {printable(str(name))}" for name, count in counts.items() if count)
