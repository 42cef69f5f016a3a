"""The text of a query becomes a tree.

query   = either
either  = both { "OR" both }
both    = single { [ "AND" ] single }
single  = ( "NOT" | "-" ) single | part { "NEAR/n" part }
part    = "(" either ")" | term
term    = word[*] | "phrase"[*] | field:word[*] | field:"phrase"[*] | field:( either ) | @concept
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import NoReturn, cast, get_args

from storage.query_names import KindField, named, of_kind
from storage.query_near import FARTHEST, near
from storage.query_nodes import (
    And,
    Before,
    Judged,
    Language,
    Node,
    Not,
    OfOutlet,
    Or,
    OutletField,
    Since,
    Text,
    TextField,
)
from storage.query_times import EXPECTED, period
from topic import Topic
from topic.verdict import Outcome

# SQLite's parser gives up near a hundred symbols in waiting, of which one level of brackets takes three.
DEEPEST = 20
MOST_TERMS = 300  # and its expressions at a depth of a thousand
LONGEST = 20_000  # characters; full-text search keeps a cursor for each word of a phrase

TEXT_FIELDS = frozenset({"title", "body", "author"})
KIND_FIELDS = ("place", "person", "org")
FIELDS = ("title", "body", "author", "lang", "outlet", "side", *KIND_FIELDS, "verdict", "since", "until")

_FIELD = re.compile(r"([A-Za-z_]+):")
_WORD_END = re.compile(r'[\s()"]')
_NEAR = re.compile(r'NEAR(?:/([^\s()"]*))?(?=[\s()"]|\Z)')
_TAG = re.compile(r"[a-z]{2,8}(-[a-z0-9]{1,8})*\Z")


class QueryError(ValueError):
    """A query that cannot be understood: one sentence, and where. `column` counts characters from 1."""

    def __init__(self, sentence: str, column: int, text: str) -> None:
        super().__init__(f"column {column}: {sentence}")
        self.sentence = sentence
        self.column = column
        self.text = text


class Parser:
    """Recursive descent. `field` is the field in whose brackets the parser is, as in title:(lachin OR лачин)."""

    def __init__(self, text: str, now: datetime, topic: Topic | None) -> None:
        self.text = text
        self.now = now
        self.topic = topic
        self.at = 0
        self.depth = 0
        self.terms = 0
        self.field: str | None = None

    def whole(self) -> Node:
        if not self.text.strip():
            self.fail("the query is empty", 0)
        if len(self.text) > LONGEST:
            self.fail(f"the query is longer than {LONGEST} characters", LONGEST)
        node = self.either()
        if self.at < len(self.text):
            self.fail("this ) closes nothing")
        return node

    def fail(self, sentence: str, at: int | None = None) -> NoReturn:
        raise QueryError(sentence, (self.at if at is None else at) + 1, self.text)

    # The grammar

    def either(self) -> Node:
        parts = [self.both()]
        while self.keyword("OR"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def both(self) -> Node:
        parts = [self.single()]
        while self.keyword("AND") or not self.ended():
            parts.append(self.single())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def single(self) -> Node:
        self.blanks()
        start = self.at
        if self.negated():
            return self.deeper(lambda: Not(self.single()))
        return self.near(start)

    def negated(self) -> bool:
        """Steps over NOT, or a - that something follows."""
        if self.keyword("NOT"):
            return True
        minus = self.peek() == "-" and bool(self.text[self.at + 1 : self.at + 2].strip())
        self.at += minus
        return minus

    def near(self, start: int) -> Node:
        before, distance = self.terms, None
        parts = [self.part()]
        while sign := self.near_sign():
            distance = self.distance(sign, distance)
            parts.append(self.part())
        if distance is None:
            return parts[0]
        node = near(parts, distance, MOST_TERMS - before)
        if isinstance(node, str):
            self.fail(node, start)
        self.terms = max(self.terms, before + len(parts) * (len(node.parts) if isinstance(node, Or) else 1))
        return node

    def near_sign(self) -> re.Match[str] | None:
        self.blanks()
        return _NEAR.match(self.text, self.at)

    def distance(self, sign: re.Match[str], same: int | None) -> int:
        """Steps over NEAR/n. In a chain of them all have one distance."""
        digits = sign[1] or ""
        if not (digits.isascii() and digits.isdigit() and int(digits[:9]) <= FARTHEST):
            self.fail(f"NEAR is written NEAR/5, with at most {FARTHEST} words (in quotation marks it is a word)")
        if same not in {None, int(digits)}:
            self.fail(f"a chain has one distance, here NEAR/{same}")
        self.at = sign.end()
        return int(digits)

    def part(self) -> Node:
        """What stands alone or beside NEAR/n."""
        sign = self.near_sign()
        start = self.at
        for name in ("AND", "OR", *([sign[0]] if sign else [])):
            if self.keyword(name):
                self.fail(f"{name} needs something on both sides (in quotation marks it is a word)", start)
        if self.negated():
            self.fail("NEAR/n has no NOT", start)
        if self.peek() == "(":
            return self.deeper(self.group)
        if self.peek() in {"", ")"}:
            self.fail("something to search for is missing here")
        return self.term()

    def deeper(self, inner: Callable[[], Node]) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            self.fail(f"brackets and NOTs are nested more than {DEEPEST} deep")
        node = inner()
        self.depth -= 1
        return node

    def group(self) -> Node:
        start = self.at
        self.at += 1
        node = self.either()
        if self.peek() != ")":
            self.fail("this ( is never closed", start)
        self.at += 1
        return node

    def term(self) -> Node:
        start = self.at
        self.terms += 1
        if self.terms > MOST_TERMS:
            self.fail(f"the query has more than {MOST_TERMS} terms")
        found = _FIELD.match(self.text, self.at)
        if found is not None:
            return self.of_field(found, start)
        if self.peek() == "@":
            return self.concept(start)
        return self.make(self.field or "any", start)

    def of_field(self, found: re.Match[str], start: int) -> Node:
        name = found[1].lower()
        if name not in FIELDS:
            self.fail(f"there is no field {found[1]}: (there are {', '.join(FIELDS)}); text goes in quotation marks")
        if self.field is not None:
            self.fail(f"{name}: stands inside the brackets of {self.field}:")
        self.at = found.end()
        if self.peek() != "(":
            return self.make(name, start)
        self.field = name
        node = self.deeper(self.group)
        self.field = None
        return node

    def concept(self, start: int) -> Node:
        if self.field is not None:
            self.fail(f"@ stands inside the brackets of {self.field}:")
        self.at += 1
        name, _, prefix = self.value()
        if not name.strip() or prefix:
            self.fail("after @ goes the name of a concept, such as @stepanakert, without a *", start)
        node = named(name, self.topic)
        return self.fail(node, start) if isinstance(node, str) else node

    def make(self, field: str, start: int) -> Node:
        value_at = self.at
        value, quoted, prefix = self.value()
        if not value.strip():
            self.fail("nothing stands between the quotation marks" if quoted else f"{field}: needs a value", start)
        if field == "any" or field in TEXT_FIELDS:
            text = Text.of(value, prefix=prefix, field=cast("TextField", field))
            if not text.words:
                self.fail(f"{value!r} has neither letter nor digit to search for", start)
            return text
        if prefix:
            self.fail(f"{field}: takes no *", value_at)
        if field in KIND_FIELDS:
            node = of_kind(cast("KindField", field), value, self.topic)
            return self.fail(node, value_at) if isinstance(node, str) else node
        return self.valued(field, value, value_at)

    def valued(self, field: str, value: str, at: int) -> Node:
        if field in get_args(OutletField):
            node = OfOutlet.of(cast("OutletField", field), value)
            return node if node.words else self.fail(f"{value!r} names no {field}", at)
        plain = value.strip().lower()
        if field == "lang":
            return Language(plain) if _TAG.match(plain) else self.fail("lang: takes a code such as hy, az or ru", at)
        if field == "verdict":
            outcomes = get_args(Outcome)
            if plain not in outcomes:
                self.fail(f"verdict: takes {', '.join(outcomes[:-1])} or {outcomes[-1]}", at)
            return Judged(cast("Outcome", plain))
        found = period(value, self.now)
        if found is None:
            self.fail(f"{field}: takes {EXPECTED}", at)
        return Since(found[0]) if field == "since" else Before(found[1])

    # The characters

    def value(self) -> tuple[str, bool, bool]:
        """A word or a phrase: (text, whether it was in quotation marks, whether a * follows)."""
        start = self.at
        if self.peek() == '"':
            end = self.text.find('"', start + 1)
            if end < 0:
                self.fail("this quotation mark is never closed")
            prefix = self.text[end + 1 : end + 2] == "*"
            self.at = end + 1 + prefix
            return self.text[start + 1 : end], True, prefix
        found = _WORD_END.search(self.text, start)
        self.at = found.start() if found else len(self.text)
        word = self.text[start : self.at]
        star = word.find("*")
        if 0 <= star < len(word) - 1:
            self.fail("a * may only stand at the end of a word", start + star)
        return word.removesuffix("*"), False, star >= 0

    def blanks(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def ended(self) -> bool:
        """Whether the present run of terms ends here: at the end, at a closing bracket or at OR."""
        self.blanks()
        return self.peek() in {"", ")"} or self.is_keyword("OR")

    def is_keyword(self, name: str) -> bool:
        after = self.at + len(name)
        return self.text.startswith(name, self.at) and (
            after == len(self.text) or _WORD_END.match(self.text, after) is not None
        )

    def keyword(self, name: str) -> bool:
        """Steps over blanks and `name` when it stands here as a word of its own, in capitals."""
        self.blanks()
        if not self.is_keyword(name):
            return False
        self.at += len(name)
        return True
