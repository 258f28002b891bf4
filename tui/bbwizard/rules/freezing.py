"""Frozen stages and batch norm: what the base's backbone was spared, and the new one should be too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from bbwizard.findings import Edit, Finding, Fix
from bbwizard.rules.situation import Situation
from bbwizard.wording import counted, listed

BACKBONE: Final = ("model", "backbone")

FROM_ZERO: Final = {
    f"mmcls.{name}"
    for name in ("CSPDarkNet", "CSPResNet", "CSPResNeXt", "HorNet", "SwinTransformer", "SwinTransformerV2", "VAN")
}
"""Classes whose `frozen_stages` is 0 for their first stage; it is 1 for all others (their `_freeze_stages`)."""

TINY: Final = 4
"""Images in a batch that its own statistics tell little of: the error of batch norm rises steeply below eight (Wu and
He, Group Normalization, 2018, figure 1)."""


def freezing(situation: Situation) -> Iterator[Finding]:
    """The base's `frozen_stages` and `norm_eval`, carried over with weights; random weights are never frozen.

    A kind of transformer is offered them, since mmdet's own Swin, PVT and ConvNeXt configs freeze nothing.
    """
    wanted = spared(situation)
    if not situation.pretrained or not wanted:
        return
    taken = {key: value for key, value in translated(wanted, situation).items() if key in situation.probe.takes}
    missing = [f"{key}={value}" for key, value in wanted.items() if key not in situation.probe.takes]
    had = listed(f"{key}={value}" for key, value in wanted.items())
    base, new = situation.base.backbone, situation.class_name
    if taken:
        label = listed(f"{key}={value}" for key, value in taken.items())
        fix = Fix(label, tuple(Edit((*BACKBONE, key), value) for key, value in taken.items()))
        transformer = situation.probe.transformer
        why = "; mmdet's own Swin, PVT and ConvNeXt configs freeze nothing" if transformer else ""
        yield Finding("freeze", f"the base's {base} had {had}, and {new} takes {label}{why}", fix, not transformer)
    if missing:
        layers = batch_norms(situation)
        text = f"the base's {base} had {listed(missing)}, which {new} does not take"
        if layers:
            text = f"{text}: its {counted(layers, 'batch norm layer')} train on {batch(situation)}"
        yield Finding("not-frozen", text)


def spared(situation: Situation) -> dict[str, Any]:
    """What the base's backbone sets of the two, where it means something for the new one."""
    old = situation.config.at(BACKBONE, {})
    found: dict[str, Any] = {}
    stages = old.get("frozen_stages")
    if isinstance(stages, int) and stages >= 0:
        found["frozen_stages"] = stages
    if old.get("norm_eval") is True and batch_norms(situation):
        found["norm_eval"] = True
    return found


def translated(wanted: dict[str, Any], situation: Situation) -> dict[str, Any]:
    """The same of the new backbone's class, which may count its stages otherwise."""
    stages = wanted.get("frozen_stages")
    if stages is None or situation.probe.type not in FROM_ZERO:
        return wanted
    rest = {key: value for key, value in wanted.items() if key != "frozen_stages"}
    return {"frozen_stages": stages - 1, **rest} if stages else rest  # what comes before its stages freezes with them


def frozen_random(situation: Situation) -> Iterator[Finding]:
    """A class that freezes of its own accord, started from random weights."""
    frozen = situation.probe.frozen
    if frozen and not situation.pretrained:
        text = (
            f"{situation.class_name} freezes {counted(frozen, 'parameter')} where nobody asks for it, here random ones"
        )
        fix = Fix("frozen_stages=-1", (Edit((*BACKBONE, "frozen_stages"), -1),))
        yield Finding("frozen-random", text, fix if "frozen_stages" in situation.probe.takes else None, certain=True)


def tiny_batch(situation: Situation) -> Iterator[Finding]:
    """Batch norm that trains on few images, where nothing else was said of it."""
    layers = batch_norms(situation)
    if layers and not said_or_held(situation) and situation.samples_per_gpu <= TINY:
        text = f"the {counted(layers, 'batch norm layer')} of {situation.class_name} train on {batch(situation)}"
        yield Finding("tiny-batch", f"{text}, which is few for batch statistics")


def said_or_held(situation: Situation) -> bool:
    """Whether the statistics are those of the weights, or `freezing` has said already that they are not."""
    if not situation.pretrained or "norm_eval" not in spared(situation):
        return False
    certain = not situation.probe.transformer
    return "norm_eval" not in situation.probe.takes or situation.recipe.takes("freeze", certain=certain)


def batch_norms(situation: Situation) -> int:
    """How many batch norm layers the new backbone has."""
    return sum(count for name, count in situation.probe.norms.items() if "BatchNorm" in name)


def batch(situation: Situation) -> str:
    """The batch of each step in words; each GPU normalises its own images alone."""
    each, gpus = situation.samples_per_gpu, situation.recipe.gpus
    return f"{counted(each, 'image')} a GPU ({each} x {counted(gpus, 'GPU')})"
