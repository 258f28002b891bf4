"""Strides from the sizes of maps."""

from typing import Any, List, Sequence, Tuple

from bbprobe import forward
from bbprobe.protocol import Stride

Size = Tuple[int, int]
"""Height and width in pixels."""


def stride_of(image: Sequence[int], height: int, width: int) -> Stride:
    """The stride of a map of `image` (height, width), both in pixels.

    Sides that are no multiples leave a choice (31 or 32), and maps of a pixel or two have no meaningful difference: a
    power of two that gives such a map is taken first.
    """
    powers = [2**power for power in range(11) if fits(image, height, width, 2**power)]
    return powers[0] if powers else forward.exact_stride(image, height, width)


def agrees(image: Sequence[int], height: int, width: int, stride: Stride) -> bool:
    """Whether a map of `image` can have `stride`."""
    return stride_of(image, height, width) == stride or fits(image, height, width, stride)


def fits(image: Sequence[int], height: int, width: int, stride: Stride) -> bool:
    """Whether the sides of a map are those of `image` over `stride`, rounded down or up."""
    return all(side // stride <= got <= -(-side // stride) for side, got in zip(image, (height, width)))


def flat(value: Any) -> List[Stride]:
    """Strides as a list of numbers: mmdet's generators keep `(width, height)` pairs; empty where it is no such list."""
    if not isinstance(value, (list, tuple)):
        return []
    first = [item[0] if isinstance(item, (list, tuple)) else item for item in value]
    if not all(isinstance(item, (int, float)) for item in first):
        return []
    return [int(item) if item == int(item) else round(item, 2) for item in first]
