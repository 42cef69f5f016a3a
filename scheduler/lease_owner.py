"""The name under which a process holds leases, and whether the process behind such a name is still alive."""

from __future__ import annotations

import os
import socket
from pathlib import Path


def _started(pid: int) -> str | None:
    """When a process began, in clock ticks since boot (field 22 of /proc/PID/stat); None when it cannot be told.

    It keeps a process apart from a later one that was given the same number.
    """
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return None


def owner_name() -> str:
    return f"{socket.gethostname()}/{os.getpid()}/{_started(os.getpid()) or '-'}"


def is_dead(owner: str) -> bool:
    """True only when it is certain: the name is of this host and no such process lives here any more."""
    host, _, rest = owner.rpartition("/")[0].rpartition("/") if owner.count("/") >= 2 else ("", "", "")
    if host != socket.gethostname() or not rest.isdigit():
        return False
    began = owner.rpartition("/")[2]
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return began != "-" and _started(int(rest)) not in {began, None}
