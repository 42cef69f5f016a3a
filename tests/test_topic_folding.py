from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topic import fold, fold_mapped
from topic.folding import WayBack

# Our scripts, what stands inside their words, and a little of everything else, lone surrogates included.
SCRIPTS = st.sampled_from(
    "aZıIİiƏəĞğşŞçöüéñßЁёйїґԵեւվևՂՈՒ՞՛՜՝։ბქیيکكآ۴\u200c\u200d\u00ad\u0307\u0306\ufb13\ufe8e’ʼ«»—‑ \n."
)
ANYTHING = st.characters(codec=None, categories=None)
TEXTS = st.text(st.one_of(SCRIPTS, ANYTHING), max_size=60)


@given(TEXTS)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_every_single_character_of_the_basic_plane_folds_to_something_that_stays() -> None:
    unstable = [code for code in range(0x10000) if fold(fold(chr(code))) != fold(chr(code))]

    assert not unstable


@given(TEXTS)
def test_composed_and_decomposed_spellings_fold_alike(text: str) -> None:
    assert fold(unicodedata.normalize("NFC", text)) == fold(unicodedata.normalize("NFD", text))


@given(TEXTS)
def test_mapped_folding_says_the_same_and_knows_where_each_character_came_from(text: str) -> None:
    folded = fold_mapped(text)

    assert folded.text == fold(text)
    assert len(folded.offsets) == len(folded.text) + 1
    assert folded.offsets[-1] == len(text)
    assert list(folded.offsets) == sorted(folded.offsets)
    for index, char in enumerate(folded.text):
        assert char in fold(text[folded.offsets[index]]) or char in "եւվ"


@given(TEXTS, TEXTS, TEXTS)
def test_a_word_is_found_again_in_the_original(before: str, word: str, after: str) -> None:
    folded = fold_mapped(f"{before} {word} {after}")
    start = len(fold(before)) + 1
    end = start + len(fold(word))
    if start < end:
        first, last = folded.original(start, end)

        assert fold(f"{before} {word} {after}"[first:last]) == folded.text[start:end]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Ղարաբա՞ղ", "Ղարաբաղ", id="armenian question mark inside a word"),
        pytest.param("Արցա՛խ", "արցախ", id="armenian stress mark"),
        pytest.param("Երևան", "Երեւան", id="ligature and two letters"),
        pytest.param("ԵՐԵՎԱՆ", "Երևան", id="reformed capitals"),
        pytest.param("ﬓ", "մն", id="armenian presentation form"),
        pytest.param("XANKƏNDİ", "xankəndi", id="azerbaijani capitals"),
        pytest.param("LAÇIN", "laçın", id="dotless i"),
        pytest.param("Karabağ'ın", "KARABAĞ’IN", id="turkish apostrophe"),
        pytest.param("ещё", "еще", id="russian ё"),
        pytest.param("Степана\u00adкерт", "Степанакерт", id="soft hyphen"),
        pytest.param("\ufeffArt\u200bsakh", "Artsakh", id="zero width characters"),
        pytest.param("قره‌باغ", "قرهباغ", id="persian joiner"),
        pytest.param("کاراباخ", "كاراباخ", id="persian and arabic kaf"),
        pytest.param("۴۴", "44", id="persian digits"),
        pytest.param("44‑дневная", "44-дневная", id="hyphen that does not break"),
        pytest.param("«Qarabağ»", '"Qarabag"', id="quotes"),
    ],
)
def test_spellings_that_a_reader_takes_for_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("Шуша", "Суша"), ("ու", "ով"), ("Гадрут", "Hadrut")])
def test_what_must_stay_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_importing_the_topic_loads_no_costly_library() -> None:
    import subprocess

    heavy = "{'scrapy', 'lxml', 'sqlite3', 'pydantic', 'trafilatura', 'py3langid', 'numpy'}"
    ran = subprocess.run(
        [sys.executable, "-c", f"import sys, topic; print(sorted({heavy} & sys.modules.keys()))"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert ran.stdout.strip() == "[]"


@given(TEXTS)
def test_the_way_back_of_a_few_spans_is_that_of_all(text: str) -> None:
    folded = fold_mapped(text)
    back = WayBack(text)

    for start in range(min(len(folded.text), 20)):
        for end in range(start + 1, min(len(folded.text), start + 4) + 1):
            assert back.original(start, end) == folded.original(start, end)
