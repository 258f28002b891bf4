"""A pane of text about one thing."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static


class Detail(VerticalScroll, can_focus=True):
    """Content that can be scrolled; it never reads markup."""

    def compose(self) -> ComposeResult:
        yield Static(markup=False)

    def show(self, content: Content) -> None:
        """Show this instead, from its first line."""
        self.renew(content)
        self.scroll_home(animate=False)

    def renew(self, content: Content) -> None:
        """Show what is known now of the same thing; the place in it stays where it was."""
        self.query_one(Static).update(content)
