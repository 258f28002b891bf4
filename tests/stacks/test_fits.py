"""What fits a base config, and where else a backbone would fit, asked of the real libraries."""

from __future__ import annotations

from typing import Any

from bbwizard.fits import KNOWN_DETECTORS
from stacks.command_line import bbwizard

FASTER = "faster_rcnn/faster_rcnn_r50_fpn_1x_coco.py"
YOLOX = "yolox/yolox_s_8x8_300e_coco.py"


def fitting(stack: Any, base: str, *more: str) -> dict[str, Any]:
    words = ["backbones", "mmcls/*shufflenet*", "--source", "mmcls", "--python", stack.python, "--fits", base]
    return {entry["name"]: entry for entry in bbwizard(*words, *more, "--json").data}


def test_a_detector_lists_what_fits_it(stack: Any) -> None:
    told = fitting(stack, FASTER)
    assert {(entry["fits"], entry["origin"]) for entry in told.values()} == {(False, "atlas")}
    told = fitting(stack, FASTER, "--no-cache")
    assert {entry["fits"] for entry in told.values()} == {False}
    wide = told["mmcls/ShuffleNetV2/2.0"]
    assert wide["fits_as"] != "mmcls/ShuffleNetV2/2.0" and (wide["params"], wide["strides"]) == (None, None)
    told = fitting(stack, YOLOX, "--ask-each")
    assert {name: entry["fits_as"] for name, entry in told.items()} == {name: name for name in told}
    assert {entry["origin"] for entry in told.values()} == {"live"}
    wide = told["mmcls/ShuffleNetV2/2.0"]
    assert (wide["fits"], wide["strides"]) == (True, [8, 16, 32])
    assert wide["params"] > told["mmcls/ShuffleNetV2"]["params"] > 100_000
    words = ["backbones", "shufflenetv1", "--source", "mmcls", "--python", stack.python, "--fits"]
    said = bbwizard(*words, YOLOX)
    assert said.out.split() == ["mmcls/ShuffleNetV1", "strides", "8,", "16,", "32;", "1", "weights"]
    assert f"1 of 1 fit {YOLOX}" in said.err


def test_what_refuses_the_images_of_a_detector_does_not_fit_it(stack: Any) -> None:
    words = ["backbones", "timm/hrnet_w18_small*", "--source", "timm", "--python", stack.python, "--fits"]
    said = bbwizard(*words, "ssd300_coco")
    assert "2 of 2 fit" in said.err and "2 of these may refuse images of its size" in said.err
    said = bbwizard(*words, "ssd300_coco", "--ask-each")
    assert "0 of 2 fit" in said.err and "may refuse" not in said.err
    assert "2 of 2 fit" in bbwizard(*words, "retinanet_r50_fpn_1x_coco").err


def test_a_backbone_that_does_not_fit_is_told_who_would_take_it(stack: Any, tmp_path: Any) -> None:
    words = ["--base", FASTER, "--backbone", "mmcls/ShuffleNetV1", "-o", tmp_path / "new.py"]
    said = bbwizard("write", "--python", stack.python, *words)
    assert said.status == 1
    assert f"mmcls/ShuffleNetV1 has strides 8, 16, 32, {FASTER} needs 4, 8, 16, 32; " in said.err
    assert (
        f"RetinaNet, FCOS, YOLOX, YOLOV3, ssd, YOLOF, DETR, DeformableDETR would take it (--base {KNOWN_DETECTORS[0]})"
        in said.err
    )
    bases = bbwizard("bases", "--names", "--json", "--python", stack.python).data
    assert set(KNOWN_DETECTORS) <= {base["name"] for base in bases}


def test_a_neck_that_doubles_maps_refuses_those_that_are_never_twice_the_next(stack: Any, tmp_path: Any) -> None:
    words = ["--backbone", "timm/inception_v3", "-o", tmp_path / "new.py", "--python", stack.python]
    said = bbwizard("write", "--base", YOLOX, *words)
    assert said.status == 1
    assert "stage 2 is 77x77 where stride 8 of 640x640 makes 80x80: YOLOXPAFPN joins maps" in said.err
    assert "RetinaNet" in said.err
    assert bbwizard("write", "--base", "retinanet_r50_fpn_1x_coco", *words).status == 0
