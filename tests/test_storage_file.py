"""The file itself: what can be opened, by whom, on which disk."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import Reader, Store
from storage.errors import (
    DatabaseDamaged,
    DatabaseMissing,
    DatabaseReadOnly,
    DiskFull,
    NotADatabase,
    StorageError,
)
from tests.data import ROOT
from tests.storage_samples import article, dump, locked, save, small_database, verdict


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return small_database(tmp_path)


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


def test_a_writer_opens_while_another_writes(path: Path) -> None:
    with locked(path), Store.open(path, busy_seconds=0.01) as store:
        assert store.article(1) is not None


def test_a_folder_that_cannot_be_made_is_said_to_be(path: Path) -> None:
    with pytest.raises(StorageError, match=r"cannot be used: (Not a directory|File exists)"):
        Store.open(path / "below" / "news.sqlite")
