"""What a terminal is sent: the cells that differ from what stands on it, and of their looks what changes.

Textual sends whole lines of a widget, each piece with all of its colours and a reset: two to three times as much for a
key. Links, which nothing here has, are not sent. What lies over others Textual cuts where they end below it, and of a
wide character that it cuts leaves two blanks: what is said in passing is sent uncut.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias, TypeVar, cast

from rich.console import COLOR_SYSTEMS, Console, RenderableType
from rich.control import Control
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip

from bbwizard.widgets.cells import PLAIN, RESET, Cell, cells, differing, sent

Result = TypeVar("Result")
Part: TypeAlias = tuple[int, int, list[Cell]]
"""The line and the column at which cells begin, and they."""


class Standing:
    """What stands on a terminal, as far as it is known."""

    def __init__(self) -> None:
        self._lines: dict[int, list[Cell | None]] = {}

    def line(self, y: int, width: int) -> list[Cell | None]:
        """A line of so many cells; each is None where nobody knows."""
        if len(self._lines.get(y, ())) != width:
            self._lines[y] = [None] * width
        return self._lines[y]

    def write(self, part: Part) -> None:
        """From now on these cells stand there."""
        y, x, shown = part
        self._lines[y][x : x + len(shown)] = shown

    def forget(self) -> None:
        """Know nothing."""
        self._lines.clear()


class Changes(CompositorUpdate):
    """What of an update a terminal must be sent, given what is `standing` on it; all, where everything is painted."""

    def __init__(
        self,
        standing: Standing,
        update: ChopsUpdate | LayoutUpdate,
        console: Console,
        above: Mapping[int, tuple[int, Strip]] | None = None,
    ) -> None:
        """`above` are the strips that lie over everything, each with its column, by their lines."""
        self.standing = standing
        self.above = above or {}
        self.colours = COLOR_SYSTEMS[console.color_system or "truecolor"]
        self.parts = list(self._parts(update) if isinstance(update, ChopsUpdate) else self._whole(update))

    def _whole(self, update: LayoutUpdate) -> Iterator[Part]:
        """Every line: everything is painted where nobody knows what stands there, too."""
        self.standing.forget()
        for y, strips in enumerate(update.strips, update.region.y):
            shown = [cell for strip in strips for cell in cells(strip, self.colours)]
            shown = self._uncut(y, update.region.x, shown)
            self.standing.line(y, len(shown))
            yield y, update.region.x, shown

    def _parts(self, update: ChopsUpdate) -> Iterator[Part]:
        """The cells that differ within the parts of lines that widgets had painted anew."""
        for y, left, right in update.spans:
            line = self.standing.line(y, update.chop_ends[y][-1])
            for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                if strip is None or x >= right or end <= left:
                    continue
                shown = self._uncut(y, x, cells(strip, self.colours))
                for start, stop in differing(line[x:end], shown):
                    yield y, x + start, shown[start:stop]

    def _uncut(self, y: int, x: int, shown: list[Cell]) -> list[Cell]:
        """Cells that stand at a line and a column, with those of a strip above them as it is."""
        if y not in self.above:
            return shown
        left, strip = self.above[y]
        over = cells(strip, self.colours)
        return [over[at - left] if left <= at < left + len(over) else cell for at, cell in enumerate(shown, x)]

    def render_segments(self, console: Console) -> str:
        sequences, current, at = [], PLAIN, -1
        for part in self.parts:
            self.standing.write(part)
            y, x, shown = part
            text, current = sent(shown, current)
            x += next((number for number, cell in enumerate(shown) if cell[0]), 0)  # a wide character reaches in
            there = f"\x1b[{x + 1}G" if y == at else Control.move_to(x, y).segment.text
            sequences += [there, text]
            at = y
        return "".join([*sequences, "" if current == PLAIN else RESET])


class Sparing(App[Result]):
    """An app that remembers what stands on its terminal."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self._standing = Standing()
        super().__init__(*args, **options)

    def forget_terminal(self) -> None:
        """Send whatever is painted from now on: another program may have written over it."""
        self._standing.forget()

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        if not isinstance(renderable, ChopsUpdate | LayoutUpdate) or self.is_headless:
            super()._display(screen, renderable)
            return
        changes = Changes(self._standing, renderable, self.console, said_above(screen) if self._notifications else None)
        moved = self.cursor_position != self._previous_cursor_position
        super()._display(screen, cast(RenderableType, changes) if changes.parts or moved else None)


def said_above(screen: Screen[object]) -> dict[int, tuple[int, Strip]]:
    """What is said in passing over the rest of a screen: each of its strips with its column, by their lines."""
    from textual.widgets._toast import Toast  # no first frame has one

    found: dict[int, tuple[int, Strip]] = {}
    for toast in screen.query(Toast):
        whole = toast.region  # empty as long as it is not laid out
        seen = whole.intersection(screen.find_widget(toast).clip) if whole else whole
        lines = toast.render_lines(Region(0, seen.y - whole.y, whole.width, seen.height))
        found |= {y: (toast.region.x, strip) for y, strip in enumerate(lines, seen.y)}
    return found
