"""What one GPU test saw, and what that comes to. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bbprobe.protocol import Check, Measurement, Timing
from bbwizard.printed import scaled

GIB = 2**30
SAME = 0.05
"""By how much of itself a peak of memory may move from one measurement to the next."""


@dataclass(frozen=True)
class Row:
    """One backbone: its maps (channels, height, width) by shapes alone and as run on the device, and its numbers."""

    backbone: str
    shapes: list[list[int]]
    ran: list[list[int]]
    measurement: Measurement


@dataclass(frozen=True)
class Seen:
    """A whole test; `starved` asked for more memory than there is, `after` asked for what `rows[0]` did, once more."""

    rows: list[Row]
    starved: Measurement
    after: Measurement
    check: Check | None = None
    """Of a written config; None where there is no mmdet to train it with."""
    notes: list[str] = field(default_factory=list)


def too_many(total: int, size: Sequence[int]) -> int:
    """Images of `size` (height, width) that fill a third of `total` bytes: a network's first maps do not fit beside."""
    return max(1, total // (3 * size[0] * size[1] * 4) // 3)


def failures(seen: Seen) -> list[str]:
    """What is not as it must be, in one sentence each."""
    found = [fault for row in seen.rows for fault in of_row(row)]
    starved, before, after = seen.starved.timings[0], seen.rows[0].measurement.timings[0], seen.after.timings[0]
    if starved.throughput is not None or "needs more than" not in starved.note:
        found.append(f"{seen.starved.batch} images did not run out of memory: {starved.note or 'they fit'}")
    found += [f"after that, {fault}" for fault in of_measurement(seen.after)]
    if before.forward_peak and after.forward_peak and abs(after.forward_peak / before.forward_peak - 1) > SAME:
        words = "after that, a forward's peak is {} GiB, which was {} GiB"
        found.append(words.format(scaled(after.forward_peak, 1 / GIB), scaled(before.forward_peak, 1 / GIB)))
    if seen.check is not None:
        found += of_check(seen.check, seen.after.device)
    return found


def of_row(row: Row) -> list[str]:
    """What is wrong with one backbone."""
    found = [f"{row.backbone}: {fault}" for fault in of_measurement(row.measurement)]
    if row.shapes != row.ran:
        found.append(f"{row.backbone}: its shapes are said to be {row.shapes}, and are {row.ran}")
    return found


def of_measurement(found: Measurement) -> list[str]:
    """What is missing, or cannot be, in a measurement that fits."""
    faults = [] if len(found.timings) == 2 else [f"it has {len(found.timings)} precisions, not two"]
    return faults + [f"{timing.precision}: {fault}" for timing in found.timings for fault in of_timing(timing)]


def of_timing(timing: Timing) -> list[str]:
    """What is missing, or cannot be, in one precision."""
    if timing.note:
        return [timing.note]
    numbers = (timing.latency, timing.throughput, timing.forward_peak, timing.train_peak)
    if not all(number is not None and number > 0 for number in numbers):
        return [f"a number is missing among {numbers}"]
    faults = []
    if not (timing.low or 0) <= (timing.latency or 0) <= (timing.high or float("inf")):
        faults.append("the median is not between the percentiles")
    if (timing.train_peak or 0) <= (timing.forward_peak or 0):
        faults.append("training takes no more memory than a forward")
    return faults


def of_check(check: Check, device: str) -> list[str]:
    """What is wrong with the check of a written config."""
    if not check.ok:
        return [f"the check of a written config fails: {check.error}"]
    if check.device != device or not check.peak_memory:
        return [f"the check ran on {check.device} with a peak of {check.peak_memory} bytes"]
    return []


def lines(seen: Seen) -> list[str]:
    """The test for a reader: a row for each backbone, what happened beside them, the verdict."""
    first = seen.rows[0].measurement
    height, width = first.input
    said = [f"{first.device}: {first.device_name}, {height}x{width}, batch {first.batch}", HEAD]
    said += [cells(row, timing) for row in seen.rows for timing in row.measurement.timings]
    said += [f"out of memory, on purpose, with {seen.starved.batch} images: {seen.starved.timings[0].note}"]
    said += [f"after it: {cells(seen.rows[0], seen.after.timings[0]).strip()}"]
    if seen.check is not None:
        peak = scaled(seen.check.peak_memory, 1 / GIB)
        said.append(f"a written config, one training step: loss {seen.check.loss}, peak {peak} GiB")
    wrong = failures(seen)
    return [*said, *seen.notes, f"verdict: failed ({'; '.join(wrong)})" if wrong else "verdict: passed"]


HEAD = f"{'backbone':<32} {'precision':<9} {'ms':>7} {'images/s':>9} {'forward GiB':>12} {'train GiB':>10}  shapes"


def cells(row: Row, timing: Timing) -> str:
    """One line of the table."""
    numbers = f"{scaled(timing.latency, 1e3):>7} {scaled(timing.throughput):>9}"
    memory = f"{scaled(timing.forward_peak, 1 / GIB):>12} {scaled(timing.train_peak, 1 / GIB):>10}"
    same = "as run" if row.shapes == row.ran else "differ"
    return f"{row.backbone:<32} {timing.precision:<9} {numbers} {memory}  {same}"
