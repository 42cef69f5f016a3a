"""A lease's owner is known to be dead only when that is certain."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scheduler.lease_owner import is_dead, owner_name


def test_this_process_is_alive() -> None:
    assert not is_dead(owner_name())


def test_a_process_that_has_ended_is_dead() -> None:
    program = "from scheduler.lease_owner import owner_name; print(owner_name())"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()

    assert is_dead(ended)


def test_a_later_process_with_the_same_number_is_not_the_owner() -> None:
    host, pid, _ = owner_name().rsplit("/", 2)

    assert is_dead(f"{host}/{pid}/1") is Path("/proc/self/stat").exists()


@pytest.mark.parametrize("name", ["", "other-host/1/2", "nonsense", "a/b/c"])
def test_what_cannot_be_told_is_alive(name: str) -> None:
    assert not is_dead(name)
