"""A topic's folder, read and checked: every mistake is found in one go and named by file and line."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

from topic.checked import Checked, TomlFile
from topic.concepts import Concept, Rules, Together, Weights
from topic.errors import TopicErrors
from topic.folding import fold
from topic.forms import Box, Form, read_concept, tables_of
from topic.matching import Ending, make_ending

HERE = Path(__file__).parent
SHIPPED = HERE / "karabakh"
SETTINGS = "topic.toml"

_SETTINGS_KEYS = frozenset({"id", "version", "title", "namings", "box", "tiers", "company", "weights", "together"})


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
    files = {path.name: TomlFile(path, mistakes) for path in sorted(folder.glob("*.toml"))}
    of_settings = files.pop(SETTINGS)
    settings = Checked(of_settings, of_settings.content)
    settings.only(_SETTINGS_KEYS)
    form = Form(_tiers(settings), settings.strings("namings"), _box(settings))
    tables = [one for file in files.values() for one in tables_of(file)]
    concepts = tuple(read_concept(table, form, source) for table, source in tables)
    groups = frozenset(group for concept in concepts for group in concept.groups)
    together = tuple(sorted(_together(settings, groups), key=lambda rule: -rule.strength))
    company = settings.table("company")
    company_groups = frozenset(company.strings("groups"))
    for group in sorted(company_groups - groups):
        company.wrong(f"no concept is of the group {group!r}.", "groups")
    weights = _weights(settings.table("weights"))
    _find_ambiguities([table for table, _ in tables], concepts)
    id_, title, version = settings.string("id"), settings.string("title"), settings.get("version", int, 0)
    if mistakes:
        raise TopicErrors(mistakes)
    assert weights is not None  # a table that is not whole is a mistake
    return TopicFolder(
        id_, title, f"{id_}-{version}.{_digest(folder)}", concepts, Rules(company_groups, together), weights
    )


@cache
def read_endings() -> Mapping[str, Ending]:
    content = tomllib.loads((HERE / "endings.toml").read_text(encoding="utf-8"))
    return {
        language: make_ending(rule.get("drop", ()), rule["slots"], rule.get("before", ()))
        for language, rule in content.items()
    }


def _tiers(settings: Checked) -> Mapping[str, tuple[float, float]]:
    table = settings.table("tiers")
    tiers = {}
    for name in table.content:
        pair = table.get(name, list)
        if len(pair) == 2 and all(isinstance(one, (int, float)) and 0 <= one <= 1 for one in pair):
            tiers[name] = (float(pair[0]), float(pair[1]))
        else:
            table.wrong(f"{name} must be two numbers from 0 to 1, with company and without.", name)
    return tiers


def _box(settings: Checked) -> Box | None:
    if "box" not in settings.content:
        return None
    table = settings.table("box")
    table.only(frozenset({"south", "north", "west", "east"}))
    south, north, west, east = (float(table.get(side, float)) for side in ("south", "north", "west", "east"))
    if not (south < north and west < east):
        table.wrong("south must be less than north, and west less than east.")
    return Box(south, north, west, east)


def _together(settings: Checked, groups: frozenset[str]) -> Iterator[Together]:
    for rule in settings.tables("together"):
        rule.only(frozenset({"label", "groups", "strength"}))
        sets = rule.get("groups", list)
        if not all(isinstance(one, list) and one and all(isinstance(group, str) for group in one) for one in sets):
            rule.wrong("groups must be a list of lists of words.", "groups")
            continue
        for group in sorted({group for one in sets for group in one} - groups):
            rule.wrong(f"no concept is of the group {group!r}.", "groups")
        label = rule.string("label")
        for name in re.findall(r"\{(.*?)\}", label):
            if [name] not in sets:  # of a list of several, any may be there
                rule.wrong(f"label names {{{name}}}, which is none of its groups.", "label")
        yield Together(label, tuple(frozenset(one) for one in sets), float(rule.get("strength", float)))


def _weights(table: Checked) -> Weights | None:
    known = frozenset(field.name for field in fields(Weights))
    table.only(known)
    before = len(table.mistakes)
    values = {name: table.get(name, int if name == "lead_characters" else float) for name in sorted(known)}
    return Weights(**values) if len(table.mistakes) == before else None


def _find_ambiguities(tables: Sequence[Checked], concepts: Sequence[Concept]) -> None:
    """Ids must be unique; a name of two concepts is allowed where both say in a note how they are told apart."""
    ids: set[str] = set()
    owners: dict[str, Concept] = {}
    for table, concept in zip(tables, concepts, strict=True):
        if concept.id in ids:
            table.wrong("the id is given twice.", "id")
        ids.add(concept.id)
        if not concept.all_names():
            table.wrong("it has no names.")
        for name in concept.all_names():
            other = owners.setdefault(fold(name), concept)
            if other.id != concept.id and not (other.note and concept.note):
                table.wrong(f"{other.id} is called {name!r}, too; say in the note of each how they differ.")


def _digest(folder: Path) -> str:
    """Of all files that have a say in a verdict; line ends do not count."""
    digest = hashlib.sha256()
    for path in (*sorted(folder.glob("*.toml")), HERE / "endings.toml"):
        digest.update(path.name.encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:8]
