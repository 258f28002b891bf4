"""The strides that a detector's heads are made for, as the built heads say, and heads that take a backbone directly."""

from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

from bbprobe import forward, loading
from bbprobe.own_backbone import Map
from bbprobe.protocol import Refused, Slot, Stride
from bbprobe.strides import flat
from bbprobe.words import in_words

OWN_SCALE = ("SOLOHead", "YOLACTHead")
"""Heads whose strides are not those of their inputs: SOLO resizes the first and last level itself
(`SOLOHead.resize_feats`), YOLACT divides its fixed image size by the map sizes (`strides=[550.0 / x ...]`)."""

GENERATORS = ("prior_generator", "approx_anchor_generator", "anchor_generator", "point_generator")
FIELDS = ("strides", "point_strides", "featmap_strides", "anchor_strides")


class Dense(NamedTuple):
    """The head that reads the neck's outputs first: its key in `model` and its config."""

    key: str
    config: Dict[str, Any]


def dense(model: Dict[str, Any]) -> Optional[Dense]:
    """The dense head of a `model` config; None where the detector has only RoI heads."""
    for key in ("rpn_head", "bbox_head", "mask_head", "panoptic_head"):
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
    """The strides that a built dense head is made for; empty where it takes none or makes its own."""
    if any(kind.__name__ in OWN_SCALE for kind in type(head).__mro__):
        return []
    stages = getattr(head, "stages", None)
    if stages is not None and len(stages):
        return of_head(stages[0])
    for name in GENERATORS:
        found = flat(getattr(getattr(head, name, None), "strides", None))
        if found:
            return found
    for name in FIELDS:
        found = flat(getattr(head, name, None))
        if found:
            return found
    return []


def direct(model: Dict[str, Any], maps: Sequence[Map]) -> Slot:
    """Where a detector without a neck takes its backbone's channels.

    Understood is the single-stage detector whose dense head takes the one map of its backbone (DETR).

    Raises:
        Refused: it takes them in another way.
    """
    channels = [item.channels for item in maps]
    places = channel_places(model, channels)
    head = dense(model)
    if head is None or head.key != "bbox_head" or places != [("bbox_head", "in_channels")] or "roi_head" in model:
        told = ", ".join("model." + ".".join(map(str, path)) for path in places) or "nowhere that is known"
        raise Refused("it has no neck: its backbone's channels {} stand in {}".format(channels, told))
    if len(maps) != 1 or head.config["in_channels"] != channels[0]:
        raise Refused("its {} takes {} maps of its backbone without a neck".format(head.config["type"], len(maps)))
    build(model, Dense(head.key, dict(head.config, in_channels=channels[0] + 32)))
    return Slot(["bbox_head", "in_channels"], "deepest", "int")


def channel_places(model: Dict[str, Any], channels: Sequence[int]) -> List[Tuple[Any, ...]]:
    """Paths in `model`, outside the backbone, of the inputs that have the backbone's channels."""
    wanted = [list(channels), list(channels)[::-1]]
    found = []
    for path, item in loading.dicts({key: value for key, value in model.items() if key != "backbone"}):
        for key in ("in_channels", "in_channel"):
            value = item.get(key)
            if value in channels or (isinstance(value, (list, tuple)) and list(value) in wanted):
                found.append(path + (key,))
    return found
