from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import Reader, Store
from storage.article import StoredArticle
from storage.query import Query, parse
from storage.query_nodes import Node
from storage.search import search
from tests.agree import TREES, World, fill_with
from tests.storage_samples import NOW, article, fill, save

SIZE = 120


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("search") / "news.sqlite"
    with Store.open(path) as store:
        fill_with(store, SIZE)
    return path


@pytest.fixture(scope="module")
def reader(path: Path) -> Iterator[Reader]:
    with Reader.open(path) as reader:
        yield reader


@pytest.fixture(scope="module")
def world(reader: Reader) -> World:
    return World.of(reader)


@pytest.fixture(scope="module")
def stories(world: World) -> list[StoredArticle]:
    return world.stories


def test_search_the_tree_and_the_rules_of_alerts_find_the_same(world: World) -> None:
    """tests/agree.py does the same with more queries and stories."""
    found: dict[str, list[int]] = {}

    @given(tree=TREES)
    @settings(max_examples=150, deadline=None)
    def tried(tree: Node) -> None:
        found[str(Query(tree))] = world.agreed(tree)

    tried()
    world.agreed_by_rules(found)


@given(tree=TREES, limit=st.integers(1, 20), newest=st.lists(st.integers(1, SIZE + 5), max_size=2))
@settings(max_examples=50, deadline=None)
def test_looking_at_the_newest_first_changes_nothing(
    reader: Reader, stories: list[StoredArticle], tree: Node, limit: int, newest: list[int]
) -> None:
    query = Query(tree)
    expected = [story.id for story in stories if query.matches(story)][:limit]

    assert search(reader._db, query, limit=limit, sort="newest", newest=newest) == expected


@pytest.mark.parametrize(
    "text",
    ["title:(lachin OR лачин OR road)", "NOT (lachin OR corridor)", "@artsakh", "-@artsakh", "44", "irevan NEAR/4 44*"],
)
def test_no_story_is_missed_at_the_edge_of_the_newest(reader: Reader, stories: list[StoredArticle], text: str) -> None:
    query = parse(text, now=NOW)
    expected = [story.id for story in stories if query.matches(story)]
    for newest in range(1, SIZE):
        for limit in (1, 5, 20):
            assert search(reader._db, query, limit=limit, sort="newest", newest=[newest]) == expected[:limit]


@given(tree=TREES)
@settings(max_examples=25, deadline=None)
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
        "x NEAR/3 y NEAR/3 z",
        " NEAR/9 ".join(["a"] * 300),
        " NEAR/0 ".join(['"a b"'] * 100),
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
