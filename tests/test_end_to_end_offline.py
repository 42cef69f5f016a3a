"""No network at all: said once and in `status`, nobody blamed, and polling goes on by itself when the network does."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.program import ROOT


def test_a_network_that_goes_away_is_said_once_and_blames_no_source(tmp_path: Path) -> None:
    if shutil.which("unshare") is None or subprocess.run(["unshare", "--net", "true"], check=False).returncode:
        pytest.skip("needs unshare and the right to make a network namespace (root)")
    done = subprocess.run(
        ["unshare", "--net", sys.executable, "-m", "tests.without_network", str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)

    for stage in ("before", "away", "still away", "back"):
        reached, state = seen[stage]
        assert reached, f"{stage}: {seen}"
        assert state["failures"] == 0, f"{stage}: {seen}"
        assert state["stories"] == 40
    assert seen["crawl"][0] == 1
    assert "the network seems away" in seen["crawl"][1]
    assert seen["said"] == 1
    assert seen["code"] == 0
