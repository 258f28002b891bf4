"""Images with sides that the backbone refuses, where they can be padded to others."""

from __future__ import annotations

import math
from collections.abc import Iterator

from bbwizard import image_sizes
from bbwizard.findings import Finding, Fix, Steps
from bbwizard.image_sizes import made
from bbwizard.resolved import opaque
from bbwizard.rules.situation import Situation
from bbwizard.transforms import FORMATTING, Step, changed, formats, of_type
from bbwizard.wording import listed


def sides(situation: Situation) -> Iterator[Finding]:
    """What every pipeline pads to, against the sides that the backbone takes, as it said when it was asked."""
    if situation.shown.unasked:
        yield Finding("image-size", unasked(situation))
    divisor = situation.shown.divisor
    short = [item for item in situation.config.pipelines() if padded(item.steps, divisor) != item.steps]
    if not short or not divisor:
        return
    pads = sorted({made(item.steps).divisor for item in short})
    come = "of any length" if pads == [1] else f"multiples of {listed(map(str, pads))}"
    roles = listed(dict.fromkeys(item.role for item in short))
    needs = f"it takes sides that are multiples of {divisor}, those for {roles} are {come}"
    fix = Fix(f"size_divisor={divisor}", pipeline=lambda item: padded(item.steps, divisor))
    yield Finding("pad-sides", "; ".join((situation.shown.refusal, needs)), fix, certain=True)


def unasked(situation: Situation) -> str:
    """That nobody has shown the backbone such images."""
    base, backbone = situation.base.name, situation.entry.name
    fixed = listed(f"{height}x{width}" for height, width in image_sizes.fixed(situation.config))
    if fixed:
        known = f"{base} makes images of {fixed}, and the atlas does not know whether {backbone} takes those"
    else:
        known = (
            f"{base} makes images whose sides 32 does not divide, "
            f"and the atlas does not know what {backbone} makes of those"
        )
    return f"{known}; `bbwizard check` tells, where it trains"


def padded(steps: Steps, divisor: int) -> Steps:
    """The transforms with images of sides that `divisor` divides; the very same ones where they are, or are fixed."""
    if not divisor or not formats(steps) or opaque(steps):
        return steps
    images = made(steps)
    if images.size is not None or images.divisor % divisor == 0:
        return steps
    pad: Step = {"type": "Pad", "size_divisor": math.lcm(images.divisor, divisor)}
    if any(step.get("size_divisor") for step in of_type(steps, "Pad")):
        return changed(steps, lambda step: {**step, **pad} if step["type"] == "Pad" else step)
    return changed(steps, lambda step: step, lambda level: inserted(level, pad))


def inserted(level: Steps, pad: Step) -> Steps:
    """With `pad` where the image is about to become a tensor, so behind its normalisation."""
    at = next((number for number, step in enumerate(level) if step["type"] in FORMATTING), None)
    return level if at is None else [*level[:at], pad, *level[at:]]
