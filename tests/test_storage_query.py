from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.article import StoredArticle
from storage.query import Query, QueryError, parse
from storage.query_nodes import And, Before, Concept, Judged, Language, Node, Not, OfOutlet, Or, Since, Text
from storage.search_text import words
from tests.storage_samples import DAY, HOUR, NOW, article
from topic import load
from topic.verdict import Mention


def stored(**changes: Any) -> StoredArticle:
    one = article(**{key: changes.pop(key) for key in list(changes) if key in ARTICLE_FIELDS})
    values = {name: getattr(one, name) for name in ARTICLE_FIELDS}
    more: dict[str, Any] = {
        "id": 1,
        "outlet_name": "Lori Herald",
        "side": "Armenia",
        "first_seen": NOW,
        "last_seen": NOW,
        "outcome": "relevant",
        "score": 0.9,
        "topic_version": "t1",
    }
    return StoredArticle(**(values | more | changes))


ARTICLE_FIELDS = tuple(article().__dataclass_fields__)


def why(query: str, **changes: Any) -> tuple[str, ...] | None:
    match = parse(query, now=NOW).matches(stored(**changes))
    return match.why if match else None


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
        pytest.param("or and not", "not and or", id="operators in small letters are words"),
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
        ('"' + "a " * 10_000 + '"', 20_001, "longer than 20000"),
    ],
)
def test_an_error_says_in_one_sentence_what_is_wrong_and_where(query: str, column: int, says: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(query, now=NOW, topic=load())

    assert caught.value.column == column
    assert says in str(caught.value)
    assert str(caught.value).startswith(f"column {column}: ")
    assert "\n" not in str(caught.value)


def test_a_concept_is_found_under_its_names_in_every_language() -> None:
    topic = load()
    queries = ("@stepanakert", "@Xankəndi", "@Степанакерт", "@Ստեփանակերտ", '@"Khankendi"')

    found = {parse(query, now=NOW, topic=topic).root for query in queries}

    assert found == {Concept("stepanakert")}


def test_the_topics_own_name_finds_what_is_judged_to_be_about_it() -> None:
    assert parse("@karabakh", now=NOW, topic=load()).root == Judged("relevant")


_texts = st.text(
    st.sampled_from("aбէıİəěё-'. &:*()@…«»字ابا٣\t\n") | st.characters(exclude_characters='"'), min_size=1, max_size=12
)


def _text(surface: str, prefix: bool, field: str) -> Text | None:
    return Text.of(surface, prefix=prefix, field=field) if words(surface) else None  # type: ignore[arg-type]


_moments = st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(microsecond=0)).filter(lambda at: at.year > 1)
_leaves: st.SearchStrategy[Node] = st.one_of(
    st.builds(_text, _texts, st.booleans(), st.sampled_from(["any", "title", "body", "author"])).filter(bool),
    st.builds(OfOutlet.of, st.sampled_from(["outlet", "side"]), _texts.filter(lambda text: bool(words(text)))),
    st.builds(Language, st.sampled_from(["hy", "az-cyrl", "tr", "und"])),
    st.builds(Judged, st.sampled_from(["relevant", "unsure", "not"])),
    _moments.map(Since),
    _moments.map(Before),
    st.builds(Concept, st.sampled_from(["lachin", "hadrut", "eastern_zangezur", "a concept"])),
)
trees = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.lists(inner, min_size=2, max_size=4).map(lambda parts: And(tuple(parts))),
        st.lists(inner, min_size=2, max_size=4).map(lambda parts: Or(tuple(parts))),
    ),
    max_leaves=12,
)


@given(trees)
@settings(max_examples=300, deadline=None)
def test_a_printed_tree_parses_to_the_same_tree(tree: Node) -> None:
    assert parse(str(Query(tree)), now=NOW).root == tree


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
@settings(max_examples=500, deadline=None)
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
