"""Search: the tree of a query as SQL, newest first or the best of the newest.

Whatever is found in FTS5 or among the mentions is a list of article ids. For a common word that list is long and would
be gathered whole before the first story is shown, so the newest stories are searched first, and all only where they do
not fill the page: ids only grow, so a lower bound on the id keeps the lists short.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Literal

from storage.query import Query
from storage.query_nodes import (
    COLUMNS,
    And,
    AnyConcept,
    Before,
    Concept,
    Judged,
    Language,
    Leaf,
    Near,
    Node,
    Not,
    OfOutlet,
    Or,
    Since,
    Text,
    TextField,
)
from storage.values import listed, stamp

Sort = Literal["newest", "relevance"]
Value = str | int

# How many of the newest stories are searched before all are: about a day, half a week and two weeks of all outlets.
NEWEST = (1_000, 5_000, 25_000)
RANKED = 5_000  # matches that are ranked: bm25 over every match of a common word takes a fifth of a second at a million
_WEIGHTS = "10.0, 5.0, 3.0, 1.0, 2.0"  # of title, subtitle, summary, body, authors


def search(
    db: sqlite3.Connection, query: Query | None, *, limit: int | None, sort: Sort, newest: Sequence[int] = NEWEST
) -> list[int]:
    """Ids of the matching articles. With "relevance" the best of the newest RANKED matches, by bm25."""
    if query is None:
        return _ids(db, "1", {}, limit, 0)
    sql = _Sql(db)
    where = sql.of(query.root)
    terms = [text for leaf in _positive(query.root) for text in _texts(leaf)]
    if sort == "newest" or not terms:
        return _newest_first(db, where, sql.values, limit, newest)
    ids = _newest_first(db, where, sql.values, RANKED, (2 * RANKED, 5 * RANKED))
    return _ranked(db, ids, " OR ".join(dict.fromkeys(map(_fts_leaf, terms))))[:limit] if ids else []


def _newest_first(
    db: sqlite3.Connection, where: str, values: dict[str, Value], limit: int | None, newest: Sequence[int]
) -> list[int]:
    if limit is None:
        return _ids(db, where, values, None, 0)
    enough = 0.0
    for count in newest:
        if count < enough:
            continue
        edge = db.execute(
            "SELECT sort_at FROM article ORDER BY sort_at DESC, id DESC LIMIT 1 OFFSET ?", (count - 1,)
        ).fetchone()
        if edge is None:
            break
        # Left to itself SQLite looks for a smallest id by walking all stories from the oldest on.
        floor = db.execute(
            "SELECT min(id) FROM article INDEXED BY article_newest WHERE sort_at >= ?", (edge[0],)
        ).fetchone()[0]
        found = _ids(db, f"article.sort_at >= :edge AND {where}", values | {"edge": edge[0]}, limit, floor)
        if len(found) == limit:
            return found
        enough = limit * count / (len(found) + 1)  # so many are needed if the rest is like these
    return _ids(db, where, values, limit, 0)


def _ids(db: sqlite3.Connection, where: str, values: dict[str, Value], limit: int | None, floor: int) -> list[int]:
    rows = db.execute(
        f"SELECT article.id FROM article WHERE {where} ORDER BY article.sort_at DESC, article.id DESC LIMIT :limit",  # noqa: S608 - made of the constants below
        values | {"limit": -1 if limit is None else limit, "floor": floor},
    )
    return [row[0] for row in rows]


def _ranked(db: sqlite3.Connection, ids: list[int], match: str) -> list[int]:
    # The plus keeps SQLite from asking full-text search for one id after the other.
    ranks = dict(
        db.execute(
            f"""SELECT rowid, bm25(article_fts, {_WEIGHTS}) FROM article_fts
                WHERE article_fts MATCH ? AND rowid >= ? AND +rowid IN (SELECT value FROM json_each(?))""",  # noqa: S608 - a constant
            (match, min(ids), json.dumps(ids)),
        ).fetchall()
    )
    return sorted(
        ids, key=lambda one: ranks.get(one, 0.0)
    )  # bm25 is the more negative the better; equals stay newest first


def _texts(leaf: Leaf) -> tuple[Text, ...]:
    """What a story is ranked by: how often the words stand in it, near one another or not."""
    if isinstance(leaf, Near):
        return leaf.parts
    return (leaf,) if isinstance(leaf, Text) else ()


def _positive(node: Node) -> list[Leaf]:
    """The terms that speak for an article by being there."""
    if isinstance(node, And | Or):
        return [leaf for part in node.parts for leaf in _positive(part)]
    return [] if isinstance(node, Not) else [node]


class _Sql:
    """Conditions on `article` for the nodes of one query; what was typed goes into `values` alone."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        self.values: dict[str, Value] = {}

    def of(self, node: Node) -> str:
        ids = self.ids(node)
        if ids is not None:
            return f"article.id IN ({ids})"
        if isinstance(node, And):
            return f"({' AND '.join(self.all_of(node))})"
        if isinstance(node, Or):
            return f"({' OR '.join(map(self.of, _gathered(node)))})"
        if isinstance(node, Not):
            return f"NOT {self.of(node.part)}"
        return self.of_leaf(node)

    def all_of(self, node: And) -> Iterator[str]:
        """What stands in every list is found before a story is looked at: a row of `article` is long."""
        parts = _gathered(node)
        lists = {part: ids for part in parts if (ids := self.ids(part)) is not None}
        if lists:
            yield f"article.id IN ({' INTERSECT '.join(lists.values())})"
        yield from (self.of(part) for part in parts if part not in lists)

    def ids(self, node: Node) -> str | None:
        """What is found in full-text search or among the mentions, as a list of ids."""
        match = _fts(node)
        if match is not None:
            return f"SELECT rowid FROM article_fts WHERE article_fts MATCH {self.bind(match)} AND rowid >= :floor"  # noqa: S608 - a name of `values`
        if isinstance(node, Concept):
            return f"SELECT article_id FROM mention WHERE concept = {self.bind(node.id)} AND article_id >= :floor"  # noqa: S608
        if isinstance(node, AnyConcept):
            several = f"SELECT value FROM json_each({self.bind(listed(sorted(node.ids)))})"  # noqa: S608
            return f"SELECT article_id FROM mention WHERE concept IN ({several}) AND article_id >= :floor"  # noqa: S608
        return None

    def of_leaf(self, leaf: Leaf) -> str:
        match leaf:
            case Language(tag):
                return f"(lower(article.language) || '-') GLOB {self.bind(f'{tag}-*')}"
            case Judged(outcome):
                return f"article.outcome = {self.bind(outcome)}"
            case Since(moment):
                return f"article.sort_at >= {self.bind(stamp(moment))}"
            case Before(moment):
                return f"article.sort_at < {self.bind(stamp(moment))}"
            case OfOutlet():
                # Names are compared as words, which SQL cannot; there are some hundred outlets.
                rows = self.db.execute("SELECT id, name, side FROM outlet")
                ids = listed(row["id"] for row in rows if leaf.accepts(row["id"], row["name"], row["side"]))
                return f"article.outlet IN (SELECT value FROM json_each({self.bind(ids)}))"  # noqa: S608
            case Text() | Near() | Concept() | AnyConcept():
                raise AssertionError("these are lists of ids")

    def bind(self, value: Value) -> str:
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f":{name}"


def _gathered(node: And | Or) -> list[Node]:
    """The parts, those that full-text search answers as one."""
    texts = [part for part in node.parts if _fts(part) is not None]
    if len(texts) < 2:
        return list(node.parts)
    return [type(node)(tuple(texts)), *(part for part in node.parts if _fts(part) is None)]


def _fts(node: Node) -> str | None:
    """The FTS5 expression of a tree of nothing but text, AND and OR."""
    if isinstance(node, Text | Near):
        return _fts_leaf(node)
    if not isinstance(node, And | Or):
        return None
    parts = [_fts(part) for part in node.parts]
    if None in parts:
        return None
    return "(" + (" AND " if isinstance(node, And) else " OR ").join(map(str, parts)) + ")"


def _fts_leaf(leaf: Text | Near) -> str:
    if isinstance(leaf, Near):
        return f"{_of_columns(leaf.field)}NEAR({' '.join(map(_phrase, leaf.parts))}, {leaf.distance})"
    return _of_columns(leaf.field) + _phrase(leaf)


def _of_columns(field: TextField) -> str:
    return "" if field == "any" else "{" + " ".join(COLUMNS[field]) + "} : "


def _phrase(text: Text) -> str:
    """Nothing can break out of the quotation marks: folded words are letters and digits."""
    return f'"{" ".join(text.words)}"' + (" *" if text.prefix else "")
