"""Facts of annotated images: what a data set in COCO's format holds."""

from dataclasses import dataclass, field
from typing import Dict, List


@dataclass(frozen=True)
class Category:
    """A class of an annotation file, and the boxes of it that mmdet trains on."""

    name: str
    supercategory: str
    boxes: int


@dataclass(frozen=True)
class Split:
    """One annotation file with its images, counted as mmdet's CocoDataset reads them."""

    role: str
    """"train", "val" or "test"."""
    ann_file: str
    folder: str
    """What its image names are relative to."""
    images: int
    annotations: int
    categories: List[Category]
    """In the file's own order, by which mmdet numbers the classes."""
    boxes: int
    """Annotations that are trained on; the others are counted in `empty`, `ignored` and `astray`."""
    polygons: int
    """Boxes with an outline."""
    encoded: int
    """Boxes with a run-length encoded mask."""
    trained: int
    """Images left in training: with an annotation, and not `small`."""
    unlabelled: int
    small: int
    """Images with a side under 32 pixels."""
    empty: int
    """Boxes without area, or outside of their image."""
    ignored: int
    """Annotations with `iscrowd` or `ignore`."""
    missing: int
    """Images that are not on the disk."""
    missing_example: str
    astray: Dict[str, int] = field(default_factory=dict)
    """Annotations that point at "images" or "categories" which the file does not list."""
    repeated: Dict[str, int] = field(default_factory=dict)
    """Surplus "images", "annotations" or "categories" with an id that another has."""
    incomplete: Dict[str, int] = field(default_factory=dict)
    """Entries that lack what mmdet reads: {"annotations without area": 3}."""
    unscored: Dict[str, int] = field(default_factory=dict)
    """What evaluation stops at and training does not: annotations whose "iscrowd" or "id" is no number, and "images" or
    "categories" whose id is text among numbers, or a number among texts."""
    undrawn: int = 0
    """Annotations in `empty` and `ignored` whose mask cannot be drawn; masks are scored with those too."""


@dataclass(frozen=True)
class Dataset:
    """A user's own data: the splits train, val and test; one file may stand for several."""

    splits: List[Split]


@dataclass(frozen=True)
class DataFile:
    """A file or folder that the data sets of a config read, as they join it with `data_root`, and whether it is there.

    `roles` are those of the data sets: "train", "val", "test".
    """

    path: str
    roles: List[str]
    there: bool
