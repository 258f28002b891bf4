"""Which pretrained weights a backbone starts from, and what that is in a config. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bbprobe.protocol import Base, Entry, Weights
from bbwizard.errors import Unknown

AUTO = "auto"
NONE = "none"


@dataclass(frozen=True)
class Start:
    """What the backbone starts from: `label` for people, `config` for the backbone's keyword arguments."""

    label: str
    config: Mapping[str, Any] = field(default_factory=dict)
    weights: Weights | None = None


def start(wanted: str, entry: Entry, base: Base) -> Start:
    """The start that `wanted` names: "auto", "none", the name of one of the entry's weights, a path or a URL.

    "auto" does as the base does: the entry's first weights where the base starts from pretrained ones, else none.

    Raises:
        Unknown: the entry has no weights of that name, and it is neither a path nor a URL.
    """
    if wanted == AUTO:
        return of_catalog(entry.weights[0]) if base.pretrained and entry.weights else Start("none")
    if wanted == NONE:
        return Start("none")
    for weights in entry.weights:
        if wanted in (weights.name, weights.checkpoint):
            return of_catalog(weights)
    if looks_like_file(wanted):
        return of_file(wanted, entry)
    known = ", ".join(weights.name for weights in entry.weights[:8]) or "none"
    raise Unknown(f"{entry.name} has no weights {wanted!r}", f"known: {known}; or give a file or a URL, or 'none'")


def of_catalog(weights: Weights) -> Start:
    """Weights that the library knows.

    timm loads its own by tag; for the others mmcv's `PretrainedInit` does, with the prefix that the keys carry
    (`mmcv/cnn/utils/weight_init.py`).
    """
    if weights.library == "timm":
        return Start(weights.name, {"model_name": weights.checkpoint, "pretrained": True}, weights)
    return Start(weights.name, {"init_cfg": pretrained(weights.checkpoint, weights.prefix)}, weights)


def of_file(place: str, entry: Entry) -> Start:
    """A checkpoint by path or URL.

    With `features_only` timm renames its modules, so that neither `init_cfg` nor `checkpoint_path` would load
    anything: it takes the file through `pretrained_cfg` (timm/models/_builder.py). Checkpoints of mmcls classifiers
    hold the backbone below "backbone."; aliases such as `mmcls://` are stripped of it by mmcv's loader.
    """
    if entry.source == "timm":
        key = "url" if "://" in place else "file"
        return Start(place, {"pretrained": True, "pretrained_cfg": {key: place}})
    classifier = entry.source == "mmcls" and not place.startswith("mmcls://")
    return Start(place, {"init_cfg": pretrained(place, "backbone." if classifier else None)})


def pretrained(checkpoint: str, prefix: str | None) -> dict[str, Any]:
    """mmcv's initialiser for a checkpoint."""
    config: dict[str, Any] = {"type": "Pretrained", "checkpoint": checkpoint}
    return {**config, "prefix": prefix} if prefix else config


def looks_like_file(text: str) -> bool:
    """Whether it names a place rather than one of a catalog's weights."""
    return "/" in text or text.endswith((".pth", ".pt", ".bin", ".safetensors"))
