"""Data strings made fit for cells of a terminal: as wide as they should be, and never read as markup."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from bbwizard.inert import line, plain

WIDE: Final = "\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6"
"""The scripts that are written without spaces, and their signs."""
OPENING: Final = "\uff08\u300c\u300e\u300a\u3010"
CLOSING: Final = "\uff0c\u3002\u3001\uff1b\uff1a\uff1f\uff01\uff09\u300d\u300f\u300b\u3011…,;:!?)"
"""Brackets, commas and stops: what no line of Chinese ends with, and what none begins with."""


@cache
def unbroken() -> re.Pattern[str]:
    """Ends of lines, spaces, and what stays together between them; compiled where it is needed, which it seldom is."""
    return re.compile(rf"\n|[^\S\n]+|[{OPENING}]*(?:[{WIDE}]|(?:(?![{OPENING}])[^\s{WIDE}])+|[{OPENING}])[{CLOSING}]*")


def fit(text: str, width: int, *, right: bool = False, prose: bool = False) -> str:
    """One line of exactly `width` cells; what is too long loses its middle, which tells names apart least.

    `prose` loses its end.
    """
    text = line(text)
    size = cell_len(text)
    if size > width:
        if width <= 1:
            return "…"[:width]
        tail = 0 if prose else (width - 1) // 2
        text = set_cell_size(text, width - 1 - tail) + "…" + _tail(text, tail)
        size = cell_len(text)
    pad = " " * (width - size)
    return pad + text if right else text + pad


def _tail(text: str, width: int) -> str:
    """The last `width` cells of a text, led by a space where a wide character is cut."""
    start = len(text)
    while start and cell_len(text[start - 1 :]) <= width:
        start -= 1
    found = text[start:]
    return " " * (width - cell_len(found)) + found


def padded(text: str, width: int, align: str = "<") -> str:
    """A text in `width` cells at least, aligned as a format does it."""
    return f"{text:{align}{max(1, width - cell_len(text) + len(text))}}"


def count(number: int) -> str:
    """A count with its thousands apart: `1,512`."""
    return f"{number:,}"


def size(number: int) -> str:
    """Bytes for a reader: `1.4 GiB`."""
    value = float(number)
    for unit in ("B", "KiB", "MiB"):
        if value < 1024:
            return f"{value:.0f} {unit}"
        value /= 1024
    return f"{value:.1f} GiB"


def said(text: str, style: str = "") -> Content:
    """A data string as content that is never read as markup."""
    return Content.styled(plain(text), style) if style else Content(plain(text))


def stack(*lines: Content | str) -> Content:
    """Content of several lines."""
    return Content("\n").join(said(item) if isinstance(item, str) else item for item in lines)


def broken(content: Content, width: int) -> Content:
    """Content in lines of at most `width` cells, which go on below where their words began: beside a mark or a label.

    Textual breaks at spaces alone, as English is broken, and begins every line at the left.
    """
    cuts, indents, start = [], [], 0
    for text in content.plain.split("\n"):
        if cell_len(text) > width > 0:
            indent = hanging(text, width)
            folds = list(folded(text, width, indent))
            cuts += [start + fold for fold in folds]
            indents += [indent] * len(folds)
        start += len(text) + 1
    if not cuts:
        return content
    first, *others = (part.rstrip(" ") for part in content.divide(cuts))
    continued = zip(indents, others, strict=True)
    return Content.assemble(first, *(piece for indent, part in continued for piece in ("\n" + " " * indent, part)))


SPACED: Final = re.compile(r"\s+|\S+")
LED: Final = re.compile(r" *(?:[✓✗!→] |\S+(?: \S+){0,2} {2,})?")
"""What a line begins with: a mark, or a label with room to the next column."""


NARROW: Final = 48
"""Cells below which a pane has no room to spare at the left."""


def hanging(text: str, width: int) -> int:
    """The cells in which the words of a line begin; none where there is little room beside them."""
    led = LED.match(text)
    cells = cell_len(led[0]) if led is not None else 0
    return cells if width >= NARROW and 2 * cells <= width else 0


def folded(text: str, width: int, indent: int) -> Iterator[int]:
    """Where one line is cut, so that each part fits into `width` cells, all but the first behind `indent` of them."""
    used = 0
    for piece in (unbroken() if re.search(f"[{WIDE}]", text) else SPACED).finditer(text):
        cells = cell_len(piece[0])
        if used > indent and used + cells > width and not piece[0].isspace():
            yield piece.start()
            used = indent
        if used + cells <= width or piece[0].isspace():
            used += cells
            continue
        for at, character in enumerate(piece[0], piece.start()):  # longer than a line: a path, an address
            if used + cell_len(character) > width:
                yield at
                used = indent
            used += cell_len(character)
