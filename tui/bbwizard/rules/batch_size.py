"""A learning rate made for another number of images a step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bbwizard.findings import Finding, Fix
from bbwizard.rules.optimizer import ADAMW, ADAMW_IMAGES, MEANT_FOR, sgd_on_transformer
from bbwizard.rules.situation import Situation
from bbwizard.wording import counted

FLAG: Final = "--auto-scale-lr"
"""Has mmdet's `tools/train.py` scale the learning rate with the images a step, linearly, since 2.24."""


def batch_size(situation: Situation) -> Iterator[Finding]:
    """GPUs x samples against the base's `auto_scale_lr.base_batch_size`, or against that of AdamW where it is taken.

    The linear rule was found for SGD (Goyal et al., Accurate, Large Minibatch SGD, 2017); any other optimizer is only
    offered it.
    """
    config = situation.config
    meant_for, enabled = config.at(MEANT_FOR), config.at(("auto_scale_lr", "enable"))
    adamw = sgd_on_transformer(situation) and situation.recipe.takes("adamw", certain=False)
    lr = ADAMW["lr"] if adamw else config.at(("optimizer", "lr"))
    if adamw and meant_for is not None:
        meant_for = ADAMW_IMAGES
    each, gpus = situation.samples_per_gpu, situation.recipe.gpus
    images = each * gpus
    if not isinstance(meant_for, int) or enabled is not False or images == meant_for or not isinstance(lr, float):
        return
    many = f"{counted(gpus, 'GPU')} x {counted(each, 'image')} = {images} a step"
    text = f"{many}; the learning rate {lr:g} is for {meant_for}, in proportion it is {lr * images / meant_for:g}"
    is_sgd = config.at(("optimizer", "type")) == "SGD" and not adamw
    why = "" if is_sgd else " (a rule made for SGD)"
    yield Finding("batch-size", text + why, Fix(f"train with {FLAG}", arguments=(FLAG,)), certain=is_sgd)
