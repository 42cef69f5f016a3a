"""Moves and loops, and where they may not lead."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping

import pytest

from crawler.hub import MAX_REDIRECTS
from crawler.wire import FetchRequest
from scheduler.newsroom.server import Answer, Asked, LoopbackServer
from tests.fakes import FEED, answering, failure, fetch_from, fetch_raw, fetched


class TestRedirects:
    @staticmethod
    def moving(moves: Mapping[str, tuple[int, str]]) -> Callable[[Asked], Answer]:
        def respond(asked: Asked) -> Answer:
            if asked.path in moves:
                status, target = moves[asked.path]
                return Answer(status, b"moved", {"Location": target})
            return answering(Answer(200, b"here"))(asked)

        return respond

    @pytest.mark.parametrize(
        ("moves", "final", "moved_to"),
        [
            ({"/feed": (301, "/new")}, "/new", "/new"),
            ({"/feed": (301, "/a"), "/a": (308, "/b")}, "/b", "/b"),
            ({"/feed": (302, "/new")}, "/new", None),
            ({"/feed": (301, "/a"), "/a": (302, "/b")}, "/b", "/a"),
            ({"/feed": (307, "/a"), "/a": (301, "/b")}, "/b", None),
            ({"/feed": (301, "http://news.test/new#top")}, "/new", "/new"),
        ],
        ids=["once", "chain", "for now", "for good, then for now", "for now, then for good", "absolute with fragment"],
    )
    def test_moves_are_followed_and_lasting_ones_told(
        self, moves: dict[str, tuple[int, str]], final: str, moved_to: str | None
    ) -> None:
        got = fetched(fetch_from(self.moving(moves)))

        assert (got.body, got.final_url) == (b"here", f"http://news.test{final}")
        assert got.moved_to == (moved_to and f"http://news.test{moved_to}")

    def test_a_loop_ends(self) -> None:
        with LoopbackServer(self.moving({"/feed": (301, "/a"), "/a": (301, "/feed")})) as server:
            got = failure(fetch_from(server))
            asked = [one.path for one in server.asked]

        assert (got.kind, len(asked)) == ("redirect loop", 1 + MAX_REDIRECTS + 1)

    def test_a_move_that_ends_in_an_error_is_not_believed(self) -> None:
        def respond(asked: Asked) -> Answer:
            return Answer(301, headers={"Location": "/gone"}) if asked.path == "/feed" else Answer(404)

        got = fetched(fetch_from(respond))

        assert (got.status, got.moved_to) == (404, None)

    def test_validators_go_on_with_a_lasting_move_only(self) -> None:
        request = FetchRequest(url=FEED, etag='"v1"')
        with LoopbackServer(self.moving({"/feed": (301, "/a"), "/a": (302, "/b")})) as server:
            fetch_from(server, request)
            sent = {one.path: "if-none-match" in one.headers for one in server.asked}

        assert sent == {"/robots.txt": False, "/feed": True, "/a": True, "/b": False}

    def test_an_address_in_raw_utf_8_is_followed(self) -> None:
        def redirect(connection: socket.socket) -> None:
            connection.sendall("HTTP/1.1 302 Found\r\nLocation: /лента\r\nContent-Length: 0\r\n\r\n".encode())
            asked = connection.recv(65536)
            right = b"GET /%D0%BB%D0%B5%D0%BD%D1%82%D0%B0 " in asked
            connection.sendall(b"HTTP/1.1 %d OK\r\nContent-Length: 0\r\n\r\n" % (200 if right else 404))

        assert fetched(fetch_raw(redirect)).status == 200

    @pytest.mark.parametrize(
        "target",
        [
            "http://127.0.0.1:22/",
            "http://169.254.169.254/latest/meta-data/",
            "file:///etc/passwd",
            "ftp://news.test/",
            "http://[::ffff:10.0.0.1]/",
            "http://[broken",
            "data:text/plain,hello",
        ],
    )
    def test_a_redirect_to_where_nobody_may_go_is_refused(self, target: str) -> None:
        got = failure(fetch_from(self.moving({"/feed": (302, target)})))

        assert got.kind == "guard"
