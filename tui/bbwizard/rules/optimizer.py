"""An optimizer made for the old backbone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from bbwizard.findings import Edit, Finding, Fix
from bbwizard.rules.situation import Situation
from bbwizard.wording import counted, some

DECAY: Final = "LearningRateDecayOptimizerConstructor"
"""Decays the learning rate by layer, and knows the layers of classes called ConvNeXt alone
(`mmdet/core/optimizers/layer_decay_optimizer_constructor.py`); it raises for every other."""

LAYER_WISE: Final = "layer_wise"
"""Its `decay_type` where none is said; by stages it counts those, which every ConvNeXt has as many of."""

DEEPEST: Final = {"tiny": 6}
"""`num_layers` of that constructor by ConvNeXt's arch, 12 for all others: mmdet's own configs, which count three blocks
of the third stage as a layer (9 of them in tiny, 27 in the others; `mmcls/models/backbones/convnext.py`)."""

CUSTOM_KEYS: Final = ("optimizer", "paramwise_cfg", "custom_keys")

SWINS: Final = ("absolute_pos_embed", "relative_position_bias_table")
"""Parameters of Swin that mmdet's configs name without saying whose they are."""

NO_DECAY: Final[dict[str, Any]] = {
    "custom_keys": {
        "pos_embed": {"decay_mult": 0.0},
        "relative_position_bias_table": {"decay_mult": 0.0},
        "norm": {"decay_mult": 0.0},
    }
}

ADAMW: Final[dict[str, Any]] = {
    "type": "AdamW",
    "lr": 0.0001,
    "betas": (0.9, 0.999),
    "weight_decay": 0.05,
    "paramwise_cfg": NO_DECAY,
}
"""The optimizer of mmdet's `configs/swin/mask_rcnn_swin-t-p4-w7_fpn_1x_coco.py`."""

ADAMW_IMAGES: Final = 16
"""Images a step that its learning rate is for (that config's own `auto_scale_lr`)."""

MEANT_FOR: Final = ("auto_scale_lr", "base_batch_size")
"""Where a config says how many images a step its learning rate is for, since mmdet 2.24."""


def adamw(situation: Situation) -> Iterator[Finding]:
    """SGD on a kind of transformer: it trains, but all but one of mmdet's own configs for them take AdamW."""
    if not sgd_on_transformer(situation):
        return
    now = situation.config.at(("optimizer",))
    layers = ", ".join(f"{count} {name}" for name, count in situation.probe.norms.items())
    text = (
        f"the base trains with SGD at lr {now.get('lr')}; {situation.class_name} ({layers}) is a kind of transformer, "
        f"which mmdet's own Swin and ConvNeXt configs train with AdamW at lr {ADAMW['lr']}, weight decay 0.05"
    )
    changes = [Edit(("optimizer",), ADAMW, replace=True)]
    if situation.config.at(MEANT_FOR) not in (None, ADAMW_IMAGES):
        changes.append(Edit(MEANT_FOR, ADAMW_IMAGES))
    yield Finding("adamw", text, Fix("AdamW in place of SGD", tuple(changes)))


def sgd_on_transformer(situation: Situation) -> bool:
    """Whether the base has SGD and the new backbone is a kind of transformer."""
    return situation.probe.transformer and situation.config.at(("optimizer", "type")) == "SGD"


def layer_decay(situation: Situation) -> Iterator[Finding]:
    """A learning rate by layer that the new backbone's layers are not known for."""
    now = situation.config.at(("optimizer",), {})
    if now.get("constructor") != DECAY:
        return
    if layers_unknown(situation):
        kept = {key: value for key, value in now.items() if key not in ("constructor", "paramwise_cfg")}
        if situation.probe.transformer:
            kept["paramwise_cfg"] = NO_DECAY
        text = f"the base's {DECAY} knows ConvNeXt's layers alone and would stop at {situation.class_name}"
        yield Finding("layer-decay", text, Fix(f"plain {now.get('type')}", edit(kept)), certain=True)
        return
    paramwise = now.get("paramwise_cfg") or {}
    arch, layers = situation.probe.config.get("arch"), paramwise.get("num_layers")
    wanted = DEEPEST.get(str(arch), 12)
    if isinstance(arch, str) and layers != wanted and LAYER_WISE in paramwise.get("decay_type", LAYER_WISE):
        text = f"num_layers={layers} of {DECAY} is counted for the base's ConvNeXt; mmdet has {wanted} for {arch}"
        change = Edit(("optimizer", "paramwise_cfg", "num_layers"), wanted)
        yield Finding("layer-decay", text, Fix(f"num_layers={wanted}", (change,)), certain=True)


def layers_unknown(situation: Situation) -> bool:
    """Whether the base's learning rate by layer would raise at the new backbone."""
    decayed = situation.config.at(("optimizer", "constructor")) == DECAY
    return decayed and "ConvNeXt" not in situation.class_name


def replaced(situation: Situation) -> bool:
    """Whether a fix that is taken puts another optimizer in the place of the base's."""
    takes = situation.recipe.takes
    decay = layers_unknown(situation) and takes("layer-decay", certain=True)
    return decay or (sgd_on_transformer(situation) and takes("adamw", certain=False))


def edit(optimizer: dict[str, Any]) -> tuple[Edit, ...]:
    """Another optimizer in the place of the base's."""
    return (Edit(("optimizer",), optimizer, replace=True),)


def custom_keys(situation: Situation) -> Iterator[Finding]:
    """Learning rates and decays by name: those for the old backbone, and names that the new one has not."""
    keys = situation.config.at(CUSTOM_KEYS, {})
    rate = (keys.get("backbone") or {}).get("lr_mult", 1)
    if rate != 1 and not replaced(situation):
        sets = situation.seen.backbone_keys if situation.seen is not None else {}
        slowed = [key for key in keys if (keys[key] or {}).get("lr_mult", 1) != 1 and of_backbone(key, sets)]
        tensors = sum(sets.get(key, 0) for key in slowed)
        text = f"the base has its {situation.base.backbone} learn at {rate:.3g} of the learning rate"
        text = f"{text}, of the new one {counted(tensors, 'tensor')}" if tensors else text
        text = text if situation.pretrained else f"{text}, which is little for random weights"
        changes = tuple(Edit((*CUSTOM_KEYS, key, "lr_mult"), 1.0) for key in slowed)
        yield Finding("backbone-lr", text, Fix("lr_mult=1.0 for the backbone", changes))
    idle = situation.seen.idle_keys if situation.seen is not None else []
    if idle:
        text = f"the optimizer's custom_keys name {len(idle)} parts that no parameter's name has: {some(idle)}"
        yield Finding("idle-keys", text)


def of_backbone(key: str, sets: Mapping[str, int]) -> bool:
    """Whether a name in `custom_keys` is that of the backbone or of a part of it; `sets` are those a check saw."""
    return key.partition(".")[0] == "backbone" or key in SWINS or key in sets
