"""The file itself: opening, migrating, locking, disks that cannot be written."""

from __future__ import annotations

import inspect
import itertools
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from storage import Reader, Store, migrations
from storage.errors import (
    DatabaseDamaged,
    DatabaseLocked,
    DatabaseMissing,
    DatabaseReadOnly,
    DiskFull,
    NewerDatabase,
    NotADatabase,
    OlderDatabase,
    StorageError,
)
from tests.data import ROOT
from tests.storage_samples import DAY, HOUR, NOW, OUTLETS, SOURCES, article, entry, fill, poll, save, verdict

ME = "host/1/1"


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


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another process in the middle of a write."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        db.close()


# Locked by another

WRITES: dict[str, Callable[[Store], object]] = {
    "sync_catalogue": lambda store: store.sync_catalogue(OUTLETS, SOURCES, NOW),
    "claim_sources": lambda store: store.claim_sources(owner=ME, now=NOW, lease=HOUR, limit=5),
    "renew_leases": lambda store: store.renew_leases(ME, NOW, HOUR),
    "release_source": lambda store: store.release_source("lori-en", ME),
    "release_owner": lambda store: store.release_owner(ME),
    "save_poll": lambda store: store.save_poll(poll("lori-en", entry("c"))),
    "make_offline_due": lambda store: store.make_offline_due(NOW),
    "save_article": lambda store: save(store, article("c"), entry_id=1),
    "save_page_failure": lambda store: store.save_page_failure(1, "no", state="failed", next_try=None),
    "save_matches": lambda store: store.save_matches("alerts", 1, [], NOW),
    "lease_notices": lambda store: store.lease_notices(owner=ME, now=NOW, lease=HOUR, limit=5),
    "mark_sent": lambda store: store.mark_sent(1, NOW),
    "mark_failed": lambda store: store.mark_failed(1, "no", None),
    "put_off_notices": lambda store: store.put_off_notices(ME, [1]),
    "retry_dead": lambda store: store.retry_dead(NOW),
    "set_condition": lambda store: store.set_condition("network", "away", NOW),
    "begin_run": lambda store: store.begin_run("crawl", ME, NOW),
    "end_run": lambda store: store.end_run(1, "done", NOW),
    "drop_old_bodies": lambda store: store.drop_old_bodies(relevant=DAY, other=DAY, now=NOW + 9 * DAY),
    "prune_polls": lambda store: store.prune_polls(NOW + DAY),
}
# These only read, which a writer elsewhere does not hinder, or are tested by themselves.
READS = {"leased_by_others", "lease_owners", "pending_entries", "article", "changes_after"}
APART = {"open", "close", "checkpoint", "backup", "check"}


def test_the_sweep_knows_every_method_of_the_store() -> None:
    methods = {name for name, _ in inspect.getmembers(Store, callable) if not name.startswith("_")}

    assert methods == WRITES.keys() | READS | APART


@pytest.mark.parametrize("method", WRITES)
def test_a_locked_database_is_said_to_be_and_nothing_is_half_written(path: Path, method: str) -> None:
    before = dump(path)
    with Store.open(path, busy_seconds=0.01) as store, locked(path):
        with pytest.raises(DatabaseLocked, match=f"^{path}: is locked by another process; nothing was written"):
            WRITES[method](store)
        assert not store._db.in_transaction

    assert dump(path) == before


@pytest.mark.parametrize("method", WRITES)
def test_a_method_that_breaks_off_in_the_middle_leaves_nothing_behind(path: Path, method: str) -> None:
    """Each attempt is interrupted a little later in SQLite's own instructions, until one comes through.

    What is interrupted when it has been committed already is there whole.
    """
    before = dump(path)
    other = path.with_name("other.sqlite")
    shutil.copy(path, other)
    with Store.open(other) as store:
        WRITES[method](store)
    whole = dump(other)
    with Store.open(path) as store:
        step = 1
        while _interrupted(store, WRITES[method], step):
            assert not store._db.in_transaction
            found = list(store._db.iterdump())
            assert found in (before, whole)
            if found != before:
                break
            step += 1 + step // 3

    assert step > 1


def _interrupted(store: Store, write: Callable[[Store], object], step: int) -> bool:
    calls = itertools.count(1)
    store._db.set_progress_handler(lambda: next(calls) == step, 1)
    try:
        write(store)
    except sqlite3.OperationalError as error:
        return error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT
    finally:
        store._db.set_progress_handler(None, 0)
    return False


@pytest.mark.parametrize("method", ["leased_by_others", "lease_owners", "pending_entries", "article", "changes_after"])
def test_a_write_elsewhere_does_not_hinder_reading(path: Path, method: str) -> None:
    arguments = {"leased_by_others": (ME, NOW), "pending_entries": ("lori-en", NOW, 5), "article": (1,)}
    with Store.open(path, busy_seconds=0.01) as store, locked(path):
        getattr(store, method)(*arguments.get(method, ("alerts", 5) if method == "changes_after" else ()))


def test_opening_a_new_file_that_another_holds_says_so(tmp_path: Path) -> None:
    path = tmp_path / "news.sqlite"
    with locked(path), pytest.raises(DatabaseLocked):
        Store.open(path, busy_seconds=0.01)


# Migrating


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


# Other files, other disks


@pytest.mark.parametrize("door", [Store, Reader])
@pytest.mark.parametrize(
    ("content", "error"),
    [
        pytest.param("theirs (x)", NotADatabase, id="database of another program"),
        pytest.param(
            "_sqlite_migrations (id, migration_set, name)", NotADatabase, id="of another sqlite-utils program"
        ),
        pytest.param(b"Dear diary, nothing happened today. " * 40, NotADatabase, id="text"),
        pytest.param(None, StorageError, id="folder"),
    ],
)
def test_what_is_not_ours_is_refused_and_left_alone(
    tmp_path: Path, door: type[Store], content: bytes | str | None, error: type[StorageError]
) -> None:
    path = tmp_path / "file"
    if content is None:
        path.mkdir()
    elif isinstance(content, bytes):
        path.write_bytes(content)
    else:
        with sqlite3.connect(path) as db:
            db.execute(f"CREATE TABLE {content}")
        db.close()
    before = path.read_bytes() if path.is_file() else b""

    with pytest.raises(error, match=f"^{path}: "):
        door.open(path)

    assert (path.read_bytes() if path.is_file() else b"") == before


def test_a_reader_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(DatabaseMissing, match="no such file"):
        Reader.open(tmp_path / "news.sqlite")
    (tmp_path / "empty").touch()
    with pytest.raises(NotADatabase, match="is empty"):
        Reader.open(tmp_path / "empty")

    assert [one.name for one in tmp_path.iterdir()] == ["empty"]


def test_a_damaged_file_is_said_to_be(path: Path) -> None:
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(8192)
        file.write(b"\xff" * (size - 8192))

    with pytest.raises(DatabaseDamaged, match="is damaged"), Reader.open(path) as reader:
        reader.search(None)


def test_a_reader_sees_what_a_writer_has_just_written(path: Path) -> None:
    with Store.open(path) as store, Reader.open(path) as reader:
        assert len(reader.search(None)) == 1
        save(store, article("c"))
        assert len(reader.search(None)) == 2
        with locked(path):
            assert len(reader.search(None)) == 2


def test_a_backup_is_whole_and_never_written_over_a_file(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.sqlite"
    with Store.open(path) as store:
        store.backup(target)
        with pytest.raises(StorageError, match="exists already"):
            store.backup(target)
        with pytest.raises(StorageError, match=str(tmp_path / "absent")):
            store.backup(tmp_path / "absent" / "copy.sqlite")

    with Reader.open(target) as reader:
        assert [one.title for one in reader.search(None)] == ["Lachin road story a"]
    assert sorted(dump(target)) == sorted(dump(path))
    with Store.open(target) as store:
        assert store.check() == []


def test_check_finds_an_index_that_is_out_of_step(path: Path) -> None:
    with Store.open(path) as store:
        store._db.execute("DROP TRIGGER article_text_changed")
        store._db.execute("UPDATE article_text SET title = 'changed behind its back'")

        assert any("full-text index" in problem for problem in store.check())


def test_a_full_disk_is_said_to_be(path: Path) -> None:
    before = dump(path)
    with Store.open(path) as store:
        pages = store._db.execute("PRAGMA page_count").fetchone()[0]
        store._db.execute(f"PRAGMA max_page_count = {pages}")  # what SQLite takes for the end of the disk
        with pytest.raises(DiskFull, match="the disk is full; nothing was written"):
            save(store, article("c", body="word " * 50_000))

    assert dump(path) == before


_READ = """
import sys
from pathlib import Path
from storage import {door}
from storage.errors import StorageError
try:
    with {door}.open(Path(sys.argv[1]), busy_seconds=0.1) as opened:
        print(opened.article(1).title)
except StorageError as error:
    print(type(error).__name__, error)
"""


def _as_reader_only(path: Path, door: str) -> str:
    """What a user who may only read that folder sees."""
    command = [sys.executable, "-B", "-c", _READ.format(door=door), str(path)]
    if os.geteuid() == 0:  # whom no mode of a file holds back, unless that privilege is given up
        if shutil.which("setpriv") is None:
            pytest.skip("needs setpriv to give up root's privilege to write everywhere")
        command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all", *command]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return str(done.stdout).strip()


@pytest.fixture
def shelf(path: Path, tmp_path: Path) -> Iterator[Path]:
    """The database in a folder where one may only read."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    shutil.copy(path, folder)
    (folder / path.name).chmod(0o444)
    folder.chmod(0o555)
    yield folder / path.name
    folder.chmod(0o755)


def test_a_cleanly_closed_file_can_be_read_where_nothing_can_be_written(shelf: Path) -> None:
    assert _as_reader_only(shelf, "Reader") == "Lachin road story a"


def test_a_writer_says_that_it_cannot_write(shelf: Path) -> None:
    said = _as_reader_only(shelf, "Store")

    assert said.startswith(f"{DatabaseReadOnly.__name__} {shelf}: cannot be written here")


def test_a_file_whose_writer_was_cut_off_needs_a_folder_that_can_be_written(shelf: Path) -> None:
    shelf.parent.chmod(0o755)
    shelf.with_name(shelf.name + "-wal").write_bytes(b"\x37\x7f\x06\x82" + b"\0" * 60)
    shelf.parent.chmod(0o555)

    said = _as_reader_only(shelf, "Reader")

    assert f"{shelf}: " in said
    assert said.startswith("Database")


def test_reading_needs_no_library_of_the_crawler(path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from datetime import UTC, datetime; from storage import Reader;"
        "from storage.query import parse;"
        "reader = Reader.open(Path(sys.argv[1])); query = parse('lachin', now=datetime.now(UTC));"
        "print(len(reader.search(query)), sorted({'scrapy', 'twisted', 'feedparser', 'lxml', 'crawler', 'apprise',"
        "'storage.store', 'sqlite_utils'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "1 []"


def test_verdicts_are_what_they_were(path: Path) -> None:
    with Reader.open(path) as reader:
        found = reader.article(1)

    assert found is not None
    assert (found.outcome, found.reasons) == (verdict().outcome, verdict().reasons)
