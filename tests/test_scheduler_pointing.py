"""The caret stands under the place that the sentence speaks of, whatever the script."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import wcwidth

from scheduler.pointing import pointed
from storage.query import QueryError, parse
from tests.storage_samples import NOW


def told(query: str) -> list[str]:
    with pytest.raises(QueryError) as caught:
        parse(query, now=NOW)
    return pointed(caught.value).splitlines()


@pytest.mark.parametrize(
    ("query", "line", "caret"),
    [
        pytest.param('lachin "road', 'lachin "road', 7, id="latin"),
        pytest.param('Լաչին "road', 'Լաչին "road', 6, id="armenian"),
        pytest.param('字字 "road', '字字 "road', 5, id="two columns a letter"),
        pytest.param('e\u0301e\u0301 "road', 'e\u0301e\u0301 "road', 3, id="combining marks"),
        pytest.param("a\u200d\x1b[31m (b", "a\u200d[31m (b", 6, id="nothing that a terminal would obey"),
        pytest.param('a\n\t"b', 'a  "b', 3, id="lines and tabs as blanks"),
        pytest.param("lachin OR", "lachin OR", 9, id="behind the end"),
        pytest.param("", "", 0, id="nothing at all"),
        pytest.param("a " * 50 + "(b" + " a" * 50, "…" + "a " * 30 + "(b" + " a" * 7 + "…", 61, id="a long query"),
    ],
)
def test_the_caret_stands_under_the_mistake(query: str, line: str, caret: int) -> None:
    assert told(query)[1:] == [f"  {line}", f"  {' ' * caret}^"]


@given(st.text(st.sampled_from('a字e\u0301\u200dق👩(" *OR\n\x1b\u202e')))
def test_the_caret_is_never_outside_the_line(query: str) -> None:
    try:
        parse(query, now=NOW)
    except QueryError as error:
        _, line, caret = pointed(error).split("\n")

        assert len(caret) <= sum(map(wcwidth, line)) + 3
        assert caret.strip() == "^"
