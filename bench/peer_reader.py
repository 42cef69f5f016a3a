"""The peer of bench/poll.py: `reader` polls all feeds whenever a line comes in, and says what CPU seconds that took.

PYTHON bench/peer_reader.py DATABASE PLACE FEEDS
"""

from __future__ import annotations

import sys
import time

from reader import make_reader


def main(path: str, place: str, feeds: str) -> None:
    peer = make_reader(path, feed_root=None)
    for n in range(int(feeds)):
        peer.add_feed(f"{place}/{n}")
    for _ in sys.stdin:
        started = time.process_time()
        peer.update_feeds(scheduled=False)
        print(time.process_time() - started, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
