"""Dates in the forms that outlets print, against instants that are known from elsewhere."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

import pytest

from crawler.date_words import date_words
from crawler.dates import Moment, parse_date

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


STATED = [
    ("2020-11-24T08:22:33+04:00", "2020-11-24 04:22"),
    ("2020-11-24T08:22:33+0400", "2020-11-24 04:22"),
    ("2020-11-24T08:22:33+04", "2020-11-24 04:22"),
    ("2020-11-24T08:22:33.123456789Z", "2020-11-24 08:22"),
    ("2020-11-24t08:22:33,5z", "2020-11-24 08:22"),
    ("2020-11-24 08:22:33 +04:00", "2020-11-24 04:22"),
    ("2020-11-24T08:22-05:00", "2020-11-24 13:22"),
    ("2020-11-24T08:22-03:30", "2020-11-24 11:52"),
    ("20201124T082233Z", "2020-11-24 08:22"),
    ("20120103T1426+0400Z", "2012-01-03 10:26"),  # RIA's own mixture
    ("2016-12-31T23:59:60Z", "2016-12-31 23:59"),
    ("Mon, 14 Sep 2026 22:57:12 +0400", "2026-09-14 18:57"),
    ("Tue, 24 Nov 20 08:22:33 GMT", "2020-11-24 08:22"),
    ("24 Nov 2020 08:22 AMT", "2020-11-24 04:22"),
    ("24 Nov 2020 08:22:00 AZT", "2020-11-24 04:22"),
    ("24 Nov 2020 08:22 MSK", "2020-11-24 05:22"),
    ("24 Nov 2012 08:22 MSK", "2012-11-24 04:22"),
    ("24 Nov 2020 08:22 TRT", "2020-11-24 05:22"),
    ("24 Nov 2020 08:22 GET", "2020-11-24 04:22"),
    ("24 Nov 2020 08:22 EST", "2020-11-24 13:22"),
    ("24 Jul 2020 08:22 EDT", "2020-07-24 12:22"),
    ("11:28 AM ET, Fri July 24, 2020", "2020-07-24 15:28"),
    ("Вт, 24 ноя 2020 08:22:33 +0300", "2020-11-24 05:22"),
    ("B.e., 24 Noy 2020 08:22:33 +0400", "2020-11-24 04:22"),
    ("Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06 08:49"),
    ("Sun Nov  6 08:49:37 GMT 1994", "1994-11-06 08:49"),
    ("Wed Aug 27 13:08:45 +0000 2008", "2008-08-27 13:08"),
    ("Tue Nov 24 2020 08:22:33 GMT+0400 (Armenia Standard Time)", "2020-11-24 04:22"),
    ("November 20, 2019 - 11:28 AMT", "2019-11-20 07:28"),
    ("21 July 2025 14:01 (UTC+04:00)", "2025-07-21 10:01"),
    ("06/01/2026 - 13:55 GMT+1", "2026-01-06 12:55"),
    ("2020.03.17 18:13 GMT", "2020-03-17 18:13"),
    ("(updated 11:14 GMT 29.04.2020)", "2020-04-29 11:14"),
    ("GMT 17:27 17.03.2020", "2020-03-17 17:27"),
    ("March 7, 2024  7:55 AM UTC  Updated ago", "2024-03-07 07:55"),
    ("24 ноября 2020, 11:22 (мск)", "2020-11-24 08:22"),
    ("1605600000", "2020-11-17 08:00"),
    ("1605600000123", "2020-11-17 08:00"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), STATED, ids=[text for text, _ in STATED])
def test_a_moment_with_its_zone_is_the_same_instant_for_every_outlet(text: str, expected: str) -> None:
    for zone in (None, YEREVAN, ISTANBUL):
        moment = read(text, zone)

        assert moment.instant.replace(second=0) == minute(expected)
        assert not moment.zone_inferred
        assert not moment.year_inferred


# The clock is the outlet's in each: Yerevan, four hours before UTC.
LOCAL = [
    ("12:41, 17 March, 2022", "2022-03-17 08:41"),
    ("08:22, 24.11.2020", "2020-11-24 04:22"),
    ("Friday, January 12 2024 14:13", "2024-01-12 10:13"),
    ("13:35 • 05.11.21", "2021-11-05 09:35"),
    ("10:58:00 2020-09-15", "2020-09-15 06:58"),
    ("13 Oct 2020 18:29 1204 views", "2020-10-13 14:29"),
    ("2:05 p.m., Nov. 24, 2020", "2020-11-24 10:05"),
    ("12:05 am 24 November 2020", "2020-11-23 20:05"),
    ("11/24/2020 2:05 PM", "2020-11-24 10:05"),
    ("24-Nov-2020 14:05", "2020-11-24 10:05"),
    ("2020-Nov-24 14:05", "2020-11-24 10:05"),
    ("04 января 2012 года 14:05", "2012-01-04 10:05"),
    ("время публикации: 4 января 2012 г., 14:07", "2012-01-04 10:07"),
    ("1:27, 27 ноября, 2011 Medportal.ru", "2011-11-26 21:27"),
    ("Опубликовано 28 ноября 11 (14:41)", "2011-11-28 10:41"),
    ("14:26 03.01.2012 15", "2012-01-03 10:26"),
    ("11:30 04.01.2012", "2012-01-04 07:30"),
    ("28.11.11 \xa0 17:13", "2011-11-28 13:13"),
    ("14.05.2025, 20:28", "2025-05-14 16:28"),
    ("24 նոյեմբերի 2020, 14:05", "2020-11-24 10:05"),
    ("24 Նոյեմբեր, 2020 14։05", "2020-11-24 10:05"),
    ("2020 թ. նոյեմբերի 24, 14:05", "2020-11-24 10:05"),
    ("24 Յունուար 2020, 14:05", "2020-01-24 10:05"),
    ("24.11.2020թ. 14:05", "2020-11-24 10:05"),
    ("24 Noyabr 2020, 14:05", "2020-11-24 10:05"),
    ("24 noyabr 2020-ci il, 14:05", "2020-11-24 10:05"),
    ("24 İyul 2020 14:05", "2020-07-24 10:05"),
    ("24.11.2020-ci il 14:05", "2020-11-24 10:05"),
    ("Giriş: 03.07.2024 - 18:24 / Güncelleme: 03.07.2024 - 18:57", "2024-07-03 14:24"),
    ("Son Güncelleme : 30.04.2024 - 16:49", "2024-04-30 12:49"),
    ("24 Ağustos 2020 Pazartesi 14:05", "2020-08-24 10:05"),
    ("24 AGUSTOS 2020, 14:05", "2020-08-24 10:05"),
    ("24 ნოემბერი, 2020 14:05", "2020-11-24 10:05"),
    ("2020 წლის 24 ნოემბერი 14:05", "2020-11-24 10:05"),
    ("24 novembre 2020 à 14h05", "2020-11-24 10:05"),
    ("Publié le 1er août 2020 à 14 h 05", "2020-08-01 10:05"),
    ("24. November 2020, 14.05 Uhr", "2020-11-24 10:05"),
    ("Dienstag, 24. März 2020, 14:05 Uhr", "2020-03-24 10:05"),
    ("24 de noviembre de 2020, 14:05", "2020-11-24 10:05"),
    ("۲۹ بهمن ۱۳۹۸ - ۰۶:۵۵", "2020-02-18 02:55"),
    ("سه\u200cشنبه ۲۹ بهمن ماه ۱۳۹۸ ساعت ۰۶:۵۵", "2020-02-18 02:55"),
    ("۱۳۹۹/۰۲/۲۱ - ۱۸:۵۹", "2020-05-10 14:59"),
    ("۲۴ نوامبر ۲۰۲۰، ۱۴:۰۵", "2020-11-24 10:05"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), LOCAL, ids=[text for text, _ in LOCAL])
def test_a_printed_clock_is_the_outlets(text: str, expected: str) -> None:
    moment = read(text)

    assert moment.instant == minute(expected)
    assert moment.zone_inferred
    assert not moment.year_inferred


DAYS = [
    ("20 Nisan 2026", date(2026, 4, 20)),
    ("Sept 24 2023", date(2023, 9, 24)),
    ("05.04.2025 - Güncelleme : 05.04.2025", date(2025, 4, 5)),
    ("05.04.2025 - Güncelleme : 06.04.2025 18:00", date(2025, 4, 5)),
    ("Panorama, Armenia / Sept 14 2021", date(2021, 9, 14)),
    ("25 ноября 2011 г.", date(2011, 11, 25)),
    ("Понедельник, 28 ноября 2011 г.,", date(2011, 11, 28)),
    ("mar. 24 nov. 2020", date(2020, 11, 24)),
    ("03/07/2024", date(2024, 7, 3)),
    ("07/24/2024", date(2024, 7, 24)),
    ("20201124", date(2020, 11, 24)),
    ("2020-02-29", date(2020, 2, 29)),
    ("۲۲ بهمن ۱۳۵۷", date(1979, 2, 11)),
    ("۳۰ اسفند ۱۴۰۳", date(2025, 3, 20)),
    ("۱ فروردین ۱۴۰۴", date(2025, 3, 21)),
    ("24-25 November 2020", date(2020, 11, 25)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), DAYS, ids=[text for text, _ in DAYS])
def test_a_day_without_a_clock_is_midnight_at_the_outlet(text: str, expected: date) -> None:
    moment = read(text)

    assert moment.precision == "day"
    assert moment.instant.astimezone(YEREVAN) == datetime(expected.year, expected.month, expected.day, tzinfo=YEREVAN)


# Read at 16:30 of 24 November 2024 in Yerevan.
NO_YEAR = [
    ("28 ноя", "2023-11-27 20:00"),
    ("Thursday, Nov. 28th", "2023-11-27 20:00"),
    ("10 апреля, среда | Последнее обновление — 10:29 | vz.ru", "2024-04-10 06:29"),
    ("24 ноября", "2024-11-23 20:00"),
    ("25 նոյեմբերի", "2024-11-24 20:00"),
    ("26 November", "2023-11-25 20:00"),
    ("Feb. 29", "2024-02-28 20:00"),
    ("30 հուլիսի, 17:30", "2024-07-30 13:30"),
    ("July 29, 20:34", "2024-07-29 16:34"),
    ("30 июля, 16:24", "2024-07-30 12:24"),
    ("18:52 • 05/11", "2024-11-05 14:52"),
    ("10.04 14:26", "2024-04-10 10:26"),
    ("۲۹ بهمن", "2024-02-17 20:00"),
    ("12:41,", "2024-11-24 08:41"),
    ("23:50", "2024-11-23 19:50"),
    ("10:34 AM UTC", "2024-11-24 10:34"),
    ("Сегодня, 7:37", "2024-11-24 03:37"),
    ("сегодня в 20:12", "2024-11-24 16:12"),
    ("Вчера, 12:41", "2024-11-23 08:41"),
    ("bu gün, 10:15", "2024-11-24 06:15"),
    ("Այսօր 10:15", "2024-11-24 06:15"),
    ("aujourd’hui à 10h15", "2024-11-24 06:15"),
    ("dünən", "2024-11-22 20:00"),
    ("3 hours ago", "2024-11-24 09:30"),
    ("an hour ago", "2024-11-24 11:30"),
    ("1 day ago", "2024-11-22 20:00"),
    ("2 saat əvvəl", "2024-11-24 10:30"),
    ("1 saat 20 dakika önce", "2024-11-24 11:10"),
    ("2 часа назад", "2024-11-24 10:30"),
    ("час назад", "2024-11-24 11:30"),
    ("2h ago", "2024-11-24 10:30"),
    ("5 мин. назад", "2024-11-24 12:25"),
    ("5 րոպե առաջ", "2024-11-24 12:25"),
    ("3 საათის წინ", "2024-11-24 09:30"),
    ("il y a une semaine", "2024-11-16 20:00"),
    ("vor 3 Stunden", "2024-11-24 09:30"),
    ("hace 2 días", "2024-11-21 20:00"),
    ("۳ ساعت پیش", "2024-11-24 09:30"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), NO_YEAR, ids=[text for text, _ in NO_YEAR])
def test_a_date_without_a_year_is_the_latest_that_can_have_passed(text: str, expected: str) -> None:
    moment = read(text)

    assert moment.instant == minute(expected)
    assert moment.year_inferred


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
