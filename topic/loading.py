"""A topic's folder, read and checked: every mistake is found in one go and named by file and key."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from topic.checked import Checked
from topic.concepts import KINDS, Concept, Rules, Together, Weights
from topic.errors import TopicErrors
from topic.folding import fold
from topic.matching import Ending, make_ending, shown, words_of

HERE = Path(__file__).parent
SHIPPED = HERE / "karabakh"
SETTINGS = "topic.toml"

_SETTINGS_KEYS = frozenset({"id", "version", "title", "tiers", "company", "weights", "together"})
_CONCEPT_KEYS = frozenset(
    {
        "id",
        "kind",
        "tier",
        "label",
        "names",
        "groups",
        "against",
        "as_written",
        "own_language",
        "yields_to",
        "note",
        "source",
    }
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
    settings = Checked(SETTINGS, files.pop(folder / SETTINGS), mistakes)
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
    return {
        language: make_ending(rule.get("drop", ()), rule["slots"], rule.get("before", ()))
        for language, rule in content.items()
    }


def _read_toml(path: Path, mistakes: list[str]) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        mistakes.append(f"{path.name}: not TOML: {error}.")
    except UnicodeDecodeError as error:
        mistakes.append(f"{path.name}: not UTF-8: {error.reason} at byte {error.start}.")
    return {}


def _tiers(settings: Checked) -> Mapping[str, tuple[float, float]]:
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
    of_file = Checked(file, content, mistakes)
    of_file.only(frozenset({"source", "concept"}))
    source = of_file.string("source")
    for table in of_file.tables("concept"):
        yield _concept(table, tiers, source)


def _concept(checked: Checked, tiers: Mapping[str, tuple[float, float]], source: str) -> Concept:
    checked.only(_CONCEPT_KEYS)
    kind = checked.string("kind")
    if kind not in KINDS:
        checked.wrong(f"kind must be one of {', '.join(KINDS)}, not {kind!r}.")
    tier = checked.string("tier", "none" if kind in {"side", "cue", "false_friend"} else None)
    if tier not in tiers and tier != "none":
        checked.wrong(f"tier must be one of {', '.join(tiers)}, not {tier!r}.")
    strength, lonely = tiers.get(tier, (0.0, 0.0))
    names = checked.table("names")
    written = {language: _names(names, language) for language in names.content}
    id_ = checked.string("id")
    return Concept(
        id=id_,
        kind=kind,
        label=checked.string("label"),
        names={language: tuple(map(shown, those)) for language, those in written.items()},
        written=written,
        groups=frozenset(checked.strings("groups")) | {id_},
        strength=strength,
        lonely=lonely,
        against=checked.string("against", ""),
        as_written=checked.get("as_written", bool, False),
        own_language=checked.get("own_language", bool, False),
        yields_to=checked.string("yields_to", ""),
        note=checked.string("note", ""),
        source=checked.string("source", source),
    )


def _names(table: Checked, language: str) -> tuple[str, ...]:
    names = table.strings(language)
    for name in names:
        if not all(any(map(str.isalnum, part.partition("*")[0])) for part in words_of(name)) or not words_of(name):
            table.wrong(f"{language}: {name!r} has no letters to look for.")
    return names


def _together(settings: Checked, groups: frozenset[str]) -> Iterator[Together]:
    for rule in settings.tables("together"):
        rule.only(frozenset({"label", "groups", "strength"}))
        sets = rule.get("groups", list)
        if not all(isinstance(one, list) and one and all(isinstance(group, str) for group in one) for one in sets):
            rule.wrong("groups must be a list of lists of words.")
            continue
        for group in sorted({group for one in sets for group in one} - groups):
            rule.wrong(f"no concept is of the group {group!r}.")
        label = rule.string("label")
        for name in re.findall(r"\{(.*?)\}", label):
            if [name] not in sets:  # of a list of several, any may be there
                rule.wrong(f"label names {{{name}}}, which is none of its groups.")
        yield Together(label, tuple(frozenset(one) for one in sets), float(rule.get("strength", float)))


def _weights(table: Checked) -> Weights | None:
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
            other = owners.setdefault(fold(name), concept)
            if other.id != concept.id and not (other.note and concept.note):
                owned = f"concepts {other.id} and {concept.id}: both are called {name!r}"
                yield f"{owned}; say in the note of each how they differ."


def _digest(folder: Path) -> str:
    """Of all files that have a say in a verdict; line ends do not count."""
    digest = hashlib.sha256()
    for path in (*sorted(folder.glob("*.toml")), HERE / "endings.toml"):
        digest.update(path.name.encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:8]
