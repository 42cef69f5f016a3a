"""The program as a user runs it: its own process, a configuration file, an exit code and what it prints."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path
from unittest import mock

from scheduler.cli import main
from scheduler.newsroom.fragment import config_fragment
from scheduler.newsroom.newsroom import Newsroom
from topic import load

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 60  # seconds; nothing here takes a third of that on a slow machine


def configuration(folder: Path, newsroom: Newsroom, more: str = "", timeout: float = 3.5) -> Path:
    """A config.toml that polls nothing but the newsroom, as fast as it answers."""
    path = folder / "config.toml"
    path.write_text(
        f"""
[storage]
path = "karabakh.sqlite"
[fetching]
polls_per_day = 43200
delay_seconds = 0.01
timeout_seconds = {timeout}
per_site = 4
workers = 1
{more}
{config_fragment(newsroom)}""",
        "utf-8",
    )
    return path


def _environment() -> dict[str, str]:
    """No settings of the machine's owner, and no width of a terminal that some test runner states."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("KARABAKH_", "COLUMNS"))}


def command(config: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "scheduler", "--config", str(config), *arguments]


def karabakh(config: Path, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(config, *arguments),
        capture_output=True,
        text=True,
        encoding="utf-8",
        input=stdin,
        timeout=PATIENCE,
        cwd=ROOT,
        env=_environment(),
        check=False,
    )


@contextmanager
def daemon(config: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The daemon, its log beside the configuration; killed at the end if it still lives, with its workers."""
    with (config.parent / "daemon.log").open("ab") as log:
        process = subprocess.Popen(
            command(config, "run"), stdout=log, stderr=log, cwd=ROOT, env=_environment(), start_new_session=True
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(PATIENCE)


_topic = cache(load)


def karabakh_here(config: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """`karabakh` without a process of its own, for commands that need no reactor: a tenth of the time."""
    out, err = io.StringIO(), io.StringIO()
    with ExitStack() as changed:
        changed.enter_context(mock.patch.object(sys, "argv", ["karabakh", "--config", str(config), *arguments]))
        changed.enter_context(mock.patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), "utf-8")))
        changed.enter_context(mock.patch.dict(os.environ, _environment(), clear=True))
        changed.enter_context(mock.patch("scheduler.process.start_log"))  # the log is pytest's
        for module in ("topic", "scheduler.assemble"):
            changed.enter_context(mock.patch(f"{module}.load", _topic))
        changed.enter_context(redirect_stdout(out))
        changed.enter_context(redirect_stderr(err))
        try:
            main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())
