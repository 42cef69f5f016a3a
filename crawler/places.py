"""Cities and countries as datelines name them (places.toml)."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from topic.folding import fold

_PLACES = tomllib.loads(Path(__file__).with_name("places.toml").read_text(encoding="utf-8"))
_CITIES = frozenset(map(fold, _PLACES["cities"]))
_COUNTRIES = frozenset(map(fold, _PLACES["countries"]))
_IN_CAPITALS: dict[str, str] = {city.upper(): city for city in _PLACES["cities"]}
_ARMENIAN = re.compile(r"[\u0531-\u0556]")


def is_city(text: str) -> bool:
    return fold(text) in _CITIES


def is_country(text: str) -> bool:
    return fold(text) in _COUNTRIES


def written_small(place: str) -> str:
    """Words in capitals as they are written otherwise; BAKI is Bakı, which no rule of letters tells."""
    if not place.isupper():
        return place
    if place in _IN_CAPITALS and not _ARMENIAN.match(place):
        return _IN_CAPITALS[place]
    small = re.sub(r"[^\W\d_]+", lambda found: found[0][:1] + found[0][1:].replace("İ", "i").lower(), place)
    return small.replace("եվ", "և")
