"""How a notice reads, whatever an outlet wrote."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.notice import REASONS, as_message, as_payload, as_text, make_notice
from tests.alerts_world import HOUR, NOTICE, NOW, STORED, leased

HOSTILE = (
    "\x1b[31mred\x1b]0;owned\x07 \u202egnp.exe\u2066 @everyone <!channel> [here](http://evil.test) <b>`x`</b>\nLachin"
)


def test_a_notice_on_a_terminal() -> None:
    assert as_text(NOTICE) == (
        "[Lachin road] Snow closes the Lachin road for two days\n"
        "    Khazar Post (Azerbaijan), en, published 2026-11-24 11:00 UTC\n"
        '    why: title has "lachin"; Lachin in the title\n'
        "    https://khazar-post.test/en/road\n"
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"published": None}, "en, undated, first seen 2026-11-24 12:00 UTC", id="undated"),
        pytest.param(
            {"published": NOW - 11 * HOUR, "published_precision": "day"},
            "en, published 2026-11-24, first seen 2026-11-24 12:00 UTC",
            id="a day without an hour",
        ),
        pytest.param(
            {"revision": 3},
            "published 2026-11-24 11:00 UTC, changed (revision 3)",
            id="a story that the outlet changed",
        ),
        pytest.param({"title": " \n "}, "(no title)", id="no title"),
        pytest.param({"title": "x" * 5000}, "x" * 299 + "…", id="a title without end"),
        pytest.param(
            {"why": tuple(f"word {i}" for i in range(20))}, "word 5; and 15 more", id="more reasons than anyone reads"
        ),
        pytest.param({"why": ("same",), "verdict": ("same",)}, "why: same\n", id="rule and topic say the same"),
    ],
)
def test_what_a_notice_says(changes: dict[str, Any], said: str) -> None:
    assert said in as_text(replace(NOTICE, **changes))


def test_a_hostile_headline_does_nothing_to_a_terminal() -> None:
    text = as_text(replace(NOTICE, title=HOSTILE, outlet_name=HOSTILE, why=(HOSTILE,), url=f"https://x.test/{HOSTILE}"))

    assert text.count("\n") == 4
    assert not any(unicodedata.category(char) == "Cc" for char in text.replace("\n", ""))
    assert not set(text) & set("\u202e\u2066")


def test_a_hostile_headline_is_plain_text_in_a_message() -> None:
    title, body = as_message(
        replace(NOTICE, title=HOSTILE, rule="Lachin", why=(HOSTILE,), url="https://x.test/a(b)<c>|@d")
    )

    assert title.startswith("Lachin: ")
    assert "＠everyone ‹!channel› (here)(http://evil.test) ‹b›'x'‹/b› Lachin" in title
    assert not set(title + body) & set("<>[]`@*|\\\x1b\x07\u202e")
    assert body.endswith("\nhttps://x.test/a%28b%29%3Cc%3E%7C%40d")


@given(
    title=st.text(max_size=80),
    why=st.lists(st.text(max_size=40), max_size=REASONS + 2).map(tuple),
    url=st.text(max_size=40),
)
def test_any_text_gives_a_line_each_and_a_payload_that_parses(title: str, why: tuple[str, ...], url: str) -> None:
    notice = replace(NOTICE, title=title, why=why, url=url)
    head, body = as_message(notice)

    assert len(as_text(notice).splitlines()) == 4
    assert len(head.splitlines()) == 1
    assert len(body.splitlines()) <= 3
    assert json.loads(as_payload(notice))["rule"] == "Lachin road"


def test_a_notice_is_made_from_the_story_and_its_outbox_row() -> None:
    notice = make_notice(STORED, leased())

    assert notice == replace(NOTICE, article_id=1)
    assert not notice.changed
    assert make_notice(replace(STORED, revision=2), leased()).changed


def test_a_payload_keeps_the_outlets_own_words_in_every_script() -> None:
    title = "Լաչինի ճանապարհը · Лачинская дорога <b>"

    body = as_payload(replace(NOTICE, title=title, published=None))

    assert title.encode() in body
    assert json.loads(body)["title"] == title
    assert json.loads(body)["published"] is None
