"""When a story was published, where page, feed and address say different things or say it badly."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.entry import Entry
from crawler.markup import parse_tree
from crawler.published import Published, find_modified, find_published, times_of
from crawler.structured import Stated, load_json

NOW = datetime(2024, 11, 24, 12, 30, tzinfo=UTC)
YEREVAN = ZoneInfo("Asia/Yerevan")
URL = "https://news.example/story.html"
NOON = "2024-11-20T12:00:00+04:00"


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2024, 11, day, hour, minute, tzinfo=UTC)


def fed(published: datetime | None) -> Entry:
    return Entry(link=URL, title="A title", published=published)


def published(
    json_ld: str = "",
    *lines: str,
    meta: dict[str, str] | None = None,
    times: tuple[str, ...] = (),
    entry: Entry | None = None,
    url: str = URL,
    utc_means_local: bool = False,
) -> Published | None:
    return find_published(
        stated(json_ld, meta),
        times,
        lines,
        url=url,
        now=NOW,
        zone=YEREVAN,
        entry=entry,
        utc_means_local=utc_means_local,
    )


def stated(json_ld: str, meta: dict[str, str] | None = None, **more: str) -> Stated:
    story = {"datePublished": json_ld, **more} if json_ld else dict(more)
    return Stated(story, {}, frozenset(), {name: (value,) for name, value in (meta or {}).items()})


def test_the_markup_comes_before_what_is_printed_and_what_is_printed_before_the_address() -> None:
    said = published(NOON, "21.11.2024 10:00", meta={"article:published_time": "2024-11-20T09:00:00Z"})
    assert (said and said.method, said and said.moment.instant) == ("json-ld", at(20, 8))

    said = published("", "20.11.2024 10:00", url="https://news.example/2024/11/20/story")
    assert (said and said.method, said and said.moment.instant) == ("text", at(20, 6))

    said = published("2024-11-20", "20.11.2024 10:00")
    assert (said and said.method, said and said.moment.instant) == ("text", at(20, 6))


def test_a_day_to_come_is_passed_over_and_the_next_source_is_marked() -> None:
    said = published("2025-02-01T10:00:00+04:00", "20.11.2024 10:00")

    assert said is not None
    assert (said.method, said.moment.instant, said.doubt) == ("text", at(20, 6), "future")
    assert published("2025-02-01T10:00:00+04:00") is None


def test_feed_and_page_that_agree_within_a_day_leave_no_doubt() -> None:
    said = published(NOON, entry=fed(at(20, 23)))

    assert said is not None
    assert (said.method, said.moment.instant, said.doubt) == ("json-ld", at(20, 8), None)


@pytest.mark.parametrize(
    ("page", "feed", "method"),
    [(NOON, at(23, 9), "json-ld"), (NOON, at(17, 9), "feed"), (NOON, datetime(1970, 1, 1, tzinfo=UTC), "json-ld")],
    ids=["the feed tells of it later", "the feed told of it before", "the feed has a placeholder"],
)
def test_of_moments_days_apart_the_earlier_is_taken_and_marked(page: str, feed: datetime, method: str) -> None:
    said = published(page, entry=fed(feed))

    assert said is not None
    assert (said.method, said.doubt) == (method, "feed")


def test_the_day_in_the_address_decides_between_page_and_feed() -> None:
    said = published(NOON, entry=fed(at(17, 9)), url="https://news.example/2024/11/20/story")

    assert said is not None
    assert (said.method, said.doubt) == ("json-ld", "feed")


def test_a_date_printed_on_the_page_yields_to_a_feed_that_names_another_day() -> None:
    said = published("", "10.11.2024 10:00", entry=fed(at(20, 9)))

    assert said is not None
    assert (said.method, said.doubt) == ("feed", "feed")


def test_a_line_that_says_updated_is_taken_only_where_nothing_else_tells() -> None:
    line = "Обновлено: 20.11.2024 14:05"
    either = published("", line, "20.11.2024 10:00")
    alone = published("", line)
    with_feed = published("", line, entry=fed(at(20, 5)))

    assert either is not None
    assert alone is not None
    assert with_feed is not None
    assert [one.moment.instant for one in (either, alone, with_feed)] == [at(20, 6), at(20, 10, 5), at(20, 5)]


LOCAL_CALLED_UTC = "2024-11-20T12:00:00Z"


def test_the_outlets_clock_called_utc_is_found_by_feed_by_page_by_the_hour_and_by_what_is_known_of_the_outlet() -> None:
    by_feed = published(LOCAL_CALLED_UTC, entry=fed(at(20, 8, 1)))
    by_line = published(LOCAL_CALLED_UTC, "12:00, 20.11.2024")
    by_hour = published("2024-11-24T15:00:00Z")
    known = published(LOCAL_CALLED_UTC, utc_means_local=True)

    found = [by_feed, by_line, by_hour, known]
    assert [one and one.moment.instant for one in found] == [at(20, 8), at(20, 8), at(24, 11), at(20, 8)]
    assert {one and one.moment.zone_inferred for one in found} == {True}


def test_utc_is_utc_where_the_feed_confirms_it_or_nothing_speaks_against_it() -> None:
    for said in (
        published(LOCAL_CALLED_UTC),
        published(LOCAL_CALLED_UTC, "16:00, 20.11.2024"),
        published(LOCAL_CALLED_UTC, "12:00 GMT, 20.11.2024"),
        published(LOCAL_CALLED_UTC, "12:00, 20.11.2024", entry=fed(at(20, 12, 2)), utc_means_local=True),
    ):
        assert said is not None
        assert said.moment.instant == at(20, 12)
        assert not said.moment.zone_inferred


def test_a_change_is_never_before_publication_and_shares_its_misnamed_zone() -> None:
    def modified(json_ld: str, *lines: str, utc: bool = False) -> datetime | None:
        said = published(LOCAL_CALLED_UTC, utc_means_local=utc)
        return find_modified(stated("", dateModified=json_ld), lines, now=NOW, zone=YEREVAN, published=said)

    assert modified("2024-11-20T13:00:00Z") == at(20, 13)
    assert modified("2024-11-20T13:00:00Z", utc=True) == at(20, 9)
    assert modified("2024-11-19T13:00:00Z") is None
    assert modified("", "Son Güncelleme: 20.11.2024 18:30") == at(20, 14, 30)


def test_microdata_rdfa_and_marked_time_elements_come_before_those_in_the_text() -> None:
    tree = parse_tree(
        """<h1>A title</h1><time>19.11.2024</time><time pubdate datetime="2024-11-22">Friday</time>
        <span property="dc:date dc:created" content="2024-11-20T12:00:00+04:00">20 November</span>
        <span itemprop="datePublished" content="2024-11-21">21 November</span>"""
    )
    assert tree is not None

    assert times_of(tree) == ["2024-11-21", NOON, "2024-11-22", "19.11.2024"]


STORY = {"headline": 'The "border" talks', "datePublished": NOON, "url": "https://news.example//story"}
WHOLE = json.dumps(STORY, separators=(",", ":"))
BROKEN = {
    "quotes in a text": WHOLE.replace("\\", ""),
    "a trailing comma": WHOLE[:-1] + ", }",
    "comments": "/* story */ " + WHOLE.replace(",", ", // next\n", 1).replace(',"url', ', /* at */ "url'),
    "a comment around it": f"<!-- {WHOLE} -->",
    "CDATA": f"//<![CDATA[\n{WHOLE}\n//]]>",
    "entities": WHOLE.replace('"', "&quot;"),
    "a missing bracket": WHOLE[:-1],
    "a semicolon": WHOLE + ";",
    "a second document": WHOLE + ' {"@type": "Thing"}',
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_broken_json_is_mended(text: str) -> None:
    loaded = load_json(text)

    assert isinstance(loaded, list)
    assert loaded[0] == STORY


def test_half_a_pair_of_escapes_is_no_character() -> None:
    assert load_json(r'["a\ud800b", "\ud83d\ude00", "\uDC00"]') == [["a\ufffdb", "😀", "\ufffd"]]


def test_a_line_break_and_a_bad_escape_in_a_text_are_kept_as_they_are() -> None:
    assert load_json('{"headline": "one\ntwo", "by": "it\\\'s",}') == [{"headline": "one\ntwo", "by": "it\\'s"}]


marks = st.lists(st.sampled_from([*'{}[]",:\\/*\n ', '"a"', "//", "/*", "&quot;", "null", "1"]), max_size=30)


@settings(max_examples=60)
@given(marks.map("".join))
def test_no_script_makes_the_mender_fail(text: str) -> None:
    assert load_json(text) is None or isinstance(load_json(text), list)


@settings(max_examples=60)
@given(page=st.integers(-90, 3), feed=st.integers(-90, 3), zone=st.sampled_from(["Z", "+04:00", ""]))
def test_whatever_page_and_feed_say_no_moment_more_than_a_day_ahead_is_believed(
    page: int, feed: int, zone: str
) -> None:
    moment = (NOW + timedelta(days=page)).strftime("%Y-%m-%dT%H:%M:%S") + zone
    said = published(moment, entry=replace(fed(None), published=NOW + timedelta(days=feed)))

    assert said is None or said.moment.instant <= NOW + timedelta(days=1)
