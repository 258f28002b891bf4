"""Lines as a terminal holds them, cell by cell, and the fewest bytes that make one line another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import repeat
from typing import Final, NamedTuple, TypeAlias

from rich.cells import split_graphemes
from rich.color import ColorSystem
from rich.style import Style
from textual.strip import Strip


class Look(NamedTuple):
    """How a cell looks, each as the parameters of the sequence that a terminal is sent for it."""

    marks: str
    """Bold, underlined and the like; empty where there is nothing of it."""
    ink: str
    paper: str


Cell: TypeAlias = tuple[str, Look]
"""What stands in a cell, and how; nothing where a wide character before it reaches into it."""

PLAIN: Final = Look("", "39", "49")
"""As a terminal writes after `RESET`."""
RESET: Final = "\x1b[0m"
GAP: Final = 4
"""Cells that stand right already and are sent all the same, since going past them takes as many bytes."""


@lru_cache(maxsize=4096)
def look(style: Style, colours: ColorSystem) -> Look:
    """How a style looks on a terminal with these colours."""
    ink, paper = style.color, style.bgcolor
    return Look(
        Strip.render_ansi(style.without_color, colours),
        PLAIN.ink if ink is None else ";".join(ink.downgrade(colours).get_ansi_codes()),
        PLAIN.paper if paper is None else ";".join(paper.downgrade(colours).get_ansi_codes(foreground=False)),
    )


@lru_cache(maxsize=4096)
def characters(text: str) -> tuple[str, ...]:
    """What of a text stands in each of its cells; what takes none stands with the character before it."""
    found: list[str] = []
    for start, end, width in split_graphemes(text)[0]:
        if width:
            found += [text[start:end], *[""] * (width - 1)]
        elif found:
            found[-1] += text[start:end]
    return tuple(found)


def cells(strip: Strip, colours: ColorSystem) -> list[Cell]:
    """A strip, cell by cell."""
    found: list[Cell] = []
    for text, style, _ in strip:
        shown = text if text.isascii() else characters(text)
        found.extend(zip(shown, repeat(PLAIN if style is None else look(style, colours)), strict=False))
    return found


def differing(before: Sequence[Cell | None], after: Sequence[Cell]) -> Iterator[tuple[int, int]]:
    """From which cell to which, exclusive, a line must be sent to be the one after; of cells that are None, all.

    Terminals do not agree on the width of what is made of several characters: a line that holds such is sent whole.
    """
    if before == after:
        return
    odd = any(cell is not None and len(cell[0]) > 1 for line in (before, after) for cell in line)
    if odd or len(before) != len(after):
        yield 0, len(after)
        return
    start = end = -1
    for at, (was, now) in enumerate(zip(before, after, strict=True)):
        if was == now:
            continue
        if start >= 0 and at - end > GAP:
            yield start, end
            start = -1
        start, end = (at if start < 0 else start), at + 1
    if start >= 0:
        yield start, end


def sent(line: Iterable[Cell], current: Look) -> tuple[str, Look]:
    """What writes these cells on a terminal that writes in the `current` look, and the look that it has then."""
    parts: list[str] = []
    for text, wanted in line:
        if wanted is not current:
            parts.append(turned(current, wanted))
            current = wanted
        parts.append(text)
    return "".join(parts), current


@lru_cache(maxsize=4096)
def turned(current: Look, wanted: Look) -> str:
    """What makes a terminal write in another look: only what differs, since a colour in full takes up to 18 bytes."""
    codes = []
    if current.marks and current.marks != wanted.marks:
        codes.append("0")
        current = PLAIN
    if wanted.marks != current.marks:
        codes.append(wanted.marks)
    if wanted.ink != current.ink:
        codes.append(wanted.ink)
    if wanted.paper != current.paper:
        codes.append(wanted.paper)
    return f"\x1b[{';'.join(codes)}m" if codes else ""
