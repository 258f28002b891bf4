"""What `frozen_stages` means to each class, so that what one froze can be asked of another. Pure."""

from __future__ import annotations

from typing import Final

FROM_ZERO: Final = {
    f"mmcls.{name}"
    for name in ("CSPDarkNet", "CSPResNet", "CSPResNeXt", "HorNet", "SwinTransformer", "SwinTransformerV2", "VAN")
}
"""Classes whose `frozen_stages` is 0 for their first stage (their `_freeze_stages`)."""

STEM_FIRST: Final = {"Darknet", "EfficientNet", "mmcls.EfficientNet"}
"""Classes that count their stem among the stages: 1 is the stem alone, 0 nothing (their `_freeze_stages`)."""

NOT_ALONE: Final = {"mmcls.ConvMixer", "mmcls.ConvNeXt", "mmcls.DenseNet", "mmcls.VGG"}
"""Classes whose stem never freezes without their first stage: 0 is nothing, 1 that stage (their `_freeze_stages`)."""

IDLE: Final = {"mmcls.Conformer"}
"""Classes that take `frozen_stages` and `norm_eval`, and read neither (`mmcls/models/backbones/conformer.py`)."""


def stages(kind: str, number: int) -> int | None:
    """How many stages behind the stem a class freezes with this number; 0 for the stem alone, None for nothing."""
    found = number + ahead(kind)
    nothing = number < 0 or found < 0 or own(kind) in IDLE
    return None if nothing or (found == 0 and own(kind) in NOT_ALONE) else found


def number(kind: str, frozen: int) -> int | None:
    """The number with which a class freezes so many stages behind its stem; None where no number does."""
    found = frozen - ahead(kind)
    return found if stages(kind, found) == frozen else None


def ahead(kind: str) -> int:
    """How many more stages a class freezes than its number says; for all others it is 1 for the first stage."""
    return (own(kind) in FROM_ZERO) - (own(kind) in STEM_FIRST)


def own(kind: str) -> str:
    """A class as mmdet's registry knows it."""
    return kind[len("mmdet.") :] if kind.startswith("mmdet.") else kind
