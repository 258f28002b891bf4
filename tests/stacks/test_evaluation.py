"""What the evaluation of both stacks reads of a user's own data, and the training does not."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stacks.coco_sets import as_folders, coco, put
from stacks.command_line import bbwizard
from stacks.pipe import Pipe


@pytest.fixture(scope="module")
def pipe(stack: Any) -> Iterator[Pipe]:
    with Pipe(stack.python) as opened:
        yield opened


EVALUATE = """
import json, sys
import numpy
import pycocotools.mask
from mmdet.datasets import CocoDataset

def drawn(left, top, right, bottom, score):
    grid = numpy.zeros((96, 128), numpy.uint8, order="F")
    grid[int(top) : int(bottom), int(left) : int(right)] = 1
    return pycocotools.mask.encode(grid)

told = {}
for path in sys.argv[1:]:
    classes = [item["name"] for item in json.load(open(path))["categories"]]
    trained = CocoDataset(path, [], classes=classes)
    for number in range(len(trained)):
        trained.get_ann_info(number)
    tested = CocoDataset(path, [], classes=classes, test_mode=True)
    data = tested.coco.dataset
    boxes, masks = [], []
    for image in tested.img_ids:
        own = [item["bbox"] for item in data["annotations"] if item["image_id"] == image]
        found = numpy.array([[x, y, x + w, y + h, 0.9] for x, y, w, h in own] or numpy.zeros((0, 5)), "float32")
        boxes.append([found] * len(classes))
        masks.append([[drawn(*box) for box in found] for _ in classes])
    for metric, results in (("bbox", boxes), ("segm", list(zip(boxes, masks)))):
        try:
            tested.evaluate(results, metric=metric, logger="silent")
            told[path + metric] = ""
        except Exception as error:
            told[path + metric] = type(error).__name__
print("\\n" + json.dumps(told))
"""

STOPPING: dict[str, tuple[str, dict[str, Any], dict[str, int], int]] = {
    # what is written into the first entry of a kind, where `...` takes a field away; what is counted of it
    "sound": ("annotations", {}, {}, 0),
    "no iscrowd": ("annotations", {"iscrowd": ...}, {"iscrowd": 1}, 0),
    "iscrowd null": ("annotations", {"iscrowd": None}, {"iscrowd": 1}, 0),
    "iscrowd in words": ("annotations", {"iscrowd": "no"}, {"iscrowd": 1}, 0),
    "iscrowd false": ("annotations", {"iscrowd": False}, {}, 0),
    "iscrowd a digit": ("annotations", {"iscrowd": "0"}, {}, 0),
    "no iscrowd, no such image": ("annotations", {"iscrowd": ..., "image_id": 999}, {}, 0),
    "id in words": ("annotations", {"id": "one"}, {"id": 1}, 0),
    "id a digit": ("annotations", {"id": "77"}, {}, 0),
    "an image's id in words": ("images", {"id": "one"}, {"images": 1}, 0),
    "a class's id in words": ("categories", {"id": "one"}, {"categories": 1}, 0),
    "a crowd without a mask": ("annotations", {"iscrowd": 1, "segmentation": ...}, {}, 1),
    "an ignored one without a mask": ("annotations", {"ignore": 1, "segmentation": []}, {}, 1),
    "an empty box without a mask": ("annotations", {"area": 0, "segmentation": None}, {}, 1),
    "a crowd with a mask": ("annotations", {"iscrowd": 1}, {}, 0),
}


def test_what_is_counted_as_unscored_is_what_the_evaluation_stops_at(stack: Any, pipe: Pipe, tmp_path: Path) -> None:
    files = {}
    for name, (kind, written, _, _) in STOPPING.items():
        data = coco(3)
        entry = data[kind][0]
        entry.update(written)
        data[kind][0] = {key: value for key, value in entry.items() if value is not ...}
        files[name] = put(tmp_path / f"{name}.json".replace("'", ""), coco(3), tmp_path / "images")
        files[name].write_text(json.dumps(data))
    environ = {**os.environ, "OMP_NUM_THREADS": "1"}
    words = [stack.python, "-c", EVALUATE, *map(str, files.values())]
    ran = subprocess.run(words, capture_output=True, text=True, env=environ, check=False)
    assert ran.returncode == 0, ran.stderr[-3000:]
    told = json.loads(ran.stdout.splitlines()[-1])
    for name, (_, _, unscored, undrawn) in STOPPING.items():
        [found, *_] = pipe.ask("dataset", path=str(files[name]))["splits"]
        assert (found["unscored"], found["undrawn"]) == (unscored, undrawn), name
        assert not found["incomplete"], name
        assert bool(told[f"{files[name]}bbox"]) is bool(unscored), (name, told)
        assert bool(told[f"{files[name]}segm"]) is bool(unscored or undrawn), (name, told)


def test_annotations_without_iscrowd_are_refused_where_they_are_scored(stack: Any, tmp_path: Path) -> None:
    root = as_folders(tmp_path)
    for role in ("train", "val"):
        data = coco(3)
        for item in data["annotations"]:
            del item["iscrowd"]
        (root / "annotations" / f"{role}.json").write_text(json.dumps(data))
    said = bbwizard("dataset", root, "--python", stack.python)
    assert said.status == 1
    val, train = (root / "annotations" / f"{role}.json" for role in ("val", "train"))
    words = "6 of 6 annotations have no iscrowd that is a number, and evaluation stops at the first"
    assert f"wrong (data-incomplete): {val}: {words}" in said.err
    assert str(train) not in said.err
    (root / "annotations" / "val.json").write_text(json.dumps(coco(3)))
    assert bbwizard("dataset", root, "--python", stack.python).status == 0
