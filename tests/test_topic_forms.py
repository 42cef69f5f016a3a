"""Every form of a name as it runs in a text is found (topic_forms.csv), and nothing that only looks like one
(topic_decoys.csv).

The forms marked `text` stand in real stories, those marked `grammar` were composed; both lists are older than the
matcher.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from topic import judge

HERE = Path(__file__).parent
REACHED = 0.98


def rows(name: str) -> list[Mapping[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def named_in(text: str) -> set[str]:
    return {mention.concept for mention in judge("", text).mentions}


def test_forms_of_names_are_found() -> None:
    forms = rows("topic_forms.csv")
    missed = [row for row in forms if row["concept"] not in named_in(row["form"])]

    assert len(forms) >= 400
    assert len(missed) <= (1 - REACHED) * len(forms), missed


def test_words_that_only_look_like_names_are_not() -> None:
    decoys = rows("topic_decoys.csv")
    hit = {row["words"]: named_in(row["words"]) for row in decoys if named_in(row["words"])}

    assert len(decoys) >= 200
    assert hit == {}
