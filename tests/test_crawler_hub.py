"""What hosts answer, and what of it the hub hands on: against real servers on loopback."""

from __future__ import annotations

import gzip
import socket
import zlib

import brotli
import pytest

from crawler.hub import Hub
from crawler.settings import user_agent
from crawler.wire import Fetched, FetchFailure, FetchRequest
from scheduler.newsroom.server import Answer, Asked, LoopbackServer
from tests.fakes import AGENT, FEED, answering, failure, fetch_from, fetch_raw, fetched, run_hub

BODY = ("Լոռի Lori Лори " * 4000).encode()


class TestAnswers:
    def test_body_status_and_headers_arrive(self) -> None:
        answer = fetched(fetch_from(answering(Answer(200, BODY, {"Content-Type": "text/xml", "ETag": '"7"'}))))

        assert (answer.status, answer.body, answer.url, answer.final_url) == (200, BODY, FEED, FEED)
        assert answer.headers["content-type"] == "text/xml"
        assert answer.headers["etag"] == '"7"'

    @pytest.mark.parametrize("status", [204, 400, 403, 404, 410, 429, 500, 503])
    def test_any_status_is_an_answer(self, status: int) -> None:
        answer = fetched(fetch_from(answering(Answer(status, b"", {"Retry-After": "120"}))))

        assert answer.status == status
        assert answer.headers["retry-after"] == "120"

    def test_a_request_with_validators_is_conditional_and_one_without_is_not(self) -> None:
        def respond(asked: Asked) -> Answer:
            known = asked.headers.get("if-none-match") == '"v1"' and "if-modified-since" in asked.headers
            return Answer(304 if known else 200, b"" if known else b"all", {"ETag": '"v1"'})

        since = "Tue, 24 Nov 2026 10:00:00 GMT"
        with LoopbackServer(respond) as server:
            plain = fetched(fetch_from(server))
            unchanged = fetched(fetch_from(server, FetchRequest(url=FEED, etag='"v1"', last_modified=since)))
            feeds = [asked.headers for asked in server.asked if asked.path == "/feed"]

        assert (plain.status, unchanged.status, unchanged.body) == (200, 304, b"")
        assert "if-none-match" not in feeds[0]
        assert feeds[1]["if-modified-since"] == since

    def test_the_user_agent_is_honest_and_a_source_may_have_its_own(self) -> None:
        with LoopbackServer(answering(Answer(200))) as server:
            fetch_from(server)
            fetch_from(server, FetchRequest(url=FEED, user_agent="karabakh-monitor/1"))
            agents = [asked.headers["user-agent"] for asked in server.asked]

        assert agents == [AGENT, AGENT, "karabakh-monitor/1", "karabakh-monitor/1"]
        assert user_agent("1.2", "desk@news.test") == "Mozilla/5.0 (compatible; karabakh-monitor/1.2; +desk@news.test)"
        assert user_agent("1.2", "") == "Mozilla/5.0 (compatible; karabakh-monitor/1.2)"

    def test_no_cookie_comes_back_and_no_refresh_is_followed(self) -> None:
        page = b'<meta http-equiv="refresh" content="0; url=/elsewhere">'
        with LoopbackServer(answering(Answer(200, page, {"Set-Cookie": "who=you"}))) as server:

            async def story(hub: Hub) -> None:
                for _ in range(2):
                    await hub.fetch(FetchRequest(url=FEED))

            run_hub(story, static_hosts={"news.test": server.place})
            asked = server.asked

        assert [one.path for one in asked] == ["/robots.txt", "/feed", "/feed"]
        assert not any("cookie" in one.headers for one in asked)

    def test_proxies_of_the_environment_are_not_used(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:1")

        assert fetched(fetch_from(answering(Answer(200, b"direct")))).body == b"direct"


class TestEncodings:
    @pytest.mark.parametrize(
        ("name", "packed"),
        [
            ("gzip", gzip.compress(BODY)),
            ("x-gzip", gzip.compress(BODY[:100]) + gzip.compress(BODY[100:])),
            ("deflate", zlib.compress(BODY)),
            ("deflate", zlib.compress(BODY)[2:-4]),
            ("br", brotli.compress(BODY)),
            ("gzip, br", brotli.compress(gzip.compress(BODY))),
            ("identity", BODY),
        ],
        ids=["gzip", "gzip of two members", "deflate", "bare deflate", "brotli", "twice", "identity"],
    )
    def test_packed_bodies_are_unpacked(self, name: str, packed: bytes) -> None:
        answer = fetched(fetch_from(answering(Answer(200, packed, {"Content-Encoding": name}))))

        assert answer.body == BODY
        assert "content-encoding" not in answer.headers

    @pytest.mark.parametrize(
        ("name", "packed"),
        [
            ("gzip", gzip.compress(BODY)[:-9]),
            ("gzip", gzip.compress(BODY)[:40]),
            ("gzip", b"<rss/>"),
            ("gzip", gzip.compress(BODY)[:50] + b"\0" * 60),
            ("deflate", zlib.compress(BODY)[:-5]),
            ("br", brotli.compress(BODY)[:-5]),
            ("br", b"\xff" * 50),
            ("zstd", b"(\xb5/\xfd"),
        ],
        ids=["cut", "cut early", "not gzip", "damaged", "deflate cut", "brotli cut", "not brotli", "not asked for"],
    )
    def test_half_a_body_is_not_taken_for_a_whole_one(self, name: str, packed: bytes) -> None:
        answer = failure(fetch_from(answering(Answer(200, packed, {"Content-Encoding": name}))))

        assert answer.kind == "truncated"
        assert "news.test" in answer.detail


class TestLimits:
    @pytest.mark.parametrize(
        "answer",
        [
            Answer(200, b"x" * 300_000),
            Answer(200, gzip.compress(b"\0" * 30_000_000), {"Content-Encoding": "gzip"}),
            Answer(200, brotli.compress(b"\0" * 30_000_000), {"Content-Encoding": "br"}),
            Answer(200, zlib.compress(b"\0" * 30_000_000), {"Content-Encoding": "deflate"}),
            Answer(200, gzip.compress(gzip.compress(b"\0" * 90_000_000)), {"Content-Encoding": "gzip, gzip"}),
        ],
        ids=["announced", "gzip bomb", "brotli bomb", "deflate bomb", "bomb in a bomb"],
    )
    def test_what_is_too_large_is_refused(self, answer: Answer) -> None:
        got = failure(fetch_from(answering(answer), FetchRequest(url=FEED, max_bytes=200_000)))

        assert got.kind == "too large"
        assert FEED in got.detail

    def test_a_body_of_exactly_the_limit_is_taken(self) -> None:
        got = fetched(fetch_from(answering(Answer(200, b"x" * 1000)), FetchRequest(url=FEED, max_bytes=1000)))

        assert len(got.body) == 1000

    def test_a_body_without_an_announced_end_is_cut_off_at_the_limit(self) -> None:
        sent = 0

        def flood(connection: socket.socket) -> None:
            nonlocal sent
            connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
            while True:
                sent += connection.send(b"x" * 65536)

        got = failure(fetch_raw(flood))

        assert got.kind == "too large"
        assert sent < 40 << 20  # the limit of 8 MB, and what socket buffers hold

    def test_headers_without_end_are_cut_off(self) -> None:
        sent = 0

        def flood(connection: socket.socket) -> None:
            nonlocal sent
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            while True:
                sent += connection.send(b"X-Filler: yes\r\n" * 4000)

        got = failure(fetch_raw(flood))

        assert got.kind == "protocol"
        assert sent < 16 << 20

    def test_many_requests_over_one_connection_are_not_taken_for_a_flood_of_headers(self) -> None:
        with LoopbackServer(answering(Answer(200, b"x" * 20_000))) as server:

            async def story(hub: Hub) -> list[Fetched | FetchFailure]:
                return [await hub.fetch(FetchRequest(url=FEED)) for _ in range(30)]

            answers = run_hub(story, static_hosts={"news.test": server.place})

        assert {fetched(one).status for one in answers} == {200}
