"""Facts of a backbone measured on a device. Memory is in bytes, time in seconds."""

from dataclasses import dataclass, field
from typing import List, Optional


@dataclass(frozen=True)
class Timing:
    """A backbone alone, in one precision: "fp32", or "mixed" by the device's autocast."""

    precision: str
    latency: Optional[float]
    """The median forward of one image, after warm-up; None where it did not fit."""
    low: Optional[float]
    """The tenth percentile of the same forwards; None where they were too few to tell."""
    high: Optional[float]
    """The ninetieth percentile, likewise."""
    throughput: Optional[float]
    """Images per second of forwards at the measurement's batch size; None where it did not fit."""
    forward_peak: Optional[int]
    """Memory at the height of a forward at the batch size, weights included; None on a CPU."""
    train_peak: Optional[int]
    """Memory at the height of a training step at the batch size: forward, backward and gradients, without an optimizer.

    None on a CPU, and where it did not fit.
    """
    note: str = ""
    """What did not fit, or could not be run, in one sentence."""


@dataclass(frozen=True)
class Measurement:
    """What a device needs for a backbone that outputs `stages`, in memory and time."""

    backbone: str
    device: str
    device_name: str
    input: List[int]
    batch: int
    timings: List[Timing] = field(default_factory=list)
    stages: List[int] = field(default_factory=list)
    """The out indices that it was built with; empty where it takes none."""
