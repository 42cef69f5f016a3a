"""Taking keys from a TOML file with their types checked; mistakes are collected with file and line and told at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

Step = str | int  # a key, or the number of a table in an array, from 0

_HEADER = re.compile(r"\s*(\[\[?)\s*([\w.\-]+)\s*\]")
_KEY = re.compile(r"\s*([\w\-]+)\s*=")
_SYNTAX = re.compile(r" \(at line (\d+), column (\d+)\)$")


class TomlFile:
    """A file's content; `mistakes` is the list that all files of a folder share."""

    def __init__(self, path: Path, mistakes: list[str]) -> None:
        self.name = path.name
        self.mistakes = mistakes
        self.content: Mapping[str, Any] = {}
        self._text = ""
        try:
            self._text = path.read_text(encoding="utf-8")
            self.content = tomllib.loads(self._text)
        except tomllib.TOMLDecodeError as error:
            found = _SYNTAX.search(str(error))
            line = found[1] if found else len(self._text.splitlines())  # else at the end
            mistakes.append(f"{self.name}:{line}: not TOML: {error}.")
        except UnicodeDecodeError as error:
            mistakes.append(f"{self.name}: not UTF-8: {error.reason} at byte {error.start}.")

    def at(self, path: tuple[Step, ...]) -> str:
        """The file with the line of the key at `path`, or of the nearest table around it."""
        while path and path not in self._lines:
            path = path[:-1]
        return f"{self.name}:{self._lines[path]}" if path else self.name

    @cached_property
    def _lines(self) -> Mapping[tuple[Step, ...], int]:
        lines: dict[tuple[Step, ...], int] = {}
        counts: dict[str, int] = {}
        table: tuple[Step, ...] = ()
        for number, line in enumerate(self._text.splitlines(), 1):
            if header := _HEADER.match(line):
                first, *inner = header[2].split(".")
                if header[1] == "[[":
                    counts[first] = counts.get(first, -1) + 1
                table = (first, counts[first], *inner) if first in counts else (first, *inner)
                lines.setdefault(table, number)
            elif key := _KEY.match(line):
                lines.setdefault((*table, key[1]), number)
        return lines


class Checked:
    """A TOML table at `path` of a file; `name` is what a reader calls it, empty for the whole file."""

    def __init__(self, file: TomlFile, content: Mapping[str, Any], path: tuple[Step, ...] = (), name: str = "") -> None:
        self.file = file
        self.content = content
        self.path = path
        self.name = name

    @property
    def mistakes(self) -> list[str]:
        return self.file.mistakes

    def wrong(self, what: str, *keys: Step) -> None:
        """`keys` lead from this table to the place of the mistake."""
        self.mistakes.append(": ".join(filter(None, (self.file.at((*self.path, *keys)), self.name, what))))

    def only(self, known: frozenset[str]) -> None:
        for key in sorted(self.content.keys() - known):
            self.wrong(f"unknown key {key!r}; known are {', '.join(sorted(known))}.", key)

    def get(self, key: str, kind: type, default: Any = None) -> Any:
        value = self.content.get(key, default)
        if value is None:
            self.wrong(f"{key} is missing.")
        elif isinstance(value, bool) is not (kind is bool) or not isinstance(
            value, (int, float) if kind is float else kind
        ):
            self.wrong(f"{key} must be {_KIND_NAMES[kind]}, not {value!r}.", key)
        else:
            return value
        return kind()

    def string(self, key: str, default: str | None = None) -> str:
        return str(self.get(key, str, default))

    def strings(self, key: str) -> tuple[str, ...]:
        value = self.get(key, list, [])
        if all(isinstance(one, str) and one.strip() for one in value):
            return tuple(value)
        self.wrong(f"{key} must be a list of words.", key)
        return ()

    def numbers(self, key: str, names: tuple[str, ...]) -> tuple[float, ...] | None:
        """A list with a number for each of `names`; None where there is none or it is wrong."""
        value = self.get(key, list, [])
        if len(value) == len(names) and all(type(one) in {int, float} for one in value):
            return tuple(map(float, value))
        if isinstance(self.content.get(key), list):
            self.wrong(f"{key} must be {len(names)} numbers: {', '.join(names)}.", key)
        return None

    def tables(self, key: str) -> Iterator[Checked]:
        """Each table of an array of tables; it is named by its id, or counted from 1 where it has none."""
        for index, content in enumerate(self.get(key, list, [])):
            if not isinstance(content, dict):
                self.wrong(f"{key} {index + 1} must be a table, not {content!r}.", key, index)
                continue
            yield self._inner(f"{key} {content.get('id', index + 1)}", content, key, index)

    def table(self, key: str, default: Mapping[str, Any] | None = None) -> Checked:
        return self._inner(key, self.get(key, dict, default), key)

    def _inner(self, name: str, content: Mapping[str, Any], *keys: Step) -> Checked:
        return Checked(self.file, content, (*self.path, *keys), ": ".join(one for one in (self.name, name) if one))


_KIND_NAMES: Mapping[type, str] = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "a table",
}
