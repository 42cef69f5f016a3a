"""Dates printed by a rule are read back; no text at all makes the reader fail."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler import jalali
from crawler.date_words import fold
from crawler.dates import Moment, dates_in, parse_date
from tests.test_crawler_dates import NOW, YEREVAN, read

MONTHS = {
    "en": "January February March April May June July August September October November December",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "hy": "հունվարի փետրվարի մարտի ապրիլի մայիսի հունիսի հուլիսի օգոստոսի սեպտեմբերի հոկտեմբերի նոյեմբերի դեկտեմբերի",
    "hyw": "Յունուար Փետրուար Մարտ Ապրիլ Մայիս Յունիս Յուլիս Օգոստոս Սեպտեմբեր Հոկտեմբեր Նոյեմբեր Դեկտեմբեր",
    "az": "yanvar fevral mart aprel may iyun iyul avqust sentyabr oktyabr noyabr dekabr",
    "tr": "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
    "ka": "იანვარი თებერვალი მარტი აპრილი მაისი ივნისი ივლისი აგვისტო სექტემბერი ოქტომბერი ნოემბერი დეკემბერი",
    "ka-genitive": "იანვრის თებერვლის მარტის აპრილის მაისის ივნისის ივლისის აგვისტოს სექტემბრის ოქტომბრის ნოემბრის "
    "დეკემბრის",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "uk": "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    "ar": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
    "az-Cyrl": "јанвар феврал март апрел мај ијун ијул август сентјабр октјабр нојабр декабр",
    "az-Arab": "یانوار فئورال مارت آپریل مای ایون ایول آوقوست سنتیابر اوکتیابر نویابر دکابر",
    "fa": "ژانویه فوریه مارس آوریل مه ژوئن ژوئیه اوت سپتامبر اکتبر نوامبر دسامبر",
}  # fmt: skip
SHAPES = [
    "{day} {month} {year}, {clock}",
    "{clock}, {day} {month}, {year}",
    "{month} {day}, {year} - {clock}",
    "{year} {month} {day} {clock}",
    "{day:02}.{number:02}.{year} {clock}",
    "{clock} • {day}/{number}/{year}",
    "{year}-{number:02}-{day:02}T{clock}",
]
# Local times of 1990 to 2049.
moments = st.integers(631_152_000, 2_524_607_999).map(lambda at: datetime.fromtimestamp(at, UTC).replace(tzinfo=None))
offsets = st.sampled_from([-600, -300, -210, 0, 60, 180, 210, 240, 270, 345, 720]).map(
    lambda minutes: timezone(timedelta(minutes=minutes))
)


@pytest.mark.parametrize("language", MONTHS)
@settings(max_examples=40)
@given(local=moments, shape=st.sampled_from(SHAPES), upper=st.booleans())
def test_what_is_printed_in_any_shape_and_language_is_read_back(
    language: str, local: datetime, shape: str, upper: bool
) -> None:
    month = MONTHS[language].split()[local.month - 1]
    text = shape.format(day=local.day, month=month, number=local.month, year=local.year, clock=f"{local:%H:%M}")

    moment = read(text.upper() if upper else text)

    assert moment.instant == local.replace(second=0, microsecond=0, tzinfo=YEREVAN).astimezone(UTC)


@given(local=moments, zone=offsets)
def test_iso_and_rfc_and_epoch_moments_are_read_back_to_the_second(local: datetime, zone: timezone) -> None:
    aware = local.replace(tzinfo=zone)
    texts = [aware.isoformat(), aware.isoformat(" "), f"{aware:%Y%m%dT%H%M%S%z}", format_datetime(aware)]
    if aware.timestamp() >= 10**9:
        texts += [f"{aware.timestamp():.0f}", f"{aware.timestamp() * 1000:.0f}"]

    for text in texts:
        expected = Moment(aware.astimezone(UTC), "second", zone_inferred=False, year_inferred=False)
        assert read(text, now=aware) == expected


@given(local=moments, now=moments)
def test_a_day_without_a_year_is_never_more_than_a_day_ahead_nor_more_than_eight_years_back(
    local: datetime, now: datetime
) -> None:
    moment = read(f"{local:%d %B}", now=now.replace(tzinfo=UTC))

    assert moment.instant <= now.replace(tzinfo=UTC) + timedelta(days=1)
    assert moment.instant > now.replace(tzinfo=UTC) - timedelta(
        days=366 if (local.month, local.day) != (2, 29) else 366 * 8
    )


pieces = st.one_of(
    st.text(max_size=6),
    st.integers(0, 10**14).map(str),
    st.sampled_from(
        [*"/.-+:TZ²٣", "may", "24", "2020", "24.11", "12:41", "24:00", "UTC", "ET", "am", "h", "uhr", "ago"]
    ),
    st.sampled_from(["3", "hours", "today", "آبان", "۱۳۹۹", "99"]),
)


@given(
    parts=st.lists(pieces, max_size=9),
    between=st.sampled_from(["", " "]),
    language=st.sampled_from([None, "fa", "en-US"]),
)
def test_no_text_raises_and_every_moment_is_utc(parts: list[str], between: str, language: str | None) -> None:
    moment = parse_date(between.join(parts), language=language, now=NOW)

    assert moment is None or moment.instant.tzinfo is UTC


@given(st.text(max_size=40))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_solar_hijri_days_follow_one_another_without_a_gap() -> None:
    days = []
    for year in range(1300, 1450):
        for month in range(1, 13):
            length = 31 if month <= 6 else 30 if month < 12 or jalali.is_leap(year) else 29
            days += [jalali.gregorian(year, month, day) for day in range(1, length + 1)]
            with pytest.raises(ValueError, match="no such day"):
                jalali.gregorian(year, month, length + 1)

    assert days == [date(1921, 3, 21) + timedelta(days=count) for count in range(len(days))]
    assert date(2021, 3, 20) == jalali.gregorian(1399, 12, 30)


@settings(max_examples=50)
@given(parts=st.lists(pieces, max_size=9), between=st.sampled_from(["", " "]))
def test_days_named_in_any_text_lie_where_they_are_said_to(parts: list[str], between: str) -> None:
    text = between.join(parts)

    for found in dates_in(text, published=NOW):
        assert 0 <= found.start < found.end <= len(text)


@given(
    st.datetimes(datetime(1971, 1, 2), datetime(2030, 1, 1)),  # noqa: DTZ001 - the zone is put on below
    st.sampled_from([*range(-12 * 4, 15 * 4, 4), 14, 18, 23]),
    st.sampled_from(["seconds", "minutes", "milliseconds"]),
)
def test_the_usual_forms_are_read_as_every_other_form_is(local: datetime, quarters: int, timespec: str) -> None:
    moment = local.replace(tzinfo=timezone(quarters * timedelta(minutes=15)))
    for text in (format_datetime(moment.replace(microsecond=0)), moment.isoformat(timespec=timespec)):
        quick, other = parse_date(text, now=NOW), parse_date(f"{text} ", now=NOW)  # the blank takes the other way

        assert quick == other, text
