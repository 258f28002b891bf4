"""Tables as text: the format by a file's suffix, and nothing to show."""

from __future__ import annotations

import pytest

from bbwizard.errors import UsageError
from bbwizard.tabular import as_csv, as_markdown, as_text, cells, format_of


@pytest.mark.parametrize(
    ("name", "kind"), [("a.csv", "csv"), ("b.MD", "markdown"), ("c d.markdown", "markdown"), ("e.txt", "table")]
)
def test_a_suffix_says_the_format(name, kind):
    assert format_of(name) == kind


@pytest.mark.parametrize("name", ["table", "table.xlsx", ""])
def test_a_suffix_that_says_none_is_refused_with_those_that_do(name):
    with pytest.raises(UsageError) as refusal:
        format_of(name)
    assert ".csv" in refusal.value.hint


def test_cells_of_csv():
    text = as_csv([{"a": None, "b": [8, None], "c": 'x,"y"\nz', "d": True, "e": 0.5}])
    assert text == 'a,b,c,d,e\n,8 -,"x,""y""\nz",true,0.5\n'


def test_cells_take_as_many_columns_as_a_terminal_gives_them():
    assert [cells(text) for text in ("ab", "鐵", "e\u0301")] == [2, 2, 1]


def test_columns_without_a_word_are_left_out():
    rows = [{"a": "1", "b": "", "c": "x"}, {"a": "22", "b": "", "c": ""}]
    assert as_text(rows) == "a   c\n1   x\n22\n"
    assert as_markdown(rows) == "| a | c |\n| --- | --- |\n| 1 | x |\n| 22 |  |\n"
