"""Texts that want to break the judge: long, without letters, of marks alone. They cost bounded work and no error."""

from __future__ import annotations

import pytest

from topic import judge
from topic.folding import from_armscii, looks_like_armscii

ARMENIAN = "Արցախի Հանրապետության նախագահը խոսել է Ստեփանակերտում"
MISREAD = "²ñó³ËÇ Ð³Ýñ³å»ïáõÃÛ³Ý Ý³Ë³·³ÑÁ Ëáë»É ¿ êï»÷³Ý³Ï»ñïáõÙ"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a day in every district " * 400_000 + "Karabakh", id="ten million characters"),
        pytest.param("Nagorno-Karabakh and so on " * 4_000, id="names without end"),
        pytest.param("a" + "\u0301" * 1_000_000, id="a letter under a million accents"),
        pytest.param("\x00" * 100_000 + "Karabakh", id="NULs"),
        pytest.param("\u202eقره‌باغ Karabakh\u202d Ղարաբաղ\u2067 " * 2_000, id="both directions"),
        pytest.param("de " * 100_000, id="beginnings of names"),
        pytest.param("." * 300_000, id="stops alone"),
        pytest.param("\ufdfa" * 5_000, id="one letter that folds to eighteen"),
        pytest.param("\ud800Karabakh\udfff" * 1_000, id="halves of pairs"),
        pytest.param("Karabakh" * 100_000, id="one word"),
    ],
)
def test_hostile_text_is_judged_without_an_error(text: str) -> None:
    verdict = judge(text[:2_000], text)

    assert 0 <= verdict.score <= 1
    assert all(text[one.start : one.end] == one.surface for one in verdict.mentions if one.field == "body")


def test_armenian_that_was_read_in_a_western_encoding_is_told_and_read() -> None:
    verdict = judge(MISREAD, "")

    assert looks_like_armscii(MISREAD)
    assert from_armscii(MISREAD) == ARMENIAN
    assert verdict.relevant
    assert {MISREAD[one.start : one.end] for one in verdict.mentions} == {one.surface for one in verdict.mentions}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param(ARMENIAN, id="armenian"),
        pytest.param("Êàðàáàõ è Àðìåíèÿ", id="russian read as western"),
        pytest.param("Les élèves français à Noël: 5 m³ d'eau", id="french"),
    ],
)
def test_other_text_is_no_armscii(text: str) -> None:
    assert not looks_like_armscii(text)


def test_what_lies_beyond_any_story_is_not_read() -> None:
    assert judge("", "." * 200_000 + " Karabakh").mentions == ()
    assert judge("", "." * 199_000 + " Karabakh").mentions != ()
