"""A base config on four small images with a box each: it trains an epoch in seconds, on a CPU too."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path

from stacks.command_line import bbwizard

PAINT = """
import sys, numpy, cv2
for name in sys.argv[1:]:
    cv2.imwrite(name, numpy.random.RandomState(0).randint(0, 255, (96, 128, 3), dtype="uint8"))
"""

PIPELINES = """
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
"""
"""For images that a CPU can train on; no brace stands in them."""

BASE = f"""
_base_ = ['{{configs}}/retinanet/retinanet_r50_fpn_1x_coco.py']
classes = ('thing',)
{PIPELINES}
tiny = dict(type='CocoDataset', classes=classes, ann_file='{{data}}/tiny.json', img_prefix='{{data}}/')
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


def base(python: str, folder: Path) -> Path:
    """A user's own base config in `folder`, with its data, for the training environment of `python`."""
    images = [{"id": number, "file_name": f"{number}.png", "width": 128, "height": 96} for number in range(4)]
    boxes = random.Random(0)
    annotations = [
        {"id": number, "image_id": number, "category_id": 1, "area": 1600, "iscrowd": 0,
         "bbox": [boxes.randint(0, 60), boxes.randint(0, 40), 40, 40]}
        for number in range(4)
    ]  # fmt: skip
    tiny = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "thing"}]}
    (folder / "tiny.json").write_text(json.dumps(tiny))
    names = [str(folder / image["file_name"]) for image in images]
    subprocess.run([python, "-c", PAINT, *names], check=True)
    configs = bbwizard("doctor", "--python", python, "--json").data["configs"]
    written = folder / "tiny_base.py"
    written.write_text(BASE.format(configs=configs, data=folder))
    return written
