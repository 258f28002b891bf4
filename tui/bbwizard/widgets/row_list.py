"""A list of thousands of rows that paints only what is seen, and on a cursor move only two rows."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.reactive import var
from textual.strip import Strip
from textual.widget import Widget

from bbwizard.language import _
from bbwizard.widgets.bound import bindings
from bbwizard.widgets.text import fit

Row = TypeVar("Row")


@dataclass(frozen=True)
class Column(Generic[Row]):
    """One column: `width` cells, 0 takes what is left; the list is `needs` wide or wider, and less than `below`."""

    title: str
    text: Callable[[Row], str]
    width: int = 0
    right: bool = False
    tone: Callable[[Row], str] | None = None
    """The component class of this cell, without its `rows--`; the row's own where it is empty."""
    needs: int = 0
    below: int = 1 << 16
    full: int = 0
    """The cells that its texts need: it takes what it lacks of those that the column without a width has to spare."""
    prose: bool = False
    """Whether its text is a sentence, which loses its end where it is too long; a name loses its middle."""


class RowList(Widget, Generic[Row], can_focus=True):
    """Rows in columns under a cursor. It scrolls by an offset of its own: a `ScrollView` lays out twice as often."""

    ALLOW_SELECT = False
    BINDINGS = bindings("list")
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "rows--head",
        "rows--cursor",
        "rows--cursor-blurred",
        "rows--dim",
        "rows--good",
        "rows--bad",
        "rows--warn",
        "rows--quiet",
        "rows--bar",
        "rows--bar-thumb",
    }

    class Highlighted(Message):
        """The cursor stands on another row, or on none."""

        def __init__(self, row: Any) -> None:
            super().__init__()
            self.row = row

    class Chosen(Message):
        """The row under the cursor was taken."""

        def __init__(self, row: Any) -> None:
            super().__init__()
            self.row = row

    highlighted: var[Any] = var(None, init=False)
    """What `Highlighted` tells of, for who watches it: what stands beside the list is then painted in its frame."""

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        *,
        tone: Callable[[Row], str] = lambda row: "",
        identity: Callable[[Row], object] = lambda row: row,
        empty: str = "",
        id: str | None = None,
        classes: str = "",
    ) -> None:
        """`tone` names the component class of a row, `identity` what stays the same when rows are replaced."""
        super().__init__(id=id, classes=classes)
        self.columns = list(columns)
        self.tone = tone
        self.identity = identity
        self.empty = empty or _("nothing here")
        self.rows: Sequence[Row] = ()
        self.cursor = 0
        self.top = 0
        self._styles_seen: dict[str, Style] = {}

    # what is in it

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if self.rows else None

    @property
    def window(self) -> int:
        """How many rows are seen."""
        return max(1, self.content_size.height - 1)

    def set_rows(self, rows: Sequence[Row], *, keep: bool = True) -> None:
        """Show other rows; the cursor stays on the row with the same identity where there is one, else goes on top."""
        before = self.row
        was = None if before is None else self.identity(before)
        offset = self.cursor - self.top
        self.rows = rows
        found = next((n for n, row in enumerate(rows) if self.identity(row) == was), None) if keep else None
        self.cursor = found or 0
        self.top = max(0, self.cursor - offset)
        self._clamp()
        self.refresh()
        after = self.row
        if (None if after is None else self.identity(after)) != was:
            self._highlight()

    def point_at(self, identity: object) -> bool:
        """Put the cursor on the row of this identity; False where there is none."""
        for number, row in enumerate(self.rows):
            if self.identity(row) == identity:
                self.move_to(number)
                return True
        return False

    def repaint_rows(self, identities: Container[object]) -> None:
        """Paint rows of these identities anew, where they are seen."""
        for number in range(self.top, min(self.top + self.window, len(self.rows))):
            if self.identity(self.rows[number]) in identities:
                self._repaint(number)

    def near(self, reach: int) -> list[Row]:
        """The rows around the cursor's, the nearest first, `reach` at most on either side."""
        steps = [side * step for step in range(1, reach + 1) for side in (1, -1)]
        return [self.rows[self.cursor + step] for step in steps if 0 <= self.cursor + step < len(self.rows)]

    # moving

    def move_to(self, number: int, *, top: int | None = None) -> None:
        """Put the cursor on a row, by its number; `top` is the first row to be seen, where the cursor allows it."""
        number = max(0, min(number, len(self.rows) - 1))
        if not self.rows or number == self.cursor:
            return
        old, self.cursor = self.cursor, number
        before, self.top = self.top, self.top if top is None else max(0, top)
        self._clamp()
        if self.top != before:
            self.refresh()
        else:
            self._repaint(old)
            self._repaint(number)
        self._highlight()

    def action_move(self, by: int) -> None:
        self.move_to(self.cursor + by)

    def action_half_page(self, by: int) -> None:
        self.move_to(self.cursor + by * max(1, self.window // 2))

    def action_page(self, by: int) -> None:
        self.move_to(self.cursor + by * self.window, top=self.top + by * self.window)

    def action_first(self) -> None:
        self.move_to(0)

    def action_last(self) -> None:
        self.move_to(len(self.rows) - 1)

    def action_choose(self) -> None:
        if (row := self.row) is not None:
            self.post_message(self.Chosen(row))

    def on_click(self, event: events.Click) -> None:
        self.move_to(self.top + event.get_content_offset_capture(self).y - 1)

    def on_mouse_scroll_down(self) -> None:
        self.action_move(3)

    def on_mouse_scroll_up(self) -> None:
        self.action_move(-3)

    def _highlight(self) -> None:
        self.highlighted = self.row
        self.post_message(self.Highlighted(self.row))

    def _clamp(self) -> None:
        """Move the window so that the cursor is in it."""
        self.top = min(self.top, self.cursor, max(0, len(self.rows) - self.window))
        self.top = max(self.top, self.cursor - self.window + 1)

    def on_resize(self) -> None:
        self._clamp()
        self.refresh()

    # painting

    def notify_style_update(self) -> None:
        self._styles_seen.clear()
        super().notify_style_update()

    def on_focus(self) -> None:
        self._repaint(self.cursor)

    def on_blur(self) -> None:
        self._repaint(self.cursor)

    def _repaint(self, number: int) -> None:
        self.refresh(Region(0, 1 + number - self.top, self.size.width, 1))

    def _style(self, name: str) -> Style:
        if name not in self._styles_seen:
            self._styles_seen[name] = self.get_component_rich_style(f"rows--{name}") if name else self.rich_style
        return self._styles_seen[name]

    def _widths(self, width: int) -> list[tuple[Column[Row], int]]:
        """The columns that fit and their widths; the row is one cell narrower than the list, for the scroll bar."""
        shown = [column for column in self.columns if column.needs <= width < column.below]
        left = width - 1 - sum(column.width for column in shown) - (len(shown) - 1)
        names = next((column.full for column in shown if not column.width), 0) or left
        sizes = []
        for column in shown:
            more = max(0, min(column.full - column.width, left - names)) if column.width else 0
            left -= more
            sizes.append(column.width + more)
        return [(column, size or max(4, left)) for column, size in zip(shown, sizes, strict=True)]

    def render_line(self, y: int) -> Strip:
        width = self.content_size.width
        if y == 0:
            cells = [fit(column.title, size, right=column.right) for column, size in self._widths(width)]
            return self._strip([Segment(" ".join(cells), self._style("head"))], width, self._style("head"))
        number = self.top + y - 1
        if number >= len(self.rows):
            text = self.empty if not self.rows and y == 1 else ""
            return self._strip([Segment(fit(text, width), self._style("quiet"))], width, self._style(""))
        row = self.rows[number]
        base = self._style(self.tone(row))
        over = None
        if number == self.cursor:
            over = self._style("cursor" if self.has_focus else "cursor-blurred")
        segments: list[Segment] = []
        for column, size in self._widths(width):
            tone = column.tone(row) if column.tone else ""
            style = self._style(tone) if tone else base
            style = style + over if over else style
            if segments:
                segments.append(Segment(" ", style))
            segments.append(Segment(fit(column.text(row), size, right=column.right, prose=column.prose), style))
        segments.append(self._bar(y - 1))
        return self._strip(segments, width, base)

    def _bar(self, y: int) -> Segment:
        """One cell of the scroll bar; nothing where all rows are seen."""
        window, total = self.window, len(self.rows)
        if total <= window:
            return Segment(" ", self._style(""))
        length = max(1, window * window // total)
        start = round(self.top * (window - length) / max(1, total - window))
        inside = start <= y < start + length
        return Segment("█" if inside else "│", self._style("bar-thumb" if inside else "bar"))

    @staticmethod
    def _strip(segments: list[Segment], width: int, style: Style) -> Strip:
        # The terminal is sent each segment's style: neighbours of one style are one segment.
        return Strip(segments).simplify().adjust_cell_length(width, style)
