"""Dates in the forms that outlets print, against instants that are known from elsewhere."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crawler.date_words import date_words
from crawler.dates import Moment, dates_in, parse_date

NOW = datetime(2024, 11, 24, 12, 30, tzinfo=UTC)
YEREVAN, BAKU, MOSCOW, ISTANBUL, TEHRAN = map(
    ZoneInfo, ("Asia/Yerevan", "Asia/Baku", "Europe/Moscow", "Europe/Istanbul", "Asia/Tehran")
)


def read(text: str, zone: tzinfo | None = YEREVAN, *, language: str | None = None, now: datetime = NOW) -> Moment:
    moment = parse_date(text, language=language, now=now, zone=zone)
    assert moment is not None, text
    return moment


def minute(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


# kind "stated": the text names its zone; "outlet": its clock is the outlet's, Yerevan's here; "day": no clock; "past":
# no year, read at 16:30 of 24 November 2024 in Yerevan. Instants are UTC, days are the outlet's.
with (Path(__file__).parent / "dates" / "moments.csv").open(encoding="utf-8", newline="") as table:
    ROWS = [(row["kind"], row["text"], row["instant"]) for row in csv.DictReader(table)]


def told(moment: Moment) -> str:
    return f"{moment.instant:%Y-%m-%d %H:%M}"


def rows_of(kind: str) -> list[tuple[str, str]]:
    return [(text, expected) for of, text, expected in ROWS if of == kind]


def test_the_table_holds_every_language_and_form() -> None:
    assert len(ROWS) >= 250
    assert {kind for kind, *_ in ROWS} == {"stated", "outlet", "day", "past"}


def test_a_moment_with_its_zone_is_the_same_instant_for_every_outlet() -> None:
    for zone in (None, YEREVAN, ISTANBUL):
        wrong = {
            text: (expected, moment)
            for text, expected in rows_of("stated")
            if told(moment := read(text, zone)) != expected or moment.zone_inferred or moment.year_inferred
        }

        assert wrong == {}


def test_a_printed_clock_is_the_outlets() -> None:
    wrong = {
        text: (expected, moment)
        for text, expected in rows_of("outlet")
        if told(moment := read(text)) != expected or not moment.zone_inferred or moment.year_inferred
    }

    assert wrong == {}


def test_a_day_without_a_clock_is_midnight_at_the_outlet() -> None:
    wrong = {
        text: (expected, moment)
        for text, expected in rows_of("day")
        if (moment := read(text)).precision != "day"
        or moment.instant.astimezone(YEREVAN) != datetime.fromisoformat(expected).replace(tzinfo=YEREVAN)
    }

    assert wrong == {}


def test_a_date_without_a_year_is_the_latest_that_can_have_passed() -> None:
    wrong = {
        text: (expected, moment)
        for text, expected in rows_of("past")
        if told(moment := read(text)) != expected or not moment.year_inferred
    }

    assert wrong == {}


NO_DATES = [
    "", " ", "Home", "March", "12", "3.5", "24.11", "November 2020", "2020", "9999-99-99", "2020-13-01",
    "30 February 2020", "31.11.2020", "0001-01-01T00:00:00", "۳۱ اسفند ۱۴۰۳", "25:99", "2:1", "Konyaspor 21:15 Qarabağ",
    "27 ноября начинается месяц Мухаррам", "Նոյեմբերի 12-ին տեղի կունենա հանրահավաք",
    "10 may be too many for a town",
    "В Ереване 5 мая в 10:00 на площади Республики соберутся сторонники оппозиции",
    "They returned to the trilateral statement that they signed on 9 November 2020 to end the war",
    "+374 10 53 41 61", "v1.2.3", "192.168.10.20", "12345678901",
    "9999999999", "2042010414", "0612345678",
    "5 min read", "Today’s weather in Yerevan", "ago", "99999999999999 weeks ago", "{{date | 'HH:mm'}}", "9" * 200,
    "24 November 2020 " + "word " * 60,
]  # fmt: skip


@pytest.mark.parametrize("text", NO_DATES, ids=[text[:30] or "nothing" for text in NO_DATES])
def test_what_is_no_date_gives_none(text: str) -> None:
    assert parse_date(text, now=NOW, zone=YEREVAN) is None


@pytest.mark.parametrize(
    ("text", "precision"),
    [
        ("24.11.2020", "day"),
        ("24.11.2020 14:05", "minute"),
        ("24.11.2020 14:05:00", "second"),
        ("1605600000", "second"),
    ],
)
def test_the_precision_is_what_the_text_tells(text: str, precision: str) -> None:
    assert read(text).precision == precision


def test_without_a_zone_of_the_outlet_a_bare_clock_is_utc_and_said_to_be_inferred() -> None:
    expected = Moment(minute("2020-11-24 08:22"), "minute", zone_inferred=True, year_inferred=False)

    assert read("08:22, 24.11.2020", None) == expected


def test_the_outlets_zone_had_other_offsets_in_other_years() -> None:
    assert read("14:26 03.01.2012", MOSCOW).instant == minute("2012-01-03 10:26")
    assert read("14:26 03.01.2022", MOSCOW).instant == minute("2022-01-03 11:26")
    assert read("14:26 03.07.2015", BAKU).instant == minute("2015-07-03 09:26")


def test_a_range_of_hours_is_not_an_offset_but_an_offset_in_a_full_moment_is() -> None:
    assert read("24 November 2020, 10:00-11:00").instant == minute("2020-11-24 06:00")
    assert read("24 November 2020 10:00:00 -1100").instant == minute("2020-11-24 21:00")


def test_words_that_are_zone_names_elsewhere_are_words_before_other_words() -> None:
    assert read("24 novembre 2020, 14:05 et 16:10").instant == minute("2020-11-24 10:05")
    assert read("24 November 2020, 14:05 Get the app").zone_inferred


def test_the_language_decides_only_what_the_text_leaves_open() -> None:
    assert read("03/07/2024", language="en").instant == read("03.07.2024").instant
    assert read("03/07/2024", language="en-US").instant == read("07.03.2024").instant
    assert read("99/02/21", language="fa").instant == read("1399/02/21").instant


def test_no_word_means_two_months_and_no_word_of_one_unit_is_a_word_of_another() -> None:
    words = date_words()

    assert {month.number for month in words.months.values()} == set(range(1, 13))
    assert not words.months.keys() & words.between
    assert not words.months.keys() & words.units.keys()


@pytest.mark.parametrize(
    ("text", "named", "day", "inferred"),
    [
        ("They met on November 1 in Yerevan.", "November 1", date(2024, 11, 1), True),
        ("The talks of 9 November 2020 ended the war.", "9 November 2020", date(2020, 11, 9), False),
        ("Встреча пройдёт 12 января в Ереване.", "12 января", date(2025, 1, 12), True),
        ("Հանդիպումը նոյեմբերի 26-ին էր։", "նոյեմբերի 26", date(2024, 11, 26), True),
        ("Görüş 31 dekabr tarixində olacaq", "31 dekabr", date(2024, 12, 31), True),
        ("دیدار ۴ آذر برگزار شد", "۴ آذر", date(2024, 11, 24), True),
        ("დღე 5 სექტემბერს გაიმართა", "5 სექტემბერს", date(2024, 9, 5), True),
    ],
)
def test_a_day_in_a_story_is_the_one_nearest_to_its_publication(
    text: str, named: str, day: date, inferred: bool
) -> None:
    (found,) = dates_in(text, published=NOW, zone=YEREVAN)

    assert (text[found.start : found.end], found.day, found.year_inferred) == (named, day, inferred)
