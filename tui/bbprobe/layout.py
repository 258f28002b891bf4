"""What the shapes that leave a backbone mean: maps or not, where the channels stand, which stride."""

import math
from collections import namedtuple
from typing import Sequence, Tuple

from torch import nn

from bbprobe.candidate import Answer, Shape, inner
from bbprobe.forward import exact_stride
from bbprobe.protocol import Stride

Map = namedtuple("Map", ["channels", "height", "width"])
"""A feature map's size, whatever its layout."""


def is_map(shape: Shape) -> bool:
    return len(shape) == 4


def layout(model: nn.Module, answer: Answer) -> str:
    """ "NCHW" or "NHWC": where the image's proportions reappear in most maps.

    A square image cannot tell the two apart by proportion where channels equal sides; timm also says it by name.
    """
    said = getattr(inner(model), "output_fmt", None)
    said = getattr(said, "value", said)
    if said in ("NCHW", "NHWC"):
        return str(said)
    votes = 0
    for shape in filter(is_map, answer.shapes):
        votes += 1 if skew(shape[1:3], answer.size) < skew(shape[2:4], answer.size) else -1
    return "NHWC" if votes > 0 else "NCHW"


def skew(sides: Sequence[int], size: Sequence[int]) -> float:
    """How far two sides are from the proportions of `size`; 0 is alike."""
    if not min(sides):
        return math.inf
    return abs(math.log((sides[0] * size[1]) / float(sides[1] * size[0])))


def measured(shape: Shape, how: str) -> Map:
    """A map's channels, height and width, by its layout."""
    return Map(shape[1], shape[2], shape[3]) if how == "NCHW" else Map(shape[3], shape[1], shape[2])


def stride(size: Tuple[int, int], found: Map) -> Stride:
    """Input pixels per map pixel; exact where `size` is not square."""
    if size[0] != size[1]:
        return exact_stride(size, found.height, found.width)
    ratio = size[1] / float(found.width)
    return int(ratio) if ratio.is_integer() else round(ratio, 2)
