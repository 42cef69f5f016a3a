"""What hosts do to a connection, and what becomes of it: against real servers on loopback."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import threading
import time

import pytest
import trustme

from crawler import bounded
from crawler.hub import Hub
from crawler.wire import Fetched, FetchFailure, FetchRequest
from scheduler.newsroom.server import Answer, Asked, LoopbackServer
from tests.fakes import FEED, answering, failure, fetch_from, fetch_raw, fetched, raw_server, run_hub, until


class TestFaults:
    def test_a_slow_host_times_out(self) -> None:
        got = failure(fetch_from(lambda _: Answer(200, wait=30), FetchRequest(url=FEED, timeout=0.2)))

        assert (got.kind, got.detail) == ("timeout", "news.test did not answer in time")

    def test_slow_redirects_share_the_patience_of_one_request(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("crawler.hub.LEAST_PATIENCE", 0.01)

        def onward(asked: Asked) -> Answer:
            return Answer(302, headers={"Location": f"{asked.path}x"}, wait=0.15)

        async def story(hub: Hub) -> Fetched | FetchFailure:
            return await hub.fetch(FetchRequest(url=FEED, timeout=0.4))

        with LoopbackServer(onward) as server:
            got = failure(run_hub(story, static_hosts={"news.test": server.place}, obey_robots=False))

        assert (got.kind, len(server.asked)) == ("timeout", 3)

    @pytest.mark.parametrize(
        ("head", "piece"),
        [
            (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x"),
            (b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
            (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
            (b"HTTP/1.1 2", b"0"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b""),
        ],
        ids=["a body", "a body without length", "chunks", "headers", "a status", "no body at all"],
    )
    def test_an_answer_that_drips_is_given_up(self, head: bytes, piece: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(bounded, "WINDOW_SECONDS", 0.1)
        done = threading.Event()

        def drip(connection: socket.socket) -> None:
            connection.sendall(head)
            while not done.wait(0.02):
                connection.send(piece)

        got = failure(fetch_raw(drip, seconds=30))
        done.set()

        assert (got.kind, got.detail) == ("timeout", "the answer of news.test drips: it was given up")

    def test_a_slow_line_that_goes_on_is_waited_for(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(bounded, "WINDOW_SECONDS", 0.05)
        done = threading.Event()

        def trickle(connection: socket.socket) -> None:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n")
            for _ in range(10):
                connection.sendall(b"x" * 20_000)
                done.wait(0.02)

        assert len(fetched(fetch_raw(trickle, seconds=30)).body) == 200_000

    def test_a_host_that_thinks_before_its_answer_has_no_pace_to_keep(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(bounded, "WINDOW_SECONDS", 0.05)

        async def story(hub: Hub) -> list[Fetched | FetchFailure]:
            return [await hub.fetch(FetchRequest(url=FEED)) for _ in range(2)]

        waits = iter((0.0, 0.15))  # the second comes on the connection of the first
        with LoopbackServer(lambda _: Answer(200, b"x" * 300_000, wait=next(waits))) as server:
            answers = run_hub(story, static_hosts={"news.test": server.place}, obey_robots=False)

        assert [len(fetched(one).body) for one in answers] == [300_000] * 2

    def test_a_closed_port_refuses(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            place = f"127.0.0.1:{listener.getsockname()[1]}"

        async def story(hub: Hub) -> Fetched | FetchFailure:
            return await hub.fetch(FetchRequest(url=FEED))

        got = failure(run_hub(story, static_hosts={"news.test": place}))

        assert (got.kind, got.url, got.detail) == ("refused", FEED, "news.test refuses the connection")

    def test_a_name_that_does_not_exist_is_said_so(self) -> None:
        async def story(hub: Hub) -> Fetched | FetchFailure:
            return await hub.fetch(FetchRequest(url="http://no-such-outlet.invalid/feed"))

        got = failure(run_hub(story))

        assert (got.kind, got.detail) == ("dns", "the name no-such-outlet.invalid cannot be resolved")

    @pytest.mark.parametrize(
        "said",
        [b"", b"HTTP/1.1 200 OK\r\nContent-Le", b"SSH-2.0-OpenSSH_9\r\n", b"\0" * 100, b"HTTP/1.1 two hundred\r\n\r\n"],
        ids=["nothing", "half the headers", "another protocol", "zeros", "a status in words"],
    )
    def test_a_connection_that_breaks_is_a_value(self, said: bytes) -> None:
        got = failure(fetch_raw(lambda connection: connection.sendall(said)))

        assert got.kind == "protocol"
        assert "news.test" in got.detail

    @pytest.mark.parametrize(
        "said",
        [
            b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhalf",
        ],
        ids=["length", "chunked"],
    )
    def test_a_body_that_is_cut_off_is_no_answer(self, said: bytes) -> None:
        got = failure(fetch_raw(lambda connection: connection.sendall(said)))

        assert (got.kind, got.detail) == ("truncated", "the answer of news.test was cut off")

    def test_nothing_is_logged_for_what_hosts_do(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.WARNING)
        fetch_raw(lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"))
        fetch_from(answering(Answer(200, b"x" * 3000)), FetchRequest(url=FEED, max_bytes=2000))

        assert caplog.messages == []


class TestCertificates:
    @pytest.fixture(scope="class")
    @classmethod
    def authority(cls) -> trustme.CA:
        return trustme.CA()

    @staticmethod
    def fetch(authority: trustme.CA, certified: str, trusted: trustme.CA | None = None) -> Fetched | FetchFailure:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(certified).configure_cert(context)

        async def story(hub: Hub) -> Fetched | FetchFailure:
            return await hub.fetch(FetchRequest(url="https://news.test/feed"))

        with (
            pytest.MonkeyPatch.context() as patch,
            LoopbackServer(lambda _: Answer(200, b"safe"), tls=context) as server,
            (trusted or authority).cert_pem.tempfile() as path,
        ):
            patch.setenv("SSL_CERT_FILE", path)
            return run_hub(story, static_hosts={"news.test": server.place})

    def test_a_trusted_authority_is_accepted(self, authority: trustme.CA) -> None:
        assert fetched(self.fetch(authority, "news.test")).body == b"safe"

    def test_another_host_s_certificate_is_refused(self, authority: trustme.CA) -> None:
        got = failure(self.fetch(authority, "other.test"))

        assert (got.kind, got.detail) == ("tls", "the certificate of news.test does not hold")

    def test_an_unknown_authority_is_refused(self, authority: trustme.CA) -> None:
        got = failure(self.fetch(authority, "news.test", trusted=trustme.CA()))

        assert (got.kind, got.detail) == ("tls", "the certificate of news.test does not hold")

    def test_a_port_that_speaks_no_tls_is_said_so(self) -> None:
        async def story(hub: Hub) -> Fetched | FetchFailure:
            return await hub.fetch(FetchRequest(url="https://news.test/feed", timeout=5))

        with raw_server(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as place:
            got = failure(run_hub(story, static_hosts={"news.test": place}))

        assert (got.kind, got.detail) == ("tls", "no encrypted connection to news.test comes about")


class TestEnding:
    def test_a_cancelled_fetch_ends_at_once_and_frees_its_place(self) -> None:
        with LoopbackServer(lambda asked: Answer(200, wait=30 if asked.path == "/slow" else 0)) as server:

            async def story(hub: Hub) -> Fetched | FetchFailure:
                slow = asyncio.ensure_future(hub.fetch(FetchRequest(url="http://news.test/slow")))
                await until(lambda: any(asked.path == "/slow" for asked in server.asked))
                queued = asyncio.ensure_future(hub.fetch(FetchRequest(url="http://news.test/queued")))
                await asyncio.sleep(0)
                for task in (slow, queued):
                    task.cancel()
                await asyncio.wait([slow, queued])
                assert slow.cancelled()
                assert queued.cancelled()
                return await hub.fetch(FetchRequest(url=FEED))

            started = time.monotonic()
            got = run_hub(story, static_hosts={"news.test": server.place})
            asked = [one.path for one in server.asked]

        assert (fetched(got).status, asked) == (200, ["/robots.txt", "/slow", "/feed"])
        assert time.monotonic() - started < 5

    def test_a_hub_closes_promptly_with_requests_in_flight(self, caplog: pytest.LogCaptureFixture) -> None:
        with LoopbackServer(lambda asked: Answer(200, wait=0 if asked.path == "/robots.txt" else 30)) as server:
            fetches: list[asyncio.Future[Fetched | FetchFailure]] = []

            async def story(hub: Hub) -> float:
                urls = [f"http://h{n}.test/" for n in range(10)]
                fetches.extend(asyncio.ensure_future(hub.fetch(FetchRequest(url=url))) for url in urls)
                await until(lambda: sum(asked.path == "/" for asked in server.asked) == 10)
                return time.monotonic()

            stopping = run_hub(story, static_hosts={f"h{n}.test": server.place for n in range(10)})

        assert time.monotonic() - stopping < 3
        assert all(one.cancelled() for one in fetches)
        assert caplog.messages == []
