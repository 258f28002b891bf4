"""What hurts silently, on real bases: written, loaded again by the stack's own mmcv, and run."""

from __future__ import annotations

import ast
import asyncio
import json
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bbprobe.protocol import Check
from bbwizard.errors import NotWritable
from bbwizard.findings import Finding
from bbwizard.plan import Plan
from bbwizard.session import Session
from stacks.command_line import bbwizard

RUN = """
import json, sys, cv2, numpy
from mmcv import Config
from mmdet.datasets.pipelines import Compose

file = sys.argv[2]
cv2.imwrite(file, numpy.full((60, 80, 3), (10, 20, 30), dtype='uint8'))
config = Config.fromfile(sys.argv[1])
def box():
    return dict(bboxes=numpy.array([[10., 10., 40., 40.]], dtype='float32'), labels=numpy.array([0]),
                bboxes_ignore=numpy.zeros((0, 4), dtype='float32'))

def data():
    return dict(img_info=dict(filename=file, width=80, height=60), img_prefix=None, ann_info=box(),
                bbox_fields=[], mask_fields=[], seg_fields=[])

def pixel(image):
    image = getattr(image, 'data', image)
    return [round(float(channel[5][5]), 2) for channel in image]

told = {}
for role in ('train', 'test'):
    part = config.data[role]
    steps = list(part.get('dataset', {}).get('pipeline', []))
    mixing = ('Mosaic', 'RandomAffine', 'MixUp', 'YOLOXHSVRandomAug')  # they need a whole data set
    steps += [step for step in part.pipeline if step['type'] not in mixing]
    numpy.random.seed(0)
    out = Compose(steps)(data())
    told[role] = pixel(out['img'][0] if isinstance(out['img'], list) else out['img'])
print(json.dumps(told))
"""
"""Runs the train and the test pipeline of a config on an image of one colour, blue 10, green 20, red 30."""

YOLOX = "yolox/yolox_tiny_8x8_300e_coco.py"
CAFFE = "retinanet/retinanet_r50_caffe_fpn_1x_coco.py"
DETR = "detr/detr_r50_8x2_150e_coco.py"
SSD = "ssd/ssd300_coco.py"
YOLACT = "yolact/yolact_r50_1x8_coco.py"
SYNCHRONISED = "strong_baselines/mask_rcnn_r50_caffe_fpn_syncbn-all_rpn-2conv_lsj_100e_coco.py"

HALF = ([127.5] * 3, [127.5] * 3, True)
RGB = ([123.675, 116.28, 103.53], [58.395, 57.12, 57.375], True)


@dataclass
class Written:
    """One config as it lies on the disk."""

    path: Path
    plan: Plan
    check: Check | None
    command: str
    resolved: Any
    """What the stack's own mmcv makes of it, bases merged in."""

    @property
    def text(self) -> str:
        return self.path.read_text("utf-8")

    def found(self, code: str) -> Finding | None:
        """The finding with that code."""
        return next((finding for finding in self.plan.findings if finding.code == code), None)


@pytest.fixture(scope="module")
def write(stack, tmp_path_factory) -> Iterator[Callable[..., Written]]:
    """Writes a config for a base and a backbone in one sitting that all tests share, and checks it where asked to."""
    folder = tmp_path_factory.mktemp("findings")
    with pytest.MonkeyPatch.context() as patch, asyncio.Runner() as runner:
        for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
            patch.setenv(f"XDG_{kind}_HOME", str(folder / "xdg" / kind.lower()))
        sitting = Session(folder=folder)
        runner.run(sitting.open(stack.python))

        def write(base: str, backbone: str, *, check: bool = False, **recipe: Any) -> Written:
            async def write() -> Written:
                sitting.change(base="", backbone="")
                sitting.change(base=base, backbone=backbone, gpus=recipe.pop("gpus", 1), **recipe)
                plan = await sitting.work_out()
                path = sitting.write(plan, Path(f"config{len(list(folder.glob('*.py')))}.py"))
                plan = await sitting.prove() if check else plan
                values = ast.literal_eval((await sitting.base(str(path))).resolved)
                return Written(path, plan, sitting.checked, sitting.command(path), values)

            return runner.run(write())

        yield write
        runner.run(sitting.close())


def steps(value: Any, kind: str) -> list[Any]:
    """Every dict of one type, however deep."""
    if isinstance(value, dict):
        own = [value] if value.get("type") == kind else []
        return own + [found for item in value.values() for found in steps(item, kind)]
    return [found for item in value for found in steps(item, kind)] if isinstance(value, (list, tuple)) else []


def ran(stack, config: Path) -> Any:
    """The colour of one pixel as each pipeline gives it."""
    command = [stack.python, "-W", "ignore", "-c", RUN, str(config), str(config.with_suffix(".png"))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def normalised(mean: list[float], std: list[float]) -> list[float]:
    """Red, green and blue of the image, normalised."""
    return [round((colour - m) / s, 2) for colour, m, s in zip((30, 20, 10), mean, std, strict=True)]


def test_weights_of_another_normalisation_rewrite_every_pipeline(stack, write):
    asked = (CAFFE, "mmcls/EfficientNet/b0")
    config = write(*asked, weights="efficientnet-b0_3rdparty_8xb32-aa-advprop_in1k")
    assert config.found("normalisation").taken
    assert "mean 127.5, 127.5, 127.5" in config.found("normalisation").text
    for role in ("train", "val", "test"):
        found = steps(config.resolved["data"][role], "Normalize")
        assert [(step["mean"], step["std"], step["to_rgb"]) for step in found] == [HALF]
    assert ran(stack, config.path) == {"train": normalised(*HALF[:2]), "test": normalised(*HALF[:2])}
    assert "pipeline" not in write(*asked, leave=("normalisation",)).text


def test_yolox_gets_the_normalisation_that_it_lacks(stack, write):
    asked = (YOLOX, "mmcls/ShuffleNetV2")
    assert "Normalize" not in write(*asked).text, "from scratch there is nothing to match"
    config = write(*asked, weights="shufflenet-v2-1x_16xb64_in1k")
    data = config.resolved["data"]
    assert [len(steps(data[role], "Normalize")) for role in ("train", "val", "test")] == [1, 1, 1]
    assert not steps(data["train"]["dataset"], "Normalize")
    assert ran(stack, config.path) == {"train": normalised(*RGB[:2]), "test": normalised(*RGB[:2])}


CHAINED = """
_base_ = [{base!r}]
load = dict(type='LoadImageFromFile', channel_order={order!r})
caffe = dict(type='Normalize', mean=[103.53, 116.28, 123.675], std=[1.0, 1.0, 1.0], to_rgb=False)
flip = dict(type='RandomFlip', flip_ratio=0.5)
test_pipeline = [load, dict(type='MultiScaleFlipAug', img_scale=(64, 64), flip=False, transforms=[
    dict(type='Resize', keep_ratio=True), flip, caffe, dict(type='ImageToTensor', keys=['img']),
    dict(type='Collect', keys=['img'])])]
data = dict(
    train=dict(
        dataset=dict(pipeline=[load, dict(type='LoadAnnotations', with_bbox=True), caffe]),
        pipeline=[flip, dict(type='DefaultFormatBundle'), dict(type='Collect', keys=['img'])]),
    val=dict(pipeline=test_pipeline), test=dict(pipeline=test_pipeline))
"""
"""Images are normalised by the wrapped data set, and become tensors in the one that wraps it."""


@pytest.mark.parametrize("order", ["bgr", "rgb"])
def test_images_are_normalised_once_in_the_order_in_which_they_are_loaded(stack, write, tmp_path, order):
    packaged = write(YOLOX, "mmcls/ShuffleNetV2").plan.base.path
    base = tmp_path / "chained.py"
    base.write_text(CHAINED.format(base=packaged, order=order))
    config = write(str(base), "mmcls/ShuffleNetV2", weights="shufflenet-v2-1x_16xb64_in1k")
    assert config.found("normalisation").taken
    assert ran(stack, config.path) == {"train": normalised(*RGB[:2]), "test": normalised(*RGB[:2])}


def test_what_the_check_reveals_is_in_the_file_that_is_called_checked(write):
    asked = (YOLOX, "mmcls/MobileNetV3/small")
    before = write(*asked, stages=(3, 8, 11), gpus=2)
    assert before.found("gradient-unseen")
    assert "find_unused_parameters" not in before.text
    config = write(*asked, stages=(3, 8, 11), gpus=2, check=True)
    assert config.check.ok, config.check.error
    assert len(config.check.unused_parameters) == 3
    assert "3 parameters got no gradient" in config.found("no-gradient").text
    assert config.resolved["find_unused_parameters"] is True
    again = write(*asked, stages=(3, 8, 11), gpus=2)
    assert again.resolved["find_unused_parameters"] is True, "what a check saw is remembered"


def test_stages_are_frozen_as_they_were_and_where_train_freezes_them_that_is_found(write):
    config = write(CAFFE, "mmcls/ShuffleNetV2", check=True)
    backbone = config.resolved["model"]["backbone"]
    assert (backbone["frozen_stages"], backbone["norm_eval"]) == (1, True)
    assert config.check.late_frozen
    assert config.found("freeze").taken and config.found("late-frozen").taken
    assert config.resolved["find_unused_parameters"] is True
    timm = write(CAFFE, "timm/mobilenetv2_100")
    assert "frozen_stages" not in timm.text
    assert re.search(r"its [45]\d batch norm layers train on 2 images a GPU", timm.found("not-frozen").text)


def test_adamw_is_offered_to_what_is_like_a_transformer(write):
    asked = (CAFFE, "mmcls/PoolFormer/s12")
    assert not write(*asked).found("adamw").taken
    optimizer = write(*asked, fixes=("adamw",)).resolved["optimizer"]
    assert (optimizer["type"], optimizer["lr"]) == ("AdamW", 0.0001)
    assert "momentum" not in optimizer


def test_every_fix_is_taken_where_the_base_has_its_backbone_learn_slowly(write):
    asked = ("yolof/yolof_r50_c5_8x8_1x_coco.py", "mmcls/PoolFormer/s12")
    assert write(*asked).found("backbone-lr")
    for fixes in (("all",), ("adamw",)):
        config = write(*asked, fixes=fixes)
        assert not config.found("backbone-lr")
        assert config.resolved["optimizer"]["type"] == "AdamW"
        assert "backbone" not in config.resolved["optimizer"]["paramwise_cfg"]["custom_keys"]


def test_a_constructor_that_would_raise_is_left_out(stack, write):
    if stack.name == "2.24":
        pytest.skip("mmdet 2.24 has no such constructor")
    asked = ("convnext/mask_rcnn_convnext-t_p4_w7_fpn_fp16_ms-crop_3x_coco.py", "mmcls/ResNet/18")
    assert write(*asked).resolved["optimizer"].keys() == {"type", "lr", "betas", "weight_decay"}
    kept = write(*asked, leave=("layer-decay",), check=True)
    assert kept.check.stage == "optimizer"
    assert "LearningRateDecayOptimizerConstructor cannot be made for ResNet" in kept.check.error


def test_a_learning_rate_by_stage_stays_as_it_was(stack, write, tmp_path):
    if stack.name == "2.24":
        pytest.skip("mmdet 2.24 has no such constructor")
    base = "convnext/cascade_mask_rcnn_convnext-s_p4_w7_fpn_giou_4conv1f_fp16_ms-crop_3x_coco.py"
    packaged = write(base, "mmcls/ConvNeXt/tiny", weights="none").plan.base.path
    staged = tmp_path / "staged.py"
    paramwise = "dict(decay_rate=0.7, decay_type='stage_wise', num_layers=4)"
    staged.write_text(f"_base_ = {packaged!r}\noptimizer = dict(paramwise_cfg={paramwise})\n")
    config = write(str(staged), "mmcls/ConvNeXt/small", weights="none", gpus=8)
    assert not config.found("layer-decay")
    paramwise = config.resolved["optimizer"]["paramwise_cfg"]
    assert (paramwise["decay_type"], paramwise["num_layers"]) == ("stage_wise", 4)


def test_no_tensor_of_the_backbone_is_left_at_a_tenth_of_the_learning_rate(stack, write):
    if stack.name == "2.24":
        pytest.skip("the Swin of mmcls 0.23 has no map at stride 4, which Mask2Former takes")
    base = "mask2former/mask2former_swin-s-p4-w7-224_lsj_8x2_50e_coco.py"
    config = write(base, "mmcls/SwinTransformer/tiny", fixes=("backbone-lr",), check=True)
    assert config.check.backbone_keys["relative_position_bias_table"] == 12
    assert re.search(r"of the new one \d\d\d tensors", config.found("backbone-lr").text)
    keys = config.resolved["optimizer"]["paramwise_cfg"]["custom_keys"]
    assert keys["backbone.norm"] == {"lr_mult": 1.0, "decay_mult": 0.0}
    assert {key for key, value in keys.items() if value["lr_mult"] != 1.0} == set()


def test_the_hook_that_would_stop_at_a_backbone_with_classes_of_its_own_is_left_out(write):
    retinanet, vgg = "retinanet/retinanet_r50_fpn_1x_coco.py", "mmcls/VGG/vgg11bn"
    for backbone in (vgg, "timm/hrnet_w18"):
        config = write(retinanet, backbone, weights="none", check=True)
        assert config.found("class-check").taken
        assert config.resolved["custom_hooks"] == []
        assert config.check.ok, config.check.error
    left = write(retinanet, vgg, weights="none", leave=("class-check",), check=True)
    assert (left.check.stage, "(-1) in VGG" in left.check.error) == ("hooks", True)
    for base, backbone in [("tood/tood_r50_fpn_1x_coco.py", vgg), (retinanet, "mmcls/ResNet/18")]:
        assert not write(base, backbone, weights="none").found("class-check")


def test_an_import_that_may_fail_in_the_base_may_fail_in_what_inherits_from_it(write, tmp_path):
    packaged = write(CAFFE, "mmcls/ShuffleNetV2", weights="none").plan.base.path
    base = tmp_path / "own.py"
    imports = "dict(imports=['no_such_module'], allow_failed_imports=True)"
    base.write_text(f"_base_ = {packaged!r}\ncustom_imports = {imports}\n")
    config = write(str(base), "mmcls/ShuffleNetV2", weights="none")
    united = {"imports": ["no_such_module", "mmcls.models"], "allow_failed_imports": True}
    assert config.resolved["custom_imports"] == united


def test_names_for_the_old_backbone_are_said_once_a_check_has_looked(write):
    config = write("swin/mask_rcnn_swin-t-p4-w7_fpn_1x_coco.py", "mmcls/ResNet/18", weights="none", check=True)
    assert config.check.idle_keys == ["absolute_pos_embed", "relative_position_bias_table", "norm"]
    assert "absolute_pos_embed" in config.found("idle-keys").text


def test_one_process_gets_plain_batch_norm(write):
    alone = write(SYNCHRONISED, "mmcls/ResNet/18")
    assert "roi_head.bbox_head.norm_cfg" in alone.found("sync-bn").text
    assert "SyncBN" not in repr(alone.resolved["model"])
    several = write(SYNCHRONISED, "mmcls/ResNet/18", gpus=8)
    assert not several.found("sync-bn")
    assert "SyncBN" in repr(several.resolved["model"]["neck"])


def test_padding_is_raised_for_a_neck_that_doubles(stack, write, tmp_path):
    norm = {"type": "Normalize", "mean": [0, 0, 0], "std": [255.0, 255.0, 255.0], "to_rgb": True}
    small = [{"type": "LoadImageFromFile"}, norm, {"type": "Pad", "size_divisor": 8}, {"type": "DefaultFormatBundle"}]
    yolo = write("yolo/yolov3_d53_mstrain-608_273e_coco.py", "mmcls/ShuffleNetV2", weights="none").plan.base.path
    base = tmp_path / "own.py"
    base.write_text(f"_base_ = {yolo!r}\nsmall = {small!r}\ndata = dict(train=dict(pipeline=small))\n")
    config = write(str(base), "mmcls/ShuffleNetV2", weights="none")
    assert "multiples of 8" in config.found("pad").text
    assert steps(config.resolved["data"]["train"], "Pad") == [{"type": "Pad", "size_divisor": 32}]


def test_images_are_padded_to_sides_that_the_backbone_takes(stack, write, tmp_path):
    config = write(DETR, "timm/dla34", weights="none", check=True)
    assert config.found("pad-sides").text.startswith("timm/dla34 refuses 251x337 images: ")
    assert [step["size_divisor"] for step in steps(config.resolved["data"], "Pad")] == [32, 32, 32]
    assert config.check.ok, config.check.error
    left = write(DETR, "timm/dla34", weights="none", leave=("pad-sides",), check=True)
    assert not left.check.ok and "in the backbone" in left.check.error
    assert not write(DETR, "timm/resnet18", weights="none").found("pad-sides")
    size = {"type": "Resize", "img_scale": (333, 250), "keep_ratio": True}
    bare = [{"type": "LoadImageFromFile"}, size, {"type": "DefaultFormatBundle"}]
    base = tmp_path / "own.py"
    base.write_text(f"_base_ = {config.plan.base.path!r}\nbare = {bare!r}\ndata = dict(train=dict(pipeline=bare))\n")
    config = write(str(base), "timm/hrnet_w18_small", weights="none")
    assert config.resolved["data"]["train"]["pipeline"][2] == {"type": "Pad", "size_divisor": 32}


def test_a_transformer_pads_the_images_that_its_patches_do_not_divide(stack, write):
    if stack.name == "2.24":
        pytest.skip("timm's transformers give no features there")
    config = write(DETR, "timm/vit_tiny_patch16_224", weights="none", check=True)
    assert config.check.ok, config.check.error
    assert config.resolved["model"]["backbone"]["dynamic_img_pad"] is True
    assert not config.found("pad-sides")


@pytest.mark.parametrize(("base", "size"), [(SSD, "300x300"), (YOLACT, "550x550")])
def test_what_refuses_the_one_size_that_a_base_makes_is_not_written(write, base, size):
    with pytest.raises(NotWritable, match=f"timm/hrnet_w18_small refuses {size} images: .*; {base} makes every image"):
        write(base, "timm/hrnet_w18_small", weights="none")
    assert write(base, "timm/resnet18", weights="none").plan.wired


def test_the_command_scales_the_learning_rate_and_missing_data_is_named(write):
    config = write(CAFFE, "mmcls/ShuffleNetV2")
    assert config.command.endswith("--auto-scale-lr")
    assert "1 GPU x 2 images = 2 a step; the learning rate 0.01 is for 16" in config.found("batch-size").text
    assert "data/coco/annotations/instances_train2017.json (train)" in config.found("data-missing").text
    assert "--auto-scale-lr" not in write(CAFFE, "mmcls/ShuffleNetV2", gpus=8).command


def test_the_command_line_lists_them_and_takes_and_leaves_fixes(stack, tmp_path):
    words = ["write", "--python", stack.python, "--base", CAFFE, "--backbone", "mmcls/PoolFormer/s12", "-o", "new.py"]
    said = bbwizard(*words, "--fix", "adamw", "--leave", "normalisation", "--json", folder=tmp_path)
    told = {warning["code"]: warning.get("fix") for warning in said.data["warnings"]}
    assert told["adamw"] == {"label": "AdamW in place of SGD", "certain": False, "taken": True}
    assert (told["normalisation"]["certain"], told["normalisation"]["taken"]) == (True, False)
    assert told["data-missing"] is None
    assert "note (adamw)" in said.err and "done: AdamW in place of SGD" in said.err
    wrong = bbwizard(*words, "--fix", "adam")
    assert wrong.status == 2
    assert "no fix has the code 'adam'" in wrong.err and "no-gradient" in wrong.err
