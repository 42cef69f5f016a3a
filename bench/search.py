"""How long search takes as the database grows, newest first and ranked: CPU time of finding them, and of loading them.

    python bench/search.py [--stories 100000] [--keep FILE]

Stories are generated: a vocabulary with Zipf's frequencies, three hundred words a story, in one of three a mention of
one of the topic's concepts, the first of them in most. What matters are the ratios: between word frequencies, and
between newest first and ranked.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import accumulate
from pathlib import Path

from storage import Store
from storage.article import Article
from storage.connection import BUSY_SECONDS, open_reader
from storage.query import parse
from storage.records import OutletRow
from storage.search import search
from storage.stored import load_all
from topic import load
from topic.concepts import RECORDED
from topic.verdict import Mention, Verdict

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
VOCABULARY = 50_000
WORDS = [f"w{number}" for number in range(1, VOCABULARY + 1)]
WEIGHTS = list(accumulate(1 / number for number in range(1, VOCABULARY + 1)))
TOPIC = load()
CONCEPTS = [one.id for one in TOPIC.concepts if one.kind in RECORDED]
OFTEN = list(accumulate(1 / number for number in range(1, len(CONCEPTS) + 1)))
QUERIES = {
    "in almost every story": "w1",
    "in one of ten": "w250",
    "in one of a hundred": "w2700",
    "in one of a thousand": "w27000",
    "in none": "absent",
    "two common words": "w20 w30",
    "common and not common": "w20 -w30",
    "prefix of many": "w123*",
    "stem with endings": "w1234*",
    "phrase": '"w1 w2"',
    "near, common words": "w20 NEAR/5 w30",
    "near, alternatives": "(w20 OR w1234*) NEAR/8 (w30 OR w40)",
    "near, never": "w2700 NEAR/3 w2701",
    "near in a field": "title:(w5 NEAR/4 w6)",
    "common concept": f"@{CONCEPTS[0]}",
    "rare concept": f"@{CONCEPTS[-1]}",
    "place by name": "place:Şuşa",
    "group": "@karabakh.places",
    "small group": "@karabakh.talks",
    "group, not another": "@karabakh.people -@karabakh.places w20",
    "group, rare word": "@karabakh.places w27000",
    "all of the topic": "@karabakh lang:hy",
    "side and language": "side:left lang:ru",
    "ten alternatives": " OR ".join(f"w{1000 * n}" for n in range(1, 11)),
}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("--stories", type=int, default=100_000)
    options.add_argument("--keep", type=Path, help="make or reuse this file")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = given.keep or Path(folder) / "bench.sqlite"
        if not path.exists():
            fill(path, given.stories)
        report(path)


def fill(path: Path, count: int) -> None:
    began = time.process_time()
    chance = random.Random(1)
    outlets = [_outlet("a", "left"), _outlet("b", "right"), _outlet("c", "left")]
    with Store.open(path) as store:
        store.sync_catalogue(outlets, [], NOW)
        for number in range(count):
            article, verdict = _story(chance, number)
            moment = NOW - timedelta(minutes=2) * (count - number)
            store.save_article(article, verdict, entry_id=None, now=moment)
    print(
        f"{count} stories made and saved: {(time.process_time() - began) / count * 1000:.2f} ms CPU each",
        file=sys.stderr,
    )


def _outlet(name: str, side: str) -> OutletRow:
    return OutletRow(
        id=name, name=f"Outlet {name}", homepage="https://x.test/", side=side, kind="bench", languages=("en",),
        zone="UTC", scope="general",
    )  # fmt: skip


def _story(chance: random.Random, number: int) -> tuple[Article, Verdict]:
    words = chance.choices(WORDS, cum_weights=WEIGHTS, k=310)
    url = f"https://x.test/{number}"
    article = Article(
        url=url,
        canonical_url=url,
        final_url=url,
        outlet=chance.choice("abc"),
        title=" ".join(words[:10]),
        body=" ".join(words[10:]),
        language=chance.choice(("en", "ru", "hy", "az", "tr")),
        published=None,
        fetched=NOW,
        content_hash=sha256(url.encode()).hexdigest(),
        extractor="bench",
        extractor_version="1",
    )
    named = chance.choices(CONCEPTS, cum_weights=OFTEN, k=1) if number % 3 == 0 else ()
    mentions = tuple(Mention(one, "w", "title", 0, 1) for one in named)
    return article, Verdict("relevant" if mentions else "not", 0.5, mentions, (), "1")


def report(path: Path) -> None:
    with closing(open_reader(path, BUSY_SECONDS)) as db:
        stories = db.execute("SELECT count(*) FROM article").fetchone()[0]
        print(f"{stories} stories, {path.stat().st_size / 2**20:.0f} MiB, SQLite {sqlite3.sqlite_version}; ms of CPU")
        print(f"{'query':<24} {'matches':>9} {'newest 50':>10} {'best 50':>9}")
        ids = search(db, None, limit=50, sort="newest")
        print(f"{'loading 50':<24} {'':>9} {_milliseconds(lambda: load_all(db, ids)):>10.2f}")
        for name, text in QUERIES.items():
            query = parse(text, now=NOW, topic=TOPIC)
            matches = len(search(db, query, limit=None, sort="newest"))
            newest = _milliseconds(lambda: search(db, query, limit=50, sort="newest"))  # noqa: B023 - called at once
            best = _milliseconds(lambda: search(db, query, limit=50, sort="relevance"))  # noqa: B023
            print(f"{name:<24} {matches:>9} {newest:>10.2f} {best:>9.2f}")


def _milliseconds(work: Callable[[], object]) -> float:
    spent = []
    for _ in range(5):
        began = time.process_time()
        work()
        spent.append(time.process_time() - began)
    return statistics.median(spent) * 1000


if __name__ == "__main__":
    main()
