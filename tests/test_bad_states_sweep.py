"""Every command on every bad state of the database: one sentence, the documented exit code, the file as it was."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import pytest

import topic
from scheduler.cli import main
from storage import Reader, Store, migrations
from tests.storage_samples import article, fill, save
from tests.test_scheduler_cli import ALL

# What each command is asked; of those that do not open the database, why it is of no interest here.
READ = {
    "search": ("search", "lachin"),
    "show": ("show", "1"),
    "explain": ("explain", "1"),
    "export": ("export", "lachin"),
    "status": ("status",),
    "gaps": ("gaps",),
    "rejudge": ("rejudge",),
    "alerts test": ("alerts", "test", "lachin"),
    "alerts history": ("alerts", "history"),
    "sources list": ("sources", "list"),
    "sources show": ("sources", "show", "armenpress"),
    "db stats": ("db", "stats"),
}
WRITE = {
    "alerts retry": ("alerts", "retry"),
    "db check": ("db", "check"),
    "db backup": ("db", "backup", "copy.sqlite"),
}
# They make a missing or empty file and migrate an older one. Both open the database before anything that needs the
# reactor, so that one that cannot be opened can be tried in this process on a plain loop.
MAKE = {
    "run": ("run",),
    "crawl": ("crawl", "armenpress"),
    "backfill": ("backfill", "armenpress", "--since", "2d"),
    "replay": ("replay", __file__),
}
WITHOUT = {
    "alerts list": "reads the configuration",
    "topic list": "reads the topic",
    "topic find": "reads the topic",
    "judge": "reads the topic",
    "extract": "stores nothing",
    "sources check": "stores nothing",
    "sources add": "stores nothing but in the configuration",
    "sources export": "reads the catalogue",
    "sources import": "reads the catalogue",
    "config check": "reads the configuration",
    "config show": "reads the configuration",
    "demo": "has a database of its own",
}
TOPIC = cache(topic.load)
NO_GAP = "no gap is open that reaches into the last 48 hours\n"
ASKED = READ | WRITE | MAKE


def test_the_sweep_knows_every_command() -> None:
    assert ASKED.keys() | WITHOUT.keys() == ALL.keys()


@dataclass(frozen=True)
class State:
    """`make` turns a good database into a bad one, and undoes on the stack what would outlive the test."""

    make: Callable[[Path, ExitStack, pytest.MonkeyPatch], None]
    code: int
    says: str


def _missing(path: Path, stack: ExitStack, patch: pytest.MonkeyPatch) -> None:
    path.unlink()


def _empty(path: Path, stack: ExitStack, patch: pytest.MonkeyPatch) -> None:
    path.write_bytes(b"")


def _text(path: Path, stack: ExitStack, patch: pytest.MonkeyPatch) -> None:
    path.write_bytes(b"Dear diary, nothing happened today. " * 40)


def _another(path: Path, stack: ExitStack, patch: pytest.MonkeyPatch) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE theirs (x)")


def _folder(path: Path, stack: ExitStack, patch: pytest.MonkeyPatch) -> None:
    path.unlink()
    path.mkdir()


def _locked(path: Path, stack: ExitStack, patch: pytest.MonkeyPatch) -> None:
    """By a program that lets nobody else even read."""
    holder = stack.enter_context(closing(sqlite3.connect(path, isolation_level=None)))
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    holder.execute("UPDATE source SET note = note")


def _newer(path: Path, stack: ExitStack, patch: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("UPDATE _sqlite_migrations SET name = '999 from the future'")


def _older(path: Path, stack: ExitStack, patch: pytest.MonkeyPatch) -> None:
    """By making this program the newer one."""
    second = ("002 second", lambda: ["CREATE TABLE added (x)"])
    patch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, second))
    patch.setattr("storage.connection.MIGRATIONS", migrations.MIGRATIONS)


def _damaged(path: Path, stack: ExitStack, patch: pytest.MonkeyPatch) -> None:
    """All but the first page, which names the tables."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))


STATES = {
    "no file": State(_missing, 74, "there is no such file"),
    "empty file": State(_empty, 74, "is empty"),
    "text": State(_text, 74, "is not an SQLite database"),
    "another program's": State(_another, 74, "is an SQLite database of another program"),
    "folder": State(_folder, 74, "is not a file"),
    "locked": State(_locked, 75, "is locked by another process"),
    "newer": State(_newer, 74, "newer karabakh-monitor"),
    "older": State(_older, 74, "older karabakh-monitor"),
    "damaged": State(_damaged, 74, "is damaged"),
}
MENDED_BY_MAKING = {"no file", "empty file", "older"}


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("good") / "k.sqlite"
    with Store.open(path) as store:
        fill(store)
        save(store, article())
    return path


@pytest.fixture
def place(good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration's folder with the database in it; nobody here waits long for a lock."""
    shutil.copy(good, tmp_path / "k.sqlite")
    (tmp_path / "config.toml").write_text('[storage]\npath = "k.sqlite"\n', "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("storage.writer.BUSY_SECONDS", 0.02)
    for module in ("topic", "scheduler.assemble"):  # read once: what is asked here is how the database is used
        monkeypatch.setattr(f"{module}.load", TOPIC)
    for module in ("crawling", "backfilling", "replaying"):
        monkeypatch.setattr(
            f"scheduler.commands.{module}.under_reactor", lambda make: asyncio.run(make(asyncio.Event()))
        )
    monkeypatch.setattr("scheduler.commands.crawling.start_log", lambda level: None)
    for door in (Store, Reader):
        monkeypatch.setattr(door, "open", partial(door.open, busy_seconds=0.02))
    return tmp_path


def said(patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *command: str) -> tuple[int, str]:
    """(exit code, standard error) of a command in this process."""
    patch.setattr("sys.argv", ["karabakh", "--config", "config.toml", *command])
    with pytest.raises(SystemExit) as ended:
        main()
    assert isinstance(ended.value.code, int)
    return ended.value.code, capsys.readouterr().err


def content(place: Path) -> dict[str, bytes]:
    """What is in the folder but for what SQLite keeps beside an open file."""
    beside = ("-shm", "-wal", ".lock")
    return {p.name: p.read_bytes() for p in place.iterdir() if p.is_file() and not p.name.endswith(beside)}


@pytest.mark.parametrize(
    ("state", "command"), [(s, c) for s in STATES for c in ASKED if not (c in MAKE and s in MENDED_BY_MAKING)]
)
def test_a_bad_database_is_one_sentence_and_an_exit_code_and_stays_as_it_was(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], state: str, command: str
) -> None:
    chosen = STATES[state]
    with ExitStack() as stack:
        chosen.make(place / "k.sqlite", stack, monkeypatch)
        before = content(place)
        code, error = said(monkeypatch, capsys, *ASKED[command])
        after = content(place)

    if state == "no file" and command.startswith("sources"):
        assert (code, error) == (0, "")  # the catalogue can be looked at before there is a database
    else:
        assert error.count("\n") == 1, error
        assert str(place / "k.sqlite") in error
        assert chosen.says in error
        assert code == chosen.code
    assert after == before


@pytest.fixture
def disk(place: Path) -> Iterator[Path]:
    """A disk of its own for the database, 1 MB large, in the place of the folder's."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(place)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"needs to mount a small disk: {mounted.stderr.strip()}")
    try:
        yield place
    finally:
        os.chdir("/")
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def _on(disk: Path, good: Path) -> Path:
    shutil.copy(good, disk / "k.sqlite")
    (disk / "config.toml").write_text('[storage]\npath = "k.sqlite"\n', "utf-8")
    os.chdir(disk)
    return disk


def _fill_up(disk: Path) -> None:
    with (disk / "ballast").open("wb", buffering=0) as ballast, suppress(OSError):
        while True:
            ballast.write(bytes(4096))


@pytest.mark.parametrize("command", ASKED)
def test_on_a_full_disk_reading_goes_on_and_writing_says_why_not(
    disk: Path, good: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    _fill_up(_on(disk, good))
    before = content(disk)
    code, error = said(monkeypatch, capsys, *ASKED[command])

    if command in READ:
        assert (code, error) in {(0, ""), (0, "there are no notices\n"), (0, NO_GAP)}
    else:
        assert (code, error.count("\n")) == (74, 1)
        assert re.match(rf"{re.escape(str(disk))}/\S+: the disk (is full|refuses)", error), error
    assert content(disk) == before


@pytest.mark.parametrize("command", ASKED)
def test_on_a_read_only_disk_reading_goes_on_and_writing_says_why_not(
    disk: Path, good: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    before = content(_on(disk, good))
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    code, error = said(monkeypatch, capsys, *ASKED[command])

    if command in READ:
        assert (code, error) in {(0, ""), (0, "there are no notices\n"), (0, NO_GAP)}
    else:
        assert (code, error.count("\n")) == (74, 1)
        assert f"{disk / 'k.sqlite'}: cannot be written here" in error
    assert content(disk) == before
