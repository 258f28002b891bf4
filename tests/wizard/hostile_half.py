"""A probing half whose every name acts on a terminal, looks like markup or has no width."""

from __future__ import annotations

from typing import Any

from hostile import NAMES

from bbprobe.protocol import BaseName, Environment, Probe

from . import fake_half
from .fake_half import FakeHalf

STEM = "hostile"
ALL = "".join(name for name in NAMES if len(name) < 100)
SHORT = [name[:60] for name in NAMES]


class HostileHalf(FakeHalf):
    """Answers with names that nobody means well."""

    def answer(self, method: str, params: Any) -> Any:
        if method == "catalog" and params["source"] == "timm":
            return [fake_half.entry(f"timm/{STEM}{number}{name}") for number, name in enumerate(NAMES)]
        if method == "bases":
            names = [f"{STEM}/{number}{name}.py" for number, name in enumerate(SHORT)]
            return [BaseName(name, f"/configs/{name}", "mmdet\x1b[1m") for name in names]
        if method == "base":
            found = fake_half.base(fake_half.YOLOX)
            return replaced(found, name=params["path"], detector=ALL, neck=ALL, backbone=ALL, lost={ALL: ALL})
        found = super().answer(method, params)
        if isinstance(found, Probe):
            return replaced(found, type=ALL, config={"arch": ALL}, note=ALL, device=ALL, layout=ALL)
        if isinstance(found, Environment):
            return replaced(found, python=ALL, versions=dict.fromkeys(found.versions, ALL), device_reason=ALL)
        return found


def replaced(fact: Any, **fields: Any) -> Any:
    """A fact with other values."""
    return type(fact)(**{**vars(fact), **fields})
