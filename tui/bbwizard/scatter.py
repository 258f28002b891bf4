"""Plots out of characters: named points on logarithmic axes, and bars. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

EIGHTHS: Final = " ▏▎▍▌▋▊▉█"
LEAST: Final = 4
"""Rows and columns below which an area shows nothing."""

Said = Callable[[float], str]


@dataclass(frozen=True)
class Picture:
    """Lines of text, and where in them (line, column) the sign of each point stands."""

    lines: tuple[str, ...]
    places: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def scatter(points: Mapping[str, tuple[float, float]], width: int, height: int, x: Said, y: Said) -> Picture:
    """Points, each by its sign of one cell, in `width` x `height` cells; `x` and `y` say the values at the axes.

    Both axes are logarithmic: backbones differ by factors. A point whose cell is taken stands in the next free one.
    """
    ups = ticks([point[1] for point in points.values()])
    margin = max((len(y(value)) for value in ups), default=0) + 1
    columns, rows = width - margin - 1, height - 2
    if not points or columns < LEAST or rows < LEAST:
        return Picture(())
    across, up = span([point[0] for point in points.values()]), span([point[1] for point in points.values()])
    grid = [[" "] * columns for _ in range(rows)]
    places = {}
    for sign, point in points.items():
        row, column = rows - 1 - cell(point[1], up, rows), cell(point[0], across, columns)
        row, column = free(grid, row, column)
        grid[row][column] = sign
        places[sign] = (row, margin + 1 + column)
    said = {rows - 1 - cell(value, up, rows): y(value) for value in ups}
    lines = [
        f"{said.get(row, ''):>{margin - 1}} {'┤' if row in said else '│'}{''.join(line)}"
        for row, line in enumerate(grid)
    ]
    rule, under = ["─"] * columns, [" "] * columns
    for value in ticks([point[0] for point in points.values()]):
        label, column = x(value), cell(value, across, columns)
        start = min(max(0, column - len(label) // 2), columns - len(label))
        if start >= 0 and not "".join(under[max(0, start - 1) : start + len(label) + 1]).strip():
            rule[column] = "┬"
            under[start : start + len(label)] = label
    head = " " * margin
    return Picture((*lines, f"{head}└{''.join(rule)}", f"{head} {''.join(under)}"), places)


def span(values: Sequence[float]) -> tuple[float, float]:
    """The logarithms of the least and greatest value, with some air around them."""
    low, high = math.log(min(values)), math.log(max(values))
    air = max(0.06 * (high - low), 0.05)
    return low - air, high + air


def cell(value: float, span: tuple[float, float], cells: int) -> int:
    """The number of the cell, of so many, that a value falls into."""
    return max(0, min(cells - 1, int((math.log(value) - span[0]) / (span[1] - span[0]) * cells)))


def ticks(values: Sequence[float]) -> list[float]:
    """Round numbers (1, 2, 5 in each decade) among positive values; the two ends where there are too few."""
    if not values:
        return []
    low, high = (math.exp(end) for end in span(values))
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    found = [step * 10.0**decade for decade in decades for step in (1, 2, 5) if low <= step * 10.0**decade <= high]
    return found if len(found) > 1 else sorted({min(values), max(values)})


def free(grid: Sequence[Sequence[str]], row: int, column: int) -> tuple[int, int]:
    """The free cell nearest to this one; this one where none is."""
    cells = [(r, c) for r, line in enumerate(grid) for c, sign in enumerate(line) if sign == " "]
    return min(cells, key=lambda at: (abs(at[0] - row) * 2 + abs(at[1] - column), at), default=(row, column))


def bars(values: Sequence[tuple[str, float]], width: int, said: Said) -> Picture:
    """A bar for each (sign, value), the first on top, `width` cells with its value in words behind it."""
    told = [said(value) for _, value in values]
    room = width - 3 - max(map(len, told), default=0)
    greatest = max((value for _, value in values), default=0)
    if room < LEAST or greatest <= 0:
        return Picture(())
    lines = []
    for (sign, value), words in zip(values, told, strict=True):
        whole, rest = divmod(round(value / greatest * room * 8), 8)
        lines.append(f"{sign} {'█' * whole}{EIGHTHS[rest].strip()} {words}")
    return Picture(tuple(lines), {sign: (number, 0) for number, (sign, _) in enumerate(values)})
