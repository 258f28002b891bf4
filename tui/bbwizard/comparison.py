"""Backbones side by side: what each gives a base config, what it costs, what it starts from. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bbprobe.protocol import Base, Entry, Measurement, Probe, Stride, Timing
from bbwizard import tabular
from bbwizard.errors import BbwizardError, ProbeRefused
from bbwizard.fits import against, macs_at, takes
from bbwizard.wiring import any_stride, default_stages, needed_levels, wire
from bbwizard.wording import amount, numbers

PRECISIONS: Final = ("fp32", "mixed")
COSTS: Final = ("params", "macs")
"""What latency is plotted against."""
MIB: Final = 2**20


@dataclass(frozen=True)
class Compared:
    """One backbone beside others; without a probe as long as it has not answered, or where it cannot."""

    entry: Entry
    probe: Probe | None = None
    channels: tuple[tuple[Stride, int | None], ...] = ()
    """The strides that the base needs, each with the channels it is given there; None where there is no map."""
    fits: bool | None = None
    """Whether the base config can take it; None where there is no base, or no answer."""
    reason: str = ""
    """Why it does not fit, or could not be probed."""
    measurement: Measurement | None = None
    params: int | None = None
    """Known without a probe too: they are the same at every input size."""
    origin: str | None = None
    """Whose answer it is, as `Probe.origin` has it."""
    size: tuple[int, int] | None = None
    """The height and width in pixels of the images that all are asked about."""

    @property
    def macs(self) -> int | None:
        """The multiply-adds of a forward at `size`; those at another compare to none."""
        return macs_at(self.size, self.probe) if self.size is not None else None

    @property
    def input(self) -> list[int] | None:
        """The size of the images that it was shown."""
        shown = self.measurement if self.measurement is not None else self.probe
        return list(shown.input) if shown is not None else None

    @property
    def name(self) -> str:
        """The backbone's name."""
        return self.entry.name

    @property
    def licences(self) -> tuple[str, ...]:
        """The licences of its weights, each once, as far as they are told."""
        return tuple(dict.fromkeys(weights.licence for weights in self.entry.weights if weights.licence))

    @property
    def unlicensed(self) -> int:
        """How many of its weights have a licence that is not told."""
        return sum(1 for weights in self.entry.weights if not weights.licence)

    def timing(self, precision: str) -> Timing | None:
        """What was measured in one of `PRECISIONS`."""
        timings = self.measurement.timings if self.measurement is not None else []
        return next((timing for timing in timings if timing.precision == precision), None)

    def measured(self, what: str) -> float | None:
        """A number of its `Timing`s, such as "latency", by the first precision that has it."""
        found = (getattr(self.timing(precision), what, None) for precision in PRECISIONS)
        return next((value for value in found if value is not None), None)


def compared(
    entry: Entry,
    probe: Probe | None,
    base: Base | None,
    measurement: Measurement | None = None,
    error: BbwizardError | None = None,
    elsewhere: Probe | None = None,
    *,
    size: tuple[int, int],
) -> Compared:
    """What is known of a backbone at a `size`.

    `error` says why it could not be probed: where the library refused, it fits none.
    `elsewhere` is what it answered at another input size, which the atlas may not have this one of.
    """
    if probe is None:
        refused = base is not None and isinstance(error, ProbeRefused) and elsewhere is None
        reason = error.text if error is not None else ""
        params, origin = (elsewhere.params, elsewhere.origin) if elsewhere is not None else (None, None)
        return Compared(entry, None, (), False if refused else None, reason, measurement, params, origin, size)
    fits = takes(base, probe) if base is not None else None
    reason = misfit(base, probe) if base is not None and not fits else ""
    return Compared(entry, probe, channels(base, probe), fits, reason, measurement, probe.params, probe.origin, size)


def channels(base: Base | None, probe: Probe) -> tuple[tuple[Stride, int | None], ...]:
    """The channels at each stride that the base needs, by the deepest stage there; at every stride without a base."""
    deepest = {stage.stride: stage.channels for stage in sorted(probe.stages, key=lambda stage: stage.index)}
    if base is None:
        return tuple(sorted(deepest.items()))
    if any_stride(base):
        chosen = default_stages(base, probe)
        return tuple((stage.stride, stage.channels) for stage in probe.stages if stage.index in chosen)
    return tuple((level.stride, deepest.get(level.stride)) for level in needed_levels(base))


def misfit(base: Base, probe: Probe) -> str:
    """Why the base cannot take a backbone, in one sentence."""
    if not base.supported:
        return f"{base.name}: {base.reason}"
    if not probe.pyramid and probe.reason:
        return probe.reason
    if any(number is None for _, number in channels(base, probe)):
        return against(base, probe)
    problems = wire(base, probe, default_stages(base, probe)).problems
    return "; ".join(problem.text for problem in problems) or against(base, probe)


# Orders


ORDERS: Final[Mapping[str, Callable[[Compared], float | str | None]]] = {
    "marked": lambda row: 0,
    "name": lambda row: row.name,
    "params": lambda row: row.params,
    "macs": lambda row: row.macs,
    "weights": lambda row: -len(row.entry.weights),
    "latency": lambda row: row.measured("latency"),
    "throughput": lambda row: negative(row.measured("throughput")),
    "memory": lambda row: row.measured("train_peak"),
}
"""What backbones can be ordered by, the better first: as they were marked, or by a fact; None is not known."""


MEASURED: Final = ("latency", "throughput", "memory")
"""The orders by what a device said."""


def negative(number: float | None) -> float | None:
    """A number of which more is better, turned so that it sorts first."""
    return None if number is None else -number


def ordered(rows: Iterable[Compared], order: str) -> list[Compared]:
    """The rows in one of `ORDERS`; what is not known comes last, equals stay as they are."""
    worth = [(ORDERS[order](row), row) for row in rows]
    known = sorted(((value, row) for value, row in worth if value is not None), key=lambda pair: pair[0])
    return [row for _, row in known] + [row for value, row in worth if value is None]


def next_order(rows: Sequence[Compared], order: str) -> str:
    """The order after this one, leaving out those by what is known of no row."""
    names = list(ORDERS)
    around = [*names[names.index(order) + 1 :], *names]
    return next(name for name in around if any(ORDERS[name](row) is not None for row in rows))


def plotted(rows: Iterable[Compared], cost: str) -> tuple[str, dict[str, tuple[float, float]]]:
    """One of `COSTS` and latency (seconds) by name, in one precision: the first that anything was measured in."""
    known = [(row, getattr(row, cost)) for row in rows if getattr(row, cost)]
    for precision in PRECISIONS:
        timings = [(row.name, number, row.timing(precision)) for row, number in known]
        found = {name: (float(number), told.latency) for name, number, told in timings if told and told.latency}
        if found:
            return precision, found
    return "", {}


# In words and numbers


def exported(rows: Sequence[Compared], kind: str) -> str:
    """The rows as one of `grammar.FORMATS`: CSV in numbers for programs, the others in words for people."""
    if kind == "csv":
        return tabular.as_csv([facts(row) for row in rows])
    told = [words(row) for row in rows]
    return tabular.as_markdown(told) if kind == "markdown" else tabular.as_text(told)


def words(row: Compared) -> dict[str, str]:
    """One backbone for people: column to cell, empty where nothing is known."""
    return {
        "backbone": row.name,
        "from": "atlas" if row.origin == "atlas" else "",
        "params": amount(row.params) if row.params is not None else "",
        "macs": multiply_adds(row),
        "strides": strides(row),
        "channels": widths(row),
        "fits": {True: "yes", False: "no", None: ""}[row.fits],
        "weights": str(len(row.entry.weights)),
        "licences": licences(row),
        "ms fp32/mixed": both(row, "latency", lambda seconds: digits(seconds * 1e3)),
        "images/s": both(row, "throughput", digits),
        "train GiB": both(row, "train_peak", lambda size: f"{size / 2**30:.1f}"),
        "why not": row.reason,
    }


def multiply_adds(row: Compared) -> str:
    """Its multiply-adds, with the size that they are at where that is not the one of all."""
    if row.probe is None or row.probe.macs is None:
        return ""
    height, width = row.probe.input
    return amount(row.probe.macs) if row.macs is not None else f"{amount(row.probe.macs)} at {height}x{width}"


def licences(row: Compared) -> str:
    """The licences of its weights, and whether some have one that is not told."""
    return ", ".join([*row.licences, *(["not known"] if row.unlicensed else [])])


def digits(number: float) -> str:
    """A measured number in three digits, and without an exponent where it is a large one."""
    return f"{number:.3g}" if number < 100 else f"{number:.0f}"


def strides(row: Compared) -> str:
    """The strides that the channels are given at."""
    return numbers(stride for stride, _ in row.channels)


def widths(row: Compared) -> str:
    """The channels at those strides, `-` where there is no map."""
    return ", ".join("-" if number is None else str(number) for _, number in row.channels)


def both(row: Compared, what: str, said: Callable[[float], str]) -> str:
    """A measured number in both precisions, as `fp32/mixed`; empty where neither is known."""
    values = [getattr(row.timing(precision), what, None) for precision in PRECISIONS]
    return "" if values == [None, None] else "/".join("-" if value is None else said(value) for value in values)


def facts(row: Compared) -> dict[str, Any]:
    """One backbone for programs: the same keys for each, None where nothing is known."""
    measurement = row.measurement
    found: dict[str, Any] = {
        "backbone": row.name,
        "fits": row.fits,
        "reason": row.reason,
        "origin": row.origin,
        "params": row.params,
        "macs": row.probe.macs if row.probe is not None else None,
        "strides": [stride for stride, _ in row.channels],
        "channels": [number for _, number in row.channels],
        "weights": len(row.entry.weights),
        "licences": list(row.licences),
        "licences_unknown": row.unlicensed,
        "device": measurement.device_name or measurement.device if measurement is not None else None,
        "input": row.input,
        "batch": measurement.batch if measurement is not None else None,
    }
    for precision in PRECISIONS:
        found |= {f"{precision}_{key}": value for key, value in timing_facts(row.timing(precision)).items()}
    return found


def timing_facts(timing: Timing | None) -> dict[str, float | str | None]:
    """What was measured in one precision, with the units in the names."""
    known = timing if timing is not None else Timing("", None, None, None, None, None, None)
    return {
        "latency_ms": scaled(known.latency, 1e3),
        "latency_low_ms": scaled(known.low, 1e3),
        "latency_high_ms": scaled(known.high, 1e3),
        "images_per_s": scaled(known.throughput, 1),
        "forward_mib": scaled(known.forward_peak, 1 / MIB),
        "train_mib": scaled(known.train_peak, 1 / MIB),
        "note": known.note or None,
    }


def scaled(number: float | None, by: float) -> float | None:
    """A number in another unit, without digits that nobody measured."""
    return None if number is None else float(f"{number * by:.5g}")
