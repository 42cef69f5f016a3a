"""`karabakh demo`: the real daemon, in a process of its own, over the newsroom; this process shows what comes of it.

It looks at the database as any other program may, and its listener receives notices as anybody's would.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from scheduler.newsroom.fragment import config_fragment
from scheduler.newsroom.listener import Listener
from scheduler.newsroom.newsroom import Newsroom
from storage.article import StoredArticle
from storage.errors import StorageError
from storage.reader import Reader
from storage.text import printable

Say = Callable[[str], None]

LOOK_SECONDS = 0.25
END_SECONDS = 12  # the daemon promises to end within ten
SETTINGS = """# Made by `karabakh demo`: its newsroom is polled every three seconds, as no outlet ever should be.
[storage]
path = "{database}"

[fetching]
contact = "demo@newsroom.test"
polls_per_day = 28800
delay_seconds = 0.05
timeout_seconds = 5.0

[[channels]]
name = "desk"
kind = "webhook"
url = "{url}"
secret = "a secret of the demo"
[[alerts]]
name = "Stepanakert / Khankendi"
query = '@stepanakert'
channels = ["desk"]

[[alerts]]
name = "Peace talks"
query = 'title:("peace treaty" OR talks OR переговор* OR բանակց* OR danışıq* OR müzakere*)'
channels = ["desk"]
"""


class DemoError(Exception):
    """The demo cannot go on; one sentence for the user."""


@contextmanager
def _daemon(config: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KARABAKH_")}
    with log.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "scheduler", "--config", str(config), "run"],
            stdout=out,
            stderr=out,
            env=environment,
            start_new_session=True,  # Ctrl-C is for this process, which then ends the daemon in order
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class Screen:
    """Says each story when it is stored, each change of it, and each notice when it is received."""

    def __init__(self, say: Say, began: float) -> None:
        self._say = say
        self._began = began
        self._revisions: dict[int, int] = {}
        self.notices = 0

    def stories(self, found: list[StoredArticle]) -> None:
        for story in sorted(found, key=lambda one: one.id):
            known = self._revisions.get(story.id)
            if known is None:
                self._story(story, "+")
            elif story.revision > known:
                self._story(story, "~")
            self._revisions[story.id] = story.revision

    def _story(self, story: StoredArticle, sign: str) -> None:
        what = "" if sign == "+" else f" (version {story.revision})"
        self._line(f"{sign} {story.outlet_name} [{story.language}] {story.outcome}{what}: {story.title}")
        reasons = "; ".join(story.reasons[:3])
        if reasons:
            self._more(f"why: {reasons}")

    def notice(self, payload: dict[str, Any]) -> None:
        self.notices += 1
        self._line(f"! ALERT {payload['rule']!r} received: {payload['title']}")
        self._more(f"fired because: {'; '.join(payload['why'][:2])}")

    def _line(self, text: str) -> None:
        self._say(f"{time.monotonic() - self._began:5.1f} s  {printable(text)}")

    def _more(self, text: str) -> None:
        self._say(" " * 9 + textwrap.shorten(printable(text), 150, placeholder=" …"))


def play(folder: Path, seconds: float | None, say: Say) -> None:
    """Plays for `seconds` (None: until interrupted). `folder` keeps configuration, database and log."""
    database, config, log = folder / "karabakh.sqlite", folder / "config.toml", folder / "daemon.log"
    folder.mkdir(parents=True, exist_ok=True)
    for old in (*folder.glob("karabakh.sqlite*"), config, log):
        if old.is_dir():
            shutil.rmtree(old)
        else:
            old.unlink(missing_ok=True)
    arrived: SimpleQueue[dict[str, Any]] = SimpleQueue()
    with Newsroom() as newsroom, Listener(arrived.put) as listener:
        settings = SETTINGS.format(database=database.name, url=listener.url)
        config.write_text(settings + config_fragment(newsroom), "utf-8")
        say(f"A newsroom of {len(newsroom.outlets)} outlets is open on loopback; the daemon starts (its log: {log}).\n")
        screen = Screen(say, time.monotonic())
        with _daemon(config, log) as daemon:
            _watch(daemon, database, arrived, screen, seconds)
        _drain(arrived, screen)
    _close(database, config, screen, say)


def _watch(
    daemon: subprocess.Popen[bytes],
    database: Path,
    arrived: SimpleQueue[dict[str, Any]],
    screen: Screen,
    seconds: float | None,
) -> None:
    end = time.monotonic() + seconds if seconds is not None else float("inf")
    while time.monotonic() < end:
        if daemon.poll() is not None:
            raise DemoError(
                f"the daemon ended by itself (exit code {daemon.returncode}); see {database.parent}/daemon.log"
            )
        try:
            screen.stories(_stored(database))
            _drain(arrived, screen)
            time.sleep(LOOK_SECONDS)
        except KeyboardInterrupt:
            return


def _stored(database: Path) -> list[StoredArticle]:
    try:
        with Reader.open(database) as reader:
            return reader.search(None, limit=None)
    except StorageError:
        return []  # the daemon has not made it yet


def _drain(arrived: SimpleQueue[dict[str, Any]], screen: Screen) -> None:
    while True:
        try:
            screen.notice(arrived.get_nowait())
        except Empty:
            return


def _close(database: Path, config: Path, screen: Screen, say: Say) -> None:
    with Reader.open(database) as reader:
        status = reader.status(datetime.now(UTC))
        sources = reader.sources()
    counts = ", ".join(f"{count} {outcome}" for outcome, count in status.articles.items())
    say(f"\nThe daemon has ended in order. Stories stored: {counts}. Notices received: {screen.notices}.")
    for source in sources:
        problem = source.last_problem if source.failures else source.route_problem if source.route else None
        if problem:
            served = "; its second route serves" if source.route and not source.failures else ""
            say(f"In trouble, as the newsroom means it to be: {source.id}: {printable(problem)}{served}")
    say("\nWhat to type next:")
    for command in (
        "status",
        "search @stepanakert",
        "search 'переговор* OR սահման*' --format csv",
        "show 1",
        "alerts history",
    ):
        say(f"  {_program()} --config {config} {command}")


def _program() -> str:
    """The command as it was typed: `make demo` has it in an environment that no shell knows of."""
    typed = sys.argv[0]
    return typed if Path(typed).name == "karabakh" and typed != shutil.which("karabakh") else "karabakh"
