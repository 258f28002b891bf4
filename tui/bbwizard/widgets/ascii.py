"""ASCII in place of every other glyph, for terminals that have no more: one cell for one cell."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

MARKS: Final = {
    **{"✓": "v", "✗": "x", "○": "o", "●": "*", "·": ".", "→": ">", "←": "<", "↑": "^", "↓": "v"},
    **{"▶": ">", "▷": ">", "▸": ">", "◂": "<", "◀": "<", "✔": "v", "✖": "x", "•": "*", "×": "x", "ø": "o"},
    **{"–": "-", "—": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "…": "~", "⚠": "!", "�": "?"},
}
LINES: Final = {
    **dict.fromkeys("─┄┈╌╴╶━▁▔╸╺═", "-"),
    **dict.fromkeys("│┆┊╎╵╷┃╹╻║▎▏▕▌▐▍▋", "|"),
    **dict.fromkeys("╭╮╰╯┌┐└┘├┤┬┴┼┏┓┗┛┣┫┳┻╋╔╗╚╝╠╣╦╩╬", "+"),
}
BLOCKS: Final = {**dict.fromkeys("█▉▊▓▇▆▅", "#"), **dict.fromkeys("░▒▄▃▂▀", ".")}
GLYPHS: Final = {**MARKS, **LINES, **BLOCKS}


class AsciiGlyphs(LineFilter):
    """What every line passes before it is drawn."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Segments of the same cells and styles, with no glyph beyond ASCII."""
        return [Segment(in_ascii(text), style, control) for text, style, control in segments]


@lru_cache(4096)
def in_ascii(text: str) -> str:
    """A text of as many cells, in ASCII alone; what has no likeness is a question mark a cell."""
    if text.isascii():
        return text
    text = re.sub("…(?!\\S)", ".", text.replace("…  ", "..."))
    return "".join(glyph if glyph.isascii() else likeness(glyph) for glyph in text)


def likeness(glyph: str) -> str:
    """What stands for one glyph; nothing for one without a cell of its own."""
    return GLYPHS.get(glyph) or "?" * cell_len(glyph)
