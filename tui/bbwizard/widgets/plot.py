"""What the compared backbones cost, as a picture."""

from __future__ import annotations

from collections.abc import Mapping

from textual.content import Content
from textual.widget import Widget

from bbwizard.comparison import digits
from bbwizard.scatter import Picture, bars, scatter
from bbwizard.wording import amount


class Plot(Widget):
    """Latency over a cost, each backbone by its sign; bars of that cost as long as no latency is known."""

    ALLOW_SELECT = False

    def __init__(self, *, classes: str) -> None:
        super().__init__(classes=classes)
        self.costs: dict[str, int] = {}
        self.latencies: dict[str, tuple[float, float]] = {}
        self.highlighted = ""

    def show(self, costs: Mapping[str, int], latencies: Mapping[str, tuple[float, float]], highlighted: str) -> None:
        """Show these backbones by their signs: what each costs, and where known (that, latency in seconds)."""
        self.costs, self.latencies, self.highlighted = dict(costs), dict(latencies), highlighted
        self.refresh()

    @property
    def picture(self) -> Picture:
        """The picture as it fits now."""
        width, height = self.content_size
        if self.latencies:
            return scatter(self.latencies, width, height, rounded, lambda seconds: f"{digits(seconds * 1e3)} ms")
        ranked = sorted(self.costs.items(), key=lambda pair: pair[1])
        at = next((number for number, (sign, _) in enumerate(ranked) if sign == self.highlighted), 0)
        top = max(0, min(at - height // 2, len(ranked) - height))
        return bars(ranked[top : top + height], width, amount)

    def render(self) -> Content:
        picture = self.picture
        lines = [Content(line) for line in picture.lines]
        for sign, (row, column) in picture.places.items():
            style = "bold reverse" if sign == self.highlighted else "bold $primary"
            lines[row] = lines[row].stylize(style, column, column + 1)
        return Content("\n").join(lines)


def rounded(number: float) -> str:
    """A round number for an axis: `20 M`."""
    return amount(number).replace(".0", "")
