"""The newsroom says what it promises: each outlet's feed, its peculiarity, its pages and its language."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from html import unescape
from urllib.parse import urlsplit

import feedparser
import pytest
from protego import Protego
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from scheduler.newsroom.press import Feed, Outlet, Story, load_press, words
from scheduler.newsroom.server import Answer, Asked
from scheduler.newsroom.site import Site

START = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
LATER = START + timedelta(minutes=5)  # everything has appeared and changed
PRESS = {outlet.id: outlet for outlet in load_press()}
ANSWERING = [one for one in PRESS.values() if one.stories]
FEEDS = [
    pytest.param(one, feed, id=feed.id)
    for one in ANSWERING
    for feed in one.feeds
    if feed.kind in {"feed", "jsonfeed"} and one.fault(feed.path, LATER - START) is None
]
UNREADABLE = {"quiet-wire", "tide-register", "nor-arev"}  # some or all of whose pages cannot be had in the end
READABLE = [one for one in ANSWERING if one.id not in UNREADABLE]
STORIES = [pytest.param(one, story, id=f"{one.id}-{story.slug}") for one in PRESS.values() for story in one.stories]


def site(outlet: str) -> Site:
    return Site(PRESS[outlet], START)


def get(outlet: str, path: str, moment: datetime = LATER, headers: Mapping[str, str] | None = None) -> Answer:
    host = next((feed.host for feed in PRESS[outlet].feeds if feed.host and feed.path == path), PRESS[outlet].host)
    return site(outlet).answer(Asked("GET", host, path, headers or {}), moment)


def page_of(outlet: Outlet, story: Story, moment: datetime = LATER) -> str:
    return get(outlet.id, outlet.path(story, START), moment).body.decode(outlet.charset)


@pytest.mark.parametrize(("outlet", "feed"), FEEDS)
def test_each_feed_parses_and_holds_every_story_of_its_section_newest_first(outlet: Outlet, feed: Feed) -> None:
    answer = site(outlet.id).answer(Asked("GET", feed.host or outlet.host, feed.path), LATER)
    expected = sorted((s for s in outlet.stories if feed in outlet.feeds_of(s)), key=lambda s: s.at, reverse=True)

    if feed.format == "json":
        links = [item["url"] for item in json.loads(answer.body)["items"]]
    else:
        parsed = feedparser.parse(answer.body, response_headers={"content-type": answer.headers["Content-Type"]})
        assert not parsed.bozo
        assert parsed.version == {"rss": "rss20", "rdf": "rss10", "atom": "atom10"}[feed.format]
        links = [entry.link for entry in parsed.entries]

    told = [feed.link(outlet.url(story, START)) for story in expected]
    assert told == (links[::2] if feed.twice else links)
    assert not feed.twice or all("utm_source" in link for link in links[1::2])


def test_every_format_and_language_is_there() -> None:
    assert {"rss", "rdf", "atom", "json", "inertia", "wordpress", "cards", "front", "sitemap"} == {
        feed.format for one in PRESS.values() for feed in one.feeds
    }
    assert {"en", "ru", "hy", "az", "tr", "ka", "fr", "fa"} == {
        language for one in ANSWERING for language in one.languages
    }
    assert len({one.host for one in PRESS.values()}) == len(PRESS) == 30
    assert all(one.host.endswith(".test") for one in PRESS.values())


@cache
def identifier() -> LanguageIdentifier:
    found = LanguageIdentifier.from_model_file(MODEL_FILE)
    found.set_languages(["en", "ru", "hy", "az", "tr", "ka", "fa", "fr"])
    return found


@pytest.mark.parametrize(("outlet", "story"), STORIES)
def test_each_story_is_in_the_language_it_claims(outlet: Outlet, story: Story) -> None:
    language, _ = identifier().classify(f"{story.title}\n{story.body}")

    assert (story.language or outlet.languages[0]) == language


@pytest.mark.parametrize("outlet", READABLE, ids=lambda one: one.id)
def test_each_page_shows_title_and_text_among_boilerplate(outlet: Outlet) -> None:
    for story in outlet.stories:
        title, _, body = story.text_at(LATER - START)
        html = unescape(page_of(outlet, story))

        assert f"{title}</h1>" in html
        assert all(paragraph in html for paragraph in body.split("\n\n"))
        around = words(story.language or outlet.languages[0])
        assert all(around[key] in html for key in ("policy", "share", "related", "rights"))


def test_the_northern_feed_and_pages_are_windows_1251() -> None:
    feed = get("severny-vestnik", "/export/rss.xml")

    assert b'encoding="windows-1251"' in feed.body
    assert "Карты минных полей Карабаха" in feed.body.decode("windows-1251")
    with pytest.raises(UnicodeDecodeError):
        feed.body.decode("utf-8")
    page = get("severny-vestnik", PRESS["severny-vestnik"].path(PRESS["severny-vestnik"].stories[0], START))
    assert "charset=windows-1251" in page.headers["Content-Type"]
    assert "Карты минных полей Карабаха" in page.body.decode("windows-1251")


def test_gzip_is_sent_to_those_who_take_it_and_to_no_other() -> None:
    plain = get("lori-herald", "/feed/")
    packed = get("lori-herald", "/feed/", headers={"accept-encoding": "gzip, deflate"})

    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert plain.body == gzip.decompress(packed.body)


def test_an_etag_holds_until_a_story_appears() -> None:
    first = get("lori-herald", "/feed/", START)
    asked_again = {"if-none-match": first.headers["ETag"]}

    assert get("lori-herald", "/feed/", START + timedelta(seconds=7), asked_again).status == 304
    assert get("lori-herald", "/feed/", START + timedelta(seconds=8), asked_again).status == 200


def test_a_last_modified_date_holds_until_a_story_changes() -> None:
    moment = START + timedelta(seconds=15)
    first = get("khazar-post", "/en/atom.xml", moment)
    held = {"if-modified-since": first.headers["Last-Modified"]}

    assert format_datetime(START + timedelta(seconds=14), usegmt=True) == first.headers["Last-Modified"]
    assert get("khazar-post", "/en/atom.xml", moment, held).status == 304
    assert get("khazar-post", "/en/atom.xml", START + timedelta(seconds=22), held).status == 200


def test_a_date_that_cannot_be_read_makes_no_request_conditional() -> None:
    assert get("khazar-post", "/en/atom.xml", LATER, {"if-modified-since": "yesterday"}).status == 200


def test_the_moved_feed_leads_to_another_host_that_answers() -> None:
    moved = get("shahdag", "/rss")
    target = urlsplit(moved.headers["Location"])

    assert (moved.status, target.hostname) == (301, "rss.shahdag.test")
    assert target.hostname in site("shahdag").hosts
    assert get("shahdag", target.path).status == 200


def test_the_slow_outlet_takes_two_to_three_seconds_for_everything() -> None:
    assert all(2.0 <= get("mtkvari-review", path).wait <= 3.0 for path in ("/rss.rdf", "/robots.txt"))


def test_one_outlet_never_answers_and_one_comes_back() -> None:
    assert {500} == {get("night-desk", "/feed", START + timedelta(days=days)).status for days in (0, 1, 30)}
    assert get("araks-kurier", "/rss", START + timedelta(seconds=14)).status == 503
    assert get("araks-kurier", "/rss", START + timedelta(seconds=15)).status == 200


def test_where_a_feed_was_stands_a_page() -> None:
    answer = get("leman-courier", "/rss.xml", START)

    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert answer.body.startswith(b"<!DOCTYPE html>")


def test_robots_txt_closes_the_opinions_and_asks_for_a_pause() -> None:
    robots = Protego.parse(get("kaspi-listok", "/robots.txt").body.decode())

    assert not robots.can_fetch("http://kaspi-listok.test/opinion/chto-zhdat-ot-konferencii.html", "anyone")
    assert robots.can_fetch("http://kaspi-listok.test/society/aeroport-fizuli-sad.html", "anyone")
    assert robots.crawl_delay("anyone") == 1


def test_the_subscribers_page_is_refused_and_the_feed_has_the_whole_text() -> None:
    outlet = PRESS["quiet-wire"]
    items = json.loads(get("quiet-wire", "/feed.json").body)["items"]

    assert {403} == {get("quiet-wire", outlet.path(story, START)).status for story in outlet.stories}
    assert all(item["content_html"].count("<p>") >= 3 for item in items)


def test_the_reprint_is_the_same_text_under_a_dateline_that_credits_it() -> None:
    reprint = next(story for story in PRESS["orchard-gazette"].stories if story.credit)
    original = next(story for story in PRESS["lori-herald"].stories if story.slug.startswith("digitised"))

    assert reprint.credit == "lori-herald"
    assert reprint.body.startswith("YEREVAN (Lori Herald)—")
    assert original.body.split("\n\n")[:3] == reprint.body.split("\n\n")[:3]
    assert page_of(PRESS["orchard-gazette"], reprint).count("Albums from Hadrut on a table of the archive</fig") == 2


def test_a_story_that_changes_is_corrected_in_feed_and_page() -> None:
    outlet = PRESS["khazar-post"]
    story = next(one for one in outlet.stories if one.changes)
    before, after = START + timedelta(seconds=21), START + timedelta(seconds=22)

    assert "14 days" in page_of(outlet, story, before)
    assert "40 days" not in page_of(outlet, story, before)
    assert "closed for 40 days from" in page_of(outlet, story, after)
    assert b"closed for 14 days" in get("khazar-post", "/en/atom.xml", before).body
    assert b"closed for 40 days" in get("khazar-post", "/en/atom.xml", after).body
    assert f'"dateModified": "{after.isoformat()[:10]}T13:30:22+04:00"' in page_of(outlet, story, after)


@pytest.mark.parametrize(
    ("outlet", "text"),
    [
        pytest.param("tesaran", "4 Մայիսի, 2026 11:15", id="armenian"),
        pytest.param("severny-vestnik", "4 мая 2026, 01:05", id="russian"),
        pytest.param("bogaz-postasi", "4 Mayıs 2026 07:45", id="turkish"),
        pytest.param("shahdag", "4 may 2026, 11:40", id="azerbaijani"),
        pytest.param("khazar-post", "May 4, 2026, 10:20", id="english"),
    ],
)
def test_dates_are_written_as_their_language_writes_them_in_the_outlets_zone(outlet: str, text: str) -> None:
    assert text in page_of(PRESS[outlet], PRESS[outlet].stories[0])


def test_one_outlet_tells_the_time_in_visible_words_only() -> None:
    html = page_of(PRESS["tesaran"], PRESS["tesaran"].stories[0])
    feed = get("tesaran", "/hy/rss.php").body.decode()

    assert not re.search(r"2026-05|datePublished|<time|published_time", html)
    assert "<pubDate>" not in feed


def test_the_hostile_story_carries_its_attacks_in_feed_and_page() -> None:
    outlet = PRESS["margin-notes"]
    item = json.loads(get("margin-notes", "/feed.json").body)["items"][0]
    html = page_of(outlet, outlet.stories[0])

    assert item["title"].startswith("=1+1 ")
    assert all(part in item["title"] for part in ("\x1b[31m", "\x1b]0;", "\x07", "<script>", "\u202e"))
    assert "<script>document.title" in html
    assert "\x1b" in html


def test_what_has_not_appeared_is_not_there() -> None:
    outlet = PRESS["lori-herald"]
    story = next(one for one in outlet.stories if one.at > timedelta(0))
    just_before = START + story.at - timedelta(microseconds=1)

    assert get("lori-herald", outlet.path(story, START), just_before).status == 404
    assert story.title.encode() not in get("lori-herald", "/feed/", just_before).body
    assert get("lori-herald", outlet.path(story, START), START + story.at).status == 200


@pytest.mark.parametrize("outlet", ANSWERING, ids=lambda one: one.id)
def test_the_same_moment_gives_the_same_bytes(outlet: Outlet) -> None:
    paths = ["/", *(feed.path for feed in outlet.feeds), *(outlet.path(story, START) for story in outlet.stories)]

    assert [get(outlet.id, path) for path in paths] == [get(outlet.id, path) for path in paths]


def test_stories_are_up_to_two_days_old_and_the_last_appears_within_the_demo() -> None:
    moments = [story.at.total_seconds() for one in PRESS.values() for story in one.stories]

    assert min(moments) >= -2 * 86400
    assert sum(moment > 0 for moment in moments) >= 5
    assert max(moments) <= 45
