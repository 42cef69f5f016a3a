"""How many stories a CPU second are matched against many rules, with and without the look-up by words.

    python bench/match_rules.py [RULES] [STORIES]

Stories of 440 words, words by Zipf's law, with five concepts of the shipped topic; rules of words, phrases,
prefixes, fields, NEAR, concepts and groups, most of the words rare.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from alerts.matching import match_changes, notices_for
from alerts.prefilter import RuleIndex
from alerts.rules import RuleSpec, compile_rules
from storage.query import Searchable
from storage.query_names import groups
from tests.alerts_world import LIMITS, NOW, RELEVANT, STORED, open_store, save_story
from topic import load
from topic.concepts import RECORDED
from topic.verdict import Mention

LETTERS = "abcdefghiklmnoprstuvzабвгдеиклмнопрстуаբգդեզթիլխկ"
VOCABULARY = 20_000
COMMON = 3_000  # words that no rule asks for
SHAPES = (
    *("{0} {1}", "{0} OR {1} OR {2}", '"{0} {1}"', "{0}* NOT {1}", "title:{0} OR {3}*", "({0} OR {1}) {2} lang:en"),
    *("{0} NEAR/5 {1}", "({0} OR {1}) NEAR/8 ({2} OR {3}*)", "@{concept} {0}", "@{concept} side:armenia"),
    *("@karabakh.{group} ({0} OR {1})", "@karabakh.{group} {0} NEAR/10 {1}"),
)


def main(rule_count: int, story_count: int) -> None:
    chance = random.Random(1)
    words = ["".join(chance.choices(LETTERS, k=chance.randint(4, 12))) for _ in range(VOCABULARY)]
    weights = [1 / rank for rank in range(1, VOCABULARY + 1)]
    topic = load()
    concepts = [one.id for one in topic.concepts if one.kind in RECORDED]

    def text(length: int) -> str:
        return " ".join(chance.choices(words, weights, k=length))

    def query() -> str:
        one, two, three, four = chance.choices(words[COMMON:], k=4)
        named = {"concept": chance.choice(concepts), "group": chance.choice(sorted(groups(topic)))}
        return chance.choice(SHAPES).format(one, two, three, four[:5], **named)

    def mentions() -> tuple[Mention, ...]:
        return tuple(Mention(one, "x", "body", i, i + 1) for i, one in enumerate(chance.sample(concepts, 5)))

    specs = [RuleSpec(name=f"rule {i}", query=query(), channels=("desk",)) for i in range(rule_count)]
    every = compile_rules(specs, now=NOW, topic=topic)
    stories = [replace(STORED, id=i, title=text(10), body=text(430), mentions=mentions()) for i in range(story_count)]
    folded = [Searchable.of(story) for story in stories]
    index = RuleIndex(every)

    def tried_each() -> int:
        return sum(rule.query.matches(story) is not None for story in folded for rule in every)

    def looked_up() -> int:
        return sum(rule.query.matches(story) is not None for story in folded for rule in index.candidates(story))

    fired = report("every rule tried", story_count, tried_each)
    assert report("rules looked up", story_count, looked_up) == fired
    report(
        "with folding",
        story_count,
        lambda: sum(1 for story in stories for _ in notices_for(Searchable.of(story), index, None)),
    )
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder)) as store:
        for story in stories:
            judged = replace(RELEVANT, mentions=story.mentions)
            save_story(store, f"story-{story.id}", title=story.title, body=story.body, verdict=judged)
        found = match_changes(store, every, LIMITS, NOW)
        report("from store to outbox", story_count, lambda: sum(one.notices for one in found))


def report(name: str, stories: int, work: Callable[[], int]) -> int:
    began = time.process_time()
    fired = work()
    rate = stories / (time.process_time() - began)
    print(f"{name:22} {rate:8.0f} stories a CPU second, {fired / stories:.1f} rules fire for each")
    return fired


if __name__ == "__main__":
    numbers = [int(one) for one in sys.argv[1:]]
    main(*(numbers + [1000, 300][len(numbers) :]))
