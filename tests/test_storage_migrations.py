"""Bringing a file to the present schema, and files of other versions."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from storage import Reader, Store, migrations
from storage.errors import (
    NewerDatabase,
    OlderDatabase,
)
from tests.data import ROOT
from tests.storage_samples import NOW, dump, fill, small_database


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return small_database(tmp_path)


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


# A process that migrates with a second migration of many statements and kills itself after so many of them.
KILLED = """
import os, signal, sys
from pathlib import Path
from storage import Store, migrations
import storage.connection

stop = int(sys.argv[2])
wanted = [f"CREATE TABLE added_{n} AS SELECT * FROM article" for n in range(20)] + ["DROP TABLE outbox"]

def statements():
    for n, statement in enumerate(wanted):
        if n == stop:
            os.kill(os.getpid(), signal.SIGKILL)
        yield statement

migrations.MIGRATIONS = (*migrations.MIGRATIONS, ("002 second", statements))
storage.connection.MIGRATIONS = migrations.MIGRATIONS
with Store.open(Path(sys.argv[1])):
    if stop == len(wanted):
        os.kill(os.getpid(), signal.SIGKILL)
"""


def migrate_in_another_process(path: Path, stop: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", KILLED, str(path), str(stop)], cwd=ROOT)


@pytest.mark.parametrize("stop", [0, 1, 11, 20, 21], ids="killed after {} statements".format)
def test_a_kill_in_a_migration_leaves_the_old_file_or_the_new_one(path: Path, stop: int) -> None:
    before = dump(path)
    died = migrate_in_another_process(path, stop).wait(30)
    (copy,) = path.parent.glob("news.sqlite.before-*")
    with closing(sqlite3.connect(path)) as db:
        sound = db.execute("PRAGMA integrity_check").fetchone()[0]
        added = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE name LIKE 'added_%'")}
        done = migrations.applied(db)

    assert died == -signal.SIGKILL
    assert sound == "ok"
    assert sorted(dump(copy)) == sorted(before)
    if stop == 21:  # the last statement was followed by the commit
        assert (len(added), done) == (20, ["001 schema", "002 second"])
    else:
        assert dump(path) == before


def test_after_a_kill_the_migration_is_made_by_the_next_and_by_one_of_two_at_once(path: Path) -> None:
    migrate_in_another_process(path, 11).wait(30)
    codes = [one.wait(30) for one in [migrate_in_another_process(path, 99) for _ in range(2)]]
    with closing(sqlite3.connect(path)) as db:
        added = db.execute("SELECT count(*) FROM sqlite_master WHERE name LIKE 'added_%'").fetchone()[0]
        done = migrations.applied(db)

    assert codes == [0, 0]
    assert (added, done) == (20, ["001 schema", "002 second"])
