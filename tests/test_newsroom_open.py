"""The newsroom as the daemon meets it: over HTTP, failing, recovering, publishing; the listener; the generated one."""

from __future__ import annotations

import errno
import itertools
import json
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from click.testing import CliRunner

from scheduler.config_file import load_config
from scheduler.newsroom.__main__ import main
from scheduler.newsroom.fragment import config_fragment
from scheduler.newsroom.listener import Listener
from scheduler.newsroom.many import many
from scheduler.newsroom.newsroom import Newsroom
from scheduler.newsroom.press import Story, parse_offset
from scheduler.newsroom.server import Answer, LoopbackServer, Respond

START = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)


@pytest.fixture
def newsroom() -> Iterator[Newsroom]:
    with Newsroom(now=lambda: START) as opened:
        yield opened


def ask(newsroom: Newsroom, url: str, **headers: str) -> requests.Response:
    parts = urlsplit(url)
    place = newsroom.static_hosts[parts.hostname or ""]
    return requests.get(
        f"http://{place}{parts.path}",
        headers={"Host": parts.netloc, **headers},
        allow_redirects=False,
        timeout=10,
    )


def test_every_outlet_has_an_address_and_answers_there(newsroom: Newsroom) -> None:
    slow = {"mtkvari-review", "silent-harbour", "sealed-letter", "loose-cable"}
    quick = [one for one in newsroom.sources if one["outlet"] not in slow]
    statuses = {one["id"]: ask(newsroom, one["url"]).status_code for one in quick}

    assert {source: status for source, status in statuses.items() if status != 200} == {
        "night-desk": 500,
        "araks-kurier": 503,
        "shahdag": 301,
        "closed-press": 410,
        "round-table": 302,
        "sevan-observer": 500,
        "tide-register": 429,
    }
    assert len(set(newsroom.static_hosts.values())) == len(newsroom.outlets)


def test_the_clock_moves_when_it_is_told_to(newsroom: Newsroom) -> None:
    coming = next(story for story in newsroom.stories if story.appears_after > 0 and story.outlet == "lori-herald")
    before = ask(newsroom, coming.url).status_code
    newsroom.advance(coming.appears_after)

    assert (before, ask(newsroom, coming.url).status_code) == (404, 200)


def test_an_outlet_fails_and_recovers_and_is_counted(newsroom: Newsroom) -> None:
    url = "http://lori-herald.test/feed/"
    newsroom.fail("lori-herald.test", Answer(502))
    failed = ask(newsroom, url).status_code
    newsroom.recover("lori-herald.test")

    assert (failed, ask(newsroom, url).status_code) == (502, 200)
    assert newsroom.asked("lori-herald.test") == newsroom.asked("lori-herald.test", "/feed/") == 2
    assert newsroom.asked("lori-herald.test", "/robots.txt") == newsroom.asked("tesaran.test") == 0
    assert [asked.host for asked in newsroom.requests("lori-herald.test")] == ["lori-herald.test"] * 2


def test_a_failing_outlet_serves_its_robots_txt_and_a_single_page_can_fail(newsroom: Newsroom) -> None:
    newsroom.fail("lori-herald.test")
    newsroom.fail("tesaran.test", Answer(404), path="/robots.txt")

    assert ask(newsroom, "http://lori-herald.test/feed/").status_code == 500
    assert ask(newsroom, "http://lori-herald.test/robots.txt").status_code == 200
    assert ask(newsroom, "http://night-desk.test/robots.txt").status_code == 200
    assert ask(newsroom, "http://tesaran.test/robots.txt").status_code == 404
    assert ask(newsroom, "http://tesaran.test/hy/rss.php").status_code == 200


def test_a_published_story_stands_in_feed_page_and_truth(newsroom: Newsroom) -> None:
    story = Story(
        slug="late",
        at=parse_offset("+0s"),
        title="A late story from Shushi",
        summary="It came last.",
        body="It came last.\n\nIt stays.",
        relevant=True,
    )
    expected = newsroom.publish("lori-herald.test", story)

    assert expected in newsroom.stories
    assert "It stays." in ask(newsroom, expected.url).text
    assert expected.url in ask(newsroom, "http://lori-herald.test/feed/").text


def test_where_only_one_loopback_address_exists_each_outlet_has_a_port(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse_others(
        respond: Respond, host: str = "127.0.0.1", *, tls: ssl.SSLContext | None = None
    ) -> LoopbackServer:
        if host != "127.0.0.1":
            raise OSError(errno.EADDRNOTAVAIL, "Can't assign requested address")
        return LoopbackServer(respond, host, tls=tls)

    monkeypatch.setattr("scheduler.newsroom.newsroom.LoopbackServer", refuse_others)
    with Newsroom(now=lambda: START) as newsroom:
        assert newsroom.loopback == ("127.0.0.1/32",)
        assert len(set(newsroom.static_hosts.values())) == len(newsroom.outlets)
        assert ask(newsroom, "http://tesaran.test/hy/rss.php").status_code == 200


def test_a_newsroom_opened_again_tells_the_same_stories() -> None:
    later = START + timedelta(minutes=3)
    with Newsroom(now=lambda: START) as first, Newsroom(now=lambda: later, started=START) as second:
        first.advance(180)

        assert first.stories == second.stories
        for url in ("http://lori-herald.test/feed/", first.stories[0].url):
            assert ask(first, url).content == ask(second, url).content


def test_truth_names_sources_credit_and_what_stands_in_for_a_page(newsroom: Newsroom) -> None:
    stories = {story.url.rpartition("/")[2] or story.url.split("/")[-2]: story for story in newsroom.stories}

    assert stories["lake-conference-fourth-round"].sources == ("lori-herald", "lori-herald-karabakh")
    assert stories["yerevan-tram-museum"].sources == ("lori-herald",)
    assert stories["nine-thousand-photographs"].credit == "lori-herald"
    opinion = stories["chto-zhdat-ot-konferencii.html"]
    assert (opinion.page, opinion.first_words) == (False, "Мирный договор Азербайджана и Армении де")
    assert {story.outlet for story in newsroom.stories if not story.page} == {
        "quiet-wire",
        "kaspi-listok",
        "tide-register",
    }
    assert {story.outlet for story in newsroom.stories if story.fallback} == {"sevan-observer", "round-table"}
    assert {story.outlet for story in newsroom.stories if story.dated == "minute"} == {"tesaran"}
    assert {story.outlet for story in newsroom.stories if story.hostile} == {"margin-notes"}
    late = [story for story in newsroom.stories if story.outlet == "araks-kurier"]  # whose server comes back after 15 s
    assert [story.appears_after for story in late] == [15, 15, 24]
    changing = [story for story in newsroom.stories if story.changes_after]
    assert [(one.outlet, one.changes_after, one.title != one.final_title) for one in changing] == [
        ("khazar-post", (22.0,), True),
        ("volga-digest", (23.0,), False),
    ]


def test_the_fragment_is_a_configuration_that_polls_the_newsroom_and_nothing_else(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(config_fragment(newsroom), "utf-8")
    values = load_config(path, {}).values

    assert dict(newsroom.static_hosts) == dict(values.network.static_hosts)
    assert newsroom.loopback == values.network.loopback
    assert values.sources.only == tuple(own.id for own in values.sources.own)
    for source, own in zip(newsroom.sources, values.sources.own, strict=True):
        told = dict(source)
        routes = told.pop("routes", [])
        assert told == {key: getattr(own, key) for key in told}
        assert [(one["url"], one["kind"], one.get("options", {})) for one in routes] == [
            (way.url, way.kind, dict(way.options)) for way in own.routes
        ]


def test_left_open_by_hand_it_prints_its_configuration_and_ends(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["--seconds", "0", "--outlets", "2", "--stories", "3"])

    assert result.exit_code == 0
    path = Path(tmp_path / "config.toml")
    path.write_text(result.stdout, "utf-8")
    assert [own.id for own in load_config(path, {}).values.sources.own] == ["many-1", "many-2"]
    assert "many-1.test is at http://127.0.0." in result.stderr


def test_a_generated_newsroom_has_no_two_stories_alike() -> None:
    stories = [story for outlet in many(6, 40) for story in outlet.stories]
    shingles = [
        {tuple(words[i : i + 3]) for i in range(len(words) - 2)} for words in (story.body.split() for story in stories)
    ]

    assert len({story.title for story in stories}) == len(stories) == 240
    assert all(len(a & b) < 0.25 * min(len(a), len(b)) for a, b in itertools.combinations(shingles, 2))
    assert sum(story.relevant for story in stories) == 6 * 27
    assert many(6, 40) == many(6, 40)


def test_a_generated_feed_shows_all_its_stories_though_half_of_them_come_late() -> None:
    with Newsroom(now=lambda: START, press=many(1, 80, within=20)) as newsroom:
        at_first = ask(newsroom, newsroom.sources[0]["url"]).text.count("<item>")
        newsroom.advance(20)

        assert (at_first, ask(newsroom, newsroom.sources[0]["url"]).text.count("<item>")) == (40, 80)
        assert max(story.appears_after for story in newsroom.stories) == 20


def test_the_listener_keeps_what_it_takes_and_refuses_when_told() -> None:
    heard: list[dict[str, object]] = []
    with Listener(heard.append) as listener:
        listener.refuse(2, Answer(500))
        statuses = [requests.post(listener.url, json={"n": n}, timeout=10).status_code for n in range(4)]
        garbage = requests.post(listener.url, data=b"\xff{", timeout=10).status_code
        a_list = requests.post(listener.url, data=json.dumps([1]), timeout=10).status_code

        assert statuses == [500, 500, 204, 204]
        assert (garbage, a_list) == (400, 400)
        assert [{"n": 2}, {"n": 3}] == listener.notices == heard


@pytest.mark.parametrize("text", ["", "12s", "+", "-3x", "+1m2h", "yesterday"])
def test_an_offset_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="relative to the start"):
        parse_offset(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("+12s", 12), ("-1h30m", -5400), ("-2d", -172800), ("+0s", 0)],
)
def test_an_offset_adds_up(text: str, seconds: float) -> None:
    assert parse_offset(text) == timedelta(seconds=seconds)
