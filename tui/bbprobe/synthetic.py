"""Two synthetic images with boxes, masks and what else a config's pipeline hands to its detector."""

import inspect
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Set, Tuple

import numpy as np
import torch

from bbprobe import loading

SIZES = ((250, 310), (220, 380))
"""Heights and widths before padding: with the usual divisor the batch is 256x384, whose sides are 128 apart."""
BOXES = ((0.05, 0.10, 0.95, 0.90), (0.10, 0.20, 0.45, 0.60), (0.55, 0.50, 0.70, 0.75), (0.30, 0.30, 0.36, 0.38))
"""Left, top, right, bottom as parts of the image: a box for each level of a pyramid."""
DIVISOR = 32


class Wanted(NamedTuple):
    """What a config's pipelines make of images, and what its detector takes beside them."""

    keys: Set[str]
    sizes: Tuple[Tuple[int, int], ...]
    divisor: int
    """Sides of padded training images are multiples of it."""
    test_divisor: int
    same_pad: bool
    """The pipeline pads every image to one size."""
    normalised: bool
    classes: int
    semantic_classes: int
    semantic_scale: float
    """Pixels of the semantic ground truth per image pixel."""


def wanted(config: Any, detector: torch.nn.Module, scale: int = 1) -> Wanted:
    """Read from the train and test pipelines, and where there are none, from `forward_train`.

    `scale` multiplies the usual sizes, where the config does not fix one.
    """
    data = config.get("data") or {}
    train = transforms(data.get("train") or config.get("train_pipeline"))
    test = transforms(data.get("test") or config.get("test_pipeline"))
    pads = [item for item in train if item["type"] == "Pad"]
    fixed = fixed_size(test)
    shrunk = [item.get("scale_factor", 1) for item in train if item["type"] == "SegRescale"]
    keys = ground_truth(train, detector)
    usual = tuple((height * scale, width * scale) for height, width in SIZES)
    return Wanted(
        keys=keys,
        sizes=(fixed, fixed) if fixed else usual[:1] * 2 if stacked(keys, detector) else usual,
        divisor=1 if fixed else divisor(train),
        test_divisor=1 if fixed else divisor(test or train),
        same_pad=any(item.get("size") for item in pads),
        normalised=not train or any(item["type"] == "Normalize" for item in train),
        classes=class_count(config["model"]),
        semantic_classes=semantic_count(config["model"]),
        semantic_scale=float(shrunk[0]) if shrunk else 1.0,
    )


def divisor(steps: Sequence[Dict[str, Any]]) -> int:
    """What a pipeline pads the sides of its images to multiples of."""
    named = [item.get("size_divisor") for item in steps if item["type"] == "Pad"]
    return max([int(number) for number in named if number] or [DIVISOR])


def stacked(keys: Set[str], detector: torch.nn.Module) -> bool:
    """Whether the detector lays masks of each image's padded size on a semantic map of the batch's size.

    MaskFormer does (`mmdet/models/utils/panoptic_gt_processing.py`): its images are of one size, or train one by one.
    """
    return {"gt_masks", "gt_semantic_seg"} <= keys and hasattr(detector, "panoptic_head")


def transforms(value: Any) -> List[Dict[str, Any]]:
    """Every transform in a data set's config, however wrapped, in order."""
    return [found for _, found in loading.dicts(value) if isinstance(found.get("type"), str)]


def fixed_size(test: Sequence[Dict[str, Any]]) -> Optional[Tuple[int, int]]:
    """The height and width that every test image is stretched to; None where the aspect ratio is kept."""
    if not any(item["type"] == "Resize" and item.get("keep_ratio") is False for item in test):
        return None
    for item in test:
        scale = item.get("img_scale")
        if isinstance(scale, (list, tuple)) and len(scale) == 2 and all(isinstance(side, int) for side in scale):
            return int(scale[1]), int(scale[0])
    return None


def ground_truth(train: Sequence[Dict[str, Any]], detector: torch.nn.Module) -> Set[str]:
    """What is collected beside the image, and what `forward_train` cannot do without."""
    collected = [item.get("keys") or [] for item in train if item["type"] == "Collect"]
    arguments = inspect.signature(detector.forward_train).parameters.values()
    needed = {item.name for item in arguments if item.default is item.empty and item.kind == item.POSITIONAL_OR_KEYWORD}
    keys = set(collected[-1]) if collected else {"gt_bboxes", "gt_labels"}
    if not collected and getattr(detector, "with_mask", False):
        keys.add("gt_masks")
    return (keys | needed) - {"img", "imgs", "img_metas"}


def class_count(model: Any) -> int:
    """Labels below this number are right for every head: semantic heads have more classes than boxes have."""
    counts = [
        found[key]
        for _, found in loading.dicts(model)
        for key in ("num_classes", "num_things_classes")
        if isinstance(found.get(key), int) and found[key] > 0
    ]
    return min(counts) if counts else 1


def semantic_count(model: Any) -> int:
    """Classes of the semantic ground truth: of the semantic head, or things and stuff together."""
    for _, found in loading.dicts(model):
        if isinstance(found.get("num_stuff_classes"), int):
            return int(found.get("num_things_classes", 0)) + int(found["num_stuff_classes"])
    for path, found in loading.dicts(model):
        if path and path[-1] == "semantic_head" and isinstance(found.get("num_classes"), int):
            return int(found["num_classes"])
    return 1


def train_batch(want: Wanted, device: str) -> Dict[str, Any]:
    """A batch of two, as mmdet's `Collect` and mmcv's `collate` would make it."""
    padded = [padded_size(size, want.divisor) for size in want.sizes]
    height, width = max(size[0] for size in padded), max(size[1] for size in padded)
    if want.same_pad:
        padded = [(height, width)] * len(padded)
    images = torch.zeros(len(padded), 3, height, width)
    for index, size in enumerate(want.sizes):
        images[index, :, : size[0], : size[1]] = pixels(size, want)
    boxes = [boxes_in(size, len(BOXES) - index) for index, size in enumerate(want.sizes)]
    batch: Dict[str, Any] = {
        "img": images.to(device),
        "img_metas": [meta(index, *sizes) for index, sizes in enumerate(zip(want.sizes, padded))],
    }
    made = {
        "gt_bboxes": lambda: [item.to(device) for item in boxes],
        "gt_labels": lambda: [torch.randint(0, want.classes, (len(item),)).to(device) for item in boxes],
        "gt_bboxes_ignore": lambda: [torch.zeros(0, 4, device=device) for _ in boxes],
        "gt_masks": lambda: [masks(item, size) for item, size in zip(boxes, padded)],
        "gt_semantic_seg": lambda: semantic((height, width), len(boxes), want).to(device),
        "proposals": lambda: [item.to(device) for item in boxes],
    }
    for key in sorted(want.keys & set(made)):
        batch[key] = made[key]()
    return batch


def test_inputs(want: Wanted, device: str) -> List[Dict[str, Any]]:
    """For each image alone, the keyword arguments of `detector(return_loss=False, ...)`."""
    inputs = []
    for index, size in enumerate(want.sizes):
        padded = padded_size(size, want.test_divisor)
        image = torch.zeros(1, 3, padded[0], padded[1])
        image[0, :, : size[0], : size[1]] = pixels(size, want)
        item: Dict[str, Any] = {"img": [image.to(device)], "img_metas": [[meta(index, size, padded)]]}
        if "proposals" in want.keys:
            item["proposals"] = [[boxes_in(size, len(BOXES)).to(device)]]
        inputs.append(item)
    return inputs


def padded_size(size: Tuple[int, int], multiple: int) -> Tuple[int, int]:
    """Height and width rounded up to multiples."""
    return -(-size[0] // multiple) * multiple, -(-size[1] // multiple) * multiple


def pixels(size: Tuple[int, int], want: Wanted) -> torch.Tensor:
    """Noise in the range that the pipeline gives: around 0 after `Normalize`, 0 to 255 without."""
    return torch.randn(3, *size) if want.normalised else torch.rand(3, *size) * 255


def boxes_in(size: Tuple[int, int], count: int) -> torch.Tensor:
    """The first `count` boxes in pixels, (count, 4) of left, top, right, bottom."""
    height, width = size
    return torch.tensor(BOXES[:count]) * torch.tensor([width, height, width, height], dtype=torch.float32)


def masks(boxes: torch.Tensor, size: Tuple[int, int]) -> Any:
    """The boxes' areas as mmdet's `BitmapMasks`."""
    from mmdet.core import BitmapMasks

    drawn = np.zeros((len(boxes),) + size, dtype=np.uint8)
    for index, (left, top, right, bottom) in enumerate(boxes.int().tolist()):
        drawn[index, top:bottom, left:right] = 1
    return BitmapMasks(drawn, size[0], size[1])


def semantic(size: Tuple[int, int], count: int, want: Wanted) -> torch.Tensor:
    """Semantic ground truth of (count, 1, height, width): upright bands of all kinds of classes."""
    height, width = int(size[0] * want.semantic_scale), int(size[1] * want.semantic_scale)
    bands = torch.arange(width) * 8 // max(width, 1) * max(want.semantic_classes // 8, 1) % want.semantic_classes
    return bands.to(torch.uint8).expand(count, 1, height, width).contiguous()


def meta(index: int, size: Tuple[int, int], padded: Tuple[int, int]) -> Dict[str, Any]:
    """What pipelines tell of an image; `border` is of CenterNet's and CornerNet's test pipelines."""
    name = "synthetic_{}.jpg".format(index)
    return {
        "filename": name,
        "ori_filename": name,
        "ori_shape": size + (3,),
        "img_shape": size + (3,),
        "pad_shape": padded + (3,),
        "scale_factor": np.ones(4, dtype=np.float32),
        "flip": False,
        "flip_direction": None,
        "img_norm_cfg": {
            "mean": np.zeros(3, dtype=np.float32),
            "std": np.ones(3, dtype=np.float32),
            "to_rgb": False,
        },
        "border": np.array([0, size[0], 0, size[1]], dtype=np.float32),
    }
