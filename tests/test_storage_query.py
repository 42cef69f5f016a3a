from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.query import Query, QueryError, parse
from storage.query_nodes import Before, Near, Node, Or, Since, Text
from tests.agree import TOPIC, leaves, trees_of
from tests.query_samples import stored, why
from tests.storage_samples import DAY, HOUR, NOW
from topic.verdict import Mention


@pytest.mark.parametrize(
    ("query", "title"),
    [
        pytest.param("lachin", "The LACHIN road", id="case"),
        pytest.param("Лачин", "В ЛАЧИНЕ и Лачин", id="cyrillic"),
        pytest.param("xankendi", "Xankəndi bu gün", id="schwa"),
        pytest.param("susa", "Şuşa", id="cedilla"),
        pytest.param("ереван", "Ёлка в Ереван", id="russian"),
        pytest.param("елка", "Ёлка", id="yo"),
        pytest.param("ինչու", "Ինչո՞ւ", id="armenian mark inside a word"),
        pytest.param("Երեւան", "Երևանում և Երևան", id="armenian ligature"),
        pytest.param('"nagorno karabakh"', "Nagorno-Karabakh talks", id="phrase over a dash"),
        pytest.param("Nagorno-Karabakh", "in nagorno karabakh", id="dash in the query"),
        pytest.param("stepan*", "Stepanakertsi", id="prefix"),
        pytest.param('"lachin corr"*', "Lachin corridor", id="prefix of a phrase"),
        pytest.param("lachin NOT football", "Lachin", id="not"),
        pytest.param("lachin -football", "Lachin", id="minus"),
        pytest.param("a OR b c", "a", id="and binds tighter than or, first side"),
        pytest.param("a OR b c", "b c", id="and binds tighter than or, second side"),
        pytest.param("NOT a OR b", "b a", id="not binds tightest"),
        pytest.param("title:(lachin OR лачин) -road", "Лачин", id="field over brackets"),
        pytest.param("or and not near", "not near and or", id="operators in small letters are words"),
        pytest.param("road NEAR/2 lachin", "Lachin: the snowy road", id="near in any order"),
        pytest.param("road NEAR/0 lachin", "Lachin road", id="near without a word between"),
        pytest.param('"lachin corr"* NEAR/1 дорог*', "дорогу за Lachin corridor", id="near of phrase and prefix"),
        pytest.param("a NEAR/2 b NEAR/2 c", "c x a b", id="all near one another"),
        pytest.param("(road OR дорог*) NEAR/1 (lachin OR лачин*)", "дорога в Лачине", id="near of alternatives"),
        pytest.param("lachin NEAR/1 lachin", "Lachin", id="near itself"),
        pytest.param('"a b" NEAR/1 "b c"', "a b c", id="near what it shares a word with"),
        pytest.param("NOT a NEAR/1 b", "a x y b", id="not over near"),
        pytest.param('"OR"', "this or that", id="operator in quotation marks"),
    ],
)
def test_a_query_matches_what_a_reader_takes_for_the_same(query: str, title: str) -> None:
    assert why(query, title=title, body="") is not None


@pytest.mark.parametrize(
    ("query", "title"),
    [
        pytest.param("lach", "Lachin", id="part of a word"),
        pytest.param('"road lachin"', "Lachin road", id="other order"),
        pytest.param('"lachin road"', "Lachin, a road: no, the road", id="not side by side"),
        pytest.param("lachin -football", "Lachin football", id="minus"),
        pytest.param("a OR b c", "b", id="and binds tighter than or"),
        pytest.param("NOT a OR b", "a", id="not binds tightest"),
        pytest.param("NOT (a OR b)", "b", id="not over brackets"),
        pytest.param("road NEAR/2 lachin", "Lachin a b c road", id="too far"),
        pytest.param("a NEAR/1 b NEAR/1 c", "a x b x c", id="too far from the first to the last"),
        pytest.param('"a b" NEAR/1 "a c"', "a x c a b", id="near of phrases that are not there"),
        pytest.param("NOT a NEAR/1 b", "b x a", id="not over near"),
    ],
)
def test_a_query_leaves_out_what_it_does_not_say(query: str, title: str) -> None:
    assert why(query, title=title, body="") is None


@pytest.mark.parametrize(
    ("query", "reasons"),
    [
        ("Lachin", ('title has "Lachin"',)),
        ("corr*", ('body has "corr*"',)),
        ("body:corridor title:lachin", ('body has "corridor"', 'title has "lachin"')),
        ("body:short title:below", ('summary has "short"', 'subtitle has "below"')),
        ("author:lee", ('an author has "lee"',)),
        ("lang:az", ("the language is az-latn",)),
        ("outlet:lori-herald", ("the outlet is Lori Herald",)),
        ("outlet:herald", ("the outlet is Lori Herald",)),
        ("side:armenia", ("the side is Armenia",)),
        ("verdict:relevant", ("the verdict is relevant",)),
        ("since:2d", ("it is of 2026-11-22T12:00:00Z or later",)),
        ("until:yesterday", None),
        ("@lachin", ('title names lachin as "Lachin"',)),
        ("@shushi", None),
        ("lachin OR road", ('title has "lachin"', 'title has "road"')),
        ("-football", ('without "football"',)),
        ("lang:tr", None),
        ('"lee bob"', None),
    ],
)
def test_a_match_says_why_in_words(query: str, reasons: tuple[str, ...] | None) -> None:
    found = why(
        query,
        title="Lachin road",
        subtitle="Below",
        summary="In short",
        body="The corridor.",
        authors=("Ann Lee", "Bob May"),
        language="az-Latn",
        mentions=(Mention("lachin", "Lachin", "title", 0, 6),),
    )

    assert found == reasons


@pytest.mark.parametrize(
    ("text", "begins", "ends"),
    [
        ("2026-11-20", datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC)),
        ("2026-12", datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
        ("2024", datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)),
        (
            "2026-11-20T14:30",
            datetime(2026, 11, 20, 14, 30, tzinfo=UTC),
            datetime(2026, 11, 20, 14, 31, tzinfo=UTC),
        ),
        (
            "2026-11-20T14:30:05+04:00",
            datetime(2026, 11, 20, 10, 30, 5, tzinfo=UTC),
            datetime(2026, 11, 20, 10, 30, 6, tzinfo=UTC),
        ),
        ("6h", NOW - 6 * HOUR, NOW - 6 * HOUR + timedelta(seconds=1)),
        ("30min", NOW - HOUR / 2, NOW - HOUR / 2 + timedelta(seconds=1)),
        ("1w", NOW - 7 * DAY, NOW - 7 * DAY + timedelta(seconds=1)),
        ("yesterday", datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 11, 24, tzinfo=UTC)),
        ("today", datetime(2026, 11, 24, tzinfo=UTC), datetime(2026, 11, 25, tzinfo=UTC)),
    ],
)
def test_times_name_periods_of_utc(text: str, begins: datetime, ends: datetime) -> None:
    assert parse(f"since:{text}", now=NOW).root == Since(begins)
    assert parse(f'until:"{text}"', now=NOW).root == Before(ends)


def test_a_story_without_a_date_counts_by_when_it_was_first_seen() -> None:
    assert why("since:1h", published=None) is not None
    assert why("since:1h", published=NOW - 2 * HOUR) is None


def test_a_date_in_the_future_counts_as_first_seen() -> None:
    assert why("until:2026-11-24", published=NOW + 300 * DAY) is not None


def test_near_stays_within_one_column() -> None:
    assert why("road NEAR/9 lachin", title="Road", subtitle="Lachin", body="") is None
    assert why("body:(road NEAR/9 lachin)", title="Lachin road", body="") is None
    assert why("body:(road NEAR/9 lachin*)", body="A road.\n\nIn Lachine") == ('body has "road" near "lachin*"',)


def test_alternatives_beside_near_are_as_many_nears() -> None:
    a, b, c = map(Text.of, "abc")

    assert parse("(a OR b) NEAR/4 c", now=NOW).root == Or((Near((a, c), 4), Near((b, c), 4)))


_texts = st.text(
    st.sampled_from("aбէıİəěё-'. &:*()@…«»字ابا٣\t\n") | st.characters(exclude_characters='"'), min_size=1, max_size=12
)


_moments = st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(microsecond=0)).filter(lambda at: at.year > 1)
trees = trees_of(leaves(TOPIC, _texts, st.one_of(_moments.map(Since), _moments.map(Before))), most=12)


@given(trees)
@settings(max_examples=150, deadline=None)
def test_a_printed_tree_parses_to_the_same_tree(tree: Node) -> None:
    assert parse(str(Query(tree)), now=NOW, topic=TOPIC).root == tree


_pieces = st.sampled_from(
    [
        "AND",
        "OR",
        "NOT",
        "-",
        "(",
        ")",
        '"',
        "*",
        " ",
        "title:",
        "since:",
        "lang:",
        "@",
        "a",
        "ə",
        "2d",
        "\x00",
        "\ud800",
        ":",
    ]
)


@given(st.text(max_size=60) | st.lists(_pieces, max_size=30).map("".join))
@settings(max_examples=250, deadline=None)
def test_any_text_parses_or_is_a_query_error(text: str) -> None:
    query = _parsed(text)
    if isinstance(query, QueryError):
        assert 1 <= query.column <= len(text) + 1
    else:
        assert parse(str(query), now=NOW) == query
        query.matches(stored())


def _parsed(text: str) -> Query | QueryError:
    try:
        return parse(text, now=NOW)
    except QueryError as error:
        return error
