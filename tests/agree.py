"""Generated queries over generated stories: search in SQL, the tree of a query, and the rules of alerts must agree.

    python -m tests.agree --queries 2000 --stories 500

says how many queries were tried and what they found, and fails with the smallest query found on which they do not.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from alerts.prefilter import RuleIndex
from alerts.rules import Rule
from storage import Reader, Store
from storage.article import StoredArticle
from storage.query import Query, Searchable, parse
from storage.query_names import groups, named, of_kind
from storage.query_nodes import And, Before, Judged, Language, Near, Node, Not, OfOutlet, Or, Since, Text
from storage.search_text import words
from storage.stored import load_searchable
from tests.storage_samples import DAY, HOUR, NOW, article, fill, save, verdict
from topic import Topic, load
from topic.concepts import RECORDED
from topic.verdict import Mention, Outcome

# Words whose spellings fold together, and some that only look so.
WORDS = (
    *("Lachin", "LACHIN", "Лачин", "лачин", "Լաչին", "Laçın", "lachinski", "road", "Road's", "corridor"),
    *("Երևան", "Երեւան", "Երեվան", "Ինչո՞ւ", "İrəvan", "irevan", "Ёлка", "елка", "Nagorno-Karabakh", "nagorno"),
    *("قره‌باغ", "قره", "44", "٤٤", "44-day", "it’s", "its", "字", "ẞ", "ss", "ﬁne", "fine", "a_b", "…", "a\u0301b"),
    *("ლაჩინი", "ⅷ", "²", "x\u00adray", "\u202eroad", "ro\x00ad", "ro\ud800ad", "ǅ", "𝒶", "👩‍🚀", "¶", "NEAR", "or"),
)
LANGUAGES = ("en", "hy", "az", "az-Cyrl", "AZ-Latn", "azb", "ru", "und")
# So many of the topic's concepts are mentioned in the stories, beside those that a group's name begins with.
MENTIONED = 40
TOPIC = load()


def concept_ids(topic: Topic) -> list[str]:
    """Spread over the topic's files, in an order that does not change."""
    ids = [one.id for one in topic.concepts if one.kind in RECORDED]
    return ids[:: max(1, len(ids) // MENTIONED)]


def _texts(chance: random.Random, longest: int) -> str:
    return chance.choice((" ", ", ", "\n\n")).join(chance.choices(WORDS, k=chance.randint(0, longest)))


def fill_with(store: Store, stories: int) -> None:
    """Random stories; some revised, some without body any more."""
    fill(store)
    chance = random.Random(7)
    concepts = concept_ids(TOPIC)
    for number in (*range(stories), *range(0, stories, 5)):
        _save_random(store, chance, concepts, number)
    store.drop_old_bodies(relevant=None, other=20 * HOUR, now=NOW)


def _save_random(store: Store, chance: random.Random, concepts: Sequence[str], number: int) -> None:
    named_here = chance.sample(concepts, k=chance.choice((0, 0, 1, 2, 6)))
    mentions = (Mention(one, "x", chance.choice(("title", "body")), i, i + 1) for i, one in enumerate(named_here))
    first_seen = NOW - chance.randint(0, 60) * HOUR
    one = article(
        str(number),
        outlet=chance.choice(("lori-herald", "khazar-post")),
        title=_texts(chance, 4),
        subtitle=chance.choice((None, _texts(chance, 2))),
        summary=chance.choice((None, _texts(chance, 4))),
        body=_texts(chance, 12),
        authors=tuple(_texts(chance, 2) for _ in range(chance.randint(0, 2))),
        language=chance.choice(LANGUAGES),
        published=chance.choice((None, first_seen - HOUR, first_seen + 2 * DAY)),
    )
    outcomes: tuple[Outcome, ...] = ("relevant", "unsure", "not")
    save(store, one, judged=verdict(chance.choice(outcomes), *mentions), now=first_seen)


def _node(made: Node | str) -> Node:
    assert not isinstance(made, str), made
    return made


def leaves(topic: Topic, surfaces: st.SearchStrategy[str], times: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    """Everything that the language has, but AND, OR and NOT."""
    spelled = surfaces.filter(lambda text: bool(words(text)))
    fields = st.sampled_from(["any", "any", "title", "body", "author"])
    texts = st.builds(Text.of, spelled, prefix=st.booleans(), field=fields)
    sides = st.lists(st.tuples(spelled, st.booleans()), min_size=2, max_size=3)
    nears = st.builds(
        lambda parts, field, distance: Near(tuple(Text.of(s, prefix=p, field=field) for s, p in parts), distance),
        sides,
        fields,
        st.integers(0, 6),
    )
    known = [one for one in topic.concepts if one.id in set(concept_ids(topic))]
    names = sorted({name for one in known for name in (one.id, *one.all_names())})
    by_kind = {"place": "place", "person": "person", "org": "body"}
    kinds = [
        (field, name)
        for field, kind in by_kind.items()
        for one in known
        if one.kind == kind
        for name in one.all_names()
    ]
    return st.one_of(
        texts,
        texts,
        nears,
        nears,
        st.builds(OfOutlet.of, st.sampled_from(["outlet", "side"]), spelled),
        st.sampled_from(
            [OfOutlet.of("outlet", "xezer"), OfOutlet.of("outlet", "lori-herald"), OfOutlet.of("side", "armenia")]
        ),
        st.sampled_from(["az", "az-cyrl", "hy", "en"]).map(Language),
        st.builds(Judged, st.sampled_from(["relevant", "unsure", "not"])),
        times,
        st.sampled_from(names).map(lambda name: _node(named(name, topic))),
        st.sampled_from(kinds).map(lambda pair: _node(of_kind(pair[0], pair[1], topic))),  # type: ignore[arg-type]
        st.sampled_from(sorted(groups(topic))).map(lambda name: _node(named(f"{topic.id}.{name}", topic))),
    )


def trees_of(leaf: st.SearchStrategy[Node], most: int) -> st.SearchStrategy[Node]:
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.builds(Not, inner),
            st.lists(inner, min_size=2, max_size=4).map(lambda parts: And(tuple(parts))),
            st.lists(inner, min_size=2, max_size=4).map(lambda parts: Or(tuple(parts))),
        ),
        max_leaves=most,
    )


_hours = st.integers(0, 70).map(lambda hours: NOW - hours * HOUR)
TREES = trees_of(
    leaves(
        TOPIC,
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=2).map(" ".join),
        st.one_of(_hours.map(Since), _hours.map(Before)),
    ),
    most=8,
)


@dataclass(frozen=True, slots=True)
class World:
    """Stories as they stand in a database, newest first: as search loads them, and as alerts do."""

    reader: Reader
    stories: list[StoredArticle]
    folded: list[Searchable]
    stored: list[Searchable]

    @classmethod
    def of(cls, reader: Reader) -> World:
        stories = reader.search(None, limit=None)
        stored = [load_searchable(reader._db, story.id) for story in stories]
        return cls(reader, stories, [Searchable.of(story) for story in stories], [one for one in stored if one])

    def agreed(self, tree: Node) -> list[int]:
        """The stories of a query, printed and read again, asked of the tree and of the database."""
        query = parse(str(Query(tree)), now=NOW, topic=TOPIC)
        assert query.root == tree
        expected = [story.article.id for story in self.folded if query.matches(story)]
        assert [story.id for story in self.reader.search(query, limit=None)] == expected
        return expected

    def agreed_by_rules(self, found: dict[str, list[int]]) -> None:
        """`found`, the stories of each query, against all of the queries as rules of alerts."""
        queries = {text: parse(text, now=NOW, topic=TOPIC) for text in found}
        rules = [Rule(text, query, (), False, False, text, TOPIC) for text, query in queries.items()]
        index = RuleIndex(rules)
        fired: dict[str, list[int]] = {text: [] for text in found}
        for story in self.stored:
            for rule in index.candidates(story):
                if rule.query.matches(story):
                    fired[rule.name].append(story.article.id)
        assert fired == found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("--queries", type=int, default=2_000)
    options.add_argument("--stories", type=int, default=500)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "news.sqlite"
        with Store.open(path) as store:
            fill_with(store, chosen.stories)
        with Reader.open(path) as reader:
            run(World.of(reader), chosen.queries, chosen.seed)


def run(world: World, queries: int, seed: int) -> None:
    began, found = time.process_time(), dict[str, list[int]]()
    chance = random.Random(seed)
    while len(found) < queries:

        @settings(
            max_examples=queries, deadline=None, database=None, phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(tree=TREES)
        def tried(tree: Node) -> None:
            if len(found) < queries:
                found[str(Query(tree))] = world.agreed(tree)

        seeded(chance.getrandbits(64))(tried)()
    world.agreed_by_rules(found)
    hits = [len(ids) for ids in found.values()]
    print(
        f"{len(found)} different queries over {len(world.stories)} stories agree:"
        f" {sum(' NEAR/' in one for one in found)} with NEAR, {sum(0 < n < len(world.stories) for n in hits)} that find"
        f" some stories and not all; {sum(hits)} stories found; {time.process_time() - began:.0f} s of CPU",
        file=sys.stderr,
    )


if __name__ == "__main__":
    main()
