"""`karabakh sources add` over a real site: what it finds, what is written, and what it leaves alone."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from crawler.catalogue import load_catalogue
from crawler.search_site import MOST_ASKED, MOST_REFUSED
from scheduler.config_file import load_config
from scheduler.newsroom.server import Answer, Asked, LoopbackServer
from scheduler.own_entries import side_and_zone
from scheduler.picking import name_in
from tests.fakes import InlineReader, under_reactor
from tests.program import karabakh_here

HOME = "http://vestnik.test/"
START = '[storage]\npath = "k.sqlite"\n[fetching]\ndelay_seconds = 0.001\n'
HTML = {"Content-Type": "text/html"}


def rss(name: str, first: int = 1, *, title: str = "Вестник") -> Answer:
    date = format_datetime(datetime.now(UTC) - timedelta(hours=1))
    items = "".join(
        f"<item><title>Лачинский коридор вновь открыт, {name} {n}</title><link>{HOME}{name}/{n}</link>"
        f"<description>Об этом сообщили.</description><pubDate>{date}</pubDate></item>"
        for n in range(first, first + 3)
    )
    return Answer(200, f"<rss version='2.0'><channel><title>{title}</title>{items}</channel></rss>".encode())


def page(text: str) -> Answer:
    return Answer(200, f"<!doctype html><html lang=ru>{text}</html>".encode(), HTML)


SITE: Mapping[str, Answer] = {
    "/": page(
        "<meta property=og:site_name content='Вест&quot;ник&#x1b;[31m'>"
        "<link rel=alternate type=application/rss+xml href=/feed.xml>"
        "<link rel=alternate type=application/rss+xml href=/dead.xml><a href=/rss>RSS</a>"
    ),
    "/feed.xml": rss("news", title="\x1b]0;\u202ex"),
    "/rss": page("<a href=/rss/sport.xml>Sport</a><a href=/rss/copy.xml>Everything</a>"),
    "/rss/sport.xml": rss("sport"),
    "/rss/copy.xml": rss("news"),
    "/robots.txt": Answer(200, b"User-agent: *\nDisallow: /private\nSitemap: /private/map.xml"),
}


@dataclass
class World:
    """A configuration and what the site was asked; `run` is a run of the command on it."""

    config: Path
    server: LoopbackServer

    def run(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return karabakh_here(self.config, "sources", *arguments, stdin=stdin)

    def files(self) -> list[str]:
        return [path.name for path in self.config.parent.iterdir() if path.is_file()]

    def paths(self) -> list[str]:
        return [asked.path for asked in self.server.asked]


Make = Callable[..., World]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """`make(site, before)` opens a site of answers by path under a configuration that begins with `before`."""
    monkeypatch.setattr("crawler.pool.ReadingPool", lambda workers, topic, rules: InlineReader(topic, rules))
    for module in ("adding", "checking"):
        monkeypatch.setattr(f"scheduler.commands.{module}.under_reactor", lambda made: under_reactor(_made(made)))
    opened: list[LoopbackServer] = []

    def open_site(site: Mapping[str, Answer] | Callable[[Asked], Answer] = SITE, before: str = START) -> World:
        respond = site if callable(site) else lambda asked: site.get(asked.path, Answer(404))
        opened.append(LoopbackServer(respond))
        opened[-1].__enter__()
        config = tmp_path / "config.toml"
        hosts = f'[network]\nstatic_hosts = {{ "vestnik.test" = "{opened[-1].place}" }}'
        config.write_text(before + hosts, "utf-8")  # without an end of its last line
        return World(config, opened[-1])

    yield open_site
    for server in opened:
        server.__exit__()


async def _made(make: Callable[[asyncio.Event], object]) -> object:
    return await make(asyncio.Event())  # type: ignore[misc]


def test_everything_on_offer_is_tried_and_shown_and_nothing_is_stored(make: Make) -> None:
    world = make()
    before = world.config.read_bytes()
    done = world.run("add", HOME)

    rows = [line.split() for line in done.stdout.splitlines()[1:]]
    assert done.returncode == 0, done.stderr
    assert [(row[0], row[1], row[2].removeprefix(HOME)) for row in rows] == [
        ("1", "feed", "feed.xml"),
        ("2", "feed", "rss/sport.xml"),
        ("3", "feed", "dead.xml"),
        ("4", "sitemap", "private/map.xml"),
    ]
    assert "answered HTTP 404" in done.stdout
    assert f"{HOME}rss/copy.xml lists the same stories as {HOME}feed.xml" in done.stderr
    assert world.config.read_bytes() == before
    assert world.files() == ["config.toml"]
    assert "/private/map.xml" not in world.paths()
    assert len(set(world.paths())) >= len(world.paths()) - 1  # robots.txt: for its rules, and for its sitemaps


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Latest news - The Herald", "The Herald"),
        ("HERALD | Feed", "HERALD"),
        ("Լուրեր", "Լուրեր"),
        ("News: from everywhere", "News"),
        (" ", ""),
    ],
)
def test_the_name_of_an_outlet_is_the_part_of_a_title_that_its_host_has(title: str, name: str) -> None:
    assert name_in(title, "the-herald.test") == name


def test_what_is_picked_becomes_a_source_that_works(make: Make) -> None:
    world = make()
    world.config.chmod(0o640)
    done = world.run("add", HOME, "--pick", "best", "--pick", "2", "--side", "Russia")
    checked = world.run("check", "vestnik-test", "vestnik-test-2", "--json")
    again = world.run("add", "vestnik.test", "--json")

    best, second = load_config(world.config, {}).values.sources.own
    assert done.returncode == 0, done.stderr
    assert (best.id, best.url, best.name, best.side, best.languages) == (
        "vestnik-test", f"{HOME}feed.xml", 'Вест"ник[31m', "Russia", ("ru",),
    )  # fmt: skip
    assert [way.url for way in best.routes] == [f"{HOME}rss/copy.xml"]
    assert (second.id, second.outlet, second.name, second.routes) == ("vestnik-test-2", "vestnik-test", "", ())
    assert world.config.stat().st_mode & 0o777 == 0o640
    assert [(one["fine"], one["items"]) for one in json.loads(checked.stdout)] == [(True, 3), (True, 3)]
    assert f"{HOME}feed.xml is the source vestnik-test already" in again.stderr
    assert [one["address"] for one in json.loads(again.stdout) if one["fine"]] == []
    assert not {"\x1b", "\u202e"} & {*done.stdout, *done.stderr, *world.config.read_text("utf-8")}


def test_printed_entries_are_a_configuration_and_change_none(make: Make) -> None:
    world = make()
    before = world.config.read_text("utf-8")
    done = world.run("add", f"{HOME}feed.xml", "--pick", "1", "--print", "--name", "Другой", "--lang", "RU")
    after = world.config.read_text("utf-8")
    world.config.write_text(f"{before}\n{done.stdout}", "utf-8")
    (own,) = load_config(world.config, {}).values.sources.own

    assert (after, own.url, own.name, own.languages) == (before, f"{HOME}feed.xml", "Другой", ("ru",))
    assert world.paths() == ["/robots.txt", "/feed.xml"]  # whoever names a feed wants that one


def test_at_a_terminal_it_asks_which_and_whose(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.commands.adding.at_terminal", lambda: True)
    world = make()
    none = world.run("add", HOME, stdin="\n")
    done = world.run("add", HOME, stdin="7\n3\n2\nGazette\nMars\nRussia\n")

    (own,) = load_config(world.config, {}).values.sources.own
    assert (none.returncode, done.returncode, own.url, own.name, own.side) == (
        0, 0, f"{HOME}rss/sport.xml", "Gazette", "Russia",
    )  # fmt: skip
    assert "there is no number 7" in done.stderr
    assert "number 3 does not work" in done.stderr


def test_a_site_that_offers_nothing_says_what_was_tried(make: Make) -> None:
    world = make({"/": page("Welcome")})
    done = world.run("add", HOME, "--pick", "best")

    assert (done.returncode, done.stdout) == (1, "")
    assert f"{HOME}rss answered HTTP 404" in done.stderr
    assert f"{HOME} lists no stories" in done.stderr


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://vestnik.test/", "only http and https"),
        ("http://", "names no host"),
        ("http://me:secret@vestnik.test/", "user name or password"),
        ("http://192.168.0.1/", "not a public address"),
        ("localhost", "name of the local network"),
        ("http://[/", "cannot be read"),
    ],
)
def test_an_address_that_must_not_be_asked_is_one_sentence(make: Make, url: str, said: str) -> None:
    done = make().run("add", url)

    assert (done.returncode, done.stderr.count("Error:")) == (2, 1)
    assert said in done.stderr


@pytest.mark.parametrize("choice", [("--side", "Mars"), ("--lang", "martian"), ("--pick", "first"), ("--pick", "0")])
def test_a_choice_that_makes_no_sense_is_refused_before_anything_is_asked(make: Make, choice: tuple[str, str]) -> None:
    world = make()

    assert (world.run("add", HOME, *choice).returncode, world.paths()) == (2, [])


@pytest.mark.parametrize("pick", ["3", "9"])
def test_what_cannot_be_picked_is_not_written(make: Make, pick: str) -> None:
    world = make()
    before = world.config.read_bytes()

    assert world.run("add", HOME, "--pick", pick).returncode == 2
    assert world.config.read_bytes() == before


@pytest.mark.parametrize(("status", "most"), [(403, MOST_REFUSED), (503, 1), (429, 1)])
def test_a_site_that_refuses_is_left_alone_soon(make: Make, status: int, most: int) -> None:
    world = make(lambda asked: Answer(404 if asked.path == "/robots.txt" else status))
    done = world.run("add", HOME)

    assert done.returncode == 1
    assert f"{HOME} answered HTTP {status}" in done.stderr
    assert len([path for path in world.paths() if path != "/robots.txt"]) <= most


def test_a_site_that_lets_nobody_in_is_asked_for_nothing_but_its_rules(make: Make) -> None:
    world = make({"/robots.txt": Answer(200, b"User-agent: *\nDisallow: /")})
    done = world.run("add", HOME)

    assert (done.returncode, set(world.paths())) == (1, {"/robots.txt"})
    assert f"{HOME}: robots.txt of vestnik.test does not allow it" in done.stderr


@pytest.mark.parametrize(
    ("url", "side", "zone"),
    [
        ("https://www.herald.am/en/", "Armenia", "Asia/Yerevan"),
        ("https://herald.az", "Azerbaijan", "Asia/Baku"),
        ("https://herald.com/", "Western/international", "UTC"),
        ("https://herald.fr/", "Western/international", "UTC"),
    ],
)
def test_side_and_zone_are_proposed_by_the_outlets_of_the_same_country(url: str, side: str, zone: str) -> None:
    assert side_and_zone(url, load_catalogue().outlets) == (side, zone)


def test_however_much_a_site_names_only_so_much_is_asked(make: Make) -> None:
    links = "".join(
        f"<link rel=alternate type=application/rss+xml href={{0}}feed-{n}><a href={{0}}rss/{n}>x</a>"
        for n in range(500)
    )
    world = make(lambda asked: page(links.format(asked.path)) if asked.path in {"/", "/a/"} else Answer(404))
    done = world.run("add", f"{HOME}a/")

    assert len(world.paths()) <= MOST_ASKED + 1
    assert f"{MOST_ASKED} addresses were asked" in done.stderr


def test_a_site_that_cannot_be_reached_under_either_scheme_says_so_once(make: Make) -> None:
    world = make()
    world.server.__exit__()
    done = world.run("add", "vestnik.test")

    assert done.returncode == 1
    assert done.stderr.count("vestnik.test refuses the connection\n") == 1


@pytest.mark.parametrize(
    ("before", "code", "said"),
    [
        (f"{START}[sources]\nown = []\n", 78, "config.toml: is not TOML"),
        (f'{START}[sources]\nonly = ["armenpress"]\n', 0, "sources.only"),
    ],
)
def test_a_configuration_that_would_not_load_stays_as_it_was(make: Make, before: str, code: int, said: str) -> None:
    world = make(before=before)
    was = world.config.read_bytes()
    done = world.run("add", HOME, "--pick", "best")

    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert (world.config.read_bytes() == was) == (code != 0)
    assert world.files() == ["config.toml"]
