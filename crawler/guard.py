"""The egress guard: which addresses may be asked at all. Feeds and pages are hostile, and so are the links in them.

Two layers: `refuse` judges a URL before any look-up (links, redirects, robots.txt); `GuardedResolver` in
crawler.resolver hands out only addresses that `may_connect`, and connections are made to exactly those.
"""

from __future__ import annotations

import socket
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

PORTS = frozenset({80, 443, 8080, 8443})
LOCAL_SUFFIXES = (".local", ".localhost", ".internal", ".home.arpa", ".lan", ".onion")
LONGEST_URL = 8000
# Addresses that count as global and are not for us: Azure's metadata and name server, and the protocol assignments of
# RFC 6890 (Oracle's metadata service sits there), most of which Python before 3.11.10 and 3.12.4 takes for global.
_NOT_PUBLIC = (ip_network("168.63.129.16/32"), ip_network("192.0.0.0/24"))
# Tunnels (Teredo, 6to4) hide an IPv4 address; no outlet lives in one, and Pythons differ on whether they are global.
_TUNNELS = (ip_network("2001::/32"), ip_network("2002::/16"))
_NAT64 = ip_network("64:ff9b::/96")  # RFC 6052: the last four bytes are the IPv4 address that is reached
_DELIMITERS = frozenset('/?#@\\<>^|"`{}')
_UNICAST_V6 = ip_network("2000::/3")  # RFC 4291: what has been given out for global use


@dataclass(frozen=True)
class GuardRules:
    """`loopback`: networks inside 127.0.0.0/8 or ::1 that are let through. `static_hosts`: "host" or "host:port" ->
    "address:port" answered from there without a look-up. Both are for tests and the demo."""

    loopback: tuple[str, ...] = ()
    static_hosts: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for text in self.loopback:
            if not ip_network(text).is_loopback:
                raise ValueError(f"network.loopback: {text} is not a loopback network")
        for text in self.static_hosts.values():
            address, _, port = text.rpartition(":")
            if not (port.isdigit() and ip_address(address.strip("[]")).is_loopback):
                raise ValueError(f"network.static_hosts: {text} is not ADDRESS:PORT on loopback")

    def networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        return tuple(ip_network(text) for text in self.loopback)

    def static(self, host: str, port: int) -> tuple[str, int] | None:
        found = self.static_hosts.get(f"{host}:{port}") or self.static_hosts.get(host)
        if found is None:
            return None
        address, _, mapped = found.rpartition(":")
        return address.strip("[]"), int(mapped)


PUBLIC_ONLY = GuardRules()


def refuse(url: str, rules: GuardRules = PUBLIC_ONLY) -> str | None:
    """Why `url` must not be asked, or None when it may be. Asks no resolver."""
    if len(url) > LONGEST_URL:
        return f"the address is longer than {LONGEST_URL} characters"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "the address cannot be read"
    if parts.scheme not in {"http", "https"}:
        return f"only http and https are asked, not {parts.scheme or 'an address without a scheme'!r}"
    if parts.username is not None or parts.password is not None:
        return "the address carries a user name or password"
    if not host:
        return "the address names no host"
    # Wide digits and ideographic full stops are plain ones to a resolver (RFC 3490, 3.1).
    host = unicodedata.normalize("NFKC", host).replace("\u3002", ".").lower()
    if any(letter.isspace() or letter in _DELIMITERS or not letter.isprintable() for letter in host):
        return "the address names no possible host"
    if port is None:
        port = 443 if parts.scheme == "https" else 80
    if rules.static(host, port):
        return None
    return _refuse_host(host.rstrip("."), port, rules)


def _refuse_host(host: str, port: int, rules: GuardRules) -> str | None:
    literal = _literal(host)
    if literal is not None:
        if may_connect(literal, rules):
            return None if port in PORTS or literal.is_loopback else f"port {port} is not asked"
        return f"{host} is not a public address"
    if "." not in host or host.endswith(LOCAL_SUFFIXES) or host == "localhost":
        return f"{host} is a name of the local network"
    return None if port in PORTS else f"port {port} is not asked"


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    """An address in any notation that a resolver would take for one: 127.1, 0x7f000001, 2130706433, ::ffff:7f00:1."""
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        pass
    if not host or not all(part[:1].isdigit() for part in host.split(".")):
        return None
    try:
        return IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def may_connect(address: IPv4Address | IPv6Address, rules: GuardRules) -> bool:
    """Whether an address is public, or loopback that `rules` let through. An IPv4 address inside an IPv6 one counts."""
    if isinstance(address, IPv6Address):
        inner = _inner(address)
        if inner is not None:
            return may_connect(inner, rules)
    if address.is_loopback:
        return any(address.version == network.version and address in network for network in rules.networks())
    if any(address.version == network.version and address in network for network in (*_NOT_PUBLIC, *_TUNNELS)):
        return False
    if isinstance(address, IPv6Address) and address not in _UNICAST_V6:
        return False
    # is_global is False for private, link-local, shared, documentation and reserved blocks, not for multicast.
    return address.is_global and not address.is_multicast


def _inner(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped
