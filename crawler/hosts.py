"""Whose page an address is: the outlet of the catalogue that its host belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from storage.records import OutletRow


def outlet_hosts(outlets: Iterable[OutletRow]) -> Mapping[str, str]:
    """Outlet ids by host, without `www.`."""
    hosts: dict[str, str] = {}
    for one in outlets:
        for host in (*one.hosts, (urlsplit(one.homepage).hostname or "").removeprefix("www.")):
            hosts.setdefault(host, one.id)
    return hosts


def outlet_at(url: str, hosts: Mapping[str, str]) -> str | None:
    """A host below one of an outlet's (`sport.news.test` below `news.test`) is that outlet's too, unless it is named as
    another's."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return None
    while host:
        if host in hosts:
            return hosts[host]
        _, _, host = host.partition(".")
    return None
