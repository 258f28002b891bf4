"""The entries of a COCO-format annotation file, cut down to what is counted of them, and what they lack.

mmdet reads their fields while it trains (`CocoDataset._parse_ann_info`), pycocotools while it evaluates (`COCOeval`).
"""

from typing import Any, Callable, Dict, List, NamedTuple

IDS = (int, float, str)


class Image(NamedTuple):
    """An entry of `images`; sizes in pixels."""

    id: Any
    name: str
    width: float
    height: float


class Annotation(NamedTuple):
    """An entry of `annotations`; the box in pixels from the top left, `mask` is "polygons", "rle" or "".

    `flagged`: its `iscrowd` is there, as a number.
    """

    id: Any
    image: Any
    category: Any
    left: float
    top: float
    width: float
    height: float
    area: float
    ignored: bool
    flagged: bool
    mask: str


def lacking(entry: Any, needed: Dict[str, Callable[[Any], bool]]) -> str:
    """The first field of an entry that is not there, or cannot be used, in words."""
    fields = entry if isinstance(entry, dict) else {}
    key = next((key for key, usable in needed.items() if not usable(fields.get(key))), "form")
    return key if fields.get(key) is None else "a usable " + key


def image(entry: Dict[str, Any]) -> Any:
    """An entry of `images` cut down; the entry itself where it lacks something."""
    key, name, width, height = (entry.get(word) for word in ("id", "file_name", "width", "height"))
    if not isinstance(key, IDS) or not isinstance(name, str) or not numbers(width, height):
        return entry
    return Image(key, name, width, height)


def annotation(entry: Dict[str, Any]) -> Any:
    """An entry of `annotations` cut down; the entry itself, without its outline, where it lacks something."""
    outline = entry.pop("segmentation", None)
    keys = [entry.get(word) for word in ("id", "image_id", "category_id")]
    box, area = entry.get("bbox"), entry.get("area")
    if not all(isinstance(key, IDS) for key in keys) or not numbers(area) or not rectangle(box):
        return entry
    crowd = entry.get("iscrowd")
    ignored, flagged = bool(crowd or entry.get("ignore", False)), becomes(int, crowd)
    return Annotation(keys[0], keys[1], keys[2], box[0], box[1], box[2], box[3], area, ignored, flagged, mask(outline))


def numbers(*values: Any) -> bool:
    """Whether all of `values` are numbers."""
    return all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values)


def rectangle(value: Any) -> bool:
    """Whether `value` is a box: four numbers."""
    return isinstance(value, list) and len(value) == 4 and numbers(*value)


def becomes(kind: Callable[[Any], Any], value: Any) -> bool:
    """Whether pycocotools can make a number of this kind of `value`."""
    try:
        kind(value)
    except (TypeError, ValueError, OverflowError):
        return False
    return True


def mask(outline: Any) -> str:
    """The kind of an outline that mmdet's LoadAnnotations can draw; empty where it would raise."""
    if isinstance(outline, dict):
        return "rle" if outline.get("counts") and outline.get("size") else ""
    if not isinstance(outline, list) or not outline:
        return ""
    drawn = all(isinstance(part, list) and len(part) >= 6 and len(part) % 2 == 0 for part in outline)
    return "polygons" if drawn else ""


def unscorable(item: Annotation) -> List[str]:
    """The fields that pycocotools makes numbers of and cannot (`COCOeval.computeIoU`, `evaluateImg`)."""
    fields = [] if item.flagged else ["iscrowd"]
    return fields if becomes(float, item.id) else fields + ["id"]


IMAGE = {
    "file_name": lambda value: isinstance(value, str),
    "id": lambda value: isinstance(value, IDS),
    "width": numbers,
    "height": numbers,
}  # type: Dict[str, Callable[[Any], bool]]
ANNOTATION = {
    "image_id": lambda value: isinstance(value, IDS),
    "id": lambda value: isinstance(value, IDS),
    "category_id": lambda value: isinstance(value, IDS),
    "area": numbers,
    "bbox": rectangle,
}  # type: Dict[str, Callable[[Any], bool]]
"""What tells whether a field can be used."""
