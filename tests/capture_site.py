"""The captured pages on loopback under their own host names, over http and https as their addresses say."""

from __future__ import annotations

import csv
import json
import ssl
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.sax.saxutils import escape

import trustme

from crawler.catalogue import load_catalogue
from scheduler.newsroom.server import Answer, Asked, LoopbackServer
from tests.data import shared

EXPECTED = Path(__file__).with_name("expected")
RECORDS = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted(EXPECTED.glob("*.toml"))}
FEED = "/captured.xml"
ELSEWHERE = "other-certificate.test"  # answers, with a certificate that names everyone but it
# Named in every item, so that the pages of outlets that write of everything are fetched, too.
SUMMARY = "Nagorno-Karabakh"


def captures() -> list[dict[str, str]]:
    with shared("captures/manifest.csv").open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows))


def address(capture: Mapping[str, str]) -> str:
    _, host, name = capture["file"].split("/")
    return capture["url"] or f"https://{host}/{name}"


@dataclass(frozen=True)
class Source:
    """One feed on one host: made here of the captured pages there, or a captured feed itself."""

    scheme: str
    host: str
    body: bytes

    @property
    def id(self) -> str:
        return f"{self.scheme}-{self.host.replace('.', '-')}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}{FEED}"


def feed_of(links: list[str]) -> bytes:
    items = "".join(
        f"<item><title/><description>{SUMMARY}</description><link>{escape(link)}</link></item>" for link in links
    )
    text = f'<?xml version="1.0"?><rss version="2.0"><channel><title>Captured</title>{items}</channel></rss>'
    return text.encode()


def sources() -> list[Source]:
    """Pages that a feed lists over http are listed by a second feed over https, as outlets do that move to it."""
    links: dict[tuple[str, str], list[str]] = defaultdict(list)
    found = []
    for capture in captures():
        parts = urlsplit(address(capture))
        if capture["kind"] == "feed":
            found.append(Source(parts.scheme, parts.netloc, shared(capture["file"]).read_bytes()))
        elif capture["kind"] == "article":
            links[parts.scheme, parts.netloc].append(address(capture))
            if parts.scheme == "http":
                links["https", parts.netloc].append(f"https{address(capture).removeprefix('http')}")
    found += [Source(scheme, host, feed_of(pages)) for (scheme, host), pages in links.items()]
    return [*found, Source("https", ELSEWHERE, feed_of([]))]


def _key(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.netloc, unquote(parts.path) + (f"?{parts.query}" if parts.query else "")


@contextmanager
def capture_site(folder: Path) -> Iterator[Path]:
    """A configuration that polls the captures alone, and the authority to trust as ca.pem beside it."""
    there = {_key(one.url): one.body for one in sources()}
    there |= {_key(address(one)): shared(one["file"]).read_bytes() for one in captures() if one["kind"] == "article"}

    def respond(asked: Asked) -> Answer:
        body = there.get(_key(f"//{asked.host}{asked.path}"))
        if body is None:
            return Answer(404)
        kind = "application/rss+xml" if asked.path == FEED else "text/html"
        return Answer(200, body, {"Content-Type": kind})

    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    hosts = sorted({one.host for one in sources()})
    authority.issue_cert(*(host for host in hosts if host != ELSEWHERE)).configure_cert(context)
    with LoopbackServer(respond) as plain, LoopbackServer(respond, tls=context) as encrypted:
        path = folder / "config.toml"
        path.write_text(_configuration(hosts, plain.place, encrypted.place), "utf-8")
        yield path


def _configuration(hosts: list[str], plain: str, encrypted: str) -> str:
    places = {f"{host}:{port}": place for host in hosts for port, place in ((80, plain), (443, encrypted))}
    tables = {one.id: _own(one) for one in sources()}
    head = f"""
[storage]
path = "karabakh.sqlite"
[fetching]
polls_per_day = 43200
delay_seconds = 0.01
timeout_seconds = 20
per_site = 4
workers = 2
[keep]
other_days = 0
[network]
static_hosts = {{ {", ".join(f"{json.dumps(name)} = {json.dumps(place)}" for name, place in places.items())} }}
loopback = ["127.0.0.1/32"]
[sources]
only = {json.dumps(list(tables))}
"""
    own: list[str] = []
    for table in tables.values():
        own += [
            "[[sources.own]]",
            *(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in table.items()),
        ]
    return head + "\n".join(own) + "\n"


def _own(source: Source) -> dict[str, object]:
    own: dict[str, object] = {"id": source.id, "url": source.url, "kind": "feed"}
    for outlet in load_catalogue().outlets:
        if any(source.host == host or source.host.endswith(f".{host}") for host in outlet.hosts):
            return own | {"outlet": outlet.id}
    host = source.host.removeprefix("www.")
    known = next((record for record in RECORDS.values() if record["file"].startswith(f"{host}/")), None)
    return own | {
        "outlet": host.replace(".", "-"),
        "name": known["outlet"] if known else host,
        "side": "Western/international",  # no field of a record depends on it
        "languages": ["ru"],
        "zone": known["zone"] if known else "Europe/Moscow",
    }
