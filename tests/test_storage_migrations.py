"""Bringing a file to the present schema, and files of other versions."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from storage import Reader, Store, migrations
from storage.errors import (
    NewerDatabase,
    OlderDatabase,
)
from tests.storage_samples import NOW, article, entry, fill, poll, save


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A small database, cleanly closed."""
    path = tmp_path / "news.sqlite"
    with Store.open(path) as store:
        fill(store)
        save(store, article())
        store.save_poll(poll("lori-en", entry("b")))
    return path


def dump(path: Path) -> list[str]:
    with sqlite3.connect(path) as db:
        found = list(db.iterdump())
    db.close()
    return found


def test_two_that_open_a_new_file_at_once_both_find_it_whole(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "news.sqlite"
    problems: list[Exception] = []
    start = threading.Barrier(4)

    def open_it() -> None:
        start.wait()
        try:
            with Store.open(path) as store:
                fill(store)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
            problems.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert problems == []
    with Reader.open(path) as reader:
        assert reader.status(NOW).schema_version == "001 schema"


def _with_second(monkeypatch: pytest.MonkeyPatch, *statements: str) -> None:
    second = ("002 second", lambda: list(statements))
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, second))
    monkeypatch.setattr("storage.connection.MIGRATIONS", migrations.MIGRATIONS)


def test_a_migration_copies_the_older_file_first(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = dump(path)
    _with_second(monkeypatch, "CREATE TABLE added (x)", "INSERT INTO added SELECT id FROM article")
    with pytest.raises(OlderDatabase, match="older"):
        Reader.open(path)

    Store.open(path).close()

    with Reader.open(path) as reader:
        assert reader.status(NOW).schema_version == "002 second"
    (copy,) = path.parent.glob("news.sqlite.before-*")
    assert sorted(dump(copy)) == sorted(before)


@pytest.mark.parametrize("failing", [0, 1, 2])
def test_a_migration_that_fails_half_way_leaves_the_old_file(
    path: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    before = dump(path)
    steps = ["CREATE TABLE added (x)", "UPDATE article SET title = 'lost'", "DROP TABLE outbox"]
    _with_second(monkeypatch, *steps[:failing], "SELECT no_such_function()")

    with pytest.raises(sqlite3.OperationalError, match="no_such_function"):
        Store.open(path)

    assert dump(path) == before


def test_a_file_of_a_later_version_is_left_alone(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as later:
        _with_second(later, "CREATE TABLE added (x)")
        Store.open(path).close()
    before = path.read_bytes()

    for door in (Store, Reader):
        with pytest.raises(NewerDatabase, match=r"newer karabakh-monitor .*'002 second'"):
            door.open(path)

    assert path.read_bytes() == before


def test_sqlite_utils_knows_the_migrations_as_its_own(path: Path) -> None:
    from sqlite_utils import Database, Migrations

    db = Database(path)
    known = Migrations("karabakh-monitor")
    known.apply(db)

    assert [one.name for one in known.applied(db)] == ["001 schema"]
    assert db["story"].count == 1
    db.close()
