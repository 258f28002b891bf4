"""The bottom line: the keys that matter here, as many as fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.keys import key_to_character
from textual.strip import Strip
from textual.widget import Widget

from bbwizard import keys
from bbwizard.key_names import written
from bbwizard.language import _

if TYPE_CHECKING:
    from textual.screen import Screen


def working(screen: Screen[Any]) -> dict[str, list[str]]:
    """The registered actions that can be done now, by id, and the keys that do them: not those typed into an input."""
    found: dict[str, list[str]] = {}
    typing = screen.focused
    for pressed, held in screen.active_bindings.items():
        typed = typing is not None and typing.check_consume_key(pressed, key_to_character(pressed))
        if held.enabled and held.binding.id in keys.BY_ID and (held.binding.priority or not typed):
            found.setdefault(held.binding.id, []).append(pressed)
    return found


def ranked(screen: Screen[Any]) -> list[tuple[keys.Key, str]]:
    """What belongs in the bar, best first, each with its first key."""
    shown = [(keys.BY_ID[name], pressed[0]) for name, pressed in working(screen).items() if keys.BY_ID[name].rank]
    return sorted(shown, key=lambda pair: pair[0].rank)


class KeyBar(Widget):
    """The keys of whatever has the focus. What does not fit is left out, never cut: `?` shows the rest."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"keys--key", "keys--label"}

    def on_mount(self) -> None:
        self._shown: list[tuple[str, str]] = []
        self.screen.bindings_updated_signal.subscribe(self, self._changed)
        self.call_after_refresh(self._changed, self.screen)

    def _changed(self, screen: Screen[Any]) -> None:
        shown = [(written(pressed), _(key.label)) for key, pressed in ranked(screen)]
        if shown != self._shown:
            self._shown = shown
            self.refresh()

    def fitting(self, width: int) -> list[tuple[str, str]]:
        """The (key, label) pairs that fit into `width` cells."""
        chosen = []
        for pressed, label in self._shown:
            cells = cell_len(pressed) + cell_len(label) + 3
            if cells <= width:
                chosen.append((pressed, label))
                width -= cells
        return chosen

    def render_line(self, y: int) -> Strip:
        key_style, label_style = (self.get_component_rich_style(f"keys--{part}") for part in ("key", "label"))
        segments = []
        for pressed, label in self.fitting(self.size.width):
            segments += [Segment(f" {pressed}", key_style), Segment(f" {label} ", label_style)]
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)
