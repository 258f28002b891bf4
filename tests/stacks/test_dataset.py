"""A user's own data on both stacks: found in every layout, judged with counts, written, read by mmdet, trained on."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bbwizard.recipe import Recipe
from bbwizard.session import Session
from stacks.coco_sets import CLASSES, Coco, as_coco, as_folders, as_one, as_roboflow, coco, put
from stacks.command_line import bbwizard
from stacks.pipe import SOURCES, Failure, Pipe


@pytest.fixture(scope="module")
def pipe(stack: Any) -> Iterator[Pipe]:
    with Pipe(stack.python) as opened:
        yield opened


LAYOUTS = {
    # how it is made, and for each split: annotation file, image folder, images, boxes
    as_coco: [
        ("annotations/instances_train2017.json", "train2017", 4, 8),
        ("annotations/instances_val2017.json", "val2017", 2, 4),
        ("annotations/instances_val2017.json", "val2017", 2, 4),
    ],
    as_roboflow: [
        ("train/_annotations.coco.json", "train", 3, 6),
        ("valid/_annotations.coco.json", "valid", 3, 6),
        ("test/_annotations.coco.json", "test", 3, 6),
    ],
    as_folders: [(f"annotations/{role}.json", f"images/{role}", 3, 6) for role in ("train", "val", "test")],
    as_one: [("labels.json", "images", 4, 8)] * 3,
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_is_found(pipe: Pipe, tmp_path: Path, layout: Callable[[Path], Path]) -> None:
    found = pipe.ask("dataset", path=str(layout(tmp_path)))["splits"]
    assert [split["role"] for split in found] == ["train", "val", "test"]
    assert [
        (
            os.path.relpath(split["ann_file"], tmp_path),
            os.path.relpath(split["folder"], tmp_path),
            split["images"],
            split["boxes"],
        )
        for split in found
    ] == LAYOUTS[layout]
    for split in found:
        assert [item["name"] for item in split["categories"]][-3:] == list(CLASSES)
        assert sum(item["boxes"] for item in split["categories"]) == split["boxes"]
        assert not any(split[key] for key in ("missing", "empty", "ignored", "astray", "repeated", "incomplete"))
        assert split["polygons"] == (0 if layout is as_roboflow else split["boxes"])


def test_files_and_folders_that_are_named_go_before_what_is_found(pipe: Pipe, tmp_path: Path) -> None:
    as_coco(tmp_path)
    own = put(tmp_path / "elsewhere" / "own.json", coco(1, 500), tmp_path / "pictures")
    asked = pipe.ask("dataset", path=str(tmp_path), given={"test": [str(own), str(tmp_path / "pictures")]})
    assert [split["images"] for split in asked["splits"]] == [4, 2, 1]
    alone = pipe.ask("dataset", given={"train": [str(own), None]})["splits"]
    assert {split["folder"] for split in alone} == {str(tmp_path / "pictures")}, "found beside the file's folder"
    file = pipe.ask("dataset", path=str(own))["splits"]
    assert [split["ann_file"] for split in file] == [str(own)] * 3


def broken(data: Coco) -> None:
    """Everything that can be wrong with entries, once or twice."""
    boxes = data["annotations"]
    boxes[0]["image_id"] = boxes[1]["image_id"] = 999
    boxes[2]["category_id"] = 999
    boxes[3]["bbox"] = [10, 10, 0.5, 20]
    boxes[4]["bbox"] = [500, 10, 20, 20]
    boxes[5]["iscrowd"] = 1
    boxes[6]["id"] = boxes[7]["id"]
    del boxes[8]["area"]
    boxes[9]["segmentation"] = {"counts": "abc", "size": [96, 128]}
    boxes[10]["segmentation"] = [[1, 1, 5, 5]]
    data["images"][6]["height"] = 31
    data["images"].append({"id": 7, "file_name": "nowhere.png", "width": 128, "height": 96})


def test_what_is_wrong_is_counted(pipe: Pipe, tmp_path: Path) -> None:
    data = coco(7)
    broken(data)
    put(tmp_path / "train.json", data, tmp_path / "images")
    (tmp_path / "images" / "nowhere.png").unlink()
    [found, *_] = pipe.ask("dataset", path=str(tmp_path))["splits"]
    assert (found["images"], found["annotations"], found["boxes"]) == (8, 14, 7)
    assert (found["polygons"], found["encoded"]) == (5, 1), "a polygon of two points cannot be drawn"
    assert found["astray"] == {"images": 2, "categories": 1}
    assert (found["empty"], found["ignored"]) == (2, 1)
    assert found["repeated"] == {"annotations": 1}
    assert found["incomplete"] == {"annotations without area": 1}
    assert (found["missing"], found["missing_example"]) == (1, str(tmp_path / "images" / "nowhere.png"))
    assert (found["small"], found["unlabelled"]) == (1, 2)


MISFORMED = [
    ("images", {"width": "200"}, "images without a usable width"),
    ("images", {"height": None, "width": None}, "images without width"),
    ("images", {"file_name": 7}, "images without a usable file_name"),
    ("images", {"id": [7]}, "images without a usable id"),
    ("annotations", {"area": "1600"}, "annotations without a usable area"),
    ("annotations", {"category_id": {"$oid": 5}}, "annotations without a usable category_id"),
    ("annotations", {"bbox": [1, 2, 3]}, "annotations without a usable bbox"),
    ("annotations", {"bbox": [1, 2, 3, "4"], "segmentation": None}, "annotations without a usable bbox"),
    ("annotations", {"category_id": 5.0}, ""),
    ("images", {"image_id": 0}, ""),
]
"""What is written into an entry, and what it is said to lack; nothing where mmdet takes it."""


@pytest.mark.parametrize(("kind", "written", "words"), MISFORMED)
def test_an_entry_is_told_by_the_field_that_is_wrong(
    pipe: Pipe, tmp_path: Path, kind: str, written: dict[str, Any], words: str
) -> None:
    data = coco(2)
    data[kind][0].update(written)
    put(tmp_path / "train.json", coco(2), tmp_path)
    (tmp_path / "train.json").write_text(json.dumps(data))
    [found, *_] = pipe.ask("dataset", path=str(tmp_path))["splits"]
    assert found["incomplete"] == ({words: 1} if words else {})


def test_entries_that_are_none_are_told_by_their_first_field(pipe: Pipe, tmp_path: Path) -> None:
    data: dict[str, Any] = coco(2)
    put(tmp_path / "train.json", coco(2), tmp_path)
    (tmp_path / "train.json").write_text(
        json.dumps({**data, "images": [*data["images"], 7, []], "annotations": [*data["annotations"], "x"]})
    )
    [found, *_] = pipe.ask("dataset", path=str(tmp_path))["splits"]
    assert found["incomplete"] == {"images without file_name": 2, "annotations without image_id": 1}


# What the evaluation reads, and training does not

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


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            '{"images": [{}, {}], "annotations": [{}], "categories": []}',
            "2 images and 1 annotations, but no categories",
        ),
        ('{"images": [], "annota', "cannot be read as JSON"),
        ("[1, 2]", "is not in COCO's format: it has no list of images"),
        (None, "there is no such file or folder"),
    ],
)
def test_what_is_no_annotation_file_is_refused(pipe: Pipe, tmp_path: Path, text: str | None, words: str) -> None:
    file = tmp_path / "train.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(Failure, match=words) as failure:
        pipe.ask("dataset", path=str(file))
    assert str(file) in failure.value.text
    assert failure.value.code == -32000
    assert failure.value.trace == "", "what is refused is no fault of the probing half"


def test_images_and_files_that_cannot_be_found_are_asked_for(pipe: Pipe, tmp_path: Path) -> None:
    with pytest.raises(Failure, match="no annotation file"):
        pipe.ask("dataset", path=str(tmp_path))
    put(tmp_path / "a" / "one.json", coco(2), tmp_path / "far" / "far" / "far" / "away")
    with pytest.raises(Failure, match="none of its 2 images is in .*such as 000.png.*train=FILE:FOLDER"):
        pipe.ask("dataset", path=str(tmp_path))
    put(tmp_path / "a" / "two.json", coco(2), tmp_path / "a")
    with pytest.raises(Failure, match="2 annotation files for train: .*one.json, .*two.json; name one with train=FILE"):
        pipe.ask("dataset", path=str(tmp_path))


def test_a_bad_file_is_refused_by_the_command_line_with_its_counts(stack: Any, tmp_path: Path) -> None:
    data = coco(4)
    data["annotations"][1]["id"] = 1
    put(tmp_path / "train.json", data, tmp_path)
    (tmp_path / "002.png").unlink()
    said = bbwizard("dataset", tmp_path, "--python", stack.python)
    assert said.status == 1
    assert "3 classes: cat, it's a dog, Füße" in said.out
    assert "1 of 4 images are not there, such as " + str(tmp_path / "002.png") in said.err
    assert "1 of 8 annotations have an id that another has" in said.err
    words = ["--base", "yolox/yolox_s_8x8_300e_coco.py", "--backbone", "mmcls/ShuffleNetV2", "--data", tmp_path]
    refused = bbwizard("write", "--python", stack.python, *words, "-o", tmp_path / "new.py")
    assert refused.status == 1
    assert "1 of 4 images are not there" in refused.err
    assert not (tmp_path / "new.py").exists()


# What is written is what mmdet reads

BASES = {
    "faster_rcnn/faster_rcnn_r50_fpn_1x_coco.py": False,
    "cascade_rcnn/cascade_rcnn_r50_fpn_1x_coco.py": False,
    "mask_rcnn/mask_rcnn_r50_fpn_1x_coco.py": True,
    "yolox/yolox_s_8x8_300e_coco.py": False,
    "retinanet/retinanet_r50_fpn_mstrain_640-800_3x_coco.py": False,
    "pascal_voc/faster_rcnn_r50_fpn_1x_voc0712.py": False,
    "openimages/faster_rcnn_r50_fpn_32x2_1x_openimages.py": False,
    "lvis/mask_rcnn_r50_fpn_sample1e-3_mstrain_1x_lvis_v1.py": True,
}
"""A single head, a list of heads, masks, MultiImageMix, Repeat, files in lists, another format, ClassBalanced."""
NEEDS_MORE = {
    "panoptic_fpn/panoptic_fpn_r50_fpn_1x_coco.py": "data-panoptic",
    "htc/htc_r50_fpn_1x_coco.py": "data-semantic",
    "fast_rcnn/fast_rcnn_r50_fpn_1x_coco.py": "data-proposals",
}

READ = """
import json, sys
from mmcv import Config
from mmdet.datasets import build_dataset
from mmdet.datasets.utils import NumClassCheckHook
from mmdet.models import build_detector
from bbprobe import forward
from bbprobe.loading import without_weights

class Runner:
    pass

told = {}
for path in sys.argv[1:]:
    config = Config.fromfile(path)
    built = {}
    for role in ("train", "val", "test"):
        if role != "train":
            config.data[role].test_mode = True
        built[role] = build_dataset(config.data[role])
    with forward.no_initialisation():
        detector = build_detector(without_weights(config.model), config.get("train_cfg"), config.get("test_cfg"))
    runner = Runner()
    runner.model, runner.data_loader = detector, Runner()
    runner.data_loader.dataset = built["train"]
    NumClassCheckHook().before_train_epoch(runner)
    counts = {module.num_classes for name, module in detector.named_modules() if hasattr(module, "num_classes")}
    sample = built["train"][0]
    told[path] = {
        "types": [type(built[role]).__name__ for role in built],
        "classes": [built[role].CLASSES for role in built],
        "lengths": [len(built[role]) for role in built],
        "labels": int(sample["gt_labels"].data.max()),
        "masks": "gt_masks" in sample,
        "counts": sorted(counts),
        "metric": config.evaluation.metric,
    }
print("\\n" + json.dumps(told))
"""


def read_by_mmdet(python: str, files: list[Path]) -> dict[str, Any]:
    """What the stack's own mmdet makes of written configs."""
    environ = {**os.environ, "PYTHONPATH": str(SOURCES), "OMP_NUM_THREADS": "1"}
    words = [python, "-c", READ, *map(str, files)]
    ran = subprocess.run(words, capture_output=True, text=True, env=environ, check=False)
    assert ran.returncode == 0, ran.stderr[-3000:]
    told: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return {Path(path).stem: answer for path, answer in told.items()}


async def test_written_configs_read_the_users_data_in_their_wrappers(stack: Any, tmp_path: Path) -> None:
    root = as_coco(tmp_path / "mine", stack.python)
    boxes = as_coco(tmp_path / "boxes", masks=False)
    sitting = Session(folder=tmp_path)
    files, refused = {}, {}
    try:
        await sitting.open(stack.python)
        for base in [*BASES, *NEEDS_MORE]:
            decided = {"base": base, "backbone": "mmcls/ResNet/18", "weights": "none"}
            sitting.change(**decided, data=(str(root),))
            plan = await sitting.work_out()
            refused[base] = [fault.code for fault in plan.faults]
            if not plan.faults:
                files[base] = sitting.write(plan, tmp_path / Path(base).name)
            if BASES.get(base):
                sitting.change(data=(str(boxes),))
                assert [fault.code for fault in (await sitting.work_out()).faults] == ["data-no-masks"]
                assert sitting.recipe != Recipe(**decided)
    finally:
        await sitting.close()
    assert refused == {**{base: [] for base in BASES}, **{base: [code] for base, code in NEEDS_MORE.items()}}
    told = read_by_mmdet(stack.python, list(files.values()))
    wrappers = {"yolox": "MultiImageMixDataset", "openimages": "CocoDataset", "lvis": "ClassBalancedDataset"}
    wrappers |= {"retinanet": "RepeatDataset", "pascal_voc": "RepeatDataset"}
    for base, file in files.items():
        answer = told[file.stem]
        kind = wrappers.get(base.partition("/")[0], "CocoDataset")
        assert answer["types"] == [kind, "CocoDataset", "CocoDataset"], base
        assert answer["classes"] == [list(CLASSES)] * 3
        assert answer["lengths"][1:] == [2, 2]
        assert answer["lengths"][0] % 4 == 0 and answer["lengths"][0] > 0
        assert answer["labels"] < 3
        assert answer["masks"] == BASES[base]
        assert set(answer["counts"]) <= {1, 3}, "1 is the RPN's own"
        assert 3 in answer["counts"]
        assert answer["metric"] == (["bbox", "segm"] if BASES[base] else "bbox")


# And it trains

TINY = {
    "yolox": """
_base_ = ['{configs}/yolox/yolox_tiny_8x8_300e_coco.py']
img_scale = (96, 96)
model = dict(input_size=img_scale, random_size_range=(3, 4))
train_pipeline = [
    dict(type='Mosaic', img_scale=img_scale, pad_val=114.0),
    dict(type='YOLOXHSVRandomAug'),
    dict(type='RandomFlip', flip_ratio=0.5),
    dict(type='Resize', img_scale=img_scale, keep_ratio=True),
    dict(type='Pad', pad_to_square=True, pad_val=dict(img=(114.0, 114.0, 114.0))),
    dict(type='FilterAnnotations', min_gt_bbox_wh=(1, 1), keep_empty=False),
    dict(type='DefaultFormatBundle'),
    dict(type='Collect', keys=['img', 'gt_bboxes', 'gt_labels'])]
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='MultiScaleFlipAug', img_scale=img_scale, flip=False, transforms=[
        dict(type='Resize', keep_ratio=True),
        dict(type='Pad', pad_to_square=True, pad_val=dict(img=(114.0, 114.0, 114.0))),
        dict(type='DefaultFormatBundle'),
        dict(type='Collect', keys=['img'])])]
data = dict(
    samples_per_gpu=2, workers_per_gpu=0, persistent_workers=False,
    train=dict(pipeline=train_pipeline), val=dict(pipeline=test_pipeline), test=dict(pipeline=test_pipeline))
runner = dict(max_epochs=1)
evaluation = dict(interval=1)
log_config = dict(interval=1)
""",
    "faster_rcnn": """
_base_ = ['{configs}/faster_rcnn/faster_rcnn_r50_fpn_1x_coco.py']
norm = dict(mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375], to_rgb=True)
train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations', with_bbox=True),
    dict(type='Resize', img_scale=(128, 96), keep_ratio=True),
    dict(type='RandomFlip', flip_ratio=0.5),
    dict(type='Normalize', **norm),
    dict(type='Pad', size_divisor=32),
    dict(type='DefaultFormatBundle'),
    dict(type='Collect', keys=['img', 'gt_bboxes', 'gt_labels'])]
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='MultiScaleFlipAug', img_scale=(128, 96), flip=False, transforms=[
        dict(type='Resize', keep_ratio=True),
        dict(type='Normalize', **norm),
        dict(type='Pad', size_divisor=32),
        dict(type='ImageToTensor', keys=['img']),
        dict(type='Collect', keys=['img'])])]
data = dict(
    samples_per_gpu=2, workers_per_gpu=0, persistent_workers=False,
    train=dict(pipeline=train_pipeline), val=dict(pipeline=test_pipeline), test=dict(pipeline=test_pipeline))
model = dict(
    train_cfg=dict(rpn_proposal=dict(max_per_img=50)),
    test_cfg=dict(rpn=dict(max_per_img=50)))
optimizer = dict(lr=0.0001)
runner = dict(max_epochs=1)
log_config = dict(interval=1)
""",
}
"""Whole base configs with images that a CPU can train on; their data sets, classes and heads are still COCO's."""


@pytest.mark.parametrize("base", TINY)
def test_the_printed_command_trains_on_it(stack: Any, tmp_path: Path, base: str) -> None:
    as_coco(tmp_path / "my data", stack.python)
    [configs] = Path(stack.python).parents[1].glob("lib/python*/site-packages/mmdet/.mim/configs")
    (tmp_path / "tiny.py").write_text(TINY[base].format(configs=configs))
    words = ["--base", "tiny.py", "--backbone", "mmcls/ResNet/18", "--weights", "none", "--data", "my data"]
    answer = bbwizard("write", "--python", stack.python, *words, "-o", "new.py", "--json", folder=tmp_path).data
    assert not [warning for warning in answer["warnings"] if warning["code"].startswith("data-")]
    command = answer["command"]
    ran = subprocess.run(
        command, shell=True, cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    log = ran.stdout + ran.stderr
    assert ran.returncode == 0, log[-3000:]
    assert "Epoch [1][2/2]" in log
    assert "Epoch(val) [1][2]" in log
    assert (tmp_path / "work_dirs" / "new" / "epoch_1.pth").is_file()
