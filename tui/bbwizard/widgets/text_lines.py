"""Text as it is, in lines, scrolled both ways: config text, logs."""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from bbwizard.inert import plain
from bbwizard.widgets.scrolling import ScrolledText


class TextLines(ScrollView, ScrolledText, can_focus=True):
    """Lines of plain text; only those seen are painted."""

    def __init__(self, text: str = "", *, classes: str = "") -> None:
        super().__init__(classes=classes)
        self.lines: list[str] = []
        self.show(text)

    def show(self, text: str) -> None:
        """Show another text; the place in it stays where it was."""
        self.lines = plain(text).split("\n")
        self.virtual_size = Size(max(map(cell_len, self.lines)), len(self.lines))
        self.refresh()

    def look_at_change(self, before: list[str]) -> None:
        """Scroll to the first line that is not as it was, where it is out of sight."""
        shorter = min(len(before), len(self.lines))
        first = next((number for number in range(shorter) if before[number] != self.lines[number]), shorter)
        if not self.scroll_y <= first < self.scroll_y + self.size.height:
            self.scroll_to(x=0, y=max(0, first - 1), animate=False)

    def render_line(self, y: int) -> Strip:
        x, top = self.scroll_offset
        width = self.size.width
        number = top + y
        text = self.lines[number] if number < len(self.lines) else ""
        return Strip(self.segments(text)).crop_extend(x, x + width, self.rich_style)

    def segments(self, text: str) -> list[Segment]:
        """A line as it is painted."""
        return [Segment(text, self.rich_style)]
