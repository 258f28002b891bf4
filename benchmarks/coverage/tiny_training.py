"""Run by a training environment's Python: trains a config on four images until its loss has fallen.

    python tiny_training.py CONFIG FOLDER STEPS SECONDS SCALE SLOWER

SECONDS are of the processor, SCALE multiplies the images' sides, SLOWER divides the learning rate. The images, their
COCO annotations and semantic maps are made in FOLDER. The dataset, the data loader, the optimizer of the config, the
runner and the training loop are mmdet's own (`mmdet.apis.train_detector`). The learning rate is set, fewer regions are
sampled, and augmentation, schedule and hooks of a long training are left out. Prints one JSON object on its
last line.
"""

import json
import pickle
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import torch
from mmcv.cnn.utils import revert_sync_batchnorm
from mmcv.runner import HOOKS, Hook
from mmdet.apis import set_random_seed, train_detector
from mmdet.datasets import build_dataset
from mmdet.models import build_detector

from bbprobe import isolation, loading, regions, synthetic

IMAGES, BATCH = 4, 2
SIZE = (128, 160)
"""Height and width of the images in pixels."""
BOXES = ((0.05, 0.10, 0.55, 0.90), (0.60, 0.10, 0.95, 0.55), (0.62, 0.62, 0.80, 0.88))
"""Left, top, right, bottom of the rectangles of the first image as parts of it; the others' are shifted."""
WINDOW = 2 * IMAGES // BATCH
"""Steps whose losses are averaged: each window sees every image twice."""
ENOUGH = 0.6
"""Of the first window's loss: once the last window is below, there is no need to go on."""
NEVER = 10**9
"""Steps."""
LARGEST = 512
"""Pixels of a side: SSD runs at its one size only, YOLACT (550) also at a smaller one."""
RATES = {"SGD": 0.01, "Adam": 0.0005, "AdamW": 0.0002, "RMSprop": 0.0001}
"""Learning rates for batches of two without warm-up, by optimizer."""


def main(config_file, folder, steps, seconds, scale, slower):
    """Train, and say what the loss did."""
    began = time.process_time()
    size = tuple(side * int(scale) for side in SIZE)
    set_random_seed(0, deterministic=False)
    config = loading.load(config_file)
    loading.without_weights(config._cfg_dict)
    simplify(config)
    with isolation.quiet():
        detector = build_detector(config.model, train_cfg=config.get("train_cfg"), test_cfg=config.get("test_cfg"))
        detector.init_weights()
        detector = revert_sync_batchnorm(detector)
        want = synthetic.wanted(config._cfg_dict, detector)
        dataset = build_dataset(tiny_dataset(Path(folder), want, config, size))
        detector.CLASSES = dataset.CLASSES
        settle(config, folder, int(steps), float(seconds) - (time.process_time() - began))
        config.optimizer["lr"] /= int(slower)
        train_detector(detector, [dataset], config)
    losses = Losses.seen
    print()
    print(
        json.dumps(
            {
                "first": sum(losses[:WINDOW]) / WINDOW,
                "last": sum(losses[-WINDOW:]) / WINDOW,
                "steps": len(losses),
                "seconds": round(time.process_time() - began, 1),
                "optimizer": config.optimizer.type,
                "lr": config.optimizer.lr,
                "losses": [round(loss, 4) for loss in losses],
            }
        )
    )


@HOOKS.register_module()
class Losses(Hook):
    """Keeps the loss of every step, and ends the training when it has fallen enough or its time is up."""

    seen = []

    def __init__(self, seconds):
        self.until = time.process_time() + seconds

    def after_train_iter(self, runner):
        self.seen.append(float(runner.outputs["log_vars"]["loss"]))
        if not np.isfinite(self.seen[-1]):
            raise FloatingPointError(f"the loss of step {len(self.seen)} is {self.seen[-1]}")
        fallen = len(self.seen) >= 3 * WINDOW and sum(self.seen[-WINDOW:]) < ENOUGH * sum(self.seen[:WINDOW])
        if fallen or (time.process_time() > self.until and len(self.seen) >= 2 * WINDOW):
            runner._max_iters = runner.iter + 1


def simplify(config):
    """Take few regions, whose heads cost most of a step, and keep YOLOX from resizing: the data must not change."""
    for part in ("model", "train_cfg", "test_cfg"):
        regions.fewer(config._cfg_dict.get(part))
    for _, found in loading.dicts(config._cfg_dict):
        if "random_size_interval" in found:
            found["random_size_interval"] = NEVER


def settle(config, folder, steps, seconds):
    """What a training of a few steps on the CPU needs otherwise than the config has it."""
    config.optimizer["lr"] = RATES[config.optimizer["type"]]
    config.optimizer_config = {"grad_clip": {"max_norm": 10, "norm_type": 2}}
    config.lr_config = config.momentum_config = config.checkpoint_config = config.fp16 = None
    config.custom_hooks = [{"type": "Losses", "seconds": seconds}]
    config.log_config = {"interval": steps, "hooks": []}
    config._cfg_dict.pop("total_epochs", None)  # mmdet's older word for what the runner says
    config.runner = {"type": "IterBasedRunner", "max_iters": steps}
    config.workflow = [("train", 1)]
    config.data = {"samples_per_gpu": BATCH, "workers_per_gpu": 0, "train": {}, "val": {}, "test": {}}
    config.auto_scale_lr = {"enable": False, "base_batch_size": BATCH}
    config.load_from = config.resume_from = None
    config.work_dir, config.seed, config.gpu_ids, config.device = folder, 0, [0], "cpu"


def tiny_dataset(folder, want, config, size):
    """The config of the dataset that is made in `folder`, with a pipeline that hands on what the detector wants."""
    folder.mkdir(parents=True, exist_ok=True)
    names = ["thing", "other"][: min(want.classes, 2)]
    images, annotations, proposals = [], [], []
    for number in range(IMAGES):
        name = f"{number}.jpg"
        images.append({"id": number, "file_name": name, "height": size[0], "width": size[1]})
        boxes = [shifted(box, number, size) for box in BOXES]
        cv2.imwrite(str(folder / name), drawn(boxes, number, size))
        cv2.imwrite(str(folder / name.replace(".jpg", ".png")), bands(want, size))
        proposals.append(np.array([box + (0.9,) for box in boxes], dtype=np.float32))
        for index, (left, top, right, bottom) in enumerate(boxes):
            annotations.append(
                {
                    "id": len(annotations),
                    "image_id": number,
                    "category_id": index % len(names),
                    "iscrowd": 0,
                    "area": (right - left) * (bottom - top),
                    "bbox": [left, top, right - left, bottom - top],
                    "segmentation": [[left, top, right, top, right, bottom, left, bottom]],
                }
            )
    categories = [{"id": index, "name": name} for index, name in enumerate(names)]
    whole = {"images": images, "annotations": annotations, "categories": categories}
    (folder / "tiny.json").write_text(json.dumps(whole))
    (folder / "proposals.pkl").write_bytes(pickle.dumps(proposals))
    return {
        "type": "CocoDataset",
        "classes": names,
        "ann_file": str(folder / "tiny.json"),
        "img_prefix": str(folder),
        "seg_prefix": str(folder),
        "proposal_file": str(folder / "proposals.pkl") if "proposals" in want.keys else None,
        "pipeline": pipeline(want, config, size),
    }


def shifted(box, number, size):
    """One rectangle of the image with that number, in pixels."""
    (left, top, right, bottom), move, (height, width) = box, 0.01 * number, size
    return int((left + move) * width), int(top * height), int((right + move) * width), int(bottom * height)


def drawn(boxes, number, size):
    """An image of bright rectangles on dim noise, (height, width, 3)."""
    image = np.random.RandomState(number).randint(0, 80, size + (3,)).astype(np.uint8)
    for index, (left, top, right, bottom) in enumerate(boxes):
        image[top:bottom, left:right] = [(40, 220, 80), (230, 60, 200)][index % 2]
    return image


def bands(want, size):
    """A semantic map of upright bands of all kinds of classes, (height, width)."""
    found = np.arange(size[1]) * 8 // size[1] * max(want.semantic_classes // 8, 1) % want.semantic_classes
    return np.tile(found.astype(np.uint8), (size[0], 1))


def pipeline(want, config, size):
    """The transforms of a training without augmentation, in the sizes and with the normalisation of the config."""
    one_size = want.sizes[0] == want.sizes[1] and max(want.sizes[0]) <= LARGEST
    fixed = want.sizes[0] if one_size else size
    keys = want.keys
    made = [{"type": "LoadImageFromFile", "to_float32": True}]
    if "proposals" in keys:
        made.append({"type": "LoadProposals"})
    loads = {"with_mask": "gt_masks", "with_seg": "gt_semantic_seg"}
    made.append({"type": "LoadAnnotations", "with_bbox": True, **{word: key in keys for word, key in loads.items()}})
    made.append({"type": "Resize", "img_scale": (fixed[1], fixed[0]), "keep_ratio": False})
    made.append({"type": "RandomFlip", "flip_ratio": 0.0})
    normalise = [found for found in synthetic.transforms(config.data.train) if found["type"] == "Normalize"]
    made += [dict(found) for found in normalise[:1]]
    made.append({"type": "Pad", "size_divisor": want.divisor})
    if want.semantic_scale != 1:
        made.append({"type": "SegRescale", "scale_factor": want.semantic_scale})
    made.append({"type": "DefaultFormatBundle"})
    made.append({"type": "Collect", "keys": ["img", *sorted(keys)]})
    return made


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(*sys.argv[1:])
