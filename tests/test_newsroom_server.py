"""The loopback server under the newsroom: counting, waiting, cutting short."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from scheduler.newsroom.server import Answer, Asked, LoopbackServer


def test_requests_are_kept_as_they_came() -> None:
    with LoopbackServer(lambda asked: Answer(200, asked.body)) as server:
        said = requests.post(
            f"http://{server.place}/a?b=c", data=b"text", headers={"Host": "news.test:80", "X-Mark": "1"}, timeout=10
        ).content

    assert said == b"text"
    asked = server.asked[0]
    assert (asked.method, asked.host, asked.path, asked.body) == ("POST", "news.test", "/a?b=c", b"text")
    assert asked.headers["x-mark"] == "1"


def test_a_head_request_gets_the_headers_alone() -> None:
    with LoopbackServer(lambda _: Answer(200, b"four", {"ETag": '"e"'})) as server:
        answer = requests.head(f"http://{server.place}/", timeout=10)

    assert (answer.headers["Content-Length"], answer.headers["ETag"], answer.content) == ("4", '"e"', b"")


def test_a_cut_answer_breaks_off_under_the_full_length() -> None:
    expected = pytest.raises(requests.exceptions.ChunkedEncodingError, match="10 bytes read, 990 more expected")
    with LoopbackServer(lambda _: Answer(200, b"x" * 1000, cut=10)) as server, expected:
        requests.get(f"http://{server.place}/", timeout=10)


def test_requests_at_once_are_counted() -> None:
    together = threading.Barrier(3, timeout=10)

    def respond(_: Asked) -> Answer:
        together.wait()
        return Answer()

    with LoopbackServer(respond) as server, ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: requests.get(f"http://{server.place}/", timeout=10), range(3)))

    assert server.most_at_once == 3


def test_a_server_that_stops_keeps_nobody_waiting() -> None:
    asked = threading.Event()

    def respond(_: Asked) -> Answer:
        asked.set()
        return Answer(wait=300)

    with ThreadPoolExecutor(1) as pool:
        with LoopbackServer(respond) as server:
            waiting = pool.submit(requests.get, f"http://{server.place}/", timeout=60)
            assert asked.wait(10)
            began = time.monotonic()
        assert waiting.result(10).status_code == 200

    assert time.monotonic() - began < 10
