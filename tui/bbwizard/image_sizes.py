"""The sizes of the images that pipelines make, and what a backbone makes of those that few backbones refuse. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import Any, Final

from bbprobe.protocol import Base
from bbwizard.findings import Steps
from bbwizard.resolved import Resolved, opaque
from bbwizard.transforms import OTHERS, Step, formats, levels
from bbwizard.wiring import Problem

Size = tuple[int, int]
"""Height and width in pixels."""

USUAL: Final = 32
"""Images whose sides this divides are what detectors are made for: no backbone is shown any beside its probe's own."""
DIVISORS: Final = (1, 2, 4, 8, 16, 32, 64, 128)
"""Of the sides of images, in the order in which a backbone is asked for them."""
ANY_SIZE: Final = ("RandomCrop", "MinIoURandomCrop", "Expand")
"""Transforms behind which nothing is known of an image's size."""


@dataclass(frozen=True)
class Images:
    """What leaves transforms: images of one `size`, or with sides that `divisor` divides, the longer one `longest`."""

    size: Size | None = None
    divisor: int = 1
    longest: int | None = None


@dataclass(frozen=True)
class Shown:
    """What a backbone makes of images of unusual sizes."""

    divisor: int = 1
    """The least power of two that images' sides must be multiples of; 0 where none up to 128 is enough."""
    refusal: str = ""
    """Its library's words about images of other sides."""
    refused: tuple[str, ...] = ()
    """Those about sizes that are fixed, each."""
    unasked: bool = False
    """Whether there are such images and nobody to ask: the atlas knows no backbone at their sizes."""


CODE: Final = "image-size"
"""Of the problem that a backbone refuses the base's images."""

Known = Callable[[Size], str | None]
"""Why a backbone refuses images of a size, empty where it takes them; None where it was not asked."""


def shown(config: Resolved, known: Known) -> Shown | Size:
    """What a backbone makes of the images of a base config, or the size of those that it must be asked for first."""
    refused, divisor, refusal = [], 1, ""
    for size in fixed(config):
        if (words := known(size)) is None:
            return size
        refused += [words] if words else []
    if any(images.size is None for images in unusual(config)):
        for divisor in DIVISORS:
            if (words := known(uneven(divisor))) is None:
                return uneven(divisor)
            if not words:
                break
            refusal = refusal or words
        else:
            divisor = 0
    return Shown(divisor, refusal, tuple(refused))


def problems(base: Base, shown: Shown) -> list[Problem]:
    """Why a backbone cannot be shown the base's images, however they are padded, in one sentence each."""
    sentences = [(refusal, f"{base.name} makes every image of that size") for refusal in shown.refused]
    if shown.refusal and not shown.divisor:
        none = f"nor does it take sides that are multiples of {DIVISORS[-1]}, or of less"
        sentences.append((shown.refusal, none))
    return [Problem(CODE, "; ".join(both)) for both in sentences]


def uneven(divisor: int) -> Size:
    """About 250 by 333, both sides multiples of `divisor`, and of no other number that a backbone may want."""

    def side(length: int) -> int:
        start = max(11, length // divisor | 1)
        return divisor * next(times for times in count(start, 2) if math.gcd(times, 3 * 5 * 7) == 1)

    return side(250), side(333)


@lru_cache(maxsize=16)
def unusual(config: Resolved) -> tuple[Images, ...]:
    """What leaves pipelines that make tensors, where images come in sides that `USUAL` does not divide.

    Nothing is known of a pipeline that its author's code makes.
    """
    steps = [item.steps for item in config.pipelines() if formats(item.steps) and not opaque(item.steps)]
    found = dict.fromkeys(map(made, steps))
    return tuple(images for images in found if any(side % USUAL for side in images.size or (images.divisor,)))


def fixed(config: Resolved) -> list[Size]:
    """The unusual sizes that every image of a pipeline is made of."""
    return list(dict.fromkeys(images.size for images in unusual(config) if images.size is not None))


def made(steps: Steps, images: Images = Images(), scale: Any = None) -> Images:  # noqa: B008  frozen
    """What leaves transforms that are given such `images`; `scale` is what an augmentation around them resizes to."""
    for step in steps:
        images = after(step, images, scale)
    return images


def after(step: Step, images: Images, scale: Any) -> Images:
    """What leaves one transform (`mmdet/datasets/pipelines/transforms.py`)."""
    kind = step.get("type")
    if kind == "Resize":
        return resized(step, images, step.get("img_scale") or scale)
    if kind == "Pad":
        return padded(step, images)
    if kind == "RandomCenterCropPad":
        return cropped(step)
    if kind in ANY_SIZE:
        return Images()
    if kind in OTHERS:
        return images
    held = [level for value in step.values() for level in levels(value)]
    if not held:
        return images
    found = {made(level, images, step.get("img_scale", scale)) for level in held}
    return found.pop() if len(found) == 1 else Images()


def resized(step: Step, images: Images, scale: Any) -> Images:
    """What leaves a `Resize` to `scale`: width and height, or several of those."""
    if step.get("ratio_range"):
        return Images()
    sides = whole(scale[0] if isinstance(scale, (list, tuple)) and len(scale) == 1 else scale)
    if sides is None:
        return Images()
    width, height = sides
    if not step.get("keep_ratio", True):
        return Images(size=(height, width))
    if width != height:
        return Images()
    square = images.size is not None and images.size[0] == images.size[1]
    return Images(size=(height, width) if square else None, longest=width)


def cropped(step: Step) -> Images:
    """What leaves CenterNet's crop, which pads test images to one pixel less than a multiple and adds that pixel."""
    if not step.get("test_mode"):
        return Images(size=whole(step.get("crop_size")))
    mode, value = step.get("test_pad_mode") or (None, None)
    if mode == "logical_or" and isinstance(value, int) and step.get("test_pad_add_pix") == 1:
        return Images(divisor=value + 1)
    return Images(divisor=value) if mode == "size_divisor" and isinstance(value, int) else Images()


def padded(step: Step, images: Images) -> Images:
    """What leaves a `Pad`."""
    divisor, size = step.get("size_divisor"), whole(step.get("size"))
    if size is not None:
        return Images(size=size)
    if isinstance(divisor, int) and divisor > 0:
        if images.size is None:
            return Images(divisor=divisor)
        height, width = images.size
        return Images(size=(-(-height // divisor) * divisor, -(-width // divisor) * divisor))
    if step.get("pad_to_square") and images.longest is not None:
        return Images(size=(images.longest, images.longest))
    return images if images.size is not None else Images()


def whole(value: Any) -> Size | None:
    """Two sides in pixels; None where a value is something else."""
    if isinstance(value, (list, tuple)) and len(value) == 2 and all(isinstance(side, int) for side in value):
        return (value[0], value[1])
    return None
