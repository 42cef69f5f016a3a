"""Concepts in queries, and what is said of a query that cannot be understood."""

from __future__ import annotations

import pytest

from storage.query import Query, QueryError, parse
from storage.query_nodes import AnyConcept, Concept, Judged
from tests.agree import TOPIC
from tests.query_samples import stored, why
from tests.storage_samples import NOW
from topic.verdict import Mention


def test_a_concept_is_found_under_its_names_in_every_language() -> None:
    queries = ("@stepanakert", "@Xankəndi", "@Степанакерт", "@Ստեփանակերտ", '@"Khankendi"')

    found = {parse(query, now=NOW, topic=TOPIC).root for query in queries}

    assert found == {Concept("stepanakert")}


def test_a_place_a_person_and_a_body_are_found_by_kind_and_name() -> None:
    found = [
        parse(text, now=NOW, topic=TOPIC).root
        for text in ("place:Şuşa", 'person:"Бако Саакян"', "org:osce_minsk_group")
    ]

    assert found == [Concept("shushi"), Concept("bako_sahakyan"), Concept("osce_minsk_group")]


def test_states_and_their_leaders_answer_to_every_kind() -> None:
    found = [parse(text, now=NOW, topic=TOPIC).root for text in ("person:Пашинян", "place:Azerbaijan")]

    assert found == [Concept("nikol_pashinyan"), Concept("azerbaijan")]


def test_the_region_alone_is_told_from_all_of_the_topic() -> None:
    query = parse("place:karabakh", now=NOW, topic=TOPIC)

    assert query.root == Concept("karabakh")
    assert str(query) == "@karabakh.karabakh"


def test_a_group_finds_each_of_its_concepts() -> None:
    people = parse("@karabakh.people", now=NOW, topic=TOPIC).root

    assert isinstance(people, AnyConcept)
    assert people.ids == {one.id for one in TOPIC.concepts if one.kind == "person"}
    assert why("@karabakh.people -@ruben_vardanyan", mentions=(Mention("bako_sahakyan", "Bako", "body", 0, 4),)) is None
    match = Query(people).matches(stored(mentions=(Mention("bako_sahakyan", "Bako", "body", 0, 4),)))
    assert match is not None
    assert match.why == ('body names bako_sahakyan as "Bako" (@karabakh.people)',)


def test_the_topics_own_name_finds_what_is_judged_to_be_about_it() -> None:
    assert parse("@karabakh", now=NOW, topic=TOPIC).root == Judged("relevant")


@pytest.mark.parametrize(
    ("query", "column", "says"),
    [
        ("", 1, "empty"),
        ("   ", 1, "empty"),
        ("lachin (road", 8, "never closed"),
        ("lachin) road", 7, "closes nothing"),
        ('lachin "road', 8, "never closed"),
        ('lachin ""', 8, "nothing stands between"),
        ("lachin OR", 10, "missing here"),
        ("OR lachin", 1, "OR needs something on both sides"),
        ("a AND OR b", 7, "OR needs something on both sides"),
        ("lachin NOT", 11, "missing here"),
        ("()", 2, "missing here"),
        ("la*chin", 3, "end of a word"),
        ("lachin * road", 8, "needs a value"),
        ("lachin … road", 8, "neither letter nor digit"),
        ("colour:red", 1, "no field colour:"),
        ("title:", 1, "title: needs a value"),
        ("title: lachin", 1, "title: needs a value"),
        ("title:(a lang:en)", 10, "inside the brackets of title:"),
        ("title:(a @lachin)", 10, "inside the brackets of title:"),
        ("lang:armenian_", 6, "lang: takes"),
        ("lang:h*", 6, "takes no *"),
        ("verdict:maybe", 9, "relevant, unsure or not"),
        ("since:2026-02-30", 7, "since: takes a date"),
        ("since:tomorrow", 7, "since: takes a date"),
        ("until:9999-12-31", 7, "until: takes a date"),
        ("since:999999w", 7, "since: takes a date"),
        ("a @", 3, "name of a concept"),
        ("a @nowhere_at_all", 3, "no concept called 'nowhere_at_all'"),
        ("(" * 30 + "a" + ")" * 30, 21, "more than 20 deep"),
        ("NOT " * 30 + "a", 84, "more than 20 deep"),
        ("a " * 301, 601, "more than 300 terms"),
        ("road NEAR lachin", 6, "NEAR is written NEAR/5"),
        ("road NEAR/x lachin", 6, "NEAR is written NEAR/5"),
        ("road NEAR/101 lachin", 6, "at most 100 words"),
        ("NEAR(road lachin, 5)", 1, "NEAR needs something on both sides"),
        ("road NEAR/5", 12, "missing here"),
        ("road NEAR/5 -lachin", 13, "NEAR/n has no NOT"),
        ("road NEAR/5 NEAR/5 lachin", 13, "NEAR/5 needs something on both sides"),
        ("a NEAR/5 b NEAR/6 c", 12, "one distance, here NEAR/5"),
        ("x road NEAR/5 @lachin", 3, "between words and phrases"),
        ("(a b) NEAR/5 c", 1, "between words and phrases"),
        ("title:road NEAR/5 lachin", 1, "different fields"),
        (f"({'a OR ' * 20}a) NEAR/5 ({'b OR ' * 20}b)", 1, "too many combinations"),
        ("place:Shoshi", 7, "no place called 'Shoshi' (is @shushi meant?"),
        ('x org:"Bako Sahakyan"', 7, "is no body of the topic but a person; write person:"),
        ("place:shush*", 7, "takes no *"),
        ("@karabakh.towels", 1, "no group called 'towels' (there are "),
        ('"' + "a " * 10_000 + '"', 20_001, "longer than 20000"),
    ],
)
def test_an_error_says_in_one_sentence_what_is_wrong_and_where(query: str, column: int, says: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(query, now=NOW, topic=TOPIC)

    assert caught.value.column == column
    assert says in str(caught.value)
    assert str(caught.value).startswith(f"column {column}: ")
    assert "\n" not in str(caught.value)
