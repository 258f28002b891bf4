"""Lines of a pane are as wide as it is, and go on below their own words where there is room."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.content import Content

from bbwizard.widgets.text import NARROW, broken


@pytest.mark.parametrize(
    ("line", "indent"),
    [
        ("✗ it takes one kind of image, and refuses every other that it is shown", 2),
        ("  esc              Go back one step; everything that was chosen is kept", 19),
        ("weights   not on this machine: fetch them on another and put them here", 10),
        ("  File 'neck.py', line 3, in forward: sizes of tensors must match in all", 2),
        ("nothing here begins with a mark, and so what follows begins at the left", 0),
    ],
)
def test_a_line_goes_on_where_its_words_began(line: str, indent: int) -> None:
    first, *others = broken(Content(line), NARROW).plain.split("\n")
    assert others
    assert first == line[: len(first)]
    assert all(other.startswith(" " * indent) and other[indent] != " " for other in others)
    assert broken(Content(line), NARROW - 10).plain.split("\n")[1][0] != " ", "a narrow pane has no room to spare"


@given(st.text(st.sampled_from("ab ✗图，:/\n"), max_size=200), st.integers(2, 80))
def test_no_line_is_wider_than_its_pane_and_nothing_is_lost(text: str, width: int) -> None:
    lines = broken(Content(text), width).plain.split("\n")
    assert all(cell_len(line.rstrip()) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())
