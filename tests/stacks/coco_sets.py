"""Small data sets in COCO's format, in the layouts people have; a training environment's Python paints the images."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

CLASSES = ("cat", "it's a dog", "Füße")
WIDTH, HEIGHT = 128, 96

PAINT = """
import sys, numpy, cv2
for name in sys.argv[1:]:
    cv2.imwrite(name, numpy.random.RandomState(0).randint(0, 255, (96, 128, 3), dtype="uint8"))
"""

Coco = dict[str, list[dict[str, Any]]]


def coco(count: int, first: int = 0, *, masks: bool = True) -> Coco:
    """`count` images with two boxes each; the ids of categories are neither in a row nor from 0."""
    annotations: list[dict[str, Any]] = []
    for number in range(2 * count):
        left, top = 7 * number % 60, 5 * number % 40
        corners = [left, top, left + 40, top, left + 40, top + 40, left, top + 40]
        annotations.append(
            {
                **{"id": number + 1, "image_id": first + number // 2, "category_id": 10 * (number % 3) + 5},
                **{"bbox": [left, top, 40, 40], "area": 1600, "iscrowd": 0},
                "segmentation": [corners] if masks else [],
            }
        )
    return {
        "images": [
            {"id": first + number, "file_name": f"{first + number:03}.png", "width": WIDTH, "height": HEIGHT}
            for number in range(count)
        ],
        "annotations": annotations,
        "categories": [
            {"id": 10 * number + 5, "name": name, "supercategory": "pets"} for number, name in enumerate(CLASSES)
        ],
    }


def put(file: Path, data: Coco, images: Path, python: str = "") -> Path:
    """Writes an annotation file and its images, empty ones without a `python` that can paint."""
    file.parent.mkdir(parents=True, exist_ok=True)
    images.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(data, ensure_ascii=False), "utf-8")
    names = [images / image["file_name"] for image in data["images"]]
    if python:
        subprocess.run([python, "-c", PAINT, *map(str, names)], check=True)
    for name in names:
        name.touch()
    return file


def as_coco(root: Path, python: str = "", *, masks: bool = True) -> Path:
    """The layout of COCO itself: four images to train on, two to validate with."""
    for role, count, first in (("train", 4, 0), ("val", 2, 100)):
        file = root / "annotations" / f"instances_{role}2017.json"
        put(file, coco(count, first, masks=masks), root / f"{role}2017", python)
    (root / "annotations" / "captions_train2017.json").write_text('{"images": [], "annotations": []}')
    return root


def as_roboflow(root: Path) -> Path:
    """Roboflow's: each split's file between its images, and a category over the others."""
    for role, first in (("train", 0), ("valid", 100), ("test", 200)):
        data = coco(3, first, masks=False)
        data["categories"].insert(0, {"id": 0, "name": "pets", "supercategory": "none"})
        put(root / role / "_annotations.coco.json", data, root / role)
    return root


def as_folders(root: Path) -> Path:
    """Files in one folder, images in another; the names of the images are the same in every split."""
    for role in ("train", "val", "test"):
        put(root / "annotations" / f"{role}.json", coco(3), root / "images" / role)
    return root


def as_one(root: Path) -> Path:
    """One file for everything."""
    put(root / "labels.json", coco(4), root / "images")
    return root
