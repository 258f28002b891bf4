"""A learning rate made for another number of images a step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bbwizard.findings import Finding, Fix
from bbwizard.resolved import Resolved
from bbwizard.rules.optimizer import ADAMW, ADAMW_IMAGES, MEANT_FOR, sgd_on_transformer
from bbwizard.rules.situation import Situation
from bbwizard.wording import counted

FLAG: Final = "--auto-scale-lr"
"""Has mmdet's `tools/train.py` scale the learning rate with the images a step, linearly, since 2.24."""

ACCUMULATING: Final = ("GradientCumulativeOptimizerHook", "GradientCumulativeFp16OptimizerHook")
"""Hooks that step once for the mean over `cumulative_iters` iterations (`mmcv/runner/hooks/optimizer.py`)."""


def batch_size(situation: Situation) -> Iterator[Finding]:
    """GPUs x samples against the base's `auto_scale_lr.base_batch_size`, or against that of AdamW where it is taken.

    The linear rule was found for SGD (Goyal et al., Accurate, Large Minibatch SGD, 2017); any other optimizer is only
    offered it. Where a step accumulates several iterations it is offered to none: mmdet scales by the images of one
    (`auto_scale_lr` in mmdet/apis/train.py).
    """
    config = situation.config
    meant_for, enabled = config.at(MEANT_FOR), config.at(("auto_scale_lr", "enable"))
    adamw = sgd_on_transformer(situation) and situation.recipe.takes("adamw", certain=False)
    lr = ADAMW["lr"] if adamw else config.at(("optimizer", "lr"))
    if adamw and meant_for is not None:
        meant_for = ADAMW_IMAGES
    each, gpus = situation.samples_per_gpu, situation.recipe.gpus
    over = accumulated(config)
    images = each * gpus * over
    if not isinstance(meant_for, int) or enabled is not False or images == meant_for or not isinstance(lr, float):
        return
    many = f"{counted(gpus, 'GPU')} x {counted(each, 'image')} = {images} a step"
    if over > 1:
        many = f"{counted(gpus, 'GPU')} x {counted(each, 'image')} x {counted(over, 'iteration')} = {images} a step"
    rate = f"the learning rate {lr:g} is for {meant_for}, in proportion it is {lr * images / meant_for:g}"
    is_sgd = config.at(("optimizer", "type")) == "SGD" and not adamw
    if not is_sgd:
        rate = f"{rate} (a rule made for SGD)"
    if over > 1:
        by_hand = f"set it by hand (optimizer.lr): {FLAG} does not count the iterations"
        yield Finding("batch-size", f"{many}; {rate}; {by_hand}")
        return
    yield Finding("batch-size", f"{many}; {rate}", Fix(f"train with {FLAG}", arguments=(FLAG,)), certain=is_sgd)


def accumulated(config: Resolved) -> int:
    """The iterations whose gradients make one step of the optimizer."""
    hook = config.at(("optimizer_config",), {})
    count = hook.get("cumulative_iters", 1) if hook and hook.get("type") in ACCUMULATING else 1
    return count if isinstance(count, int) and count > 0 else 1
