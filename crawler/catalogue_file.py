"""The files of a catalogue: TOML to values, with every mistake of every file as one sentence.

A folder holds any number of files; each may have [[outlets]] with [[outlets.sources]], [[sides]] and [[left_out]].
docs/catalogue.md explains the keys.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass as plain_dataclass
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import cssselect
from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from crawler.kinds import KINDS
from topic import fold

STRICT = ConfigDict(strict=True, extra="forbid")
# ISO 639-1, and languages that have only three letters and are written in the region.
LANGUAGES = frozenset(
    re.findall(
        "[a-z]{2,3}",
        """aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el
        en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it
        iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt
        my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl
        sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo
        za zh zu azb ckb hyw kmr lez tly xmf""",
    )
)


class CatalogueError(Exception):
    """The catalogue cannot be used. Each of `mistakes` is a sentence that names the file or list, and the key."""

    def __init__(self, mistakes: Iterable[str]) -> None:
        self.mistakes = list(mistakes)
        super().__init__("\n".join(self.mistakes))


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or text != text.strip():
        raise ValueError("expected an address that begins with http:// or https://")
    return text


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("expected an IANA time zone such as Asia/Yerevan or UTC") from None
    return name


def _language(tag: str) -> str:
    if tag.partition("-")[0] not in LANGUAGES or not re.fullmatch(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?", tag):
        raise ValueError("expected a BCP 47 language such as hy, hyw, az or az-Cyrl")
    return tag


def _kind(name: str) -> str:
    if name not in KINDS:
        raise ValueError(f"expected one of {', '.join(KINDS)}")
    return name


def _selector(text: str) -> str:
    if said := _selector_mistake(text):
        raise ValueError(said)
    return text


def _host(name: str) -> str:
    if name.startswith("www.") or not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", name):
        raise ValueError("expected a host name in small letters without www.")
    return name


Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=60)]
Text = Annotated[str, Field(min_length=1, max_length=300)]
Url = Annotated[str, AfterValidator(_web_address)]
Zone = Annotated[str, AfterValidator(_zone)]
Languages = Annotated[tuple[Annotated[str, AfterValidator(_language)], ...], Field(min_length=1)]


@dataclass(frozen=True, config=STRICT)
class RouteEntry:
    """A second way to the stories of a source."""

    kind: Annotated[str, AfterValidator(_kind)]
    url: Url
    user_agent: Text | None = None
    options: Mapping[str, str] = Field(default_factory=dict)
    mirror_of: Annotated[str, AfterValidator(_host)] | None = None


@dataclass(frozen=True, config=STRICT)
class SourceEntry:
    id: Id
    kind: Annotated[str, AfterValidator(_kind)]
    url: Url
    languages: Languages
    ship: Literal["on", "optional"]
    note: Text
    user_agent: Text | None = None
    options: Mapping[str, str] = Field(default_factory=dict)
    routes: tuple[RouteEntry, ...] = ()


@dataclass(frozen=True, config=STRICT)
class OutletEntry:
    id: Id
    name: Text
    homepage: Url
    side: Text
    kind: Text
    languages: Languages
    zone: Zone
    scope: Literal["regional", "general"]
    sources: Annotated[tuple[SourceEntry, ...], Field(min_length=1)]
    credited_as: tuple[Text, ...] = ()
    hosts: tuple[Annotated[str, AfterValidator(_host)], ...] = ()
    body_selectors: tuple[Annotated[Text, AfterValidator(_selector)], ...] = ()


@dataclass(frozen=True, config=STRICT)
class Side:
    name: Text
    about: Text


@dataclass(frozen=True, config=STRICT)
class LeftOut:
    """An address that is known and not a source, and why."""

    url: Url
    why: Text


@dataclass(frozen=True, config=STRICT)
class CatalogueFile:
    outlets: tuple[OutletEntry, ...] = ()
    sides: tuple[Side, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


@plain_dataclass(frozen=True)
class CatalogueFiles:
    """What the files of a folder say together, each with the name of its file."""

    outlets: tuple[tuple[str, OutletEntry], ...]
    sides: tuple[str, ...]
    left_out: Mapping[str, str]


def read_folder(folder: Path) -> CatalogueFiles:
    """Raises CatalogueError with every mistake of every file."""
    mistakes: list[str] = []
    files = {path.name: _read(path, mistakes) for path in sorted(folder.glob("*.toml"))}
    if not files:
        raise CatalogueError([f"{folder}: there are no .toml files of outlets in this folder"])
    read = CatalogueFiles(
        outlets=tuple((name, outlet) for name, one in files.items() for outlet in one.outlets),
        sides=tuple(side.name for one in files.values() for side in one.sides),
        left_out={left.url: left.why for one in files.values() for left in one.left_out},
    )
    mistakes += _contradictions(read)
    if mistakes:
        raise CatalogueError([f"{folder}/{one}" for one in mistakes])
    return read


def _read(path: Path, mistakes: list[str]) -> CatalogueFile:
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
        return TypeAdapter(CatalogueFile).validate_json(json.dumps(raw, default=str))
    except ValidationError as error:
        mistakes += [f"{path.name}: {_sentence(raw, one['loc'], one['msg'])}" for one in error.errors()]
    except UnicodeDecodeError:
        mistakes.append(f"{path.name}: is not UTF-8 text")
    except tomllib.TOMLDecodeError as error:
        mistakes.append(f"{path.name}: is not TOML: {error}")
    except OSError as error:
        mistakes.append(f"{path.name}: cannot be read: {error.strerror}")
    return CatalogueFile()


def _sentence(raw: Any, place: tuple[int | str, ...], message: str) -> str:
    """An element of an array is named by its id where it has one, else by its number from 1."""
    words = ""
    for step in place:
        raw = _inside(raw, step)
        if isinstance(step, int):
            words += f" {raw['id']}" if isinstance(raw, dict) and "id" in raw else f" {step + 1}"
        else:
            words += f".{step}" if words else step
    said = message.removeprefix("Value error, ")
    return f"{words}: {said[:1].lower() + said[1:]}"


def _inside(raw: Any, step: int | str) -> Any:
    if isinstance(raw, list):
        return raw[step] if isinstance(step, int) and step < len(raw) else None
    return raw.get(step) if isinstance(raw, dict) else None


def _contradictions(read: CatalogueFiles) -> Iterator[str]:
    sources = [(f"{name}: source {one.id}", one) for name, outlet in read.outlets for one in outlet.sources]
    routes = [(f"{where}.routes {n}", way) for where, one in sources for n, way in enumerate(one.routes, 1)]
    ways: list[tuple[str, SourceEntry | RouteEntry]] = [*sources, *routes]
    yield from _twice((f"{name}: outlet", outlet.id) for name, outlet in read.outlets)
    yield from _twice((f"{one.split(': ')[0]}: source", source.id) for one, source in sources)
    yield from _twice((where, way.url) for where, way in ways)
    yield from _twice((f"{name}: outlet {one.id}: hosts", host) for name, one in read.outlets for host in one.hosts)
    names = ((f"{name}: outlet {one.id}", key) for name, one in read.outlets for key in credit_keys(one))
    yield from _twice(names)
    for name, outlet in read.outlets:
        if outlet.side not in read.sides:
            known = ", ".join(read.sides) or "none: no file has [[sides]]"
            yield f"{name}: outlet {outlet.id}.side: {outlet.side!r} is not one of the sides ({known})"
        yield from (f"{name}: {said}" for said in _mirror_mistakes(outlet))
    for where, way in ways:
        if way.url in read.left_out:
            yield f"{where}.url: {way.url} is left out ({read.left_out[way.url]})"
        yield from (f"{where}.options: {one}" for one in option_mistakes(way.kind, way.options))


def _mirror_mistakes(outlet: OutletEntry) -> Iterator[str]:
    """A mirror and what it repeats are hosts of one outlet, so that nobody else can claim the mirror's stories."""
    for source in outlet.sources:
        for number, way in enumerate(source.routes, 1):
            hosts = [way.mirror_of, (urlsplit(way.url).hostname or "").removeprefix("www.")] if way.mirror_of else []
            for host in hosts:
                if host not in outlet.hosts:
                    yield f"source {source.id}.routes {number}: {host} is not among the hosts of outlet {outlet.id}"


def _twice(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    pairs = list(pairs)
    counts = Counter(value for _, value in pairs)
    yield from (f"{where}: {value!r} is there {counts[value]} times" for where, value in pairs if counts[value] > 1)


def credit_keys(outlet: OutletEntry) -> dict[str, None]:
    """The folded names that an outlet is credited by, each once."""
    return dict.fromkeys(key for name in (outlet.name, *outlet.credited_as) if (key := fold(name)))


def option_mistakes(kind: str, options: Mapping[str, str]) -> Iterator[str]:
    known = KINDS[kind]
    yield from (f"{name!r} is missing; kind {kind} needs it" for name in sorted(known.needs - set(options)))
    for name in sorted(set() if known.open else set(options) - known.needs - known.takes):
        yield f"kind {kind} knows no option {name!r}"
    for name, value in options.items():
        said = _VALUES[name](value) if name in _VALUES else None
        if said:
            yield f"{name!r} {said}"


def _pattern_mistake(text: str) -> str | None:
    try:
        re.compile(text)
    except re.error as error:
        return f"is not a pattern: {error}"
    return None


def _selector_mistake(text: str) -> str | None:
    try:
        cssselect.parse(text)
    except cssselect.SelectorError as error:
        return f"is not a CSS selector: {error}"
    return None


def _days_mistake(text: str) -> str | None:
    return None if text.isascii() and text.isdigit() else "is not a number of days"


_VALUES = {"path": _pattern_mistake, "items": _selector_mistake, "days": _days_mistake}
