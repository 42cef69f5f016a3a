"""Scrapy's dangerous defaults, looked up in the engine that runs; and the process that runs it, from start to end."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from scrapy.core.downloader.handlers import DownloadHandlers
from scrapy.crawler import Crawler

from crawler.bounded import BoundedHandler
from crawler.engine import Line
from crawler.hub import Hub
from scheduler.newsroom.server import Answer, LoopbackServer
from tests.data import ROOT
from tests.fakes import AGENT, run_hub


def running_crawler() -> tuple[Crawler, DownloadHandlers]:
    async def story(hub: Hub) -> tuple[Crawler, DownloadHandlers]:
        crawler = hub._engine._crawler
        assert crawler is not None
        return crawler, crawler.engine.downloader.handlers

    return run_hub(story)


def test_dangerous_defaults_are_off_in_the_running_engine() -> None:
    crawler, handlers = running_crawler()
    settings = crawler.settings

    assert set(handlers._schemes) == {"http", "https"}
    assert isinstance(handlers._get_handler("http"), BoundedHandler)
    assert crawler.extensions.middlewares == ()
    assert crawler.engine.downloader.middleware.middlewares == ()
    assert crawler.engine.scraper.spidermw.middlewares == ()
    assert isinstance(crawler.engine.downloader, Line)
    for name in ("TELNETCONSOLE_ENABLED", "REMOTE_CONTROL_ENABLED", "COOKIES_ENABLED", "METAREFRESH_ENABLED"):
        assert settings.getbool(name) is False, name
    assert settings.getbool("HTTPPROXY_ENABLED") is False
    assert settings.getbool("HTTPCACHE_ENABLED") is False
    assert settings.getdict("FEEDS") == {}
    assert settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES") is True
    assert settings.getint("DOWNLOAD_MAXSIZE") <= 10 << 20
    assert settings.getint("DOWNLOAD_TIMEOUT") <= 60
    assert settings["USER_AGENT"] == AGENT


def test_nothing_listens_while_it_runs() -> None:
    async def story(_: Hub) -> list[object]:
        from twisted.internet import reactor as installed
        from twisted.internet.tcp import Port

        reactor: Any = installed
        return [one for one in reactor.getReaders() if isinstance(one, Port)]

    assert run_hub(story) == []


PROGRAM = """
import asyncio, logging, signal, sys
sys.path.insert(0, {root!r})
logging.basicConfig(level=logging.INFO, stream=sys.stderr)
from crawler.guard import GuardRules
from crawler.hub import Hub, run
from crawler.settings import HubSettings
from crawler.wire import FetchRequest

async def main():
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    hosts = {{f"h{{n}}.test": {place!r} for n in range(20)}}
    async with Hub(HubSettings(user_agent="x", guard=GuardRules(static_hosts=hosts))) as hub:
        answer = await hub.fetch(FetchRequest(url="http://h0.test/quick"))
        asking = [asyncio.ensure_future(hub.fetch(FetchRequest(url=f"http://{{host}}/slow"))) for host in hosts]
        asking += [asyncio.ensure_future(hub.fetch(FetchRequest(url="http://hangs.invalid/"))) for host in hosts]
        print(answer.status, flush=True)
        await stop.wait()
    await asyncio.wait(asking)
    return "the end"

print(run(main()))
"""


def test_a_process_with_requests_in_flight_ends_promptly_and_says_nothing(tmp_path: Path) -> None:
    with LoopbackServer(lambda asked: Answer(200, wait=30 if asked.path == "/slow" else 0)) as server:
        program = tmp_path / "program.py"
        program.write_text(PROGRAM.format(root=str(ROOT), place=server.place))
        with subprocess.Popen(
            [sys.executable, "-W", "error", "-X", "dev", str(program)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "200\n"
            deadline = time.monotonic() + 20
            while sum(asked.path == "/slow" for asked in server.asked) < 15:
                assert time.monotonic() < deadline
            asked_to_end = time.monotonic()
            process.send_signal(signal.SIGTERM)
            out, errors = process.communicate(timeout=20)

    assert (process.returncode, out, errors) == (0, "the end\n", "")
    assert time.monotonic() - asked_to_end < 5


def test_what_main_raises_comes_out_of_run(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from crawler.hub import run\n"
        "async def main(): raise KeyError('ours')\n"
        "try: run(main())\n"
        "except KeyError as error: print(repr(error))\n"
    )
    done = subprocess.run([sys.executable, "-W", "error", str(program)], capture_output=True, text=True, check=False)

    assert (done.stdout, done.stderr) == ("KeyError('ours')\n", "")


@pytest.mark.parametrize("concurrency", [1, 5])
def test_the_total_of_the_settings_is_what_the_hub_keeps(concurrency: int) -> None:
    async def story(hub: Hub) -> int:
        return hub._pace._total._value

    assert run_hub(story, concurrency=concurrency) == concurrency
