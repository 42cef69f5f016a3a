"""Taking keys from a TOML table with their types checked; mistakes are collected, so that all are told at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


class Checked:
    """A TOML table at `where`, a file with a path of keys."""

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

    def tables(self, key: str) -> Iterator[Checked]:
        """Each table of an array of tables; `where` counts them from 1 and adds the id where they have one."""
        for index, content in enumerate(self.get(key, list, []), 1):
            if not isinstance(content, dict):
                self.wrong(f"{key} {index} must be a table, not {content!r}.")
                continue
            name = f" ({content['id']})" if "id" in content else ""
            yield Checked(f"{self.where}: {key} {index}{name}", content, self.mistakes)

    def table(self, key: str) -> Checked:
        return Checked(f"{self.where}: {key}", self.get(key, dict), self.mistakes)


_KIND_NAMES: Mapping[type, str] = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "a table",
}
