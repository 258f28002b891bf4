"""What the commands print of a fact: data for programs, lines for people. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, Final

from bbprobe.protocol import Base, Check, Dataset, Entry, Measurement, Probe, Timing
from bbwizard.answers import BaseAnswer, DatasetAnswer, EntryAnswer
from bbwizard.dataset import classes
from bbwizard.findings import Finding
from bbwizard.fits import Answer, Fit, own, strides_of
from bbwizard.language import N_
from bbwizard.weights import said
from bbwizard.wiring import Problem
from bbwizard.wording import numbers

NONE: Final = "-"
"""Stands where there is no number."""


def base_as_json(facts: Base, origin: str) -> BaseAnswer:
    """A base config's facts for programs; `origin` is whose they are, "atlas" or "live"."""
    return {
        "name": facts.name,
        "path": facts.path,
        "detector": facts.detector,
        "neck": facts.neck,
        "backbone": facts.backbone,
        "levels": [level.stride for level in facts.levels if level.used],
        "supported": facts.supported,
        "reason": facts.reason,
        "origin": origin,
    }


def base_line(row: BaseAnswer) -> str:
    """A base config in a list for people."""
    head = headed(f"{row['name']:<64} {row['detector'] or NONE:<20}", row["origin"])
    if not row["supported"]:
        return f"{head} refused: {row['reason']}"
    return f"{head} strides {', '.join(map(str, row['levels']))}"


def headed(cells: str, origin: str) -> str:
    """The first cells of a line, with the word that goes before what the atlas says."""
    return f"{cells} atlas:" if origin == "atlas" else cells


def entry_as_json(entry: Entry, answer: Answer | None, fit: Fit, macs: int | None) -> EntryAnswer:
    """A catalog entry for programs; `params` and `strides` are there where it was itself asked.

    `macs` are its multiply-adds at the sitting's input size, where it was asked for that.
    """
    itself = own(entry, answer)
    return {
        "name": entry.name,
        "source": entry.source,
        "type": entry.type,
        "config": entry.config,
        "weights": [
            {"name": weights.name, "checkpoint": weights.checkpoint, "licence": weights.licence}
            for weights in entry.weights
        ],
        "pyramid": entry.pyramid,
        "reason": entry.reason,
        "params": itself.params if itself is not None else None,
        "macs": macs,
        "strides": list(strides_of(itself)) if itself is not None else None,
        "origin": itself.origin if itself is not None else None,
        "fits": fit.taken,
        "fits_as": fit.asked or None,
    }


def entry_word(entry: Entry) -> str:
    """What a list says behind a backbone's name."""
    if entry.pyramid is False:
        return f"no pyramid: {entry.reason}"
    return f"{len(entry.weights)} weights" if entry.weights else "no weights"


def fit_word(entry: Entry, answer: Answer | None) -> str:
    """What a list of what fits says behind a backbone's name."""
    if answer is None:
        return "not asked yet"
    lent = "" if answer.asked == entry.name else f"as {answer.asked}: "
    if answer.probe.origin == "atlas":
        lent = f"atlas, {lent}" if lent else "atlas: "
    strides = numbers(strides_of(answer.probe))
    return f"{lent}{f'strides {strides}' if strides else 'no maps'}; {entry_word(entry)}"


def fit_summary(base: Base, fits: Sequence[tuple[str, Fit]]) -> str:
    """How many of the backbones fit, and how many of those were not asked themselves."""
    taken = [(name, fit) for name, fit in fits if fit.taken]
    lent = sum(1 for name, fit in taken if fit.asked != name)
    unknown = sum(1 for _, fit in fits if fit.taken is None)
    words = [f"{len(taken)} of {len(fits)} fit {base.name}"]
    if lent:
        words.append(f"{lent} of them as another of their family (--ask-each asks them all)")
    if unknown:
        words.append(f"{unknown} not asked yet")
    return "; ".join(words)


def probe_lines(found: Probe) -> Iterable[str]:
    """A probe for people."""
    height, width = found.input
    macs = f"{found.macs / 1e9:.3g} G multiply-adds, " if found.macs is not None else ""
    size = f"{found.params / 1e6:.1f} M parameters, {macs}{found.layout}"
    word = "" if found.origin == "atlas" else f" ({found.origin})"
    yield f"{found.backbone} at {height}x{width} {found.how}{word}: {size}"
    yield "index  channels  stride  height x width"
    for stage in found.stages:
        yield f"{stage.index:>5}  {stage.channels:>8}  {stage.stride:>6}  {stage.height} x {stage.width}"
    if not found.pyramid:
        yield f"no pyramid: {found.reason}"
    for cure in found.cures:
        yield f"set {cure.key}={cure.value!r}: {cure.reason}"
    if found.note:
        yield found.note


def measurement_lines(found: Measurement) -> Iterable[str]:
    """A measurement for people."""
    height, width = found.input
    stages = f", stages {', '.join(map(str, found.stages))}" if found.stages else ""
    yield f"{found.backbone} at {height}x{width}{stages}, on {found.device} ({found.device_name})"
    yield f"precision  latency ms  p10 to p90 ms  {f'images/s at {found.batch}':>15}  forward GiB  training GiB"
    for timing in found.timings:
        cells = [
            f"{timing.precision:<9}",
            f"{scaled(timing.latency, 1e3):>10}",
            f"{tails(timing):>13}",
            f"{scaled(timing.throughput):>15}",
            f"{scaled(timing.forward_peak, 2**-30):>11}",
            f"{scaled(timing.train_peak, 2**-30):>12}",
        ]
        yield "  ".join(cells)
    yield from (f"{timing.precision}: {timing.note}" for timing in found.timings if timing.note)


def tails(timing: Timing) -> str:
    """The tenth and ninetieth percentiles in milliseconds; a dash where forwards were too few to tell."""
    return NONE if timing.low is None else f"{scaled(timing.low, 1e3)} to {scaled(timing.high, 1e3)}"


def scaled(value: float | None, factor: float = 1.0) -> str:
    """A measured number in three digits, in another unit; a dash where there is none."""
    if value is None:
        return NONE
    number = value * factor
    return f"{number:.0f}" if number >= 100 else f"{number:.1f}" if number >= 10 else f"{number:.2f}"


def swept_line(name: str, found: Probe | None, origin: str = "live") -> str:
    """One of many probes for people; None for a backbone that did not answer; `origin` is whose answers they are."""
    head = headed(f"{name:<52}", origin)
    if found is None:
        return f"{head} did not answer"
    if not found.stages:
        return f"{head} no pyramid: {found.reason}"
    macs = f"{found.macs / 1e9:>8.2f} G" if found.macs is not None else f"{'-':>10}"
    size = f"{found.params / 1e6:>8.1f} M  {macs}  strides {numbers(strides_of(found))}"
    return f"{head} {size}" + (f"; no pyramid: {found.reason}" if not found.pyramid else "")


def dataset_as_json(data: Dataset, problems: Sequence[Problem], findings: Sequence[Finding]) -> DatasetAnswer:
    """A data set for programs."""
    return {
        "classes": list(classes(data)),
        "splits": data.splits,
        "problems": [{"code": problem.code, "text": problem.text} for problem in problems],
        "warnings": [finding.as_json() for finding in findings],
    }


DONE: Final = N_("done: {0}")
"""What is said of a fix that is taken."""


def finding_head(finding: Finding) -> str:
    """What stands before a finding for people: what `--fix` and `--leave` call it."""
    return f"note ({finding.code}): "


def finding_sentences(finding: Finding) -> tuple[str, ...]:
    """A finding for people, and what becomes of its fix."""
    if finding.fix is None:
        return (finding.text,)
    if finding.taken:
        return (finding.text, DONE.format(finding.fix.label))
    return (finding.text, f"not done: {finding.fix.label} (--fix {finding.code})")


def check_as_json(found: Check) -> dict[str, Any]:
    """A check for programs."""
    return asdict(found)


def check_lines(found: Check) -> Iterable[str]:
    """A check for people."""
    yield f"{'ok' if found.ok else 'failed'}: {found.config} on {found.device}, {found.seconds:.1f} s"
    if not found.ok:
        yield f"  while: {found.stage}"
        yield f"  {found.error}"
    if found.base_error:
        yield f"  the untouched base fails here alike: {found.base_error}"
    if found.proved == "strides":
        yield "  so it is proved as far as backbone, neck and strides, not through a whole training step"
    if found.loss is not None:
        yield f"  loss {found.loss:.4g}"
    if found.peak_memory is not None:
        yield f"  peak memory {found.peak_memory / 2**20:.0f} MiB"
    if found.strides.found:
        wanted = numbers(found.strides.expected) or "any"
        yield f"  strides {numbers(found.strides.found)}; the head is made for {wanted}"
    if found.weights is not None:
        yield f"  weights: {said(found.weights)}"
    if found.unused_parameters:
        count = len(found.unused_parameters)
        why = "several GPUs need find_unused_parameters=True"
        yield f"  {count} parameters got no gradient ({why}): {found.unused_parameters[0]}, ..."
    if found.late_frozen:
        why = "several GPUs need find_unused_parameters=True, or no frozen_stages"
        yield f"  {len(found.late_frozen)} parameters are frozen by train() alone ({why}): {found.late_frozen[0]}, ..."
