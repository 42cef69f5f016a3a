"""What leaves for a terminal, a spreadsheet or a program is harmless and whole."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.render import ago, render

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOSTILE = "\x1b[31mred\x1b[0m\x07 \u202egnp.exe\nsecond line"


def test_a_table_holds_no_terminal_escapes_and_one_line_a_row() -> None:
    printed = render([{"id": 1, "title": HOSTILE}], ("id", "title"), "table")

    assert "\x1b" not in printed
    assert "\u202e" not in printed
    assert printed.count("\n") == 1


@given(st.text())
def test_a_csv_cell_never_begins_a_formula_and_reads_back(text: str) -> None:
    printed = render([{"title": text}], ("title",), "csv")
    rows = list(csv.reader(io.StringIO(printed)))

    assert rows[0] == ["title"]
    assert not (rows[1] and rows[1][0][:1] in {"=", "+", "-", "@", "\t", "\r"})


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_json_keeps_a_text_whole(text: str) -> None:
    assert [{"title": text}] == json.loads(render([{"title": text}], (), "json"))
    assert {"title": text} == json.loads(render([{"title": text}], (), "jsonl"))


def test_an_empty_result_is_valid_in_every_format() -> None:
    assert json.loads(render([], ("id",), "json")) == []
    assert render([], ("id",), "jsonl") == ""
    assert render([], ("id",), "csv") == "id"


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        (timedelta(seconds=5), "5 s ago"),
        (timedelta(minutes=61), "1 h ago"),
        (timedelta(days=-2), "in 2 d"),
        (timedelta(0), "0 s ago"),
    ],
)
def test_a_span_is_told_in_its_largest_unit(span: timedelta, expected: str) -> None:
    assert expected == ago(NOW - span, NOW)
