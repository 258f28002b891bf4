"""Which base configs are the same to a swap: the same model and the same kinds of data, or the same form. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from bbprobe.protocol import Base
from bbwizard.resolved import dicts, resolved

WEIGHTS = ("pretrained", "load_from", "teacher_ckpt")
"""Keys that name weights: which ones a detector starts from is nothing to its backbone."""


def model(base: Base) -> dict[str, Any]:
    """The resolved `model` of a base config, without weights."""
    found: dict[str, Any] = without_weights(resolved(base.resolved).values["model"])
    return found


def data(base: Base) -> list[str]:
    """The types of the data sets and the transforms of a base config, each once: its check builds them."""
    found = resolved(base.resolved).at(("data",))
    return sorted({one["type"] for _, one in dicts(found) if isinstance(one.get("type"), str)})


def without_weights(value: Any) -> Any:
    """A config's value without what loads weights."""
    if isinstance(value, Mapping):
        kept = {key: without_weights(item) for key, item in value.items() if key not in WEIGHTS}
        return {key: item for key, item in kept.items() if not loads(key, item)}
    if isinstance(value, (list, tuple)):
        return type(value)(without_weights(item) for item in value)
    return value


def loads(key: Any, value: Any) -> bool:
    """Whether it is an `init_cfg` that loads a checkpoint."""
    return key == "init_cfg" and isinstance(value, Mapping) and "checkpoint" in value


def digest(*whole: Any) -> str:
    """Short, the same for the same values, whatever order their keys stand in."""
    return hashlib.sha256(ordered(whole).encode()).hexdigest()[:16]


def ordered(value: Any) -> str:
    """A literal's text with its keys in order."""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{key!r}:{ordered(value[key])}" for key in sorted(value, key=str)) + "}"
    if isinstance(value, (list, tuple)):
        return type(value).__name__ + "(" + ",".join(map(ordered, value)) + ")"
    return repr(value)


def size(whole: Mapping[str, Any]) -> int:
    """How much there is to a model beside its backbone: sorts the detectors that are cheap to check first."""
    return len(ordered({key: value for key, value in whole.items() if key != "backbone"}))


def form(base: Base) -> str:
    """How a detector takes its backbone's channels, in one line; what has the same form is wired the same way."""
    slots = " ".join(f"{'.'.join(map(str, slot.path))}:{slot.form}:{slot.container}" for slot in base.slots)
    if not base.neck:
        return f"{base.detector} without neck {slots}"
    return f"{base.neck} {slots} start {base.start_level} outs {len(base.outs)}"
