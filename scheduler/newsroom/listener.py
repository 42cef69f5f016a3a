"""The receiving end of a webhook: keeps what it is sent, and refuses when it is told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any, Self

from scheduler.newsroom.server import Answer, Asked, LoopbackServer


class Listener:
    """`notices` are the payloads taken, in the order of arrival; `on_notice` gets each, in a thread of the server."""

    def __init__(
        self, on_notice: Callable[[dict[str, Any]], None] | None = None, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self.notices: list[dict[str, Any]] = []
        self._on_notice = on_notice
        self._refusals = 0
        self._refusal = Answer(503)
        self._lock = threading.Lock()
        self.server = LoopbackServer(self._take, host, port)

    @property
    def url(self) -> str:
        return f"http://{self.server.place}/notices"

    def __enter__(self) -> Self:
        self.server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.__exit__()

    def refuse(self, times: int, answer: Answer = Answer(503)) -> None:  # noqa: B008 - a frozen value
        """The next `times` requests get `answer` and are not kept."""
        with self._lock:
            self._refusals, self._refusal = times, answer

    def _take(self, asked: Asked) -> Answer:
        with self._lock:
            if self._refusals > 0:
                self._refusals -= 1
                return self._refusal
        try:
            notice = json.loads(asked.body)
        except ValueError:
            return Answer(400)
        if asked.method != "POST" or not isinstance(notice, dict):
            return Answer(400)
        with self._lock:
            self.notices.append(notice)
        if self._on_notice is not None:
            self._on_notice(notice)
        return Answer(204)
