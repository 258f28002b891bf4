"""Text that is scrolled by keys of the registry, a line or a page at a time."""

from __future__ import annotations

from textual.containers import ScrollableContainer

from bbwizard.widgets.bound import bindings


class ScrolledText(ScrollableContainer, inherit_bindings=False):
    """A pane whose text may be longer or wider than it; its keys do something only where it is."""

    BINDINGS = bindings("text")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return not action.startswith("scroll_") or self.max_scroll_y > 0 or self.max_scroll_x > 0

    def action_scroll_by(self, x: int, y: int) -> None:
        self.scroll_relative(x, y, animate=False)

    def action_scroll_page(self, by: int) -> None:
        self.scroll_relative(y=by * self.scrollable_content_region.height, animate=False)

    def action_scroll_edge(self, where: int) -> None:
        self.scroll_to(x=0, y=0 if where < 0 else self.max_scroll_y, animate=False)
