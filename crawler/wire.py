"""Requests to the world and what came of them: the values between the hub and those who ask it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

FailureKind = Literal[
    "dns",
    "unreachable",
    "refused",
    "timeout",
    "tls",
    "robots",
    "guard",
    "held",
    "too large",
    "truncated",
    "redirect loop",
    "protocol",
]
# Failures that say nothing of the network, for nothing was asked.
SILENT: frozenset[FailureKind] = frozenset({"guard", "robots", "held"})
# Failures that a machine without a network sees at every host alike.
CONNECT_FAILURES: frozenset[FailureKind] = frozenset({"dns", "unreachable"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchRequest:
    """`etag` and `last_modified` make the request conditional; `user_agent` overrides the configured one."""

    url: str
    etag: str | None = None
    last_modified: str | None = None
    user_agent: str | None = None
    max_bytes: int = 8 << 20
    timeout: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """An answer of any HTTP status, 304 among them. Header names are lower case; `body` is decompressed.

    `moved_to` is where a chain of permanent redirects (301, 308) from the asked address ends, else None. `seconds` is
    what the last host of the chain took to answer, without the waiting for a turn.
    """

    url: str
    final_url: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    moved_to: str | None = None
    seconds: float | None = None

    @property
    def body_hash(self) -> str:
        return hashlib.sha256(self.body).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchFailure:
    """No answer. `detail` is one sentence that names the host or the limit. Of a site that wants to be left alone
    ("held"), which was not asked, `until` says how long."""

    url: str
    kind: FailureKind
    detail: str
    until: datetime | None = None
