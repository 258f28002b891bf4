"""A user's own data on both stacks: what is written is what mmdet reads, and it trains."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bbwizard.recipe import Recipe
from bbwizard.session import Session
from stacks.coco_sets import CLASSES, as_coco
from stacks.command_line import bbwizard
from stacks.pipe import SOURCES
from stacks.tiny import PIPELINES

BASES = {
    "faster_rcnn/faster_rcnn_r50_fpn_1x_coco.py": False,
    "cascade_rcnn/cascade_rcnn_r50_fpn_1x_coco.py": False,
    "mask_rcnn/mask_rcnn_r50_fpn_1x_coco.py": True,
    "yolox/yolox_s_8x8_300e_coco.py": False,
    "retinanet/retinanet_r50_fpn_mstrain_640-800_3x_coco.py": False,
    "pascal_voc/faster_rcnn_r50_fpn_1x_voc0712.py": False,
    "openimages/faster_rcnn_r50_fpn_32x2_1x_openimages.py": False,
    "openimages/faster_rcnn_r50_fpn_32x2_cas_1x_openimages_challenge.py": False,
    "lvis/mask_rcnn_r50_fpn_sample1e-3_mstrain_1x_lvis_v1.py": True,
}
"""A single head, a list of heads, masks, MultiImageMix, Repeat, files in lists, another format, images drawn by class,
ClassBalanced."""
NEEDS_MORE = {
    "panoptic_fpn/panoptic_fpn_r50_fpn_1x_coco.py": "data-panoptic",
    "htc/htc_r50_fpn_1x_coco.py": "data-semantic",
    "fast_rcnn/fast_rcnn_r50_fpn_1x_coco.py": "data-proposals",
}

READ = """
import json, sys
from mmcv import Config
from mmdet.datasets import build_dataloader, build_dataset
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
    drawn = build_dataloader(built["train"], 2, 0, dist=False, seed=0, **config.data.get("train_dataloader", {}))
    sample = built["train"][0]
    told[path] = {
        "types": [type(built[role]).__name__ for role in built],
        "classes": [built[role].CLASSES for role in built],
        "lengths": [len(built[role]) for role in built],
        "drawn": len(list(drawn.sampler)),
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
        assert answer["drawn"] >= answer["lengths"][0]
        assert answer["labels"] < 3
        assert answer["masks"] == BASES[base]
        assert set(answer["counts"]) <= {1, 3}, "1 is the RPN's own"
        assert 3 in answer["counts"]
        assert answer["metric"] == (["bbox", "segm"] if BASES[base] else "bbox")


UPDATED = """
import json, sys
from mmcv import Config
from mmdet.utils import update_data_root

config = Config.fromfile(sys.argv[1])
update_data_root(config)
train = config.data.train.to_dict()
print("\\n" + json.dumps([config.data_root, train["ann_file"], train["img_prefix"]]))
"""


@pytest.mark.parametrize("folder", ["mine", "data/coco"])
def test_the_users_data_stay_where_mmdet_puts_other_data_in_the_bases_place(
    stack: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    root = as_coco(tmp_path / folder)
    monkeypatch.setenv("MMDET_DATASETS", "/other/")
    words = ["--base", "retinanet/retinanet_r50_fpn_1x_coco.py", "--backbone", "mmcls/ResNet/18", "--weights", "none"]
    said = bbwizard("write", "--python", stack.python, *words, "--data", root, "-o", "new.py", folder=tmp_path)
    assert said.status == 0, said.err
    ran = subprocess.run([stack.python, "-c", UPDATED, tmp_path / "new.py"], capture_output=True, text=True, check=True)
    places = [str(root / "annotations" / "instances_train2017.json"), f"{root / 'train2017'}/"]
    assert json.loads(ran.stdout.splitlines()[-1]) == ["/other/", *places]


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
    "faster_rcnn": f"""
_base_ = ['{{configs}}/faster_rcnn/faster_rcnn_r50_fpn_1x_coco.py']
{PIPELINES}
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


@pytest.mark.parametrize(
    ("base", "backbone"),
    [*((base, "mmcls/ResNet/18") for base in TINY), ("faster_rcnn", "timm/hrnet_w18_small")],
)
def test_the_printed_command_trains_on_it(stack: Any, tmp_path: Path, base: str, backbone: str) -> None:
    as_coco(tmp_path / "my data", stack.python)
    [configs] = Path(stack.python).parents[1].glob("lib/python*/site-packages/mmdet/.mim/configs")
    (tmp_path / "tiny.py").write_text(TINY[base].format(configs=configs))
    words = ["--base", "tiny.py", "--backbone", backbone, "--weights", "none", "--data", "my data"]
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
