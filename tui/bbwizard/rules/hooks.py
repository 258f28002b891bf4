"""Hooks that work on the old backbone by the names of its layers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bbwizard.findings import Edit, Finding, Fix
from bbwizard.resolved import opaque
from bbwizard.rules.situation import Situation


def rf_next(situation: Situation) -> Iterator[Finding]:
    """RF-Next's hook (`mmcv/cnn/rfsearch`): dilations that were found for the base's layers, or are to be searched."""
    hooks = situation.config.at(("custom_hooks",), None) or []
    found = [hook for hook in hooks if isinstance(hook, Mapping) and of_rf_next(hook)]
    if not found:
        return
    left = [hook for hook in hooks if hook not in found]
    file = found[0].get("rfstructure_file")
    searched = file is not None
    text = (
        f"RFSearchHook sets the dilations in {file}, found for the layers of the base's {situation.base.backbone}"
        if searched
        else f"RFSearchHook searches dilations, with settings made for the base's {situation.base.backbone}"
    )
    fix = None if opaque(left) else Fix("leave the hook out", (Edit(("custom_hooks",), left),))
    yield Finding("rf-next", text, fix, certain=searched)


def of_rf_next(hook: Mapping[str, Any]) -> bool:
    """Whether a hook is RF-Next's; a file of dilations gives it away where a config forgot its type."""
    return hook.get("type") == "RFSearchHook" or "rfstructure_file" in hook
