"""Host names to addresses that may be connected to; the reactor connects to what is handed out here and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any, Self

from scrapy.crawler import Crawler
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IAddress, IHostnameResolver, IHostResolution, IResolutionReceiver
from zope.interface import implementer

from crawler.guard import GuardRules, may_connect


@implementer(IResolutionReceiver)
class _Filter:
    def __init__(self, receiver: Any, rules: GuardRules, refused: set[str], host: str) -> None:
        self._receiver, self._rules, self._refused, self._host = receiver, rules, refused, host

    def resolutionBegan(self, resolution: IHostResolution) -> None:  # noqa: N802 - Twisted's name
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: IAddress) -> None:  # noqa: N802
        if may_connect(ip_address(str(address.host).partition("%")[0]), self._rules):  # type: ignore[attr-defined]
            self._receiver.addressResolved(address)
        else:
            self._refused.add(self._host)

    def resolutionComplete(self) -> None:  # noqa: N802
        self._receiver.resolutionComplete()


@implementer(IHostResolution)
class _Static:
    def __init__(self, name: str) -> None:
        self.name = name

    def cancel(self) -> None:
        """A static answer is there at once."""


@implementer(IHostnameResolver)
class GuardedResolver:
    """Scrapy installs it by the setting TWISTED_DNS_RESOLVER. `refused` keeps the names that led only to addresses not allowed."""

    refused: set[str] = set()

    def __init__(self, reactor: Any, rules: GuardRules) -> None:
        self._reactor, self._rules = reactor, rules
        # A second hub in one process must not stack its resolver on the first one's.
        below = reactor.nameResolver
        self._below = below._below if isinstance(below, GuardedResolver) else below  # noqa: SLF001

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: Any) -> Self:
        return cls(reactor, crawler.settings["GUARD_RULES"])

    def install_on_reactor(self) -> None:
        self._reactor.installNameResolver(self)

    def resolveHostName(  # noqa: N802
        self,
        resolutionReceiver: Any,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[Any] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> Any:
        static = self._rules.static(hostName, portNumber)
        if static is None:
            receiver = _Filter(resolutionReceiver, self._rules, self.refused, hostName)
            return self._below.resolveHostName(receiver, hostName, portNumber, addressTypes, transportSemantics)
        resolution = _Static(hostName)
        kind = IPv6Address if ":" in static[0] else IPv4Address
        resolutionReceiver.resolutionBegan(resolution)
        resolutionReceiver.addressResolved(kind("TCP", *static))
        resolutionReceiver.resolutionComplete()
        return resolution
