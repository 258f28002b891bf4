"""What the commands print of a fact: data for programs, lines for people. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from bbprobe.protocol import Base, Check, Entry, Probe


def base_as_json(facts: Base) -> dict[str, Any]:
    """A base config's facts for programs."""
    return {
        "name": facts.name,
        "path": facts.path,
        "detector": facts.detector,
        "neck": facts.neck,
        "backbone": facts.backbone,
        "levels": [level.stride for level in facts.levels if level.used],
        "supported": facts.supported,
        "reason": facts.reason,
    }


def entry_as_json(entry: Entry) -> dict[str, Any]:
    """A catalog entry for programs."""
    return {
        "name": entry.name,
        "source": entry.source,
        "type": entry.type,
        "config": entry.config,
        "weights": [{"name": weights.name, "checkpoint": weights.checkpoint} for weights in entry.weights],
        "pyramid": entry.pyramid,
        "reason": entry.reason,
    }


def entry_word(entry: Entry) -> str:
    """What a list says behind a backbone's name."""
    if entry.pyramid is False:
        return f"no pyramid: {entry.reason}"
    return f"{len(entry.weights)} weights" if entry.weights else "no weights"


def probe_lines(found: Probe) -> Iterable[str]:
    """A probe for people."""
    height, width = found.input
    size = f"{found.params / 1e6:.1f} M parameters, {found.layout}"
    yield f"{found.backbone} at {height}x{width} on {found.device} (live): {size}"
    yield "index  channels  stride  height x width"
    for stage in found.stages:
        yield f"{stage.index:>5}  {stage.channels:>8}  {stage.stride:>6}  {stage.height} x {stage.width}"
    if not found.pyramid:
        yield f"no pyramid: {found.reason}"
    for cure in found.cures:
        yield f"set {cure.key}={cure.value!r}: {cure.reason}"
    if found.note:
        yield found.note


def check_as_json(found: Check) -> dict[str, Any]:
    """A check for programs."""
    return asdict(found)


def check_lines(found: Check) -> Iterable[str]:
    """A check for people."""
    yield f"{'ok' if found.ok else 'failed'}: {found.config} on {found.device}, {found.seconds:.1f} s"
    if not found.ok:
        yield f"  while: {found.stage}"
        yield f"  {found.error}"
    if found.loss is not None:
        yield f"  loss {found.loss:.4g}"
    if found.peak_memory is not None:
        yield f"  peak memory {found.peak_memory / 2**20:.0f} MiB"
    if found.strides.found:
        yield f"  strides {spaced(found.strides.found)}; the head is made for {spaced(found.strides.expected) or 'any'}"
    if found.unused_parameters:
        count = len(found.unused_parameters)
        why = "several GPUs need find_unused_parameters=True"
        yield f"  {count} parameters got no gradient ({why}): {found.unused_parameters[0]}, ..."


def spaced(strides: Iterable[int | float]) -> str:
    """Strides for people."""
    return ", ".join(f"{stride:g}" for stride in strides)
