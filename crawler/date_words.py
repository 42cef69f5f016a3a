"""The words of dates, loaded from date_words.toml, and the zone names that outlets print."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta, timezone, tzinfo
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

_DAY = 86400
_UNIT_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": _DAY, "week": 7 * _DAY}

_ARABIC_DIGITS = {base + digit: str(digit) for base in (0x0660, 0x06F0) for digit in range(10)}
# The dotless i and the Arabic kaf and yeh have no decomposition; the Armenian full stop serves as the colon of clocks.
_LETTERS = str.maketrans("ıيىك։’", "iییک:'")
_DASHES = dict.fromkeys((0x2012, 0x2013, 0x2014, 0x2212), "-")
_TRANSLATION: Mapping[int, str | int] = {**_ARABIC_DIGITS, **_LETTERS, **_DASHES}


def fold(text: str) -> str:
    """Lower case without accents, dots and invisible marks, with ASCII digits: what date words are compared in."""
    if text.isascii():
        return text.lower()
    spread = unicodedata.normalize("NFKD", text).translate(_TRANSLATION).casefold()
    return "".join(mark for mark in spread if unicodedata.category(mark) not in {"Mn", "Cf"})


@dataclass(frozen=True, slots=True)
class Month:
    number: int
    jalali: bool = False


@dataclass(frozen=True, slots=True)
class DateWords:
    """The folded words of all languages together: no word means two things in two of them.

    `units` maps to seconds, `days_back` maps "today" to 0; `ago` and `day_word` find those words in a text.
    """

    months: Mapping[str, Month]
    between: frozenset[str]
    units: Mapping[str, int]
    one: frozenset[str]
    alone: frozenset[str]
    days_back: Mapping[str, int]
    ago: re.Pattern[str]
    day_word: re.Pattern[str]


@cache
def date_words() -> DateWords:
    languages = tomllib.loads(Path(__file__).with_name("date_words.toml").read_text(encoding="utf-8")).values()

    def all_of(key: str) -> frozenset[str]:
        return frozenset(fold(word) for words in languages for word in words.get(key, ()))

    back = ("today", "yesterday", "before_yesterday")
    days_back = {word: days for days, key in enumerate(back) for word in all_of(key)}
    return DateWords(
        months=dict(month for words in languages for month in _months(words)),
        between=all_of("between"),
        units={word: seconds for unit, seconds in _UNIT_SECONDS.items() for word in all_of(unit)},
        one=all_of("one"),
        alone=all_of("alone"),
        days_back=days_back,
        ago=_any_of(sorted(all_of("ago"))),
        day_word=_any_of(sorted(days_back, key=len, reverse=True)),
    )


def _months(words: Mapping[str, Any]) -> Iterator[tuple[str, Month]]:
    for key in ("months", "jalali"):
        for number, stems in enumerate(words.get(key, ()), 1):
            for stem in stems:
                for ending in words["endings"]:
                    yield fold(stem + ending), Month(number, key == "jalali")


def _any_of(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b")


def _hours(hours: float) -> tzinfo:
    return timezone(timedelta(hours=hours))


# AMT is Armenia's time here, never the Amazon's. A label of these five goes with the clocks of its city, which have not
# always stood where they stand: Moscow was at +04 from 2011 to 2014 and said MSK.
ZONES: Mapping[str, tzinfo] = {
    "amt": ZoneInfo("Asia/Yerevan"),
    "azt": ZoneInfo("Asia/Baku"),
    "get": ZoneInfo("Asia/Tbilisi"),
    "trt": ZoneInfo("Europe/Istanbul"),
    **dict.fromkeys(("msk", "мск"), ZoneInfo("Europe/Moscow")),
    **dict.fromkeys(("z", "utc", "gmt", "ut", "wet"), UTC),
    **dict.fromkeys(("samt", "msd"), _hours(4)),
    **dict.fromkeys(("amst", "azst"), _hours(5)),
    "eest": _hours(3),
    **dict.fromkeys(("eet", "cest", "mesz"), _hours(2)),
    **dict.fromkeys(("cet", "mez", "bst", "west"), _hours(1)),
    "irst": _hours(3.5),
    "irdt": _hours(4.5),
    "edt": _hours(-4),
    **dict.fromkeys(("est", "cdt"), _hours(-5)),
    **dict.fromkeys(("cst", "mdt"), _hours(-6)),
    **dict.fromkeys(("mst", "pdt"), _hours(-7)),
    "pst": _hours(-8),
    "et": ZoneInfo("America/New_York"),
    "pt": ZoneInfo("America/Los_Angeles"),
}
# Words of English, French or German too: a zone only where nothing but a mark or the end follows.
WORDLIKE_ZONES = frozenset({"get", "et", "est", "pt", "west", "wet", "ut"})

# How outlets say in words whose clock they print; folded, as everything that is compared with a text here.
_OF_CITY = {
    "Asia/Yerevan": (
        "yerevan time", "по ереванскому времени", "по времени еревана", "երևանի ժամանակով", "երեւանի ժամանակով",
    ),
    "Asia/Baku": ("baku time", "bakı vaxtı ilə", "bakı vaxtı", "по бакинскому времени", "по времени баку"),
    "Asia/Tbilisi": ("tbilisi time", "по тбилисскому времени", "თბილისის დროით"),
    "Europe/Moscow": (
        "moscow time", "по московскому времени", "по москве", "по мск", "moskva vaxtı ilə", "մոսկվայի ժամանակով",
    ),
    "Europe/Istanbul": ("turkish time", "türkiye saatiyle", "türkiye saati ile", "tsi", "по турецкому времени"),
    "Asia/Tehran": ("tehran time", "به وقت تهران", "по тегеранскому времени"),
    "Europe/Kyiv": ("kyiv time", "за київським часом", "по киевскому времени"),
    "Europe/Paris": ("heure de paris",),
    "Europe/Berlin": ("mitteleuropäischer zeit",),
    "Europe/London": ("london time", "uk time"),
    "UTC": ("بتوقيت غرينتش", "по гринвичу"),
}  # fmt: skip
ZONE_PHRASES: Mapping[str, tzinfo] = {
    fold(words): ZoneInfo(zone) for zone, all_words in _OF_CITY.items() for words in all_words
}
ZONE_PHRASE = re.compile(rf"[\s,(]*({'|'.join(sorted(map(re.escape, ZONE_PHRASES), key=len, reverse=True))})\b")
