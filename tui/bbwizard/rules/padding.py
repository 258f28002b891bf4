"""Images padded to sizes that the deepest map does not divide."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

from bbwizard.findings import Edit, Finding, Fix, Steps
from bbwizard.resolved import opaque
from bbwizard.rules.situation import Situation
from bbwizard.transforms import Step, changed, of_type
from bbwizard.wording import listed

DOUBLING: Final = ("YOLOV3Neck", "YOLOXPAFPN", "HRFPN")
"""Necks that double a map and join it with the one above, which must then be exactly twice as large; the others resize
or cut to its size (`mmdet/models/necks`)."""


def padding(situation: Situation) -> Iterator[Finding]:
    """`Pad.size_divisor` against the deepest stride, where the neck doubles, or the swap made it deeper."""
    strides = [link.stage.stride for link in situation.wiring.links]
    deepest = math.ceil(max(strides, default=0))
    doubling = any(neck in DOUBLING for neck in situation.base.neck.split(", "))
    before = max((level.stride for level in situation.base.levels), default=deepest)
    if not strides or not (doubling or deepest > before):
        return
    pipelines = [item for item in situation.config.pipelines() if padded(item.steps, deepest) != item.steps]
    pads = [step for item in pipelines for step in of_type(item.steps, "Pad")]
    small = sorted({step["size_divisor"] for step in pads if short(step, deepest)})
    why = f"the deepest map is at stride {deepest}" + (f", which {situation.base.neck} doubles" if doubling else "")
    if small:
        numbers = listed(map(str, small))
        text = f"images are padded to multiples of {numbers}, but {why}"
        fix = Fix(f"size_divisor={deepest}", pipeline=lambda item: padded(item.steps, deepest))
        given = None if any(opaque(item.steps) for item in pipelines) else fix
        yield Finding("pad", text, given, certain=True)
    yield from multiplier(situation, deepest, why)
    sizes = sorted({size for item in situation.config.pipelines() for size in uneven(item.steps, deepest)})
    if sizes:
        yield Finding("pad-size", f"images are padded to {listed(map(str, sizes))}, but {why}")


def padded(steps: Steps, deepest: int) -> Steps:
    """The transforms with a divisor that the deepest stride divides; the smallest that the old one divides too."""

    def step(one: Step) -> Step:
        return {**one, "size_divisor": math.lcm(one["size_divisor"], deepest)} if short(one, deepest) else one

    return changed(steps, step)


def short(step: Step, deepest: int) -> bool:
    """Whether a `Pad` has a divisor that the deepest stride does not divide."""
    divisor = step.get("size_divisor")
    return step.get("type") == "Pad" and isinstance(divisor, int) and divisor > 0 and divisor % deepest != 0


def uneven(steps: Steps, deepest: int) -> Iterator[tuple[int, ...]]:
    """The fixed sizes that images are padded to and the deepest stride does not divide."""
    for step in of_type(steps, "Pad"):
        size: Any = step.get("size")
        if isinstance(size, (list, tuple)) and any(isinstance(side, int) and side % deepest for side in size):
            yield tuple(size)


def multiplier(situation: Situation, deepest: int, why: str) -> Iterator[Finding]:
    """YOLOX draws its sizes as multiples of `size_multiplier` (`mmdet/models/detectors/yolox.py`)."""
    model = situation.config.at(("model",), {})
    now = model.get("size_multiplier", 32)
    if model.get("type") == "YOLOX" and now % deepest:
        wanted = math.lcm(now, deepest)
        low, high = model.get("random_size_range", (15, 25))
        sizes = (max(1, round(low * now / wanted)), max(1, round(high * now / wanted)))
        edits = (Edit(("model", "size_multiplier"), wanted), Edit(("model", "random_size_range"), sizes))
        text = f"YOLOX draws image sizes as multiples of {now}, but {why}"
        yield Finding("size-multiplier", text, Fix(f"size_multiplier={wanted}", edits), certain=True)
