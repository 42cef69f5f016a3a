"""What hostile hosts and documents cost at full size: memory, time, and what polls of a good source wait meanwhile.

    python bench/hostile_hosts.py [--only WORD] [--scale 1.0]

Each case has a process of its own with a hub in it, which polls a good source every 50 ms while the case goes on; what
was fetched, and each document, is read in a second process, as the pool does. The servers are in this one, so their
memory does not count. The limits are those that a new installation has. The run fails when a case gets through, when
one takes more than 300 MB of resident memory (either process) or 10 s, or when a poll of the good source fails. A host
that says nothing at all cannot be told from one that thinks: it alone may take its `fetching.timeout_seconds`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from crawler.guard import GuardRules  # noqa: E402
from crawler.hub import Hub, run  # noqa: E402
from crawler.settings import HubSettings  # noqa: E402
from crawler.wire import FetchFailure, FetchRequest  # noqa: E402
from scheduler.config import FetchingConfig  # noqa: E402
from scheduler.newsroom.server import Answer, LoopbackServer  # noqa: E402
from tests.fakes import raw_server  # noqa: E402
from tests.hostile_documents import DOCUMENTS, Document, wrong  # noqa: E402
from tests.hostile_hosts import CASES, SILENT, Case  # noqa: E402
from topic import load  # noqa: E402

MEMORY = 300 * 1000 * 1000
SECONDS = 10.0
SHIPPED = FetchingConfig()
ADDRESS_SPACE = 3 << 30  # as a worker of the pool has it
EVERY = 0.05
LEAST_POLLS = 3
ALL: tuple[Case | Document, ...] = (*CASES, *DOCUMENTS)


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


async def polls(hub: Hub, done: asyncio.Event) -> list[float]:
    """What each poll of the good source took, until `done` and a few more."""
    took: list[float] = []
    while not done.is_set() or len(took) < LEAST_POLLS:
        began = time.monotonic()
        answer = await hub.fetch(FetchRequest(url="http://good.test/feed"))
        took.append(time.monotonic() - began)
        if isinstance(answer, FetchFailure) or answer.status != 200:
            raise SystemExit(f"the good source could not be polled: {answer}")
        await asyncio.sleep(EVERY)
    return took


async def ask(hub: Hub, case: Case, canary: int) -> str:
    """What is wrong with what came of it."""
    url = case.url.replace("{canary}", str(canary))
    most = int(SHIPPED.max_megabytes * (1 << 20))
    got = await hub.fetch(FetchRequest(url=url, timeout=SHIPPED.timeout_seconds, max_bytes=most))
    kind, told = (got.kind, got.detail) if isinstance(got, FetchFailure) else ("fetched", got.body.decode())
    return "" if kind == case.outcome and case.says in told else f"{kind}: {told[:80]}"


async def read(document: Document, scale: float) -> dict[str, Any]:
    """Read by a process of its own, which says what it took."""
    command = (sys.executable, __file__, "--read", document.name, "--scale", str(scale))
    reader = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    said, _ = await reader.communicate()
    return dict(json.loads(said)) if reader.returncode == 0 else {"wrong": f"the reader ended: {reader.returncode}"}


def read_here(document: Document, scale: float) -> dict[str, Any]:
    topic = load()
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    body = document.make(scale)
    began = time.monotonic()
    said = wrong(document, body, topic)
    return {"wrong": said, "seconds": time.monotonic() - began, "memory": peak(), "size": len(body)}


async def one(case: Case | Document, hosts: dict[str, str], canary: int, scale: float) -> dict[str, Any]:
    robots = isinstance(case, Case) and case.robots
    rules = GuardRules(static_hosts=hosts)
    settings = HubSettings(user_agent="bench", delay_seconds=0.001, obey_robots=robots, guard=rules)
    async with Hub(settings) as hub:
        done = asyncio.Event()
        polling = asyncio.ensure_future(polls(hub, done))
        began = time.monotonic()
        if isinstance(case, Case):
            report: dict[str, Any] = {"wrong": await ask(hub, case, canary), "seconds": time.monotonic() - began}
        else:
            report = await read(case, scale)
        done.set()
        took = await polling
    report["memory"] = max(report.get("memory", 0), peak())
    return report | {"polls": len(took), "slowest": max(took)}


def private_names(_: str, port: int, **__: Any) -> list[Any]:
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", port))]


def in_process(case: Case | Document, hosts: dict[str, str], canary: int, scale: float) -> dict[str, Any]:
    command = [sys.executable, __file__, "--one", case.name, "--hosts", json.dumps(hosts)]
    command += ["--canary", str(canary), "--scale", str(scale)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    if ended.returncode:
        return {"wrong": ended.stderr.strip()[-300:].replace("\n", " ") or f"ended: {ended.returncode}"}
    return dict(json.loads(ended.stdout))


def measure(case: Case | Document, scale: float) -> dict[str, Any]:
    with (
        LoopbackServer(lambda _: Answer(200, b"inside")) as canary,
        LoopbackServer(lambda asked: Answer(404 if asked.path == "/robots.txt" else 200, b"good")) as good,
    ):
        hosts, port = {"good.test": good.place}, canary.address[1]
        if isinstance(case, Document) or case.talk is None:
            report = in_process(case, hosts, port, scale)
        else:
            with raw_server(case.talk(scale, port)) as place:
                report = in_process(case, hosts | {"hostile.test": place}, port, scale)
        if canary.asked:
            report["wrong"] = "the server on loopback was asked"
    return report


def verdict(report: dict[str, Any], *, silent: bool) -> str:
    if report["wrong"]:
        return str(report["wrong"])
    if report["memory"] > MEMORY:
        return "too much memory"
    most = SHIPPED.timeout_seconds + 1 if silent else SECONDS
    return "takes too long" if report["seconds"] > most else ""


def table(only: str, scale: float) -> int:
    failed, tried = 0, [case for case in ALL if only in case.name]
    print(f"{'case':36} {'MB':>6} {'s':>6} {'polls':>6} {'slowest ms':>10}")
    for case in tried:
        report = measure(case, scale)
        said = verdict(report, silent=case.name == SILENT)
        failed += bool(said)
        megabytes, seconds = report.get("memory", 0) / 1e6, report.get("seconds", 0.0)
        slowest = report.get("slowest", 0.0) * 1000
        print(f"{case.name:36} {megabytes:6.0f} {seconds:6.2f} {report.get('polls', 0):6} {slowest:10.0f}  {said}")
        sys.stdout.flush()
    print(f"{failed} of {len(tried)} cases failed")
    return min(failed, 1)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--only", default="", help="cases with this in their name")
    options.add_argument("--scale", type=float, default=1.0)
    for inner in ("--one", "--read", "--hosts", "--canary"):
        options.add_argument(inner, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    by_name: dict[str, Case | Document] = {case.name: case for case in ALL}
    if chosen.read:
        document = by_name[chosen.read]
        assert isinstance(document, Document)
        print(json.dumps(read_here(document, chosen.scale)))
        return 0
    if chosen.one:
        socket.getaddrinfo = private_names  # type: ignore[assignment]
        print(json.dumps(run(one(by_name[chosen.one], json.loads(chosen.hosts), int(chosen.canary), chosen.scale))))
        return 0
    return table(chosen.only, chosen.scale)


if __name__ == "__main__":
    raise SystemExit(main())
