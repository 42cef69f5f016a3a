"""What a query says, as a tree of small values. The tree is the reference: `why` is what a query means for one article,
`storage.search` says the same in SQL, and str() prints a text that parses to an equal tree."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal

from storage.article import StoredArticle
from storage.search_text import SearchText, near, needle, search_text, words
from storage.values import stamp
from topic.verdict import Mention, Outcome

TextField = Literal["any", "title", "body", "author"]
OutletField = Literal["outlet", "side"]
Why = tuple[str, ...]

# The columns that each field of the query language reads.
COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "any": ("title", "subtitle", "summary", "body", "authors"),
        "title": ("title", "subtitle"),
        "body": ("summary", "body"),
        "author": ("authors",),
    }
)
_SECOND = timedelta(seconds=1)
_PLAIN_NAME = re.compile(r"[^\W_][\w.\-]*\Z")


@dataclass(frozen=True, slots=True)
class Searchable:
    """An article made ready for many queries: `columns` are its folded texts with a blank at both ends, `named` has
    the first mention of each concept."""

    article: StoredArticle
    columns: Mapping[str, str]
    named: Mapping[str, Mention]

    @classmethod
    def of(cls, article: StoredArticle, text: SearchText | None = None) -> Searchable:
        """`text`, where it is at hand, must be what `search_text` makes of the article."""
        text = text or search_text(article)
        columns = {column: f" {getattr(text, column)} " for column in COLUMNS["any"]}
        return cls(article, columns, {mention.concept: mention for mention in reversed(article.mentions)})


@dataclass(frozen=True, slots=True)
class Text:
    """Words side by side. `surface` is what was typed, without quotation marks; `words` is derived from it."""

    surface: str
    words: tuple[str, ...]
    prefix: bool = False
    field: TextField = "any"

    @classmethod
    def of(cls, surface: str, *, prefix: bool = False, field: TextField = "any") -> Text:
        return cls(surface, words(surface), prefix, field)

    @property
    def needle(self) -> str:
        return needle(self.words, prefix=self.prefix)

    def why(self, seen: Searchable) -> Why | None:
        wanted = self.needle
        for column in COLUMNS[self.field]:
            if wanted in seen.columns[column]:
                place = "an author" if column == "authors" else column
                return (f'{place} has "{self.surface.strip()}{"*" if self.prefix else ""}"',)
        return None

    def __str__(self) -> str:
        text = f'"{self.surface}"{"*" if self.prefix else ""}'
        return text if self.field == "any" else f"{self.field}:{text}"


@dataclass(frozen=True, slots=True)
class Near:
    """Two texts or more of one field, in any order, with at most `distance` words between the end of the first and the
    beginning of the last of them, all in one column. They may overlap. This is what NEAR of FTS5 means."""

    parts: tuple[Text, ...]
    distance: int

    @property
    def field(self) -> TextField:
        return self.parts[0].field

    def why(self, seen: Searchable) -> Why | None:
        needles = [part.needle for part in self.parts]
        for column in COLUMNS[self.field]:
            text = seen.columns[column]
            if all(one in text for one in needles) and near(
                text, [(part.words, part.prefix) for part in self.parts], self.distance
            ):
                place = "the list of authors" if column == "authors" else column
                names = " near ".join(f'"{part.surface.strip()}{"*" if part.prefix else ""}"' for part in self.parts)
                return (f"{place} has {names}",)
        return None

    def __str__(self) -> str:
        return f" NEAR/{self.distance} ".join(map(str, self.parts))


@dataclass(frozen=True, slots=True)
class OfOutlet:
    """An outlet by its id or by words of its name, or a side."""

    field: OutletField
    surface: str
    words: tuple[str, ...]

    @classmethod
    def of(cls, field: OutletField, surface: str) -> OfOutlet:
        return cls(field, surface, words(surface))

    def accepts(self, outlet: str, name: str, side: str) -> bool:
        texts = (outlet, name) if self.field == "outlet" else (side,)
        return any(needle(self.words, prefix=False) in f" {' '.join(words(text))} " for text in texts)

    def why(self, seen: Searchable) -> Why | None:
        article = seen.article
        if not self.accepts(article.outlet, article.outlet_name, article.side):
            return None
        return (f"the {self.field} is {article.outlet_name if self.field == 'outlet' else article.side}",)

    def __str__(self) -> str:
        return f'{self.field}:"{self.surface}"'


@dataclass(frozen=True, slots=True)
class Language:
    """`tag` in small letters; "az" takes az-Latn and az-Cyrl too."""

    tag: str

    def why(self, seen: Searchable) -> Why | None:
        # Not str.lower(): SQLite knows the small letters of ASCII alone, and tags have no others.
        language = seen.article.language.encode("utf-8", "replace").lower().decode()
        return (f"the language is {language}",) if f"{language}-".startswith(f"{self.tag}-") else None

    def __str__(self) -> str:
        return f"lang:{self.tag}"


@dataclass(frozen=True, slots=True)
class Judged:
    outcome: Outcome

    def why(self, seen: Searchable) -> Why | None:
        return (f"the verdict is {self.outcome}",) if seen.article.outcome == self.outcome else None

    def __str__(self) -> str:
        return f"verdict:{self.outcome}"


@dataclass(frozen=True, slots=True)
class Since:
    """From this second on: by the time of publication, or of first sight where none is stated."""

    moment: datetime

    def why(self, seen: Searchable) -> Why | None:
        return (f"it is of {stamp(self.moment)} or later",) if _second(seen) >= self.moment else None

    def __str__(self) -> str:
        return f"since:{stamp(self.moment)}"


@dataclass(frozen=True, slots=True)
class Before:
    """Before this second. Printed as `until:` with the second before, which is the last one that counts."""

    moment: datetime

    def why(self, seen: Searchable) -> Why | None:
        return (f"it is of {stamp(self.moment - _SECOND)} or earlier",) if _second(seen) < self.moment else None

    def __str__(self) -> str:
        return f"until:{stamp(self.moment - _SECOND)}"


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept of the topic, under whichever of its names it is mentioned. `label` is what a reader is shown;
    `written` what a query says for it where its id means something else."""

    id: str
    label: str = field(default="", compare=False)
    written: str = field(default="", compare=False)

    def why(self, seen: Searchable) -> Why | None:
        mention = seen.named.get(self.id)
        if mention is None:
            return None
        return (f'{mention.field} names {self.label or self.id} as "{mention.surface}"',)

    def __str__(self) -> str:
        return self.written or at(self.id)


@dataclass(frozen=True, slots=True)
class AnyConcept:
    """One of several concepts: a group of the topic, or namesakes. `written` is what a query says for them."""

    written: str
    ids: frozenset[str]

    def why(self, seen: Searchable) -> Why | None:
        mention = next((seen.named[concept] for concept in seen.named if concept in self.ids), None)
        if mention is None:
            return None
        return (f'{mention.field} names {mention.concept} as "{mention.surface}" ({self.written})',)

    def __str__(self) -> str:
        return self.written


@dataclass(frozen=True, slots=True)
class Not:
    part: Node

    def why(self, seen: Searchable) -> Why | None:
        return (f"without {self.part}",) if self.part.why(seen) is None else None

    def __str__(self) -> str:
        return f"NOT {_within(self.part)}"


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Node, ...]

    def why(self, seen: Searchable) -> Why | None:
        reasons: Why = ()
        for part in self.parts:
            found = part.why(seen)
            if found is None:
                return None
            reasons += found
        return reasons

    def __str__(self) -> str:
        return " AND ".join(map(_within, self.parts))


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Node, ...]

    def why(self, seen: Searchable) -> Why | None:
        found = [reasons for part in self.parts if (reasons := part.why(seen)) is not None]
        return tuple(one for reasons in found for one in reasons) if found else None

    def __str__(self) -> str:
        return " OR ".join(map(_within, self.parts))


Leaf = Text | Near | OfOutlet | Language | Judged | Since | Before | Concept | AnyConcept
Node = Leaf | Not | And | Or


def leaves(node: Node) -> Iterator[Leaf]:
    if isinstance(node, Not):
        yield from leaves(node.part)
    elif isinstance(node, And | Or):
        for part in node.parts:
            yield from leaves(part)
    else:
        yield node


def at(name: str) -> str:
    """How a query writes the concept of that name."""
    return f"@{name}" if _PLAIN_NAME.match(name) else f'@"{name}"'


def _within(part: Node) -> str:
    return f"({part})" if isinstance(part, And | Or) else str(part)


def _second(seen: Searchable) -> datetime:
    return seen.article.sort_at.replace(microsecond=0)
