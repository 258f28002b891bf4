"""Detectors without a neck: where their heads take the backbone's channels, proved by running the heads on others."""

import inspect
from typing import Any, Dict, List, NamedTuple, Sequence, Tuple

import torch
from torch import nn

from bbprobe import forward, heads, loading, neck_run, synthetic
from bbprobe.necks import filled, other_channels
from bbprobe.own_backbone import Map
from bbprobe.protocol import Refused, Slot
from bbprobe.words import in_words

IMAGE = (128, 192)
"""Small, and a few pixels of a map at stride 32: which maps are read and whether channels fit shows at any size."""

BOXES = ((10.0, 10.0, 150.0, 110.0), (50.0, 40.0, 90.0, 100.0))
"""Two regions for RoI heads: left, top, right, bottom in pixels of `IMAGE`."""


class StandIn(nn.Module):
    """A backbone that gives zeros of wanted shapes."""

    def __init__(self, strides: Sequence[float], channels: Sequence[int]) -> None:
        super().__init__()
        self.maps = [Map(*pair) for pair in zip(strides, channels)]
        self.given: List[torch.Tensor] = []

    def forward(self, image: torch.Tensor) -> Tuple[torch.Tensor, ...]:
        """The maps, remembered in `given`."""
        self.given = neck_run.zeros(self.maps, tuple(image.shape[2:]))
        return tuple(leaf * 1 for leaf in self.given)


class Direct(NamedTuple):
    """How heads take a backbone's maps."""

    slots: List[Slot]
    rule: str
    used: List[bool]


def direct(model: Dict[str, Any], maps: Sequence[Map]) -> Direct:
    """Where the heads of a `model` without a neck take its backbone's channels.

    Raises:
        Refused: they cannot take those of another backbone.
    """
    refuse_repeated(model, maps)
    channels = [item.channels for item in maps]
    slots = places(model, channels)
    if not slots:
        raise Refused("it has no neck, and its backbone's channels {} stand in none of its heads".format(channels))
    others = other_channels(maps)
    deepest = all(slot.form == "deepest" for slot in slots)
    fed = others[-1:] if deepest else others
    try:
        used = run(with_channels(model, slots, fed), fed)
    except Exception as error:
        raise Refused(welded(model, slots, error)) from error
    if not all(used):
        raise Refused("its heads do not read all maps of its backbone")
    return Direct(slots, "deepest" if deepest else "pyramid", [False] * (len(maps) - len(fed)) + used)


def refuse_repeated(model: Dict[str, Any], maps: Sequence[Map]) -> None:
    """Stacked hourglasses give the same level several times, for a loss each.

    Raises:
        Refused: a stride comes twice.
    """
    strides = [item.stride for item in maps]
    if len(set(strides)) == len(strides):
        return
    raise Refused(
        "its heads learn from each of the {} maps at stride {} that {} stacks, which no other kind of backbone "
        "gives: a detector without stacked hourglasses, such as CenterNet, takes any".format(
            len(strides), strides[-1], model["backbone"].get("type")
        )
    )


def places(model: Dict[str, Any], channels: List[int]) -> List[Slot]:
    """The inputs, outside the backbone, that have the backbone's channels.

    What a RoI extractor calls `out_channels` is what it is given: it crops.
    """
    found = []
    for path, item in loading.dicts({key: value for key, value in model.items() if key != "backbone"}):
        for key in ("in_channels", "in_channel") + (("out_channels",) if "featmap_strides" in item else ()):
            value, place = item.get(key), list(path) + [key]
            if isinstance(value, (list, tuple)) and list(value) in (channels, channels[::-1]):
                form = "list" if list(value) == channels else "reversed"
                found.append(Slot(place, form, "tuple" if isinstance(value, tuple) else "list"))
            elif isinstance(value, int) and value == channels[-1]:
                found.append(Slot(place, "deepest", "int"))
    lists = [slot for slot in found if slot.form != "deepest"]
    return lists or found


def with_channels(model: Dict[str, Any], slots: Sequence[Slot], maps: Sequence[Map]) -> Dict[str, Any]:
    """The model's config for a backbone that gives `maps`."""
    changed: Dict[str, Any] = loading.plain(model)
    for slot in slots:
        holder: Any = changed
        for key in slot.path[:-1]:
            holder = holder[key]
        holder[slot.path[-1]] = filled(slot, maps)
    return changed


def run(model: Dict[str, Any], maps: Sequence[Map]) -> List[bool]:
    """Build the detector around a stand-in for its backbone and run its heads: which of `maps` they read."""
    from mmcv import ConfigDict
    from mmcv.cnn.utils import revert_sync_batchnorm
    from mmdet.models import build_detector

    config = loading.without_weights(loading.plain(model))
    config["backbone"] = {
        "type": StandIn,
        "strides": [item.stride for item in maps],
        "channels": [item.channels for item in maps],
    }
    with forward.no_initialisation():
        detector = revert_sync_batchnorm(build_detector(ConfigDict(config)))
    detector.eval()
    features = detector.extract_feat(torch.zeros(1, 3, *IMAGE))
    metas = [dict(synthetic.meta(0, IMAGE, IMAGE), batch_input_shape=IMAGE)]
    outputs = []
    for head in (getattr(detector, key, None) for key in heads.KEYS):
        if head is not None:
            asks = "img_metas" in inspect.signature(head.forward).parameters
            outputs.append(head(features, metas) if asks else head(features))
    regions = getattr(detector, "roi_head", None)
    if regions is not None:
        outputs.append(regions.forward_dummy(features, torch.tensor(BOXES)))
    reached = neck_run.reachable(tensors(outputs))
    return [id(leaf) in reached for leaf in detector.backbone.given]


def tensors(value: Any) -> List[torch.Tensor]:
    """Every tensor in what heads give: lists of tuples of lists, of whatever depth."""
    if isinstance(value, torch.Tensor):
        return [value]
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    return [tensor for item in inside for tensor in tensors(item)]


def welded(model: Dict[str, Any], slots: Sequence[Slot], error: Exception) -> str:
    """Why the heads cannot take other channels, and what would."""
    shared = (model.get("roi_head") or {}).get("shared_head")
    if shared:
        return (
            "its roi_head.shared_head {} is the last stage of its own backbone and takes that network's channels "
            "alone: a config with an FPN neck takes any backbone".format(shared.get("type"))
        )
    told = ", ".join("model." + ".".join(map(str, slot.path)) for slot in slots)
    return "it has no neck, and with other channels in {} its heads do not run: {}".format(told, in_words(error))
