"""The documents of the database and of the query language tell the truth: what they show is run."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from storage import Store
from storage.ailments import Sign
from storage.query import QueryError, parse
from storage.query_parser import FIELDS
from storage.records import NoticeToSave
from tests.agree import TOPIC
from tests.data import ROOT
from tests.storage_samples import DAY, HOUR, NOW, article, entry, fill, poll, save, verdict
from topic.verdict import Mention

DATABASE = (ROOT / "docs" / "database.md").read_text("utf-8")
QUERY = (ROOT / "docs" / "query.md").read_text("utf-8")
# A recipe and the answer that stands below it.
RECIPES = re.findall(r"```(sh|python)\n(.*?)```\n```text\n(.*?)```", DATABASE, re.DOTALL)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small newsroom: what happens in it is made up."""
    path = tmp_path_factory.mktemp("docs") / "karabakh.sqlite"
    with Store.open(path) as store:
        fill(store)
        _road(store)
        _school(store)
        _rest(store)
    return path


def _road(store: Store) -> None:
    """Told by two feeds, then corrected."""
    first = article("road", title="Lachin road: 44 lorries wait", published=NOW - 3 * HOUR, authors=("Ann Lee",))
    named = verdict("relevant", Mention("lachin", "Lachin", "title", 0, 6))
    store.save_poll(poll("lori-en", entry("road", title=first.title)))
    store.save_poll(poll("lori-top", entry("road", title="Lorries wait")))
    save(store, first, judged=named, entry_id=1)
    save(store, replace(first, source="lori-top"), judged=named, entry_id=2, now=NOW - 2 * HOUR)
    corrected = article("road", title="Lachin road: 46 lorries wait", published=NOW - 3 * HOUR, authors=("Ann Lee",))
    save(store, corrected, judged=named)


def _school(store: Store) -> None:
    """One town under two names."""
    named = ("Stepanakert in the title", "a school")
    save(
        store,
        article("school", title="A school of Stepanakert opens in Yerevan", published=NOW - DAY),
        judged=verdict("relevant", Mention("stepanakert", "Stepanakert", "title", 12, 23), reasons=named),
        now=NOW - DAY + HOUR,
    )
    save(
        store,
        article(
            "az",
            outlet="khazar-post",
            title="Xankəndidə yeni məktəb",
            language="az",
            published=NOW - 2 * HOUR,
            canonical_url="https://khazar.test/1",
        ),
        judged=verdict("relevant", Mention("stepanakert", "Xankəndidə", "title", 0, 10), reasons=named),
    )


def _rest(store: Store) -> None:
    save(store, article("football", title="Лачин: футбол", language="ru"), judged=verdict("not", score=0.05))
    hopeless = entry("weather", title="Rain in the capital", state="skipped", verdict=verdict("not", score=0.01))
    store.save_poll(poll("khazar-az", hopeless, at=NOW - HOUR))
    failing = Sign(kind="failing", so=True, seen="khazar.test answered HTTP 500")
    store.save_poll(poll("khazar-az", outcome="failed", failures=2, problem=failing.seen, signs=(failing,)))
    store.save_matches("alerts", 9, [_notice(1), _notice(2, "first poll of its source, and older than 6 h")], NOW)
    store.mark_sent(1, NOW)


def _notice(article_id: int, held: str | None = None) -> NoticeToSave:
    return NoticeToSave(
        rule="Schools and roads", article_id=article_id, channel="desk", key=str(article_id), why=(), held=held
    )


@pytest.mark.parametrize(("kind", "recipe", "answer"), RECIPES, ids=[str(n) for n in range(1, len(RECIPES) + 1)])
def test_each_recipe_gives_the_answer_that_the_document_shows(
    path: Path, tmp_path: Path, kind: str, recipe: str, answer: str
) -> None:
    if kind == "sh" and shutil.which("sqlite3") is None:
        pytest.skip("needs the sqlite3 command")
    shutil.copy(path, tmp_path)
    command = ["bash", "-ec", recipe] if kind == "sh" else [sys.executable, "-W", "error", "-c", recipe]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={**_environment(), "PYTHONPATH": str(ROOT)},
    )

    assert done.stderr == ""
    assert done.stdout == answer
    assert answer.strip()


def _environment() -> dict[str, str]:
    """With the commands that stand beside this Python (Datasette), and no plugin or setting of the machine's owner."""
    beside = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": beside, "PYTHONIOENCODING": "utf-8", "DATASETTE_LOAD_PLUGINS": ""}


def test_the_document_has_recipes() -> None:
    assert len(RECIPES) >= 12
    assert DATABASE.count("```sh") + DATABASE.count("```python") == len(RECIPES)


def test_the_document_names_every_table_and_column(path: Path) -> None:
    with sqlite3.connect(path) as db:
        names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")]
        columns = {name: [row[1] for row in db.execute(f"PRAGMA table_info ({name})")] for name in names}
    db.close()
    internal = {name for name in names if name.startswith(("sqlite_", "_sqlite_", "article_fts"))}
    for name in columns.keys() - internal:
        section = re.search(rf"^##+ (?:The view )?`{name}`\n(.*?)(?=^##|\Z)", DATABASE, re.DOTALL | re.MULTILINE)
        assert section is not None, name
        assert set(columns[name]) <= set(re.findall(r"`(\w+)`", section[1])), name


def test_the_view_shows_each_story_once(path: Path) -> None:
    with sqlite3.connect(path) as db:
        stories = db.execute("SELECT count(*), count(DISTINCT id) FROM story").fetchone()
    db.close()

    assert stories == (4, 4)


_EXAMPLES = [
    *re.findall(r"^\| `([^`]+)` \|", QUERY.split("|---|---|")[1], re.MULTILINE),
    *re.search(r"```query\n(.*?)```", QUERY, re.DOTALL)[1].splitlines(),  # type: ignore[index]
    *re.findall(r"karabakh search (?:-- )?'(.*)'$", QUERY, re.MULTILINE),
    *re.findall(
        r"`((?:title|body|author|lang|outlet|side|place|person|org|verdict|since|until|@)[:\w\"][^`]+)`", QUERY
    ),
]


@pytest.mark.parametrize("example", dict.fromkeys(_EXAMPLES))
def test_each_example_of_the_query_language_parses(example: str) -> None:
    query = parse(example, now=NOW, topic=TOPIC)

    assert parse(str(query), now=NOW, topic=TOPIC) == query


def test_the_document_names_every_field() -> None:
    for field in FIELDS:
        assert f"`{field}:" in QUERY


_MISTAKES = re.findall(r"^    query: (column \d+: .*)\n {6}(.*)\n( +\^)$", QUERY, re.MULTILINE)


@pytest.mark.parametrize(("sentence", "query", "caret"), _MISTAKES)
def test_the_mistakes_that_the_document_shows_are_those_that_are_made(sentence: str, query: str, caret: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(query, now=NOW, topic=TOPIC)

    assert str(caught.value) == sentence
    assert len(caret) == 6 + caught.value.column


def test_the_document_shows_mistakes() -> None:
    assert len(_MISTAKES) == QUERY.count("query: column")
