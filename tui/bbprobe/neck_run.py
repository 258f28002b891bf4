"""Building a neck and running it once on maps of zeros: what comes out of it, and what of the maps that rests on."""

from typing import Any, List, NamedTuple, Sequence, Set

import torch

from bbprobe import forward, kernels
from bbprobe.own_backbone import Map
from bbprobe.protocol import Stride
from bbprobe.strides import Size, stride_of

IMAGE = (256, 384)
"""Multiples of 128 both ways and 128 apart: strides up to 128 come out exactly."""

MISSING = 2
"""Pixels at both ends together that timm's Inception v3 leaves off its maps, about."""


class Out(NamedTuple):
    """One map that a neck hands on."""

    stride: Stride
    channels: int
    height: int
    width: int


class Ran(NamedTuple):
    """What one run of a neck showed."""

    used: List[bool]
    """Which of the backbone's maps its outputs rest on."""
    outs: List[Out]


def run(neck: Any, maps: Sequence[Map], image: Size, missing: int = 0) -> Ran:
    """Build the neck and run it on zeros of the shapes that `maps` have for an image of (height, width).

    `missing` pixels are left off each side of the maps, as by backbones whose convolutions do not pad.
    """
    model = build(neck)
    leaves = zeros(maps, image, missing)
    with kernels.standing_in():
        outputs = forward.flatten(model(tuple(leaf * 1 for leaf in leaves)))  # necks may work in place, leaves may not
    reached = reachable(outputs)
    return Ran(
        [id(leaf) in reached for leaf in leaves],
        [Out(stride_of(image, *item.shape[2:]), *item.shape[1:]) for item in outputs],
    )


def joins_exactly(neck: Any, maps: Sequence[Map], image: Size) -> bool:
    """Whether the neck joins its maps only where each is exactly twice as large as the next."""
    try:
        run(neck, maps, image, missing=MISSING)
    except AssertionError:  # FPN_CARAFE and, of mmcv 1.5, NASFPN assert what they need of sizes
        return True
    except RuntimeError as error:
        return "match" in str(error)
    return False


def zeros(maps: Sequence[Map], image: Size, missing: int = 0) -> List[torch.Tensor]:
    """What a backbone with `maps` gives of an image, without the numbers; `missing` as in `run`."""
    sides = [[max(1, -int(-side // item.stride) - missing) for side in image] for item in maps]
    return [
        torch.zeros(1, item.channels, height, width, requires_grad=True) for item, (height, width) in zip(maps, sides)
    ]


def build(neck: Any) -> Any:
    """The neck, without weight initialisation, in inference mode."""
    from mmcv import ConfigDict
    from mmcv.cnn.utils import revert_sync_batchnorm
    from mmdet.models import build_neck

    wrapped = [ConfigDict(item) for item in neck] if isinstance(neck, (list, tuple)) else ConfigDict(neck)
    with forward.no_initialisation():
        model = revert_sync_batchnorm(build_neck(wrapped))
    model.eval()
    return model


def reachable(outputs: Sequence[torch.Tensor]) -> Set[int]:
    """The ids of the leaf tensors that `outputs` were computed from."""
    found: Set[int] = set()
    seen: Set[Any] = set()
    waiting = [tensor.grad_fn for tensor in outputs]
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if hasattr(node, "variable"):
            found.add(id(node.variable))
        waiting.extend(following for following, _ in node.next_functions)
    return found
