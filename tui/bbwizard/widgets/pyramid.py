"""The picture of a wiring: the backbone's maps as a pyramid, and the level that each one feeds."""

from __future__ import annotations

from textual.content import Content

from bbprobe.protocol import Base, Level, Probe, Stage, Stride
from bbwizard.language import _
from bbwizard.widgets.phrases import BAD, GOOD, QUIET, WARN
from bbwizard.widgets.text import padded, said, stack
from bbwizard.wiring import Wiring, wanted_levels
from bbwizard.wording import numbers

MAP, REST = "█", "░"


def bar_widths(strides: list[Stride], width: int) -> dict[Stride, int]:
    """Cells of the bar for each stride: the finest map the widest, by even steps."""
    ordered = sorted(set(strides))
    step = max(1, (width - 3) // max(1, len(ordered)))
    return {stride: max(2, width - step * number) for number, stride in enumerate(ordered)}


def picture(base: Base, probe: Probe, wiring: Wiring, width: int) -> Content:
    """The deepest map on top, as pyramids are drawn; levels that nothing feeds stand where their map would."""
    bar = max(6, min(28, width - 24))
    levels = wanted_levels(base)
    widths = bar_widths([stage.stride for stage in probe.stages] + [level.stride for level in levels], bar)
    fed = {link.stage.index: link.level for link in wiring.links}
    given = [level for level in fed.values() if level is not None]
    rows: list[tuple[float, int, Content]] = []
    for stage in probe.stages:
        if stage.index in fed:
            line = chosen_row(stage, fed[stage.index], levels, widths[stage.stride], bar)
        else:
            line = said(row_start(stage.stride, REST * widths[stage.stride], bar) + f" {stage.index:>3}", QUIET)
        rows.append((float(stage.stride), stage.index, line))
    for number, level in enumerate(levels):
        if level.used and level not in given:
            start = row_start(level.stride, "?".center(widths[level.stride]), bar)
            text = said(f"{start}  {padded(_('no stage'), 8)} ─✗ {level_name(level, number)}", BAD)
            rows.append((float(level.stride), -1, text))
    rows.sort(key=lambda row: row[:2], reverse=True)
    titles = f"{padded(_('idx'), 3, '>')} {padded(_('chan'), 5, '>')}    {_('level')}"
    head = said(f"{'':>4} {padded(_('maps'), bar, '^')} {titles}", QUIET)
    unread = any(level is not None and not level.used for level in fed.values())
    legend = [said(f"  ┄▷ {_('taken by the neck, but not read')}", QUIET)] if unread else []
    return stack(head, *(row[2] for row in rows), *legend)


def row_start(stride: Stride, bar: str, width: int) -> str:
    """The stride and its bar, in the middle of its column."""
    return f"{'/' + numbers([stride]):>4} {bar:^{width}}"


def level_name(level: Level, number: int) -> str:
    """A level as the pane names it."""
    return f"{number} /{numbers([level.stride])}"


def chosen_row(stage: Stage, level: Level | None, levels: tuple[Level, ...], cells: int, width: int) -> Content:
    """A map that is taken, and where it goes."""
    start = said(row_start(stage.stride, MAP * cells, width) + f" {stage.index:>3} {stage.channels:>5} ", "$primary")
    if level is None:
        return Content.assemble(start, (f"─✗ {_('none')}", BAD))
    name = level_name(level, next(n for n, other in enumerate(levels) if other is level))
    if not level.used:
        return Content.assemble(start, (f"┄▷ {name}", QUIET))
    if level.stride != stage.stride:
        return Content.assemble(start, (f"─✗ {name}", BAD))
    return Content.assemble(start, ("─▶ ", GOOD), (name, GOOD))


def loud(text: str) -> Content:
    """A line that must not be overlooked."""
    return Content.styled(f" {text} ", f"bold reverse {WARN}")
