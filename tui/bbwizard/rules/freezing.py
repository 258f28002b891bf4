"""Frozen stages and batch norm: what the base's backbone was spared, and the new one should be too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from bbprobe.protocol import Norms
from bbwizard.findings import Edit, Finding, Fix
from bbwizard.rules import frozen_stages
from bbwizard.rules.situation import Situation
from bbwizard.wording import counted, listed

BACKBONE: Final = ("model", "backbone")

AFFINE: Final = "norm_cfg.requires_grad"
"""False where batch norm keeps its own weights too (`mmcv/cnn/bricks/norm.py`)."""

TINY: Final = 4
"""Images in a batch that its own statistics tell little of: the error of batch norm rises steeply below eight (Wu and
He, Group Normalization, 2018, figure 1)."""


def freezing(situation: Situation) -> Iterator[Finding]:
    """The base's `frozen_stages`, `norm_eval` and frozen batch norm, carried over with weights; random weights are
    never frozen.

    A kind of transformer is offered them, since mmdet's own Swin, PVT and ConvNeXt configs freeze nothing.
    """
    wanted = spared(situation)
    if not situation.pretrained or not wanted:
        return
    taken = offered(situation)
    missing = [f"{key}={value}" for key, value in wanted.items() if key not in takes(situation)]
    had = listed(f"{key}={value}" for key, value in wanted.items())
    base, new = situation.base.backbone, situation.class_name
    if taken:
        label = listed(f"{key}={value}" for key, value in taken.items())
        fix = Fix(label, tuple(edit(key, value, situation) for key, value in taken.items()))
        transformer = situation.probe.transformer
        why = "; mmdet's own Swin, PVT and ConvNeXt configs freeze nothing" if transformer else ""
        why += "; norm_eval=True is its default" if "norm_eval" in wanted and evaluates(situation) else ""
        yield Finding("freeze", f"the base's {base} had {had}, and {new} takes {label}{why}", fix, not transformer)
    if missing:
        text = f"the base's {base} had {listed(missing)}, which {new} does not take"
        layers = training(situation)
        if said(situation) and "frozen_stages" in carried(situation):
            text = f"{text}: of its {counted(layers, 'batch norm layer')} those not frozen train on {batch(situation)}"
        elif said(situation):
            text = f"{text}: its {counted(layers, 'batch norm layer')} train on {batch(situation)}"
        yield Finding("not-frozen", text)


def offered(situation: Situation) -> dict[str, Any]:
    """What of it the new backbone takes, where that changes something."""
    found = {
        key: value
        for key, value in translated(spared(situation), situation).items()
        if key in takes(situation) and not (key == "norm_eval" and evaluates(situation))
    }
    return found if situation.pretrained else {}


def edit(key: str, value: Any, situation: Situation) -> Edit:
    """What writes one of them; `norm_cfg` is given whole, since the class's own goes where one is said."""
    if key == AFFINE:
        return Edit((*BACKBONE, "norm_cfg"), {**(situation.probe.norm_cfg or {}), "requires_grad": value})
    return Edit((*BACKBONE, key), value)


def carried(situation: Situation) -> dict[str, Any]:
    """What of it is written."""
    taken = situation.recipe.takes("freeze", certain=not situation.probe.transformer)
    return offered(situation) if taken else {}


def takes(situation: Situation) -> set[str]:
    """Which keywords change how the new backbone trains."""
    idle = {"frozen_stages", "norm_eval"} if situation.probe.type in frozen_stages.IDLE else set()
    affine = {AFFINE} if (situation.probe.norm_cfg or {}).get("type") == "BN" else set()
    return set(situation.probe.takes) - idle | affine


def spared(situation: Situation) -> dict[str, Any]:
    """What the base's backbone sets of them, or does by default, where it means something for the new one."""
    old = situation.config.at(BACKBONE, {})
    found: dict[str, Any] = {}
    number = old.get("frozen_stages")
    if isinstance(number, int) and frozen_stages.stages(situation.base.backbone, number) is not None:
        found["frozen_stages"] = number
    if not batch_norms(situation):
        return found
    norms = situation.base.norms or Norms(0, 0, 0)
    if old.get("norm_eval") is True or (norms.layers and not norms.training):
        found["norm_eval"] = True
    if situation.probe.norm_cfg is not None and norms.layers and norms.frozen == norms.layers:
        found[AFFINE] = False
    return found


def translated(wanted: dict[str, Any], situation: Situation) -> dict[str, Any]:
    """The same of the new backbone's class, which may count its stages otherwise."""
    rest = {key: value for key, value in wanted.items() if key != "frozen_stages"}
    stages = frozen_stages.stages(situation.base.backbone, wanted.get("frozen_stages", -1))
    number = None if stages is None else frozen_stages.number(situation.probe.type, stages)
    return rest if number is None else {"frozen_stages": number, **rest}


def frozen_random(situation: Situation) -> Iterator[Finding]:
    """A class that freezes of its own accord, started from random weights."""
    frozen = situation.probe.frozen
    if frozen and not situation.pretrained:
        text = (
            f"{situation.class_name} freezes {counted(frozen, 'parameter')} where nobody asks for it, here random ones"
        )
        fix = Fix("frozen_stages=-1", (Edit((*BACKBONE, "frozen_stages"), -1),))
        yield Finding("frozen-random", text, fix if "frozen_stages" in takes(situation) else None, certain=True)


def eval_random(situation: Situation) -> Iterator[Finding]:
    """A class that keeps batch norm in eval mode of its own accord, started from random weights."""
    if evaluates(situation) and not situation.pretrained:
        text = (
            f"{situation.class_name} keeps its {counted(batch_norms(situation), 'batch norm layer')} in eval mode "
            "where nobody asks for it, here with the statistics of no images at all"
        )
        yield Finding("eval-random", text, Fix("norm_eval=False", (Edit((*BACKBONE, "norm_eval"), False),)), True)


def tiny_batch(situation: Situation) -> Iterator[Finding]:
    """Batch norm that trains on few images, where nothing else was said of it."""
    if not training(situation) or said(situation) or situation.samples_per_gpu > TINY:
        return
    layers, new = training(situation), situation.class_name
    text = f"the {counted(layers, 'batch norm layer')} of {new} train on {batch(situation)}"
    if "frozen_stages" in carried(situation):
        text = f"of {new}'s {counted(layers, 'batch norm layer')} those not frozen train on {batch(situation)}"
    yield Finding("tiny-batch", f"{text}, which is few for batch statistics")


def said(situation: Situation) -> bool:
    """Whether `freezing` has said already that batch norm trains."""
    left = "norm_eval" in spared(situation) and "norm_eval" not in takes(situation)
    return situation.pretrained and left and training(situation) > 0


def batch_norms(situation: Situation) -> int:
    """How many batch norm layers the new backbone has."""
    return sum(count for name, count in situation.probe.norms.items() if "BatchNorm" in name)


def evaluates(situation: Situation) -> bool:
    """Whether `norm_eval` is True for the new backbone where nothing is said (mmdet's ResNet, HRNet, Darknet)."""
    held = situation.probe.training_norms == 0 and batch_norms(situation) > 0
    return held and "norm_eval" in takes(situation)


def training(situation: Situation) -> int:
    """How many batch norm layers train on their batch as it is written; 0 where that is not known."""
    if evaluates(situation):
        trained = not situation.pretrained and situation.recipe.takes("eval-random", certain=True)
        return batch_norms(situation) if trained else 0
    if "norm_eval" in carried(situation):
        return 0
    layers = situation.probe.training_norms
    if layers is None:
        return 0 if "norm_eval" in takes(situation) else batch_norms(situation)
    return layers


def batch(situation: Situation) -> str:
    """The batch of each step in words; each GPU normalises its own images alone."""
    each, gpus = situation.samples_per_gpu, situation.recipe.gpus
    return f"{counted(each, 'image')} a GPU ({each} x {counted(gpus, 'GPU')})"
