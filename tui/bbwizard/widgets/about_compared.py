"""A compared backbone in words: its stages, its licences, and what was measured of it."""

from __future__ import annotations

from textual.content import Content

from bbprobe.protocol import Base, Measurement, Timing
from bbwizard.comparison import Compared
from bbwizard.fits import Fit
from bbwizard.widgets.about import of_entry, of_probe
from bbwizard.widgets.phrases import QUIET, caution, mark, pair
from bbwizard.widgets.text import said, size, stack


def of_compared(row: Compared, base: Base | None) -> Content:
    """Everything that is known of one backbone."""
    if row.probe is not None:
        lines = [of_probe(row.entry, row.probe, base)]
    else:
        lines = [of_entry(row.entry, Fit(None), seconds=0, error=row.reason)]
    if row.licences:
        lines.append(pair("licence", ", ".join(row.licences)))
    if row.fits is False and row.probe is not None and row.probe.pyramid:
        lines.append(mark(False, row.reason))
    return stack(*lines, *(of_measurement(row.measurement) if row.measurement is not None else ()))


def of_measurement(found: Measurement) -> list[Content]:
    """What the device needs for it."""
    height, width = found.input
    where = f"measured on {found.device_name or found.device}, {height}x{width}, batch {found.batch}"
    return [Content(""), said(where, QUIET), *(line for timing in found.timings for line in of_timing(timing))]


def of_timing(timing: Timing) -> list[Content]:
    """One precision of it."""
    told = []
    if timing.latency is not None:
        spread = f" ({timing.low * 1e3:.3g} to {timing.high * 1e3:.3g})" if timing.low and timing.high else ""
        told.append(f"{timing.latency * 1e3:.3g} ms{spread}")
    if timing.throughput is not None:
        told.append(f"{timing.throughput:.3g} images/s")
    if timing.train_peak is not None:
        told.append(f"{size(timing.train_peak)} to train")
    lines = [pair(timing.precision, ", ".join(told))]
    return [*lines, caution(timing.note)] if timing.note else lines
