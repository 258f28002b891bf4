"""The strides that a detector's heads are made for, as the built heads say, and the channels that they are fed."""

from typing import Any, Dict, List, NamedTuple, Optional, Sequence

import torch

from bbprobe import forward, loading
from bbprobe.neck_run import Out
from bbprobe.own_backbone import Map
from bbprobe.protocol import Refused, Slot, Stride
from bbprobe.strides import flat
from bbprobe.words import in_words

OWN_SCALE = ("SOLOHead", "YOLACTHead")
"""Heads whose strides are not those of their inputs: SOLO resizes the first and last level itself
(`SOLOHead.resize_feats`), YOLACT divides its fixed image size by the map sizes (`strides=[550.0 / x ...]`)."""

GENERATORS = ("prior_generator", "approx_anchor_generator", "anchor_generator", "point_generator")
FIELDS = ("strides", "point_strides", "featmap_strides", "anchor_strides")


KEYS = ("rpn_head", "bbox_head", "mask_head", "panoptic_head")
"""Where detectors keep the head that reads the features first."""


class Dense(NamedTuple):
    """The head that reads the neck's outputs first: its key in `model` and its config."""

    key: str
    config: Dict[str, Any]


def dense(model: Dict[str, Any]) -> Optional[Dense]:
    """The dense head of a `model` config; None where the detector has only RoI heads."""
    for key in KEYS:
        if isinstance(model.get(key), dict):
            return Dense(key, model[key])
    return None


def strides(model: Dict[str, Any]) -> List[Stride]:
    """The strides that the heads of a `model` config are made for; empty where they take none.

    Raises:
        Refused: its dense head cannot be built.
    """
    head = dense(model)
    said = of_head(build(model, head)) if head else []
    if said or (head and head.config.get("type") in OWN_SCALE):
        return said
    regions = model.get("roi_head") or {}
    longest: List[Stride] = []
    for _, found in loading.dicts(regions if isinstance(regions, dict) else {}):
        longest = max(longest, flat(found.get("featmap_strides")), key=len)
    return longest


def build(model: Dict[str, Any], head: Dense) -> Any:
    """The dense head, without weight initialisation, with the settings its detector would give it.

    Raises:
        Refused: it cannot be built.
    """
    from mmcv import ConfigDict
    from mmdet.models import build_head

    config = loading.without_weights(loading.plain(head.config))
    for key in ("train_cfg", "test_cfg"):
        settings = loading.plain(model.get(key))
        if head.key == "rpn_head" and settings:
            settings = settings.get("rpn")
        config[key] = settings
    try:
        with forward.no_initialisation():
            return build_head(ConfigDict(config))
    except Exception as error:
        raise Refused("its {} {} cannot be built: {}".format(head.key, config["type"], in_words(error))) from error


def of_head(head: Any) -> List[Stride]:
    """The strides that a built dense head is made for; empty where it takes none or makes its own.

    Mask2Former's stand in the pixel decoder inside its head, mostly by that class's default.
    """
    if any(kind.__name__ in OWN_SCALE for kind in type(head).__mro__):
        return []
    stages = getattr(head, "stages", None)
    if stages is not None and len(stages):
        return of_head(stages[0])
    for module in head.modules():
        for holder in [getattr(module, name, None) for name in GENERATORS]:
            found = flat(getattr(holder, "strides", None))
            if found:
                return found
        for name in FIELDS:
            found = flat(getattr(module, name, None))
            if found:
                return found
    return []


def fed(model: Dict[str, Any], stock: Sequence[Out], others: Sequence[Out], given: Sequence[Map]) -> List[Slot]:
    """Where the dense head lists channels that the neck hands on from the backbone as they are, if it does.

    `stock` are the neck's outputs, `others` those with the maps `given` in place of the backbone's own.

    Raises:
        Refused: it is not the head's `in_channels` that must follow.
    """
    before, after = [out.channels for out in stock], [out.channels for out in others]
    if before == after:
        return []
    head = dense(model)
    channels = [item.channels for item in given]
    count = len(channels)
    listed = head.config.get("in_channels") if head else None
    if head is None or not isinstance(listed, (list, tuple)) or list(listed) != before:
        raise Refused("its neck hands on the backbone's channels {}, which no head lists".format(before))
    if after != channels + before[count:]:
        raise Refused("its neck makes channels {} of {}, by no known rule".format(after, channels))
    changed = type(listed)(after)
    built = build(model, Dense(head.key, dict(head.config, in_channels=changed)))
    built.eval()
    try:
        with torch.no_grad():
            built(tuple(torch.zeros(1, out.channels, out.height, out.width) for out in others))
    except Exception as error:
        text = "its {} {} does not take other channels: {}"
        raise Refused(text.format(head.key, head.config["type"], in_words(error))) from error
    container = "tuple" if isinstance(listed, tuple) else "list"
    return [Slot([head.key, "in_channels"], "list", container, before[count:])]
