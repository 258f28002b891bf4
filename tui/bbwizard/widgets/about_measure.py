"""What a device said of a backbone, in words: speed and memory, one column a precision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from textual.content import Content

from bbprobe.protocol import Measurement, Timing
from bbwizard import keys
from bbwizard.language import N_, _, told
from bbwizard.printed import NONE, scaled
from bbwizard.widgets.phrases import HEAD, QUIET, caution, pending
from bbwizard.widgets.text import padded, said

PRECISIONS: Final = ("fp32", N_("mixed"))


def of_measurement(
    found: Measurement | None, device: str, *, going: float | None = None, trouble: str = ""
) -> list[Content]:
    """What is known of a backbone on `device`; `going`: seconds that it has been measured for, `trouble`: why not."""
    lines = table(found, going=going is not None) if found is not None else []
    if going is not None:
        lines.append(pending(_("measuring on {device}").format(device=device), going, chosen=False))
    elif trouble:
        lines.append(caution(trouble))
    elif found is None:
        words = _("{key} measures it on {device}").format(key=keys.key_for("backbone.measure"), device=device)
        lines.append(said(words, QUIET))
    return lines


def table(found: Measurement, *, going: bool) -> list[Content]:
    """The rows that a measurement has on its device, and what it could not say."""
    timings = {timing.precision: timing for timing in found.timings}
    rows: list[tuple[str, Callable[[Timing], str]]] = [
        (_("latency, ms"), lambda timing: scaled(timing.latency, 1e3)),
        (_("p10, p90"), tails),
        (_("images/s x{batch}").format(batch=found.batch), lambda timing: scaled(timing.throughput)),
    ]
    if found.device != "cpu":
        rows.append((_("forward, GiB"), lambda timing: scaled(timing.forward_peak, 2**-30)))
        rows.append((_("train, GiB"), lambda timing: scaled(timing.train_peak, 2**-30)))
    lines = [row(_("on {device}").format(device=found.device), [_(name) for name in PRECISIONS], HEAD)]
    for label, cell in rows:
        lines.append(row(label, [shown(timings.get(name), cell, going=going) for name in PRECISIONS]))
    return lines + [
        caution(f"{told(timing.precision)}: {told(timing.note)}") for timing in found.timings if timing.note
    ]


def shown(timing: Timing | None, cell: Callable[[Timing], str], *, going: bool) -> str:
    """One number; a dash says that there is none, an ellipsis that it is not known yet."""
    text = cell(timing) if timing is not None else NONE
    complete = timing is not None and bool(timing.note)
    return "…" if text == NONE and going and not complete else text


def row(label: str, cells: Sequence[str], style: str = "") -> Content:
    """A label and a value for each precision, in columns."""
    values = "".join(padded(cell, 9, ">") for cell in cells)
    return Content.assemble((f"  {padded(label, 12)}", QUIET), said(values, style))


def tails(timing: Timing) -> str:
    """The tenth and ninetieth percentiles in milliseconds."""
    if timing.low is None:
        return NONE if timing.latency is None else _("too few")
    return f"{scaled(timing.low, 1e3)}-{scaled(timing.high, 1e3)}"
