"""A topic's folder, read and checked: every mistake is found in one go and named by file and key."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from topic.concepts import KINDS, Concept, Rules, Together, Weights
from topic.errors import TopicErrors
from topic.folding import fold
from topic.matching import Ending, make_ending, shown

HERE = Path(__file__).parent
SHIPPED = HERE / "karabakh"
SETTINGS = "topic.toml"

_SETTINGS_KEYS = frozenset({"id", "version", "title", "tiers", "company", "weights", "together"})
_CONCEPT_KEYS = frozenset(
    {"id", "kind", "tier", "label", "names", "groups", "against", "capital", "own_language", "note", "source"}
)


@dataclass(frozen=True, slots=True)
class TopicFolder:
    """What a folder says. `version` changes with every change of its files."""

    id: str
    title: str
    version: str
    concepts: tuple[Concept, ...]
    rules: Rules
    weights: Weights


def read_folder(folder: Path) -> TopicFolder:
    """Raises TopicErrors with all that is wrong in `folder`."""
    if not (folder / SETTINGS).is_file():
        raise TopicErrors([f"{folder} is no topic: it has no file {SETTINGS}."])
    mistakes: list[str] = []
    files = {path: _read_toml(path, mistakes) for path in sorted(folder.glob("*.toml"))}
    settings = _Checked(SETTINGS, files.pop(folder / SETTINGS), mistakes)
    settings.only(_SETTINGS_KEYS)
    tiers = _tiers(settings)
    concepts: list[Concept] = []
    for path, content in files.items():
        concepts += _concepts(path.name, content, tiers, mistakes)
    groups = frozenset(group for concept in concepts for group in concept.groups)
    together = tuple(sorted(_together(settings, groups), key=lambda rule: -rule.strength))
    company = frozenset(settings.table("company").strings("groups"))
    mistakes += [f"{SETTINGS}: company: no concept is of the group {group!r}." for group in sorted(company - groups)]
    weights = _weights(settings.table("weights"))
    mistakes += _ambiguities(concepts)
    id_, title, version = settings.string("id"), settings.string("title"), settings.get("version", int, 0)
    if mistakes:
        raise TopicErrors(mistakes)
    assert weights is not None  # a table that is not whole is a mistake
    return TopicFolder(
        id_, title, f"{id_}-{version}.{_digest(folder)}", tuple(concepts), Rules(company, together), weights
    )


@cache
def read_endings() -> Mapping[str, Ending]:
    content = tomllib.loads((HERE / "endings.toml").read_text(encoding="utf-8"))
    return {language: make_ending(rule.get("drop", ()), rule["slots"]) for language, rule in content.items()}


class _Checked:
    """A TOML table whose keys are taken with their types checked; mistakes are collected, not raised."""

    def __init__(self, where: str, content: Mapping[str, Any], mistakes: list[str]) -> None:
        self.where = where
        self.content = content
        self.mistakes = mistakes

    def wrong(self, what: str) -> None:
        self.mistakes.append(f"{self.where}: {what}")

    def only(self, known: frozenset[str]) -> None:
        for key in sorted(self.content.keys() - known):
            self.wrong(f"unknown key {key!r}; known are {', '.join(sorted(known))}.")

    def get(self, key: str, kind: type, default: Any = None) -> Any:
        value = self.content.get(key, default)
        if value is None:
            self.wrong(f"{key} is missing.")
        elif isinstance(value, bool) is not (kind is bool) or not isinstance(
            value, (int, float) if kind is float else kind
        ):
            self.wrong(f"{key} must be {_KIND_NAMES[kind]}, not {value!r}.")
        else:
            return value
        return kind()

    def string(self, key: str, default: str | None = None) -> str:
        return str(self.get(key, str, default))

    def strings(self, key: str) -> tuple[str, ...]:
        value = self.get(key, list, [])
        if all(isinstance(one, str) and one.strip() for one in value):
            return tuple(value)
        self.wrong(f"{key} must be a list of words.")
        return ()

    def table(self, key: str) -> _Checked:
        return _Checked(f"{self.where}: {key}", self.get(key, dict), self.mistakes)


_KIND_NAMES: Mapping[type, str] = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "a table",
}


def _read_toml(path: Path, mistakes: list[str]) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        mistakes.append(f"{path.name}: not TOML: {error}.")
    except UnicodeDecodeError as error:
        mistakes.append(f"{path.name}: not UTF-8: {error.reason} at byte {error.start}.")
    return {}


def _tiers(settings: _Checked) -> Mapping[str, tuple[float, float]]:
    table = settings.table("tiers")
    tiers = {}
    for name in table.content:
        pair = table.get(name, list)
        if len(pair) == 2 and all(isinstance(one, (int, float)) and 0 <= one <= 1 for one in pair):
            tiers[name] = (float(pair[0]), float(pair[1]))
        else:
            table.wrong(f"{name} must be two numbers from 0 to 1, with company and without.")
    return tiers


def _concepts(
    file: str, content: Mapping[str, Any], tiers: Mapping[str, tuple[float, float]], mistakes: list[str]
) -> Iterator[Concept]:
    of_file = _Checked(file, content, mistakes)
    of_file.only(frozenset({"source", "concept"}))
    source = of_file.string("source")
    for index, table in enumerate(of_file.get("concept", list, []), 1):
        name = table.get("id") if isinstance(table, dict) else None
        yield _concept(_Checked(f"{file}: concept {index} ({name})", table, mistakes), tiers, source)


def _concept(checked: _Checked, tiers: Mapping[str, tuple[float, float]], source: str) -> Concept:
    checked.only(_CONCEPT_KEYS)
    kind = checked.string("kind")
    if kind not in KINDS:
        checked.wrong(f"kind must be one of {', '.join(KINDS)}, not {kind!r}.")
    tier = checked.string("tier", "none" if kind in {"side", "cue", "false_friend"} else None)
    if tier not in tiers and tier != "none":
        checked.wrong(f"tier must be one of {', '.join(tiers)}, not {tier!r}.")
    strength, lonely = tiers.get(tier, (0.0, 0.0))
    names = checked.table("names")
    id_ = checked.string("id")
    return Concept(
        id=id_,
        kind=kind,
        label=checked.string("label"),
        names={language: names.strings(language) for language in names.content},
        groups=frozenset(checked.strings("groups")) | {id_},
        strength=strength,
        lonely=lonely,
        against=checked.string("against", ""),
        capital=checked.get("capital", bool, False),
        own_language=checked.get("own_language", bool, False),
        note=checked.string("note", ""),
        source=checked.string("source", source),
    )


def _together(settings: _Checked, groups: frozenset[str]) -> Iterator[Together]:
    for index, content in enumerate(settings.get("together", list, []), 1):
        rule = _Checked(f"{SETTINGS}: together {index}", content, settings.mistakes)
        rule.only(frozenset({"label", "groups", "strength"}))
        sets = tuple(frozenset(one) for one in rule.get("groups", list))
        for group in sorted(frozenset().union(*sets) - groups):
            rule.wrong(f"no concept is of the group {group!r}.")
        yield Together(rule.string("label"), sets, float(rule.get("strength", float)))


def _weights(table: _Checked) -> Weights | None:
    known = frozenset(field.name for field in fields(Weights))
    table.only(known)
    before = len(table.mistakes)
    values = {name: table.get(name, int if name == "lead_characters" else float) for name in sorted(known)}
    return Weights(**values) if len(table.mistakes) == before else None


def _ambiguities(concepts: list[Concept]) -> Iterator[str]:
    """Ids must be unique; a name of two concepts is allowed where both say in a note how they are told apart."""
    by_id: dict[str, Concept] = {}
    owners: dict[str, Concept] = {}
    for concept in concepts:
        if concept.id in by_id:
            yield f"concept {concept.id}: the id is given twice."
        by_id[concept.id] = concept
        if not concept.all_names():
            yield f"concept {concept.id}: it has no names."
        for name in concept.all_names():
            other = owners.setdefault(fold(shown(name)), concept)
            if other.id != concept.id and not (other.note and concept.note):
                owned = f"concepts {other.id} and {concept.id}: both are called {shown(name)!r}"
                yield f"{owned}; say in the note of each how they differ."


def _digest(folder: Path) -> str:
    """Of all files that have a say in a verdict; line ends do not count."""
    digest = hashlib.sha256()
    for path in (*sorted(folder.glob("*.toml")), HERE / "endings.toml"):
        digest.update(path.name.encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:8]
