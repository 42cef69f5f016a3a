from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import Reader, Store
from storage.article import StoredArticle
from storage.query import Query, parse
from storage.query_nodes import And, Before, Concept, Judged, Language, Node, Not, OfOutlet, Or, Since, Text
from storage.search import search
from tests.storage_samples import DAY, HOUR, NOW, article, fill, save, verdict
from topic.verdict import Mention

# Words whose spellings fold together, and some that only look so.
WORDS = (
    *("Lachin", "LACHIN", "Лачин", "лачин", "Լաչին", "Laçın", "lachinski", "road", "Road's", "corridor"),
    *("Երևան", "Երեւան", "Երեվան", "Ինչո՞ւ", "İrəvan", "irevan", "Ёлка", "елка", "Nagorno-Karabakh", "nagorno"),
    *("قره‌باغ", "قره", "44", "٤٤", "44-day", "it’s", "its", "字", "ẞ", "ss", "ﬁne", "fine", "a_b", "…", "a\u0301b"),
)
LANGUAGES = ("en", "hy", "az", "az-Cyrl", "AZ-Latn", "azb", "ru", "und")
CONCEPTS = ("lachin", "shushi", "hadrut")
SIZE = 120


def _texts(chance: random.Random, longest: int) -> str:
    return chance.choice((" ", ", ", "\n\n")).join(chance.choices(WORDS, k=chance.randint(0, longest)))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of SIZE random stories; some revised, some without body any more."""
    path = tmp_path_factory.mktemp("search") / "news.sqlite"
    chance = random.Random(7)
    with Store.open(path) as store:
        fill(store)
        for number in range(SIZE):
            _save_random(store, chance, number)
        for number in range(0, SIZE, 5):
            _save_random(store, chance, number)
        store.drop_old_bodies(relevant=None, other=20 * HOUR, now=NOW)
    return path


def _save_random(store: Store, chance: random.Random, number: int) -> None:
    mentions = (Mention(concept, "x", "title", i, i + 1) for i, concept in enumerate(CONCEPTS) if chance.random() < 0.3)
    first_seen = NOW - chance.randint(0, 60) * HOUR
    one = article(
        str(number),
        outlet=chance.choice(("lori-herald", "khazar-post")),
        title=_texts(chance, 4),
        subtitle=chance.choice((None, _texts(chance, 2))),
        summary=chance.choice((None, _texts(chance, 4))),
        body=_texts(chance, 12),
        authors=tuple(_texts(chance, 2) for _ in range(chance.randint(0, 2))),
        language=chance.choice(LANGUAGES),
        published=chance.choice((None, first_seen - HOUR, first_seen + 2 * DAY)),
    )
    outcome = chance.choice(("relevant", "unsure", "not"))
    save(store, one, judged=verdict(outcome, *mentions), now=first_seen)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def reader(path: Path) -> Iterator[Reader]:
    with Reader.open(path) as reader:
        yield reader


@pytest.fixture(scope="module")
def stories(reader: Reader) -> list[StoredArticle]:
    return reader.search(None, limit=None)


_surfaces = st.lists(st.sampled_from(WORDS), min_size=1, max_size=2).map(" ".join)
_times = st.integers(0, 70).map(lambda hours: NOW - hours * HOUR)
_leaves: st.SearchStrategy[Node] = st.one_of(
    st.builds(
        Text.of, _surfaces, prefix=st.booleans(), field=st.sampled_from(["any", "any", "title", "body", "author"])
    ).filter(lambda text: bool(text.words)),
    st.sampled_from(
        [OfOutlet.of("outlet", "xezer"), OfOutlet.of("outlet", "lori-herald"), OfOutlet.of("side", "armenia")]
    ),
    st.sampled_from(["az", "az-cyrl", "hy", "en"]).map(Language),
    st.builds(Judged, st.sampled_from(["relevant", "unsure", "not"])),
    _times.map(Since),
    _times.map(Before),
    st.sampled_from(CONCEPTS).map(Concept),
)
_trees = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=4).map(lambda parts: And(tuple(parts))),
        st.lists(inner, min_size=2, max_size=4).map(lambda parts: Or(tuple(parts))),
    ),
    max_leaves=8,
)


@given(tree=_trees)
@settings(max_examples=250, deadline=None)
def test_search_finds_what_the_query_matches_and_nothing_else(
    reader: Reader, stories: list[StoredArticle], tree: Node
) -> None:
    query = Query(tree)
    expected = [story.id for story in stories if query.matches(story)]

    assert [story.id for story in reader.search(query, limit=None)] == expected


@given(tree=_trees, limit=st.integers(1, 20), newest=st.lists(st.integers(1, SIZE + 5), max_size=2))
@settings(max_examples=100, deadline=None)
def test_looking_at_the_newest_first_changes_nothing(
    reader: Reader, stories: list[StoredArticle], tree: Node, limit: int, newest: list[int]
) -> None:
    query = Query(tree)
    expected = [story.id for story in stories if query.matches(story)][:limit]

    assert search(reader._db, query, limit=limit, sort="newest", newest=newest) == expected


@pytest.mark.parametrize(
    "text", ["title:(lachin OR лачин OR road)", "NOT (lachin OR corridor)", "@lachin", "-@shushi", "44"]
)
def test_no_story_is_missed_at_the_edge_of_the_newest(reader: Reader, stories: list[StoredArticle], text: str) -> None:
    query = parse(text, now=NOW)
    expected = [story.id for story in stories if query.matches(story)]
    for newest in range(1, SIZE):
        for limit in (1, 5, 20):
            assert search(reader._db, query, limit=limit, sort="newest", newest=[newest]) == expected[:limit]


@given(tree=_trees)
@settings(max_examples=50, deadline=None)
def test_ranking_only_changes_the_order(reader: Reader, tree: Node) -> None:
    newest = reader.search(Query(tree), limit=None)
    best = reader.search(Query(tree), limit=None, sort="relevance")

    assert sorted(story.id for story in best) == sorted(story.id for story in newest)


def test_stories_come_newest_first(stories: list[StoredArticle]) -> None:
    assert len(stories) == SIZE
    assert stories == sorted(stories, key=lambda story: (story.sort_at, story.id), reverse=True)


def test_ranking_puts_a_title_before_a_passing_word(tmp_path: Path) -> None:
    with Store.open(tmp_path / "news.sqlite") as store:
        fill(store)
        save(store, article("title", title="The Hadrut question", body="Text of a story."))
        save(
            store, article("passing", title="Other news", body="Much is said here and Hadrut once." + " And more." * 50)
        )
        save(store, article("none", title="Nothing"))
    with Reader.open(tmp_path / "news.sqlite") as reader:
        query = parse("hadrut", now=NOW)

        assert [story.title for story in reader.search(query)] == ["Other news", "The Hadrut question"]
        assert [story.title for story in reader.search(query, sort="relevance")] == [
            "The Hadrut question",
            "Other news",
        ]
        assert [story.title for story in reader.search(query, sort="relevance", limit=1)] == ["The Hadrut question"]


@pytest.mark.parametrize(
    "text",
    [
        '"a"" OR title:x"',
        "a' OR 1=1; --x",
        "x NEAR y",
        "{title} x",
        "^lachin",
        "a+b",
        "article_fts x",
        "a\x00b",
        "a\ud800b",
        "x; DROP TABLE article",
        "rank MATCH",
        "(" * 18 + "a OR (b AND NOT lang:ru)" + ")" * 18,
        "a (" * 19 + "b lang:ru" + ")" * 19,
        " OR ".join(["lang:ru", "word"] * 150),
        " OR ".join(f"w{n}" for n in range(300)),
        " ".join(f"-w{n}" for n in range(300)),
        "@'; DELETE FROM mention",
        '"' + "a " * 9_990 + '"',
    ],
    ids=lambda text: text[:20].replace("\x00", "NUL").encode("ascii", "replace").decode(),
)
def test_nothing_that_is_typed_reaches_the_syntax_below(
    reader: Reader, stories: list[StoredArticle], text: str
) -> None:
    query = parse(text, now=NOW)

    assert [one.id for one in reader.search(query, limit=None)] == [s.id for s in stories if query.matches(s)]
    reader.search(query, sort="relevance")


def test_a_phrase_does_not_reach_from_one_author_into_the_next(tmp_path: Path) -> None:
    with Store.open(tmp_path / "news.sqlite") as store:
        fill(store)
        save(store, article(authors=("Ann Lee", "Bob May")))
    with Reader.open(tmp_path / "news.sqlite") as reader:
        assert len(reader.search(parse('author:"ann lee" author:"bob may"', now=NOW))) == 1
        assert reader.search(parse('author:"lee bob"', now=NOW)) == []
