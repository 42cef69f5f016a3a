"""kill -9 at random moments of the daemon and of `crawl`, again and again, and what is left of the stories and notices.

python -m tests.kills --kills 100        # some four minutes; the tests do ten
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from scheduler.newsroom.listener import Listener
from scheduler.newsroom.many import many
from scheduler.newsroom.newsroom import Newsroom
from storage import Store
from storage.reader import Reader
from tests.program import PATIENCE, ROOT, command, configuration, karabakh

SECONDS_A_KILL = 2.0  # about; new stories appear all the while, so that each kill finds work under way
DESK = """
[[channels]]
name = "desk"
kind = "webhook"
url = "{url}"

[[alerts]]
name = "all of it"
query = "NOT zzzz"
channels = ["desk"]
"""


@dataclass
class Remains:
    """What is wrong after all kills; everything is empty or 0 when nothing is. `repeats` are notices received twice
    under one key, which is allowed once for each kill."""

    lost: set[str] = field(default_factory=set)
    twice: list[str] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)
    untold: set[str] = field(default_factory=set)
    unsent: int = 0
    repeats: int = 0
    damage: list[str] = field(default_factory=list)
    last: str = ""


def kill_again_and_again(folder: Path, kills: int, seed: int = 7) -> Remains:
    draw, found = random.Random(seed), Remains()
    press = many(6, max(40, kills), within=kills * SECONDS_A_KILL)
    with Newsroom(press=press) as newsroom, Listener() as listener:
        config = configuration(folder, newsroom, DESK.format(url=listener.url))
        for number in range(kills):
            _start_and_kill(config, "run" if number % 2 else "crawl", draw.uniform(0.5, 2.5))
            found.damage += _damage(folder / "karabakh.sqlite")
        newsroom.advance(timedelta(days=1).total_seconds())
        done = karabakh(config, "crawl", "--all")
        found.last = f"exit {done.returncode}: {done.stderr}"
        found.damage += _damage(folder / "karabakh.sqlite")
        _compare(folder / "karabakh.sqlite", newsroom, listener, found)
    return found


def _start_and_kill(config: Path, what: str, after: float) -> None:
    with (config.parent / "killed.log").open("ab") as log:
        process = subprocess.Popen(command(config, what), stdout=log, stderr=log, cwd=ROOT, start_new_session=True)
        try:
            process.wait(after)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(PATIENCE)


def _damage(path: Path) -> list[str]:
    if not path.exists():
        return []
    with Store.open(path) as store:
        return store.check()


def _compare(path: Path, newsroom: Newsroom, listener: Listener, found: Remains) -> None:
    with Reader.open(path) as reader:
        titles = Counter(story.title for story in reader.search(None, limit=None))
        made = reader.notices(limit=1_000_000)
    expected = {story.title for story in newsroom.stories}
    relevant = {story.title for story in newsroom.stories if story.relevant}
    received = Counter(notice["key"] for notice in listener.notices)
    found.lost, found.unknown = expected - titles.keys(), titles.keys() - expected
    found.twice = [title for title, count in titles.items() if count > 1]
    found.untold = relevant - {notice.title for notice in made}
    sent = {notice.key for notice in made if notice.state == "sent"}
    found.unsent = sum(notice.state not in {"sent", "held"} for notice in made) + len(sent ^ received.keys())
    found.repeats = sum(received.values()) - len(received)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("--kills", type=int, default=100)
    options.add_argument("--seed", type=int, default=7)
    given = options.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        found = kill_again_and_again(Path(folder), given.kills, given.seed)
    print(f"{given.kills} kills in {time.monotonic() - began:.0f} s: {found}")
    sys.exit(bool(found.lost or found.twice or found.unknown or found.untold or found.unsent or found.damage))


if __name__ == "__main__":
    main()
