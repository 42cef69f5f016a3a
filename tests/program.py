"""The program as a user runs it: its own process, a configuration file, an exit code and what it prints."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scheduler.newsroom.fragment import config_fragment
from scheduler.newsroom.newsroom import Newsroom

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
