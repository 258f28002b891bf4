"""In place of mmdet's tools/train.py: says what it was given, logs as mmcv does, and fails for a config named so."""

import json
import os
import sys

config, work_dir = sys.argv[1], sys.argv[sys.argv.index("--work-dir") + 1]
os.makedirs(work_dir)
with open(os.path.join(work_dir, "1.log.json"), "w") as log:
    for line in (
        {"config": "runner = dict(type='EpochBasedRunner', max_epochs=1)\n"},
        {"mode": "train", "epoch": 1, "iter": 1},
        {"mode": "val", "epoch": 1, "iter": 4, "bbox_mAP": 0.25},
    ):
        log.write(json.dumps(line) + "\n")
if "fails" in config:
    raise RuntimeError("CUDA out of memory")
