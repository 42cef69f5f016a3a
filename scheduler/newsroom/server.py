"""A small HTTP server on loopback that answers from a function and keeps count of who asked, and how many at once.

with LoopbackServer(respond) as server: ...     # server.address is ("127.0.0.1", 43567)
"""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, Self

MAX_BODY = 1 << 20


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came. `path` includes the query; header names are lower case; `host` carries no port."""

    method: str
    host: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """`wait` seconds pass before the answer (a stopped server answers at once); `cut` bytes of the body are sent before
    the connection is closed, under a Content-Length that promised all of them; with `reset` it breaks instead."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    wait: float = 0.0
    cut: int | None = None
    reset: bool = False


Respond = Callable[[Asked], Answer]


class LoopbackServer:
    """Serves from its own threads between `__enter__` and `__exit__`. `asked` grows by one for each request."""

    def __init__(
        self, respond: Respond, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
    ) -> None:
        self.asked: list[Asked] = []
        self.most_at_once = 0
        self._at_once = 0
        self._respond = respond
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._server = _Server((host, port), _handler(self))
        self.address: tuple[str, int] = (host, self._server.server_address[1])
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def place(self) -> str:
        """The "address:port" that a static host map takes."""
        return f"{self.address[0]}:{self.address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, asked: Asked) -> Answer:
        with self._lock:
            self.asked.append(asked)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            answer = self._respond(asked)
            if answer.wait:
                self._stopping.wait(answer.wait)
            return answer
        finally:
            with self._lock:
                self._at_once -= 1


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def server_bind(self) -> None:
        """Without the look-up of the address's name that HTTPServer makes: it may ask the network and wait."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle of an answer is none of the server's business."""


def _handler(server: LoopbackServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # head and body are two writes: without it each answer takes 40 ms more
        timeout = 60

        def _any(self) -> None:
            length = min(int(self.headers.get("content-length") or 0), MAX_BODY)
            headers = {name.lower(): value for name, value in self.headers.items()}
            host = headers.get("host", "").rpartition(":")[0] or headers.get("host", "")
            answer = server.answer(Asked(self.command, host, self.path, headers, self.rfile.read(length)))
            if answer.reset:
                self._break()
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.status not in {204, 304}:
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if self.command != "HEAD" and answer.status not in {204, 304}:
                self.wfile.write(answer.body if answer.cut is None else answer.body[: answer.cut])
            if answer.cut is not None:
                self.close_connection = True

        def _break(self) -> None:
            """No time to linger makes the closing a reset (socket(7), SO_LINGER)."""
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True

        do_GET = do_POST = do_HEAD = do_PUT = _any  # noqa: N815 - the names that http.server looks for

        def log_message(self, *_: object) -> None:
            """`asked` is the log."""

    return Handler
