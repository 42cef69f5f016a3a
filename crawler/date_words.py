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

    days_back = {**dict.fromkeys(all_of("today"), 0), **dict.fromkeys(all_of("yesterday"), 1)}
    return DateWords(
        months=dict(month for words in languages for month in _months(words)),
        between=all_of("between"),
        units={word: seconds for unit, seconds in _UNIT_SECONDS.items() for word in all_of(unit)},
        one=all_of("one"),
        alone=all_of("alone"),
        days_back=days_back,
        ago=_any_of(sorted(all_of("ago"))),
        day_word=_any_of(sorted(days_back)),
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
