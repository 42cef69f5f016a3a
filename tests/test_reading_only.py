"""Reading for those who may only read: beside the daemon that writes, in a closed folder, from a copy."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from scheduler.newsroom.many import many
from scheduler.newsroom.newsroom import Newsroom
from storage import Store
from tests.program import PATIENCE, ROOT, command, configuration, daemon, karabakh_here
from tests.storage_samples import article, fill, save
from tests.test_end_to_end_daemon import count, until

COMMANDS = (
    ("search",),
    ("show", "1"),
    ("status",),
    ("sources", "list", "--on"),
    ("alerts", "history"),
    ("db", "stats"),
)


def plain(path: Path, options: str = "-readonly") -> int:
    """How many stories the sqlite3 command sees."""
    if shutil.which("sqlite3") is None:
        pytest.skip("needs the sqlite3 command")
    done = subprocess.run(
        ["sqlite3", options, str(path), "SELECT count(*) FROM story"], capture_output=True, text=True, check=True
    )
    return int(done.stdout)


def test_everything_can_be_read_while_the_daemon_writes(tmp_path: Path) -> None:
    with Newsroom(press=many(4, 100)) as newsroom:
        config = configuration(tmp_path, newsroom)
        with daemon(config) as process:
            until(lambda: count(config) > 3, "the first stories are stored")
            before = plain(tmp_path / "karabakh.sqlite")
            asked = {one: karabakh_here(config, *one) for one in COMMANDS[:3]}
            after = plain(tmp_path / "karabakh.sqlite")
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(PATIENCE)

    assert {one: (done.returncode, done.stderr) for one, done in asked.items()} == dict.fromkeys(asked, (0, ""))
    assert 3 < before < after  # it wrote on while it was read


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A copy made by `karabakh db backup`, in a folder that its reader may not write to."""
    made, shelf = tmp_path / "made", tmp_path / "shelf"
    for folder in (made, shelf):
        folder.mkdir()
        (folder / "config.toml").write_text('[storage]\npath = "k.sqlite"\n', "utf-8")
    with Store.open(made / "k.sqlite") as store:
        fill(store)
        save(store, article())
        done = karabakh_here(made / "config.toml", "db", "backup", str(shelf / "k.sqlite"))
    assert (done.returncode, done.stdout.strip()) == (0, str(shelf / "k.sqlite"))
    return shelf


def as_nobody(shelf: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Another user's command; root is bound by no mode of a folder and therefore has to become one first."""
    wanted = command(shelf / "config.toml", *arguments)
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("needs setpriv to give up root's privilege to write everywhere")
        bounds = "--bounding-set=-dac_override,-fowner"
        wanted = ["setpriv", bounds, "--inh-caps=-all", *wanted]
    return subprocess.run(wanted, capture_output=True, text=True, cwd=ROOT, timeout=PATIENCE, check=False)


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_copy_in_a_folder_that_cannot_be_written_answers_every_question(
    shelf: Path, arguments: tuple[str, ...]
) -> None:
    (shelf / "k.sqlite").chmod(0o444)
    shelf.chmod(0o555)
    done = as_nobody(shelf, *arguments)
    shelf.chmod(0o755)

    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert {p.name for p in shelf.iterdir()} == {"config.toml", "k.sqlite"}


def test_a_file_whose_writer_was_cut_off_is_one_sentence_there(shelf: Path) -> None:
    with closing(sqlite3.connect(shelf / "k.sqlite", isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("UPDATE source SET note = 'written last'")
        log = (shelf / "k.sqlite-wal").read_bytes()
    (shelf / "k.sqlite-wal").write_bytes(log)
    shelf.chmod(0o555)
    done = as_nobody(shelf, "search")
    shelf.chmod(0o755)

    assert done.returncode == 74
    assert done.stderr.count("\n") == 1
    assert f"{shelf / 'k.sqlite'}: " in done.stderr


def test_the_sqlite3_command_reads_a_copy(shelf: Path) -> None:
    assert plain(shelf / "k.sqlite") == 1
