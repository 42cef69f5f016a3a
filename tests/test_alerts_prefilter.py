"""The look-up of rules by words leaves out no rule that would fire."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.prefilter import RuleIndex, needed
from alerts.rules import Rule
from storage.query import Searchable, parse
from storage.query_parser import QueryError
from tests.alerts_world import NOW, STORED, rules
from topic.verdict import Mention

WORDS = ("lachin", "Лачин", "Լաչին", "laçın", "road", "roads", "Nagorno-Karabakh", "goris")
LEAVES = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(WORDS).map(lambda word: f"{word[:4]}*"),
    st.lists(st.sampled_from(WORDS), min_size=2, max_size=3).map(lambda words: f'"{" ".join(words)}"'),
    st.sampled_from(WORDS).map(lambda word: f"title:{word}"),
    st.sampled_from(["@lachin", "@goris", "lang:en", "lang:ru", "outlet:khazar-post", "verdict:unsure", "since:2d"]),
)
QUERIES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} {pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} OR {pair[1]})"),
        inner.map(lambda one: f"NOT ({one})"),
    ),
    max_leaves=6,
)
TEXTS = st.lists(st.sampled_from(WORDS), max_size=5).map(" ".join)


@settings(max_examples=30)
@given(
    queries=st.lists(QUERIES, min_size=1, max_size=8),
    title=TEXTS,
    body=TEXTS,
    mentions=st.sets(st.sampled_from(["lachin", "goris"])),
)
def test_the_candidates_are_all_rules_that_match_in_their_order(
    queries: list[str], title: str, body: str, mentions: set[str]
) -> None:
    every = rules(*((f"rule {i}", query) for i, query in enumerate(queries)))
    found = tuple(Mention(one, one, "title", 0, 1) for one in sorted(mentions))
    story = Searchable.of(replace(STORED, title=title, body=body, mentions=found))

    candidates = RuleIndex(every).candidates(story)
    firing = [rule for rule in every if rule.query.matches(story)]

    assert [rule for rule in candidates if rule.query.matches(story)] == firing
    assert [rule for rule in every if rule in candidates] == candidates


@pytest.mark.parametrize(
    ("query", "anchors"),
    [
        ("lachin", {("text", " lachin ")}),
        ('"the lachin road"', {("text", " the lachin road ")}),
        ("lach*", {("text", " lach")}),
        ("@lachin", {("concept", "lachin")}),
        ("lachin OR goris", {("text", " lachin "), ("text", " goris ")}),
        ("(lachin OR goris) road lang:en", {("text", " road ")}),
        ("(lachin OR goris) NEAR/3 road", {("text", " lachin "), ("text", " goris ")}),
        ("lachin OR lang:en", None),
        ("NOT lachin", None),
        ("lang:ru since:2d", None),
    ],
)
def test_what_a_query_needs(query: str, anchors: set[tuple[str, str]] | None) -> None:
    assert needed(parse(query, now=NOW).root) == anchors


def test_a_story_without_the_words_tries_no_rule_that_needs_them() -> None:
    every = rules(("road", "lachin road"), ("other", "football OR стадион*"), ("all", "lang:en"))

    assert [rule.name for rule in RuleIndex(every).candidates(Searchable.of(STORED))] == ["road", "all"]


@given(st.text(max_size=30))
def test_any_text_that_parses_can_be_looked_up(text: str) -> None:
    try:
        query = parse(text, now=NOW)
    except QueryError:
        return
    rule = Rule("any", query, ("desk",), relevant_only=False, moves=False, text=text, topic=None)
    story = Searchable.of(replace(STORED, body=text))

    candidates = RuleIndex([rule]).candidates(story)

    assert candidates == [rule] or query.matches(story) is None
