"""The house: who may import whom, which guest lives in which room, and how large a file may grow."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BELOW = {
    "topic": set(),
    "storage": {"topic"},
    "crawler": {"storage", "topic"},
    "alerts": {"storage", "topic"},
    "scheduler": {"crawler", "alerts", "storage", "topic"},
}
GUESTS = {
    "scrapy": "crawler",
    "twisted": "crawler",
    "feedparser": "crawler",
    "trafilatura": "crawler",
    "sqlite3": "storage",
    "sqlite_utils": "storage",
    "apscheduler": "scheduler",
    "apprise": "alerts/channels.py",
    "datasette": "web",
}
FILES = sorted(path for room in BELOW for path in (ROOT / room).rglob("*.py"))
LONGEST_FILE = 300


def imports_of(path: Path) -> Iterator[str]:
    """Every module that a file imports, inside functions and under TYPE_CHECKING too."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", FILES, ids=place)
def test_imports_go_down_only(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    rooms = {name.split(".")[0] for name in imports_of(path)} & set(BELOW)

    assert rooms - {room} <= BELOW[room]


@pytest.mark.parametrize("path", FILES, ids=place)
def test_a_guest_lives_in_its_own_room(path: Path) -> None:
    guests = {name.split(".")[0] for name in imports_of(path)} & set(GUESTS)
    astray = {guest for guest in guests if not place(path).startswith(GUESTS[guest])}

    assert astray == set()


@pytest.mark.parametrize("path", FILES, ids=place)
def test_no_room_is_imported_whole(path: Path) -> None:
    """Scrapy passes an argument called `crawler`; the rooms' names are too common to stand alone."""
    imports = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Import)]
    whole = {alias.name for node in imports for alias in node.names} & {"crawler", "alerts", "scheduler"}

    assert whole == set()


@pytest.mark.parametrize("path", sorted({*FILES, *(ROOT / "tests").rglob("*.py")}), ids=place)
def test_a_file_can_be_read_in_one_sitting(path: Path) -> None:
    lines = path.read_text("utf-8").count("\n")

    assert lines <= LONGEST_FILE


def test_a_search_imports_none_of_the_crawlers_libraries() -> None:
    program = """if True:
        import sys
        from scheduler.cli import karabakh
        for name in ("search", "show", "explain", "status"):
            karabakh.get_command(None, name)
        import storage.query, storage.reader
        print(sorted({m.split(".")[0] for m in sys.modules} & {"scrapy", "twisted", "trafilatura", "apprise", "lxml"}))
    """
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)

    assert done.stdout.strip() == "[]"
