"""Host names to addresses that may be connected to; the reactor connects to what is handed out here and nothing else.

Nothing is cached: a name that is given another address afterwards (DNS rebinding) is judged anew at each connection.
"""

from __future__ import annotations

import socket
import threading
from collections import OrderedDict
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IHostnameResolver, IHostResolution
from zope.interface import implementer

from crawler.guard import GuardRules, may_connect

REFUSED_KEPT = 1000


@implementer(IHostResolution)
class _Resolution:
    def __init__(self, name: str) -> None:
        self.name = name
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


@implementer(IHostnameResolver)
class GuardedResolver:
    """Looks up in a daemon thread of its own for each name: a thread of the reactor's pool would hold up the end of the
    process for as long as a dead name server does not answer, and ten such threads would hold up every other host."""

    def __init__(self, reactor: Any, rules: GuardRules) -> None:
        self._reactor, self._rules = reactor, rules
        self._refused: OrderedDict[str, None] = OrderedDict()
        self._before: Any = None

    @property
    def refused(self) -> frozenset[str]:
        """The names that led, when last asked, only to addresses that are not allowed."""
        return frozenset(self._refused)

    def install(self) -> None:
        self._before = self._reactor.nameResolver
        self._reactor.installNameResolver(self)

    def uninstall(self) -> None:
        self._reactor.installNameResolver(self._before)

    def resolveHostName(  # noqa: N802
        self,
        resolutionReceiver: Any,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[Any] | None = None,  # noqa: N803, ARG002 - both kinds are always wanted
        transportSemantics: str = "TCP",  # noqa: N803, ARG002 - HTTP runs over nothing else
    ) -> Any:
        resolution = _Resolution(hostName)
        resolutionReceiver.resolutionBegan(resolution)

        def answer(found: Sequence[tuple[str, int]]) -> None:
            if not resolution.cancelled:
                for host, port in found:
                    resolutionReceiver.addressResolved((IPv6Address if ":" in host else IPv4Address)("TCP", host, port))
                resolutionReceiver.resolutionComplete()

        static = self._rules.static(hostName, portNumber)
        if static is not None:
            answer([static])
            return resolution

        def look_up() -> None:
            found = _look_up(hostName, portNumber)
            self._reactor.callFromThread(lambda: answer(self._allowed(hostName, found)))

        threading.Thread(target=look_up, name=f"look up {hostName}", daemon=True).start()
        return resolution

    def _allowed(self, name: str, found: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
        allowed = [one for one in found if may_connect(ip_address(one[0].partition("%")[0]), self._rules)]
        self._refused.pop(name, None)
        if found and not allowed:
            self._refused[name] = None
            if len(self._refused) > REFUSED_KEPT:
                self._refused.popitem(last=False)
        return allowed


def _look_up(name: str, port: int) -> list[tuple[str, int]]:
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [(str(address[0]), port) for _, _, _, _, address in found]
