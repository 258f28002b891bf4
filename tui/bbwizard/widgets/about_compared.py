"""A compared backbone in words: its stages, its licences, and what was measured of it."""

from __future__ import annotations

from textual.content import Content

from bbprobe.protocol import Base, Measurement, Timing
from bbwizard.comparison import Compared, digits, licences
from bbwizard.fits import Fit
from bbwizard.language import _, told
from bbwizard.widgets.about import of_entry, of_probe
from bbwizard.widgets.phrases import QUIET, caution, mark, pair
from bbwizard.widgets.text import said, size, stack


def of_compared(row: Compared, base: Base | None) -> Content:
    """Everything that is known of one backbone."""
    if row.probe is not None:
        lines = [of_probe(row.entry, row.probe, base)]
    else:
        lines = [of_entry(row.entry, Fit(None), seconds=0, error=row.reason)]
    if said_of := licences(row):
        lines.append(pair(_("licence"), told(said_of)))
    if row.fits is False and row.probe is not None and row.probe.pyramid:
        lines.append(mark(False, row.reason))
    return stack(*lines, *(of_measurement(row.measurement) if row.measurement is not None else ()))


def of_measurement(found: Measurement) -> list[Content]:
    """What the device needs for it."""
    height, width = found.input
    words = _("measured on {device}, {height}x{width}, batch {batch}")
    where = words.format(device=found.device_name or found.device, height=height, width=width, batch=found.batch)
    return [Content(""), said(where, QUIET), *(line for timing in found.timings for line in of_timing(timing))]


def of_timing(timing: Timing) -> list[Content]:
    """One precision of it."""
    values = []
    if timing.latency is not None:
        low, high = (timing.low or 0) * 1e3, (timing.high or 0) * 1e3
        words = _("{latency} ms ({low} to {high})") if low and high else "{latency} ms"
        values.append(words.format(latency=digits(timing.latency * 1e3), low=digits(low), high=digits(high)))
    if timing.throughput is not None:
        values.append(_("{throughput} images/s").format(throughput=digits(timing.throughput)))
    if timing.train_peak is not None:
        values.append(_("{memory} to train").format(memory=size(timing.train_peak)))
    lines = [pair(told(timing.precision), ", ".join(values))]
    return [*lines, caution(timing.note)] if timing.note else lines
