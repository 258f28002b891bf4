"""Checks on both stacks: what trains passes, what does not fails with its reason, and nothing is downloaded."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stacks.pipe import Failure, Pipe

SMALL_RESNET = "backbone=dict(depth=18, init_cfg=dict(checkpoint='https://example.com/none.pth'))"
"""ResNet-18 in place of 50, and a checkpoint that is nowhere: the check must not ask for it."""
FPN = "neck=dict(in_channels=[64, 128, 256, 512])"

SOUND = {
    "retinanet/retinanet_r50_fpn_1x_coco.py": (f"model = dict({SMALL_RESNET}, {FPN})", [8, 16, 32, 64, 128]),
    "faster_rcnn/faster_rcnn_r50_fpn_1x_coco.py": (f"model = dict({SMALL_RESNET}, {FPN})", [4, 8, 16, 32, 64]),
    "mask_rcnn/mask_rcnn_r50_fpn_1x_coco.py": (f"model = dict({SMALL_RESNET}, {FPN})", [4, 8, 16, 32, 64]),
    "fcos/fcos_r50_caffe_fpn_gn-head_1x_coco.py": (f"model = dict({SMALL_RESNET}, {FPN})", [8, 16, 32, 64, 128]),
    "atss/atss_r50_fpn_1x_coco.py": (f"model = dict({SMALL_RESNET}, {FPN})", [8, 16, 32, 64, 128]),
    "gfl/gfl_r50_fpn_1x_coco.py": (f"model = dict({SMALL_RESNET}, {FPN})", [8, 16, 32, 64, 128]),
    "solo/solo_r50_fpn_1x_coco.py": (f"model = dict({SMALL_RESNET}, {FPN})", []),
    "yolof/yolof_r50_c5_8x8_1x_coco.py": (f"model = dict({SMALL_RESNET}, neck=dict(in_channels=512))", [32]),
    "detr/detr_r50_8x2_150e_coco.py": (f"model = dict({SMALL_RESNET}, bbox_head=dict(in_channels=512))", []),
    "deformable_detr/deformable_detr_r50_16x2_50e_coco.py": (
        f"model = dict({SMALL_RESNET}, neck=dict(in_channels=[128, 256, 512]))",
        [],
    ),
    "centernet/centernet_resnet18_140e_coco.py": ("", []),
    "yolox/yolox_tiny_8x8_300e_coco.py": ("load_from = 'https://example.com/none.pth'", [8, 16, 32]),
    "yolo/yolov3_mobilenetv2_320_300e_coco.py": ("", [32, 16, 8]),
}
UNUSED = {
    "yolo/yolov3_mobilenetv2_320_300e_coco.py": [
        "backbone.conv2.conv.weight",
        "backbone.conv2.bn.weight",
        "backbone.conv2.bn.bias",
    ],
}
"""Why the stock config has `find_unused_parameters=True`."""

IMPORTS = "custom_imports = dict(imports=['mmcls.models'], allow_failed_imports=False)\n"
YOLOX, YOLOV3 = "yolox/yolox_s_8x8_300e_coco.py", "yolo/yolov3_d53_mstrain-608_273e_coco.py"
RETINANET = "retinanet/retinanet_r50_fpn_1x_coco.py"


@pytest.fixture(scope="module")
def pipe(stack: Any) -> Iterator[Pipe]:
    with Pipe(stack.python, {"OMP_NUM_THREADS": "1"}) as opened:
        yield opened


@pytest.fixture(scope="module")
def packaged(pipe: Pipe) -> dict[str, str]:
    """Name to file."""
    return {item["name"]: item["path"] for item in pipe.ask("bases", roots=[])}


@pytest.fixture
def check(pipe: Pipe, packaged: dict[str, str], tmp_path: Path) -> Any:
    """Check a child of a packaged config."""

    def ask(parent: str, text: str) -> Any:
        file = tmp_path / "child.py"
        file.write_text(f"_base_ = [{packaged[parent]!r}]\n{text}\n")
        return pipe.ask("check", path=str(file), device="cpu")

    return ask


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_detector_passes_without_its_weights(check: Any, name: str) -> None:
    text, strides = SOUND[name]
    answer = check(name, text)
    assert answer["ok"], answer["error"] + answer["traceback"]
    assert (answer["error"], answer["stage"], answer["traceback"]) == ("", "", "")
    assert math.isfinite(answer["loss"])
    assert answer["losses"]
    assert answer["strides"]["expected"] == strides
    assert strides in ([], answer["strides"]["found"])
    assert answer["unused_parameters"] == UNUSED.get(name, [])
    assert answer["device"] == "cpu"
    assert len(answer["inputs"]) == 2
    assert answer["inputs"][0] != answer["inputs"][1]


def test_masks_are_trained_where_the_detector_wants_them(check: Any) -> None:
    answer = check("mask_rcnn/mask_rcnn_r50_fpn_1x_coco.py", f"model = dict({SMALL_RESNET}, {FPN})")
    assert answer["losses"]["loss_mask"] > 0


def test_a_swap_that_works(check: Any) -> None:
    answer = check(YOLOX, IMPORTS + shufflenet((0, 1, 2), [116, 232, 464]))
    assert answer["ok"], answer["error"]
    assert answer["backbone_strides"] == [8, 16, 32]
    assert answer["unused_parameters"] == [
        "backbone.layers.3.conv.weight",
        "backbone.layers.3.bn.weight",
        "backbone.layers.3.bn.bias",
    ]


def test_the_published_shufflenet_swap_fails_with_its_strides(check: Any) -> None:
    answer = check(YOLOX, IMPORTS + shufflenet((1, 2, 3), [232, 464, 1024]))
    assert (answer["ok"], answer["stage"], answer["loss"]) == (False, "train", None)
    assert "neck YOLOXPAFPN" in answer["error"]
    assert "strides 16, 32, 32" in answer["error"]
    assert "made for 8, 16, 32" in answer["error"]
    assert answer["backbone_strides"] == [16, 32, 32]
    assert "Traceback" in answer["traceback"]


def shufflenet(indices: tuple[int, ...], channels: list[int]) -> str:
    backbone = f"dict(_delete_=True, type='mmcls.ShuffleNetV2', out_indices={indices})"
    return f"model = dict(backbone={backbone}, neck=dict(in_channels={channels}))"


def test_the_published_swin_swap_works_on_the_stack_that_it_was_published_for(check: Any, stack: Any) -> None:
    backbone = "dict(_delete_=True, type='mmcls.SwinTransformer', arch='tiny', out_indices=(0, 1, 2))"
    answer = check(YOLOV3, IMPORTS + f"model = dict(backbone={backbone}, neck=dict(in_channels=[768, 384, 192]))")
    assert answer["ok"] is (stack.name == "2.24"), answer["error"]
    assert answer["backbone_strides"] == ([8, 16, 32] if answer["ok"] else [4, 8, 16])


def test_right_channels_at_wrong_strides_are_caught(check: Any) -> None:
    shifted = "backbone=dict(depth=18, strides=(2, 2, 2, 2), init_cfg=None)"
    answer = check(RETINANET, f"model = dict({shifted}, {FPN})")
    assert (answer["ok"], answer["stage"]) == (False, "strides")
    assert answer["error"] == "level 0 of the RetinaHead is made for stride 8 and gets a map at stride 16"
    assert math.isfinite(answer["loss"])
    assert answer["strides"] == {"expected": [8, 16, 32, 64, 128], "found": [16, 32, 64, 128, 256]}


def test_a_roi_extractor_at_wrong_strides_is_caught(check: Any) -> None:
    extractor = "roi_head=dict(bbox_roi_extractor=dict(featmap_strides=[8, 16, 32, 64]))"
    answer = check("faster_rcnn/faster_rcnn_r50_fpn_1x_coco.py", f"model = dict({SMALL_RESNET}, {FPN}, {extractor})")
    assert (answer["ok"], answer["stage"]) == (False, "strides")
    assert "level 0 of the bbox_roi_extractor is made for stride 8 and gets a map at stride 4" in answer["error"]


def test_a_loss_that_is_not_finite_fails(check: Any) -> None:
    head = "bbox_head=dict(loss_bbox=dict(loss_weight=float('inf')))"
    answer = check(RETINANET, f"model = dict({SMALL_RESNET}, {FPN}, {head})")
    assert (answer["ok"], answer["stage"], answer["loss"]) == (False, "train", None)
    assert "loss_bbox" in answer["error"]
    assert "loss_cls" in answer["losses"]


def test_a_start_that_predicts_the_true_boxes_exactly_is_no_fault(check: Any) -> None:
    """mmdet's CIoU divides zero by zero there, as with this backbone's first weights on 2.24."""
    backbone = "backbone=dict(_delete_=True, type='mmcls.MobileNetV2', out_indices=(1, 2, 4, 6))"
    neck = "neck=dict(in_channels=[24, 32, 96, 320])"
    answer = check("faster_rcnn/faster_rcnn_r50_fpn_ciou_1x_coco.py", f"{IMPORTS}model = dict({backbone}, {neck})")
    assert answer["ok"], answer["error"]
    assert math.isfinite(answer["losses"]["loss_bbox"])


INFINITE = "bbox_head=dict(loss_bbox=dict(loss_weight=float('inf')))"


@pytest.fixture
def failing(pipe: Pipe, packaged: dict[str, str], tmp_path: Path) -> Any:
    """Checks a swap into a base whose loss is not finite, whatever its backbone."""
    small = f"_base_ = [{packaged[RETINANET]!r}]\nmodel = dict({SMALL_RESNET}, {FPN}, {INFINITE})\n"

    def ask(text: str) -> dict[str, Any]:
        (tmp_path / "failing.py").write_text(small)
        (tmp_path / "swapped.py").write_text(f"_base_ = 'failing.py'\n{IMPORTS}{text}\n")
        return pipe.ask("check", path=str(tmp_path / "swapped.py"), device="cpu")

    return ask


def mobilenet(indices: tuple[int, ...], channels: list[int], other: str = "") -> str:
    backbone = f"dict(_delete_=True, type='mmcls.MobileNetV2', out_indices={indices}{other})"
    return f"model = dict(backbone={backbone}, neck=dict(in_channels={channels}))"


def test_a_failure_that_the_base_has_too_is_not_the_swaps(failing: Any) -> None:
    answer = failing(mobilenet((1, 2, 4, 6), [24, 32, 96, 320]))
    assert answer["ok"], answer["error"]
    assert (answer["proved"], answer["error"], answer["stage"]) == ("strides", "", "")
    assert "loss_bbox" in answer["base_error"]
    assert answer["strides"] == {"expected": [8, 16, 32, 64, 128], "found": [8, 16, 32, 64, 128]}


def test_a_failing_base_does_not_excuse_wrong_strides(failing: Any) -> None:
    answer = failing(mobilenet((1, 2, 3, 4), [24, 32, 64, 96]))
    assert (answer["ok"], answer["stage"], answer["proved"]) == (False, "train", "step")
    assert "loss_bbox" in answer["base_error"]


def test_a_failure_of_the_swap_alone_is_its_own(failing: Any) -> None:
    answer = failing(mobilenet((1, 2, 4, 6), [24, 32, 96, 333]))
    assert (answer["ok"], answer["stage"], answer["base_error"]) == (False, "train", "")
    assert "neck FPN" in answer["error"]


VGG = "dict(_delete_=True, type='mmcls.VGG', depth=11, norm_cfg=dict(type='BN'), out_indices=(1, 2, 3, 4))"
SWAPPED = f"{IMPORTS}model = dict(backbone={VGG}, neck=dict(in_channels=[128, 256, 512, 512]))\n"
"""A backbone that says that it has -1 classes."""


def test_a_number_of_classes_that_would_stop_the_first_epoch_is_named(check: Any) -> None:
    answer = check(RETINANET, SWAPPED)
    assert (answer["ok"], answer["stage"], answer["base_error"]) == (False, "hooks", "")
    assert "The `num_classes` (-1) in VGG of RetinaNet" in answer["error"]
    assert math.isfinite(answer["loss"]), "whatever else there is to see is seen"
    assert check(RETINANET, f"{SWAPPED}custom_hooks = []")["ok"]
    assert check("retinanet/retinanet_r50_fpn_90k_coco.py", SWAPPED)["ok"], "no epoch ever begins"


def test_a_number_of_classes_that_would_stop_the_base_alike_is_not_the_swaps(
    pipe: Pipe, packaged: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "pets.py").write_text(f"_base_ = {packaged[RETINANET]!r}\ndata = dict(train=dict(classes=('cat', )))\n")
    swapped = f"_base_ = 'pets.py'\n{IMPORTS}{mobilenet((1, 2, 4, 6), [24, 32, 96, 320])}\n"
    (tmp_path / "swapped.py").write_text(swapped)
    answer = pipe.ask("check", path=str(tmp_path / "swapped.py"), device="cpu")
    assert (answer["ok"], answer["error"], answer["proved"]) == (True, "", "step")
    assert "The `num_classes` (80) in RetinaHead of RetinaNet" in answer["base_error"]


def test_what_train_freezes_after_the_parameters_were_counted_is_named(check: Any) -> None:
    answer = check(RETINANET, IMPORTS + mobilenet((1, 2, 4, 6), [24, 32, 96, 320], ", frozen_stages=1"))
    assert answer["ok"], answer["error"]
    assert answer["proved"] == "step"
    assert "backbone.conv1.conv.weight" in answer["late_frozen"]
    assert all(name.startswith("backbone.") for name in answer["late_frozen"])


@pytest.mark.parametrize("kind", ["SyncBN", "MMSyncBN"])
def test_synchronised_batch_norm_is_checked_without_other_processes(check: Any, kind: str) -> None:
    text = f"model = dict({SMALL_RESNET}, neck=dict(in_channels=[64, 128, 256, 512], norm_cfg=dict(type={kind!r})))"
    answer = check("retinanet/retinanet_r50_fpn_1x_coco.py", text)
    assert answer["ok"], answer["error"] + answer["traceback"]


def test_ssd_takes_other_channels_in_all_its_places(check: Any) -> None:
    backbone = "backbone=dict(_delete_=True, type='mmcls.MobileNetV2', out_indices=(2, 4))"
    longer = (32, 96, 512, 256, 256, 256)
    neck, head = f"neck=dict(in_channels=(32, 96), out_channels={longer})", f"bbox_head=dict(in_channels={longer})"
    answer = check("ssd/ssd300_coco.py", f"{IMPORTS}model = dict({backbone}, {neck}, {head})")
    assert answer["ok"], answer["error"]
    assert answer["strides"]["found"] == [8, 16, 32, 64, 100, 300]


def test_a_detector_that_cannot_be_built_says_what_is_missing(check: Any) -> None:
    answer = check(RETINANET, "model = dict(backbone=dict(_delete_=True, type='NoSuchNet'))")
    assert (answer["ok"], answer["stage"]) == (False, "build")
    assert "NoSuchNet is not in the" in answer["error"]


def test_a_config_that_does_not_load(check: Any, pipe: Pipe, tmp_path: Path) -> None:
    answer = check(RETINANET, "model = dict(neck=1/0)")
    assert (answer["ok"], answer["stage"]) == (False, "load")
    assert answer["error"] == f"{tmp_path / 'child.py'}, line 2: ZeroDivisionError: division by zero"
    answer = pipe.ask("check", path=str(tmp_path / "none.py"), device="cpu")
    assert (answer["ok"], answer["stage"]) == (False, "load")
    assert "none.py" in answer["error"]


def test_the_same_check_gives_the_same_losses(check: Any) -> None:
    first, second = (check("yolox/yolox_tiny_8x8_300e_coco.py", "") for _ in range(2))
    assert first["losses"] == second["losses"]


def test_a_device_that_is_not_there_is_refused(pipe: Pipe, packaged: dict[str, str]) -> None:
    with pytest.raises(Failure, match="cuda:99") as caught:
        pipe.ask("check", path=packaged[RETINANET], device="cuda:99")
    assert caught.value.code == -32000


def test_a_config_that_lies_on_the_askers_host_alone_is_checked_by_its_text(pipe: Pipe, tmp_path: Path) -> None:
    found = pipe.ask("check", path=str(tmp_path / "far.py"), device="cpu", text="model = dict(type='NothingOfTheKind')")
    assert found["config"] == str(tmp_path / "far.py")
    assert "NothingOfTheKind" in found["error"]
