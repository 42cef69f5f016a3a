"""Where the real pages, feeds and labelled stories lie: outside the project, since they are other people's texts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def shared(name: str) -> Path:
    """A file or folder of the shared data; skips the test, saying so, where the data are absent."""
    path = Path(os.environ.get("MONITOR_TEST_DATA", ROOT.parent / "shared")) / name
    if not path.exists():
        pytest.skip(f"needs {name} of the shared data (MONITOR_TEST_DATA names their folder)")
    return path
