"""Rules of sources: told once when something begins to ail one, and once when it is over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.channels import SendFailure, Sent
from alerts.notice import as_message, as_payload, as_text
from alerts.rules import RuleErrors, RuleSpec, SourceRule, compile_rules, compile_source_rules
from alerts.source_matching import event_key, match_events
from alerts.source_notice import PHRASES, SourceNotice
from storage.ailments import KINDS, AilmentKind, Sign
from storage.reader import Reader
from storage.store import Store
from tests.alerts_world import HOUR, NOW, SOURCE_NOTICE, Clock, Inbox, column, deliver, open_store, outbox

SOURCE = "khazar-post-en"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path) as opened:
        yield opened


def rule(*on: str, sources: tuple[str, ...] = (), channels: tuple[str, ...] = ("desk",)) -> SourceRule:
    (made,) = compile_source_rules([RuleSpec(name="Sources", channels=channels, on=on, sources=sources)])
    return made


def shows(store: Store, kind: AilmentKind, *, so: bool = True, seen: str = "HTTP 403", hours: int = 0) -> None:
    store.save_signs(SOURCE, [Sign(kind=kind, so=so, seen=seen)], NOW + hours * HOUR)


def match(store: Store, *rules: SourceRule) -> int:
    return match_events(store, rules, NOW).notices


def test_a_beginning_and_an_end_are_told_once_each(store: Store) -> None:
    inbox, any_trouble = Inbox(), rule("source")
    for hours, so in ((0, True), (1, True), (2, False), (3, False)):
        shows(store, "blocked", so=so, hours=hours, seen="HTTP 403" if so else "it answers again")
        match(store, any_trouble)
        match(store, any_trouble)
    deliver(store, inbox, clock=Clock())

    told = [notice for notice in inbox.notices if isinstance(notice, SourceNotice)]
    assert [(one.condition, one.event, one.since, one.at, one.seen) for one in told] == [
        ("blocked", "began", NOW, NOW, "HTTP 403"),
        ("blocked", "ended", NOW, NOW + 2 * HOUR, "it answers again"),
    ]
    assert column(store, "state") == ["sent", "sent"]
    assert len(set(inbox.keys)) == 2


@pytest.mark.parametrize(
    ("fires", "one"),
    [
        (True, rule("source-blocked")),
        (True, rule("source-gone", "source-blocked")),
        (True, rule("source", sources=("khazar-post",))),
        (True, rule("source", sources=(SOURCE,))),
        (False, rule("source-gone")),
        (False, rule("source", sources=("lori-herald",))),
    ],
)
def test_a_rule_fires_for_its_conditions_and_its_sources(store: Store, fires: bool, one: SourceRule) -> None:
    shows(store, "blocked")

    assert match(store, one) == fires


def test_a_rule_that_is_added_later_hears_neither_of_old_troubles_nor_of_their_end(store: Store) -> None:
    shows(store, "blocked")
    match(store)
    shows(store, "blocked", so=False, hours=1)
    shows(store, "gone", hours=2)

    assert match(store, rule("source")) == 1
    assert outbox(store)[0]["why"] == '["source-gone"]'


def test_a_channel_that_was_not_told_of_a_beginning_is_not_told_of_the_end(store: Store) -> None:
    shows(store, "blocked")
    match(store, rule("source"))
    shows(store, "blocked", so=False, hours=1)
    match(store, rule("source", channels=("desk", "phone")))

    assert column(store, "channel") == ["desk", "desk"]


def test_a_notice_that_fails_is_tried_again_under_its_key(store: Store) -> None:
    inbox, clock = Inbox("desk", SendFailure("no"), Sent()), Clock()
    shows(store, "gone")
    match(store, rule("source"))
    deliver(store, inbox, clock=clock)
    clock.wait(timedelta(minutes=2))
    deliver(store, inbox, clock=clock)

    assert len(inbox.keys) == 2
    assert len(set(inbox.keys)) == 1
    assert column(store, "attempts") == [2]


def test_history_and_status_show_what_ails_a_source(store: Store) -> None:
    shows(store, "gone", seen="HTTP 410")
    match(store, rule("source"))
    with Reader.open(store.path) as reader:
        (notice,) = reader.notices()
        (source,) = reader.sources()

    assert (notice.source, notice.kind, notice.change, notice.title, notice.article_id) == (
        SOURCE, "gone", "began", "HTTP 410", None,
    )  # fmt: skip
    assert [(one.kind, one.since, one.noticed, one.seen) for one in source.ails] == [("gone", NOW, NOW, "HTTP 410")]


def test_what_is_shown_too_seldom_is_not_noticed_and_keeps_its_beginning(store: Store) -> None:
    sign = Sign(kind="blocked", so=True, seen="HTTP 403", confirm=3)
    for hours in (0, 1):
        store.save_signs(SOURCE, [sign], NOW + hours * HOUR)
    store.save_signs(SOURCE, [replace(sign, so=False)], NOW + 2 * HOUR)
    for hours in (3, 4, 5, 6):
        store.save_signs(SOURCE, [sign], NOW + hours * HOUR)

    (event,) = store.events_after("nobody", 9)
    assert (event.change, event.since, event.at) == ("began", NOW + 3 * HOUR, NOW + 5 * HOUR)


def test_a_key_is_made_of_what_happened(store: Store) -> None:
    shows(store, "blocked")
    (event,) = store.events_after("nobody", 9)
    key = event_key("Sources", event, "desk")

    assert key == event_key("Sources", replace(event, id=77, seen="HTTP 401", since=NOW - HOUR), "desk")
    others = {
        event_key("Sources", replace(event, change="ended"), "desk"),
        event_key("Sources", replace(event, kind="gone"), "desk"),
        event_key("Sources", replace(event, source="another"), "desk"),
        event_key("Sources", replace(event, at=NOW + HOUR), "desk"),
        event_key("Others", event, "desk"),
        event_key("Sources", event, "phone"),
    }
    assert len(others | {key}) == 7


def test_a_notice_reads_in_four_lines() -> None:
    assert as_text(SOURCE_NOTICE).splitlines() == [
        "[Sources] khazar-post-en is silent",
        "    Khazar Post (Azerbaijan), en, since 2026-11-23 03:00 UTC, noticed 2026-11-24 12:00 UTC",
        "    seen: nothing new for 33 h; its longest pause in six weeks was 14 h",
        "    https://khazar-post.test/feed",
    ]
    assert as_text(replace(SOURCE_NOTICE, event="ended")).splitlines()[:2] == [
        "[Sources] khazar-post-en is no longer silent",
        "    Khazar Post (Azerbaijan), en, from 2026-11-23 03:00 UTC to 2026-11-24 12:00 UTC",
    ]


def test_what_a_site_says_of_itself_is_as_hostile_as_its_stories() -> None:
    hostile = replace(SOURCE_NOTICE, seen="\x1b[2J@everyone <b>\u202eevil\n" * 40)
    title, body = as_message(hostile)

    assert not set("<>@*") & set(title + body)
    assert not {"\x1b", "\u202e"} & set(as_text(hostile))
    assert len(as_text(hostile).splitlines()) == 4
    assert json.loads(as_payload(hostile))["seen"] == hostile.seen


def test_every_ailment_has_words() -> None:
    assert tuple(PHRASES) == KINDS


def test_mistakes_are_named_by_their_keys() -> None:
    specs = [
        RuleSpec(name="a", channels=("desk",), on=("source-silnt", "source")),
        RuleSpec(name="b", channels=("desk",), query="lachin"),
        RuleSpec(name="c", channels=("desk",), on=("source",), sources=("lori",)),
    ]
    with pytest.raises(RuleErrors) as caught:
        compile_source_rules(specs, known={"lori-herald"})

    first, second = caught.value.mistakes
    assert first.startswith("alerts[0].on: there is no condition 'source-silnt' (source, source-gone, ")
    assert second == "alerts[2].sources: no source or outlet is called 'lori'"
    assert [one.name for one in compile_rules(specs, now=NOW, topic=None)] == ["b"]
