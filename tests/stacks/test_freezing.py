"""What classes freeze of their own accord and when they are told to, and what a written config's backbone trains."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bbwizard.rules.freezing import FROM_ZERO
from stacks.command_line import bbwizard

RETINANET = "retinanet_r50_fpn_1x_coco"

STEM_IS_A_STAGE = {"mmcls.MobileNetV3"}
"""Its first of all is what others have before their stages."""

LOOK = """
import inspect, json, re
from mmcls.models import BACKBONES

found = {}
for cls in BACKBONES.module_dict.values():
    freeze = getattr(cls, "_freeze_stages", None)
    if freeze is not None and cls.__module__.startswith("mmcls."):
        from_zero = re.search(r"range\\((0, )?self.frozen_stages \\+ 1\\)", inspect.getsource(freeze))
        found["mmcls." + cls.__name__] = from_zero is not None
print(json.dumps(found))
"""


def test_classes_that_count_their_stages_from_zero_are_known(stack: Any) -> None:
    command = [stack.python, "-W", "ignore", "-c", LOOK]
    looked = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(looked.stdout.splitlines()[-1])
    assert not found["mmcls.ResNet"]
    assert {name for name, from_zero in found.items() if from_zero} - STEM_IS_A_STAGE == FROM_ZERO & set(found)


TRAIN = """
import json, sys
from mmcv import Config
from mmdet.models import build_detector
from torch.nn.modules.batchnorm import _BatchNorm

model = Config.fromfile(sys.argv[1]).model
model.backbone.pop("init_cfg", None)
detector = build_detector(model)
detector.train()
parameters = list(detector.backbone.parameters())
norms = [module for module in detector.backbone.modules() if isinstance(module, _BatchNorm)]
print(json.dumps({
    "frozen": [len([held for held in parameters if not held.requires_grad]), len(parameters)],
    "training": [len([norm for norm in norms if norm.training]), len(norms)],
}))
"""
"""Builds a config's detector, and says how many of its backbone's tensors are frozen and of its batch norms train."""


def trained(stack: Any, config: Path | str) -> dict[str, list[int]]:
    """What is frozen of the backbone of a config, and what of its batch norm trains, each of how many."""
    command = [stack.python, "-W", "ignore", "-c", TRAIN, str(config)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, list[int]] = json.loads(done.stdout.splitlines()[-1])
    return found


def write(stack: Any, folder: Path, base: str, backbone: str, *words: str) -> dict[str, str]:
    """The texts of what is found in a config that is written to `new.py`, by code."""
    asked = ("--python", stack.python, "--base", base, "--backbone", backbone, "-o", "new.py", "--json")
    said = bbwizard("write", *asked, *words, folder=folder)
    assert said.status == 0, said.err
    return {warning["code"]: warning["text"] for warning in said.data["warnings"]}


@pytest.mark.parametrize("backbone", ["mmdet/ResNet/50", "mmdet/Darknet/53", "mmdet/HRNet/w18"])
def test_batch_norm_of_random_weights_trains_where_its_class_holds_it_back(
    stack: Any, tmp_path: Path, backbone: str
) -> None:
    found = write(stack, tmp_path, RETINANET, backbone, "--weights", "none")
    training, layers = trained(stack, tmp_path / "new.py")["training"]
    assert training == layers > 50
    assert f"keeps its {layers} batch norm layers in eval mode" in found["eval-random"]
    assert f"the {layers} batch norm layers of {backbone.split('/')[1]} train on 2 images" in found["tiny-batch"]


def test_batch_norm_is_said_to_train_where_it_does_alone(stack: Any, tmp_path: Path) -> None:
    found = write(stack, tmp_path, RETINANET, "mmdet/ResNet/101", "--leave", "freeze")
    assert trained(stack, tmp_path / "new.py")["training"] == [0, 104]
    assert "tiny-batch" not in found and found["freeze"].endswith("norm_eval=True is its default")
