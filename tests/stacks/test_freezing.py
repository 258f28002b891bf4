"""What classes freeze of their own accord and when they are told to, and what a written config's backbone trains."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bbwizard.rules.frozen_stages import FROM_ZERO, IDLE, NOT_ALONE, STEM_FIRST, number
from stacks.command_line import bbwizard

RETINANET = "retinanet_r50_fpn_1x_coco"
EFFICIENTNET = "efficientnet/retinanet_effb3_fpn_crop896_8x4_1x_coco.py"

STEM_IS_A_STAGE = {"mmcls.MobileNetV3", "CSPDarknet"}
"""Their first of all is what others have before their stages."""

LOOK = """
import inspect, json, re
from mmcls.models import BACKBONES as OF_MMCLS
from mmdet.models import BACKBONES as OF_MMDET

found = {}
for prefix, registry in (("mmcls.", OF_MMCLS), ("", OF_MMDET)):
    for cls in registry.module_dict.values():
        freeze = getattr(cls, "_freeze_stages", None)
        if not cls.__module__.startswith(prefix or "mmdet."):
            continue
        if freeze is None:
            takes = {"frozen_stages", "norm_eval"} & set(inspect.signature(cls).parameters)
            if takes and "train" not in vars(cls):
                found[prefix + cls.__name__] = "idle"
            continue
        source = inspect.getsource(freeze)
        if re.search(r"range\\((0, )?self.frozen_stages \\+ 1\\)", source):
            found[prefix + cls.__name__] = "from zero"
        elif "range(self.frozen_stages)" in source and not re.search(r"self.(stem|conv1|patch_embed)", source):
            found[prefix + cls.__name__] = "nothing at zero"
        else:
            found[prefix + cls.__name__] = "from one"
print(json.dumps(found))
"""
"""Which way each class of both libraries counts, as its code says."""


def test_classes_that_count_their_stages_otherwise_are_known(stack: Any) -> None:
    command = [stack.python, "-W", "ignore", "-c", LOOK]
    looked = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, str] = json.loads(looked.stdout.splitlines()[-1])
    assert found["mmcls.ResNet"] == found["ResNet"] == "from one"

    def those(way: str) -> set[str]:
        return {name for name, counts in found.items() if counts == way}

    assert those("from zero") - STEM_IS_A_STAGE == FROM_ZERO & set(found)
    assert those("nothing at zero") == (STEM_FIRST | NOT_ALONE) & set(found)
    assert those("idle") == IDLE & set(found)


FREEZE = """
import json, sys
import mmcls.models
from mmdet.models import build_backbone

found = []
for config in json.loads(sys.argv[1]):
    model = build_backbone(config)
    model.train()
    found.append([name for name, held in model.named_parameters() if not held.requires_grad])
print(json.dumps(found))
"""
"""Builds backbones, and names what of each is frozen."""

PARTS: list[tuple[dict[str, Any], str, str]] = [
    ({"type": "ResNet", "depth": 18}, "conv1 bn1", "layer1"),
    ({"type": "mmcls.ResNet", "depth": 18}, "conv1 bn1", "layer1"),
    ({"type": "Darknet", "depth": 53}, "conv1", "conv_res_block1"),
    ({"type": "EfficientNet", "arch": "b0"}, "layers.0", "layers.1"),
    ({"type": "mmcls.EfficientNet", "arch": "b0"}, "layers.0", "layers.1"),
    ({"type": "CSPDarknet"}, "stem", "stage1"),
    ({"type": "mmcls.MobileNetV3"}, "layer0", "layer1"),
    ({"type": "SwinTransformer"}, "patch_embed", "stages.0 norm0"),
    ({"type": "mmcls.CSPResNet", "depth": 50}, "stem", "stages.0"),
    ({"type": "mmcls.ConvNeXt"}, "downsample_layers.0", "stages.0"),
]
"""Backbones, with what they call their stem and their first stage."""


def test_the_number_freezes_the_stem_and_the_first_stage(stack: Any) -> None:
    expected = [(config, 0, stem.split()) for config, stem, _ in PARTS]
    expected += [(config, 1, f"{stem} {first}".split()) for config, stem, first in PARTS]
    cases = [
        ({**config, "frozen_stages": number(config["type"], stages)}, parts)
        for config, stages, parts in expected
        if number(config["type"], stages) is not None
    ]
    assert len(cases) == len(expected) - 2, "two freeze their stem with their first stage alone"
    command = [stack.python, "-W", "ignore", "-c", FREEZE, json.dumps([config for config, _ in cases])]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    for (config, parts), names in zip(cases, json.loads(done.stdout.splitlines()[-1]), strict=True):
        frozen = {part for part in parts for name in names if name.startswith(f"{part}.")}
        assert frozen == set(parts), config
        assert [name for name in names if not name.startswith(tuple(f"{part}." for part in parts))] == [], config


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


@pytest.mark.parametrize(
    ("base", "backbone", "frozen"),
    [
        (EFFICIENTNET, "mmcls/ResNet/50", 0),
        (RETINANET, "mmcls/EfficientNet/b0", 3 + 3 + 4 + 3),  # around its squeeze and excitation
        (RETINANET, "mmdet/Darknet/53", 3 + 3 * 3),
    ],
)
def test_as_many_stages_freeze_as_did(stack: Any, tmp_path: Path, base: str, backbone: str, frozen: int) -> None:
    write(stack, tmp_path, base, backbone)
    assert trained(stack, tmp_path / "new.py")["frozen"][0] == frozen


@pytest.mark.parametrize(
    "base", ["yolo/yolov3_d53_mstrain-608_273e_coco.py", "hrnet/faster_rcnn_hrnetv2p_w18_1x_coco.py"]
)
def test_batch_norm_that_the_base_held_back_by_default_stays_held_back(stack: Any, tmp_path: Path, base: str) -> None:
    found = write(stack, tmp_path, base, "mmcls/ResNet/50")
    assert "had norm_eval=True" in found["freeze"]
    assert trained(stack, tmp_path / "new.py")["training"] == [0, 53]


@pytest.mark.parametrize("base", ["retinanet/retinanet_r50_caffe_fpn_1x_coco.py", "detr/detr_r50_8x2_150e_coco.py"])
def test_batch_norm_that_was_frozen_is_frozen_again(stack: Any, tmp_path: Path, base: str) -> None:
    found = write(stack, tmp_path, base, "mmcls/ResNet/50")
    assert "norm_cfg.requires_grad=False" in found["freeze"]
    assert trained(stack, tmp_path / "new.py") == {"frozen": [117, 159], "training": [0, 53]}
    lost = write(stack, tmp_path, base, "timm/resnet50", "--force")
    assert "norm_cfg.requires_grad=False" in lost["not-frozen"]
