"""The steps of the wizard, always in sight: where it stands and what is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from bbwizard.language import _
from bbwizard.widgets.text import fit

GLYPHS: Final = {"done": "✓", "current": "▶", "open": "○", "shut": "·", "failed": "✗"}
"""The state of a step by its mark; "shut" is one that cannot be gone to yet."""


@dataclass(frozen=True)
class StepState:
    """One step: its name is one of `keys.STEPS`, its state a key of `GLYPHS`, its value what is chosen, in short."""

    name: str
    state: str
    value: str


class StepBar(Widget):
    """One column a step; the second line, which short screens lack, holds the chosen values."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "steps--done",
        "steps--current",
        "steps--open",
        "steps--shut",
        "steps--failed",
        "steps--value",
        "steps--rule",
    }

    def __init__(self, states: Sequence[StepState] = (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.states = states

    def show(self, states: Sequence[StepState]) -> None:
        """Show these states, painting only when something differs."""
        if list(states) != list(self.states):
            self.states = tuple(states)
            self.refresh()

    def widths(self, width: int) -> list[int]:
        """Cells of each column: what its texts need, the rest shared out, the greedy ones cut."""
        if not self.states:
            return []
        room = width - (len(self.states) - 1)
        needs = [max(cell_len(_(step.name)) + 5, cell_len(step.value) + 3) for step in self.states]
        while sum(needs) > room:
            needs[needs.index(max(needs))] -= 1
        needs[-1] += room - sum(needs)
        return needs

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        segments: list[Segment] = []
        for number, (step, cells) in enumerate(zip(self.states, self.widths(width), strict=True), 1):
            if segments:
                segments.append(Segment("│", self.get_component_rich_style("steps--rule")))
            if y == 0:
                text = f"{GLYPHS[step.state]} {number} {_(step.name)}"
                segments.append(Segment(fit(text, cells), self.get_component_rich_style(f"steps--{step.state}")))
            else:
                style = self.get_component_rich_style("steps--value")
                segments.append(Segment("  " + fit(step.value, max(0, cells - 2)), style))
        return Strip(segments).adjust_cell_length(width, self.rich_style)
