"""A machine that loses its network and gets it back, for real: run inside a network namespace of its own.

unshare --net python -m tests.without_network FOLDER

The loopback interface stands for the network: taken down, what is sent vanishes, as on a laptop out of range. Prints
what was seen at each stage as JSON.
"""

from __future__ import annotations

import fcntl
import json
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scheduler.newsroom.many import many
from scheduler.newsroom.newsroom import Newsroom
from storage.errors import StorageError
from storage.reader import Reader
from tests.program import PATIENCE, configuration, daemon, karabakh

SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 0x1


def network(*, up: bool) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(handle, SIOCGIFFLAGS, request))[1]
        flags = flags | IFF_UP if up else flags & ~IFF_UP
        fcntl.ioctl(handle, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags))


def seen(database: Path) -> dict[str, Any]:
    try:
        with Reader.open(database) as reader:
            status, sources = reader.status(datetime.now(UTC)), reader.sources()
    except StorageError:
        return {"stories": 0, "conditions": [], "failures": 0, "offline": 0}
    own = [source for source in sources if source.enabled]
    return {
        "stories": sum(status.articles.values()),
        "conditions": [one.name for one in status.conditions],
        "failures": sum(source.failures for source in own),
        "offline": sum(source.last_outcome == "offline" for source in own),
    }


def until(true: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.1)
    return False


def all_polled_again(database: Path) -> bool:
    now = seen(database)
    return not now["conditions"] and not now["offline"]


def main(folder: Path) -> None:
    network(up=True)
    stages: dict[str, Any] = {}
    with Newsroom(press=many(4, 10)) as newsroom:
        config = configuration(folder, newsroom, timeout=1.5)
        database = folder / "karabakh.sqlite"
        with daemon(config) as process:
            stages["before"] = until(lambda: seen(database)["stories"] == 40), seen(database)
            network(up=False)
            stages["away"] = until(lambda: "network" in seen(database)["conditions"]), seen(database)
            time.sleep(2)  # polls that fall due in the meantime must blame nobody either
            stages["still away"] = True, seen(database)
            crawled = karabakh(config, "crawl", "--all")
            stages["crawl"] = crawled.returncode, crawled.stderr
            network(up=True)
            stages["back"] = until(lambda: all_polled_again(database)), seen(database)
            process.send_signal(signal.SIGTERM)
            stages["code"] = process.wait(PATIENCE)
    stages["said"] = (folder / "daemon.log").read_text("utf-8").count("the network seems away")
    print(json.dumps(stages))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
