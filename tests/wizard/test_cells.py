"""Lines sent in part: a terminal shows what it would show if it were sent them whole."""

from __future__ import annotations

import pyte
from hypothesis import given
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from bbwizard.widgets.cells import GAP, PLAIN, RESET, cells, differing, sent

from .counting import standing

WIDTH = 30
STYLES = [
    Style.parse(words)
    for words in (
        *("none", "#102030 on #405060", "#112030 on #405060", "bold #102030 on #405060", "underline", "reverse red"),
        "bold underline on blue",
    )
]
texts = st.lists(st.sampled_from([*"ab x│汉字한é█", "e\u0301"]), max_size=12).map("".join)
strips = st.lists(st.tuples(texts, st.sampled_from(STYLES)), max_size=5).map(
    lambda parts: Strip([Segment(text, style) for text, style in parts]).adjust_cell_length(WIDTH, STYLES[1])
)


@given(st.lists(strips, min_size=1, max_size=4))
def test_what_was_sent_in_part_is_what_is_sent_whole(shown: list[Strip]) -> None:
    in_part, whole = pyte.Screen(WIDTH, 1), pyte.Screen(WIDTH, 1)
    stream = pyte.Stream(in_part)
    line = [None] * WIDTH
    for strip in shown:
        after = cells(strip, ColorSystem.TRUECOLOR)
        current = PLAIN
        for start, end in differing(line, after):
            text, current = sent(after[start:end], current)
            stream.feed(f"\x1b[1;{start + 1}H{text}")
        stream.feed(RESET)
        line = after
    stream = pyte.Stream(whole)
    for text, style, _ in shown[-1]:
        stream.feed(Strip.render_style(style, text, ColorSystem.TRUECOLOR))
    assert standing(in_part) == standing(whole)


@given(strips)
def test_of_what_stands_there_nothing_is_sent(strip: Strip) -> None:
    line = cells(strip, ColorSystem.TRUECOLOR)
    assert list(differing(line, cells(strip, ColorSystem.TRUECOLOR))) == []


def test_cells_that_stand_right_are_gone_past_where_that_is_shorter() -> None:
    def line(text: str) -> list[tuple[str, object]]:
        return cells(Strip([Segment(text, STYLES[1])]), ColorSystem.TRUECOLOR)

    before = line("a" * 20)
    assert list(differing(before, line(f"b{'a' * GAP}b".ljust(20, "a")))) == [(0, GAP + 2)]
    assert list(differing(before, line(f"b{'a' * GAP}ab".ljust(20, "a")))) == [(0, 1), (GAP + 2, GAP + 3)]
    assert list(differing(line("ae\u0301aa"), line("aaab"))) == [(0, 4)], "not cut where terminals may count otherwise"


def test_of_a_look_only_what_changes_is_sent() -> None:
    shown = Strip([Segment("a", STYLES[1]), Segment("b", STYLES[2]), Segment("c", STYLES[3])])
    text, _ = sent(cells(shown, ColorSystem.TRUECOLOR), PLAIN)
    assert text == "\x1b[38;2;16;32;48;48;2;64;80;96ma\x1b[38;2;17;32;48mb\x1b[1;38;2;16;32;48mc"
