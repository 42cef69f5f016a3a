"""The form of a concept in a topic's files: its keys, what each may say, and the script of each language."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from topic.checked import Checked, TomlFile
from topic.concepts import KINDS, PLACE_TYPES, Concept, Office
from topic.folding import fold
from topic.matching import shown, words_of

_KEYS = frozenset(
    {
        "id",
        "kind",
        "type",
        "tier",
        "label",
        "names",
        "groups",
        "against",
        "as_written",
        "own_language",
        "yields_to",
        "at",
        "offices",
        "unattested",
        "note",
        "source",
    }
)
_TIERLESS = frozenset({"side", "cue", "false_friend"})

# Azerbaijani was written in Cyrillic until 2001; Russian prints some foreign names in Latin letters.
_SCRIPTS: Mapping[str, frozenset[str]] = {
    "hy": frozenset({"ARMENIAN"}),
    "hyw": frozenset({"ARMENIAN"}),
    "az": frozenset({"LATIN", "CYRILLIC"}),
    "ru": frozenset({"CYRILLIC", "LATIN"}),
    "uk": frozenset({"CYRILLIC"}),
    "be": frozenset({"CYRILLIC"}),
    "bg": frozenset({"CYRILLIC"}),
    "ka": frozenset({"GEORGIAN"}),
    "fa": frozenset({"ARABIC"}),
    "ar": frozenset({"ARABIC"}),
    "he": frozenset({"HEBREW"}),
    "el": frozenset({"GREEK"}),
}
_LATIN = frozenset({"LATIN"})
_NONE = frozenset({""})

# Most names: words of letters, at most a star behind the first of each; they need no closer look.
_PLAIN = re.compile(r"[^\W\d_]+(?:\*[^\W\d_]*)?(?: [^\W\d_]+(?:\*[^\W\d_]*)?)*")

_DATE = re.compile(r"[12]\d{3}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")


@dataclass(frozen=True, slots=True)
class Box:
    """The part of the earth that a topic's coordinates lie in, in degrees."""

    south: float
    north: float
    west: float
    east: float

    def holds(self, latitude: float, longitude: float) -> bool:
        return self.south <= latitude <= self.north and self.west <= longitude <= self.east


@dataclass(frozen=True, slots=True)
class Form:
    """What a topic's settings allow its concepts to say."""

    tiers: Mapping[str, tuple[float, float]]
    namings: tuple[str, ...]
    box: Box | None


def tables_of(file: TomlFile) -> Iterator[tuple[Checked, str]]:
    """The table of each concept, with the source that the file names for all."""
    of_file = Checked(file, file.content)
    of_file.only(frozenset({"source", "concept"}))
    if file.content:
        source = of_file.string("source")
        yield from ((table, source) for table in of_file.tables("concept"))


def read_concept(table: Checked, form: Form, source: str) -> Concept:
    table.only(_KEYS | set(form.namings))
    kind = table.string("kind")
    if kind not in KINDS:
        table.wrong(f"kind must be one of {', '.join(KINDS)}, not {kind!r}.", "kind")
    strength, lonely = _tier(table, kind, form)
    sets = {naming: _names(table, naming) for naming in form.namings if naming in table.content}
    _check_apart(table, sets)
    unnamed = _names(table, "names") if "names" in table.content or not sets else {}
    written = _merged(unnamed, *sets.values())
    names = {language: tuple(map(shown, those)) for language, those in written.items()}
    id_ = table.string("id")
    return Concept(
        id=id_,
        kind=kind,
        label=table.string("label"),
        names=names,
        written=written,
        groups=frozenset(table.strings("groups")) | {id_},
        strength=strength,
        lonely=lonely,
        against=table.string("against", ""),
        as_written=table.get("as_written", bool, False),
        own_language=table.get("own_language", bool, False),
        yields_to=table.string("yields_to", ""),
        note=table.string("note", ""),
        source=table.string("source", source),
        type=_type(table, kind),
        at=_coordinates(table, form.box),
        namings={
            naming: tuple(dict.fromkeys(shown(name) for names in those.values() for name in names))
            for naming, those in sets.items()
        },
        offices=_offices(table, kind),
        unattested=_unattested(table, frozenset(name for those in names.values() for name in those)),
    )


def _tier(table: Checked, kind: str, form: Form) -> tuple[float, float]:
    tier = table.string("tier", "none" if kind in _TIERLESS else None)
    if tier not in form.tiers and tier != "none":
        table.wrong(f"tier must be one of {', '.join(form.tiers)}, not {tier!r}.", "tier")
    return form.tiers.get(tier, (0.0, 0.0))


def _names(concept: Checked, key: str) -> Mapping[str, tuple[str, ...]]:
    table = concept.table(key)
    return {language: _names_of(table, language) for language in table.content}


def _names_of(table: Checked, language: str) -> tuple[str, ...]:
    names = table.strings(language)
    allowed = _SCRIPTS.get(language, _LATIN)
    for name in names:
        if not _PLAIN.fullmatch(name) and not _has_stems(name):
            table.wrong(f"{language}: {name!r} has no letters to look for.", language)
        scripts = set(map(_script, name)) - _NONE
        if len(scripts) > 1 or not scripts <= allowed:
            table.wrong(f"{language}: {name!r} must be written in one script, {_or(allowed)}.", language)
    return names


def _has_stems(name: str) -> bool:
    words = words_of(name)
    return bool(words) and all(any(map(str.isalnum, word.partition("*")[0])) for word in words)


@cache
def _script(char: str) -> str:
    return unicodedata.name(char, "").partition(" ")[0] if char.isalpha() else ""


def _or(scripts: frozenset[str]) -> str:
    return " or ".join(script.capitalize() for script in sorted(scripts))


def _check_apart(table: Checked, sets: Mapping[str, Mapping[str, tuple[str, ...]]]) -> None:
    if len(sets) < 2:
        return
    owners: dict[str, str] = {}
    for naming, names in sets.items():
        for language, those in names.items():
            for name in those:
                if owners.setdefault(fold(shown(name)), naming) != naming:
                    table.wrong(f"{name!r} is of two sets; what several use stands under names.", naming, language)


def _merged(*sets: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    merged: dict[str, tuple[str, ...]] = {}
    for one in sets:
        for language, names in one.items():
            merged[language] = tuple(dict.fromkeys((*merged.get(language, ()), *names)))
    return merged


def _type(table: Checked, kind: str) -> str:
    type_ = table.string("type", "")
    if type_ and kind != "place":
        table.wrong(f"type is for places, not for a {kind}.", "type")
    elif type_ and type_ not in PLACE_TYPES:
        table.wrong(f"type must be one of {', '.join(sorted(PLACE_TYPES))}, not {type_!r}.", "type")
    return type_


def _coordinates(table: Checked, box: Box | None) -> tuple[float, float] | None:
    pair = table.numbers("at", ("latitude", "longitude"))
    if pair is None:
        return None
    latitude, longitude = pair
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180) or (box and not box.holds(latitude, longitude)):
        table.wrong(f"at {latitude}, {longitude} lies outside the box of the topic (latitude comes first).", "at")
    return latitude, longitude


def _offices(table: Checked, kind: str) -> tuple[Office, ...]:
    if "offices" in table.content and kind != "person":
        table.wrong(f"offices are for persons, not for a {kind}.", "offices")
    return tuple(map(_office, table.tables("offices")))


def _office(table: Checked) -> Office:
    table.only(frozenset({"title", "from", "until"}))
    since, until = table.string("from", ""), table.string("until", "")
    for key, date in (("from", since), ("until", until)):
        if date and not _DATE.fullmatch(date):
            table.wrong(
                f"{key} must be a year, a month or a day such as 2020, 2020-05 or 2020-05-21, not {date!r}.", key
            )
    if since and until and until < since[: len(until)]:
        table.wrong(f"it ends {until} before it begins {since}.")
    return Office(table.string("title"), since, until)


def _unattested(table: Checked, names: frozenset[str]) -> frozenset[str]:
    unattested = frozenset(map(shown, table.strings("unattested")))
    for name in sorted(unattested - names):
        table.wrong(f"unattested: {name!r} is none of its names.", "unattested")
    return unattested
