"""A pane of text about one thing."""

from __future__ import annotations

from itertools import zip_longest
from typing import cast

from textual.app import ComposeResult
from textual.content import Content
from textual.css.styles import RulesMap
from textual.geometry import Region
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual
from textual.widget import Widget

from bbwizard.widgets.scrolling import ScrolledText
from bbwizard.widgets.text import broken


class Flowing(Visual):
    """Content that is wrapped as its script is, and below its own words."""

    def __init__(self, content: Content) -> None:
        self.content = content

    def render_strips(self, width: int, height: int | None, style: Style, options: RenderOptions) -> list[Strip]:
        return broken(self.content, width).render_strips(width, height, style, options)

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        return self.content.get_optimal_width(rules, container_width)

    def get_height(self, rules: RulesMap, width: int) -> int:
        return broken(self.content, width).get_height(rules, width)


class Paragraphs(Widget):
    """Wrapped content; when it becomes another, only the lines that differ are painted."""

    def __init__(self) -> None:
        super().__init__()
        self.content = Content("")

    def render(self) -> Flowing:
        return Flowing(self.content)

    def show(self, content: Content) -> None:
        """Show this instead."""
        if not self.size:
            self.content = content
            self.refresh(layout=True)
            return
        width = self.size.width
        before = self._wrapped()
        self.content = content
        after = self._wrapped()
        if self._turned(len(after)):
            return
        taller = max(len(before), len(after)) > cast(Widget, self.parent).size.height
        changed = [y for y, pair in enumerate(zip_longest(before, after)) if pair[0] != pair[1]]
        if taller and len(before) != len(after):
            self.refresh(layout=True)
        elif changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def _turned(self, lines: int) -> bool:
        """Whether the pane needs a scrollbar for so many lines and had none, or the other way round.

        Textual would find out when the content has been laid out, and lay it out and paint it once more.
        """
        pane = cast(Widget, self.parent)
        needed = lines > pane.size.height
        if needed and pane.show_vertical_scrollbar:  # without it a line is longer
            width = self.size.width + pane.scrollbar_size_vertical
            needed = broken(self.content, width).get_height({}, width) > pane.size.height
        if needed == pane.show_vertical_scrollbar:
            return False
        pane.vertical_scrollbar.display = needed
        pane.show_vertical_scrollbar = needed
        self.refresh(layout=True)
        return True

    def _wrapped(self) -> list[Strip]:
        return Visual.to_strips(self, self.render(), self.size.width, None, self.visual_style)


class Detail(ScrolledText, can_focus=True):
    """Content that can be scrolled; it never reads markup."""

    def __init__(self, *, classes: str) -> None:
        super().__init__(classes=classes)
        self.paragraphs = Paragraphs()

    def compose(self) -> ComposeResult:
        yield self.paragraphs

    @property
    def text(self) -> str:
        """What it says."""
        return self.paragraphs.content.plain

    def show(self, content: Content) -> None:
        """Show this instead, from its first line."""
        self.renew(content)
        if self.scroll_y:
            self.scroll_home(animate=False)

    def renew(self, content: Content) -> None:
        """Show what is known now of the same thing; the place in it stays where it was."""
        self.paragraphs.show(content)
