"""Parameters that get no gradient: several GPUs then wait for one another for ever, or stop with an error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bbwizard.findings import Edit, Finding, Fix
from bbwizard.rules.situation import Situation
from bbwizard.wording import counted, some

KEY: Final = "find_unused_parameters"
"""The top-level key that mmdet hands to DistributedDataParallel (`mmdet/apis/train.py`)."""


def gradient(situation: Situation) -> Iterator[Finding]:
    """Whether DistributedDataParallel must look for parameters without gradient, as a check saw it."""
    seen, declared = situation.seen, bool(situation.config.at((KEY,), False))
    if seen is None or not seen.ok or seen.proved != "step":
        if situation.recipe.gpus > 1 and not declared:
            why = "a check has not seen yet" if seen is None else "this check could not see"
            yield Finding("gradient-unseen", f"{why} whether every parameter gets a gradient; several GPUs need that")
        return
    needed = Fix(f"{KEY}=True", (Edit((KEY,), True),))
    if seen.unused_parameters:
        many = counted(len(seen.unused_parameters), "parameter")
        text = f"{many} got no gradient in the check, for which several GPUs stop: {some(seen.unused_parameters)}"
        yield Finding("no-gradient", text, None if declared else needed, certain=True)
    if seen.late_frozen:
        many = counted(len(seen.late_frozen), "parameter")
        text = f"{situation.class_name} freezes {many} in train(), when several GPUs already wait for their gradients"
        yield Finding("late-frozen", f"{text}: {some(seen.late_frozen)}", None if declared else needed, certain=True)
    if declared and not seen.unused_parameters and not seen.late_frozen:
        text = f"the base sets {KEY}, which costs time at each step; in the check every parameter got a gradient"
        yield Finding("all-gradients", text, Fix(f"{KEY}=False", (Edit((KEY,), False),)))
