"""Hooks that work on the old backbone by the names of its layers, or take something in the new one for a head's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from bbwizard import dataset
from bbwizard.findings import Edit, Finding, Fix
from bbwizard.resolved import opaque
from bbwizard.retarget import class_counts
from bbwizard.rules.situation import Situation

Hook = Mapping[str, Any]

EPOCHS: Final = "EpochBasedRunner"
"""The runner that begins epochs, which a config has that names none (`mmdet/apis/train.py`)."""


def rf_next(situation: Situation) -> Iterator[Finding]:
    """RF-Next's hook (`mmcv/cnn/rfsearch`): dilations that were found for the base's layers, or are to be searched."""
    found = of_rf_next(situation)
    if not found:
        return
    file = found[0].get("rfstructure_file")
    text = (
        f"RFSearchHook sets the dilations in {file}, found for the layers of the base's {situation.base.backbone}"
        if searched(found)
        else f"RFSearchHook searches dilations, with settings made for the base's {situation.base.backbone}"
    )
    also = of_class_check(situation) if situation.recipe.takes("class-check", certain=True) else []
    yield Finding("rf-next", text, leave_out(situation, [*found, *also]), certain=searched(found))


def class_check(situation: Situation) -> Iterator[Finding]:
    """mmdet's NumClassCheckHook (`mmdet/datasets/utils.py`): it takes any module's `num_classes` for a head's."""
    found = of_class_check(situation)
    if not found:
        return
    number = miscounted(situation)[0]
    text = (
        f"NumClassCheckHook takes the num_classes={number} in {situation.entry.name} for that of a head, "
        "and would stop training at its first epoch"
    )
    other = of_rf_next(situation)
    also = other if situation.recipe.takes("rf-next", certain=searched(other)) else []
    yield Finding("class-check", text, leave_out(situation, [*found, *also]), certain=True)


def leave_out(situation: Situation, gone: list[Hook]) -> Fix | None:
    """The base's hooks without some, which are those of every fix that is taken: mmcv replaces the list whole."""
    left = [hook for hook in hooks(situation) if hook not in gone]
    return None if opaque(left) else Fix("leave the hook out", (Edit(("custom_hooks",), left),))


def hooks(situation: Situation) -> list[Any]:
    """The base's own hooks."""
    found = situation.config.at(("custom_hooks",), None)
    return list(found) if isinstance(found, (list, tuple)) else []


def of_rf_next(situation: Situation) -> list[Hook]:
    """RF-Next's hooks; a file of dilations gives one away where a config forgot its type."""
    found = [hook for hook in hooks(situation) if isinstance(hook, Mapping)]
    return [hook for hook in found if hook.get("type") == "RFSearchHook" or "rfstructure_file" in hook]


def searched(found: list[Hook]) -> bool:
    """Whether RF-Next's hooks set what was searched before."""
    return bool(found) and found[0].get("rfstructure_file") is not None


def of_class_check(situation: Situation) -> list[Hook]:
    """The hooks that would stop at the new backbone; none where no epoch begins."""
    if situation.config.at(("runner", "type"), EPOCHS) != EPOCHS or not miscounted(situation):
        return []
    found = [hook for hook in hooks(situation) if isinstance(hook, Mapping)]
    return [hook for hook in found if hook.get("type") == "NumClassCheckHook"]


def miscounted(situation: Situation) -> list[int]:
    """The numbers of classes in the new backbone that are not that of the data; those that no data has, where the
    base's heads do not tell it."""
    counts = situation.probe.class_counts
    if not counts:
        return []
    told = {count for path, count in class_counts(situation.config) if path[-1] == "num_classes"}
    wanted = told.pop() if len(told) == 1 else None
    if situation.data is not None:
        wanted = len(dataset.classes(situation.data))
    return [number for number in counts if number < 1 or wanted not in (None, number)]
