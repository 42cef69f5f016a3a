"""Which of two sets of names a story uses."""

from __future__ import annotations

from functools import cache

import pytest

from topic import load
from topic.naming import naming_of

topic = cache(load)


@pytest.mark.parametrize(
    ("title", "language", "naming"),
    [
        ("Xankəndiyə avtobus Ağdamdan çıxıb", "az", {"aghdam": "azerbaijani", "stepanakert": "azerbaijani"}),
        ("В Степанакерте открыта библиотека", "ru", {"stepanakert": "armenian"}),
        ("Ստեփանակերտից Շուշի", "hy", {"stepanakert": "armenian", "shushi": "armenian"}),
        ("Stepanakert, called Khankendi by Azerbaijan", "en", {"stepanakert": "armenian and azerbaijani"}),
        ("Шуши", "ru", {}),  # the Armenian name, and a case of the Azerbaijani one
        ("The road to Karabakh", "en", {}),
    ],
)
def test_names_tell_their_set(title: str, language: str, naming: dict[str, str]) -> None:
    found = naming_of(topic().judge(title, "", language).mentions, topic().concepts)

    assert found == naming
