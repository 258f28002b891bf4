"""The train command as it is printed, started on a tiny dataset: iterations, a checkpoint, exit 0."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path

import pytest

from stacks.command_line import bbwizard

PAINT = """
import sys, numpy, cv2
for name in sys.argv[1:]:
    cv2.imwrite(name, numpy.random.RandomState(0).randint(0, 255, (96, 128, 3), dtype="uint8"))
"""

BASE = """
_base_ = ['{configs}/retinanet/retinanet_r50_fpn_1x_coco.py']
classes = ('thing',)
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
tiny = dict(type='CocoDataset', classes=classes, ann_file='{data}/tiny.json', img_prefix='{data}/')
data = dict(
    samples_per_gpu=2, workers_per_gpu=0, persistent_workers=False,
    train=dict(_delete_=True, pipeline=train_pipeline, **tiny),
    val=dict(_delete_=True, pipeline=test_pipeline, **tiny),
    test=dict(_delete_=True, pipeline=test_pipeline, **tiny))
model = dict(bbox_head=dict(num_classes=1))
runner = dict(max_epochs=1)
optimizer = dict(lr=0.0001)
log_config = dict(interval=1)
"""


@pytest.fixture
def tiny_base(stack, tmp_path: Path) -> Path:
    """A user's own base config on four small images with a box each."""
    images = [{"id": number, "file_name": f"{number}.png", "width": 128, "height": 96} for number in range(4)]
    boxes = random.Random(0)
    annotations = [
        {"id": number, "image_id": number, "category_id": 1, "area": 1600, "iscrowd": 0,
         "bbox": [boxes.randint(0, 60), boxes.randint(0, 40), 40, 40]}
        for number in range(4)
    ]  # fmt: skip
    tiny = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "thing"}]}
    (tmp_path / "tiny.json").write_text(json.dumps(tiny))
    names = [str(tmp_path / image["file_name"]) for image in images]
    subprocess.run([stack.python, "-c", PAINT, *names], check=True)
    configs = bbwizard("doctor", "--python", stack.python, "--json").data["configs"]
    base = tmp_path / "tiny_base.py"
    base.write_text(BASE.format(configs=configs, data=tmp_path))
    return base


def run_as_printed(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The line in a shell, as a user pastes it."""
    return subprocess.run(
        command, shell=True, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )


def write(stack, base: Path, folder: Path, *words: object) -> str:
    """Writes `swapped.py` and gives the command for it."""
    asked = ["--base", base, "--backbone", "mmcls/ShuffleNetV2", "--weights", "none", "-o", "swapped.py", *words]
    command: str = bbwizard("write", "--python", stack.python, *asked, "--json", folder=folder).data["command"]
    return command


def test_the_printed_command_trains(stack, tiny_base, tmp_path):
    ran = run_as_printed(write(stack, tiny_base, tmp_path), tmp_path)
    assert ran.returncode == 0, ran.stderr[-3000:]
    assert "Epoch [1][2/2]" in ran.stdout + ran.stderr
    assert (tmp_path / "work_dirs" / "swapped" / "epoch_1.pth").is_file()


def test_the_command_for_several_gpus_gets_as_far_as_the_gpus(stack, tiny_base, tmp_path):
    """mmdet 2.x gives every process a GPU of its own, so that here, without any, is where it must end."""
    command = write(stack, tiny_base, tmp_path, "--gpus", 2)
    assert "torchrun --nproc_per_node=2" in command
    ran = run_as_printed(command, tmp_path)
    assert "unrecognized arguments" not in ran.stderr
    assert "init_dist" in ran.stderr
    assert "torch.cuda" in ran.stderr
