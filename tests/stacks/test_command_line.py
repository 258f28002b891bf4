"""The swaps that must work, through the command line, on the real stacks: written, reloaded, checked."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from stacks.command_line import bbwizard

YOLOX = "yolox/yolox_s_8x8_300e_coco.py"
YOLOV3 = "yolo/yolov3_d53_mstrain-608_273e_coco.py"
RETINANET = "retinanet/retinanet_r50_fpn_1x_coco.py"
FASTER = "faster_rcnn/faster_rcnn_r50_fpn_1x_coco.py"

SWAPS = [
    # base, backbone, stages asked for, out indices by stack, channels in the neck's order
    (YOLOX, "mmcls/ShuffleNetV2", None, (0, 1, 3), [116, 232, 1024]),
    (YOLOX, "mmcls/ShuffleNetV2", "0,1,2", (0, 1, 2), [116, 232, 464]),
    (YOLOX, "timm/mobilenetv2_100", None, (2, 3, 4), [32, 96, 320]),
    (YOLOV3, "mmcls/MobileNetV3/small", "3,8,11", (3, 8, 11), [96, 48, 24]),
    (YOLOV3, "mmcls/SwinTransformer/tiny", None, {"2.24": (0, 1, 3), "2.28": (1, 2, 3)}, [768, 384, 192]),
    (RETINANET, "timm/efficientnet_b1", None, (1, 2, 3, 4), [24, 40, 112, 320]),
    (FASTER, "mmcls/ConvNeXt/tiny", None, (0, 1, 2, 3), [96, 192, 384, 768]),
]


@pytest.mark.parametrize(("base", "backbone", "stages", "indices", "channels"), SWAPS)
def test_a_swap_is_written_and_checks(stack, tmp_path, base, backbone, stages, indices, channels):
    config = tmp_path / "new.py"
    asked = ["--stages", stages] if stages else []
    answer = bbwizard(
        "write",
        "--python",
        stack.python,
        "--base",
        base,
        "--backbone",
        backbone,
        *asked,
        "-o",
        config,
        "--check",
        "--json",
    ).data
    assert answer["out_indices"] == list(indices[stack.name] if isinstance(indices, dict) else indices)
    assert answer["changes"]["neck.in_channels"] == channels
    assert answer["check"]["ok"], answer["check"]["error"]
    assert answer["check"]["loss"] > 0
    assert answer["check"]["strides"]["found"] == answer["check"]["strides"]["expected"]
    assert config.read_text().startswith("# ")


def test_the_published_shufflenet_example_is_refused(stack, tmp_path):
    config = tmp_path / "new.py"
    words = ["--base", YOLOX, "--backbone", "mmcls/ShuffleNetV2", "--stages", "1,2,3", "-o", config]
    said = bbwizard("write", "--python", stack.python, *words)
    assert said.status == 1
    assert "strides 16, 32, 32 against 8, 16, 32" in said.err
    assert "level 0 (stride 8) gets stage 1 at stride 16" in said.err
    assert "level 1 (stride 16) gets stage 2 at stride 32" in said.err
    assert "stages 0,1,3 would work" in said.err
    assert not config.exists()


@pytest.mark.parametrize(
    "preset", ["yolox-s-shufflenetv2", "yolox-s-mobilenetv2", "yolov3-mobilenetv3-small", "yolov3-swin-tiny"]
)
def test_a_shipped_preset_opens_writes_and_checks(stack, tmp_path, preset):
    config = tmp_path / "new.py"
    answer = bbwizard("write", "--python", stack.python, "--preset", preset, "-o", config, "--check", "--json").data
    assert answer["check"]["ok"], answer["check"]["error"]
    moved = [warning for warning in answer["warnings"] if warning["code"] == "moved"]
    if preset == "yolov3-swin-tiny" and stack.name == "2.28":
        # Saved with mmcls 0.23's out indices, which mmcls 0.24 moved by one.
        assert answer["out_indices"] == [1, 2, 3]
        assert len(moved) == 3
    else:
        assert not moved
    if preset.startswith("yolov3"):
        channels = {"yolov3-swin-tiny": [768, 384, 192], "yolov3-mobilenetv3-small": [96, 48, 24]}
        assert answer["changes"] == {"neck.in_channels": channels[preset]}
    again = tmp_path / "again.py"
    bbwizard("write", "--python", stack.python, "--preset", preset, "-o", again)
    # Layers behind the last of these stages stay idle, which only a check sees.
    mended = "find_unused_parameters = True\n" if answer["check"]["unused_parameters"] else ""
    assert mended in config.read_text()
    assert config.read_text().replace(mended, "") == again.read_text()


def test_an_existing_file_stays_unless_forced(stack, tmp_path):
    config = tmp_path / "new.py"
    config.write_text("mine")
    words = ["write", "--python", stack.python, "--preset", "yolox-s-shufflenetv2", "-o", config]
    said = bbwizard(*words)
    assert said.status == 1
    assert "is there already" in said.err
    assert config.read_text() == "mine"
    forced = bbwizard(*words, "--force")
    assert forced.status == 0
    assert forced.out.strip() == str(config)
    assert "train: " in forced.err


def test_a_probe_says_the_stages(stack):
    found = bbwizard("probe", "mmcls/ShuffleNetV2", "--python", stack.python, "--input", "640x640", "--json").data
    assert [(stage["channels"], stage["stride"], stage["height"], stage["width"]) for stage in found["stages"]] == [
        (116, 8, 80, 80),
        (232, 16, 40, 40),
        (464, 32, 20, 20),
        (1024, 32, 20, 20),
    ]
    assert found["origin"] == "live"


def test_a_backbone_is_measured_on_the_device(stack):
    words = ["mmcls/ShuffleNetV2", "--python", stack.python, "--input", "32x64", "--batch", "1", "--device", "cpu"]
    found = bbwizard("measure", *words, "--json").data
    assert (found["input"], found["batch"], found["stages"]) == ([32, 64], 1, [0, 1, 2, 3])
    assert found["timings"][0]["latency"] > 0
    said = bbwizard("measure", *words[:3], "--device", "cuda:77")
    assert said.status == 1
    assert "no cuda:77" in said.err


def test_names_are_suggested(stack):
    said = bbwizard("probe", "mmcls/ShuffelNetV2", "--python", stack.python)
    assert said.status == 1
    assert "mmcls/ShuffleNetV2" in said.err


def test_bases_and_backbones_are_listed(stack):
    [row] = bbwizard("bases", "yolox_s_8x8", "--python", stack.python, "--json").data
    assert row["name"] == YOLOX
    assert row["levels"] == [8, 16, 32]
    assert row["supported"]
    names = [row["name"] for row in bbwizard("backbones", "mobilenetv2_1*", "--python", stack.python, "--json").data]
    assert "timm/mobilenetv2_100" in names


def test_a_check_takes_any_config_and_says_what_is_wrong(stack, tmp_path):
    broken = tmp_path / "broken.py"
    base = Path(bbwizard("doctor", "--python", stack.python, "--json").data["configs"]) / RETINANET
    broken.write_text(f"_base_ = '{base}'\nmodel = dict(backbone=dict(_delete_=True, type='NoSuchNet'))\n")
    said = bbwizard("check", broken, "--python", stack.python)
    assert said.status == 1
    assert "NoSuchNet" in said.out


def test_an_override_writes_with_the_warning_in_the_head(stack, tmp_path):
    config = tmp_path / "new.py"
    words = ["--base", YOLOX, "--backbone", "mmcls/ShuffleNetV2", "--stages", "1,2,3", "--override", "-o", config]
    answer = bbwizard("write", "--python", stack.python, *words, "--json").data
    assert {"stride", "repeated"} <= {warning["code"] for warning in answer["warnings"]}
    assert "# WARNING: written against advice" in config.read_text()
    checked = bbwizard("check", config, "--python", stack.python)
    assert checked.status == 1


def test_inside_a_checkout_its_configs_and_its_train_script_are_used(stack, tmp_path):
    packaged = Path(bbwizard("doctor", "--python", stack.python, "--json").data["configs"])
    checkout = tmp_path / "mmdetection"
    for folder in ("_base_", "yolox"):
        shutil.copytree(packaged / folder, checkout / "configs" / folder)
    (checkout / "mmdet").mkdir()
    (checkout / "mmdet" / "__init__.py").touch()
    (checkout / "tools").mkdir()
    shutil.copy(packaged.parent / "tools" / "train.py", checkout / "tools")
    words = ["--base", YOLOX, "--backbone", "mmcls/ShuffleNetV2", "-o", "configs/mine/new.py", "--check", "--json"]
    answer = bbwizard("write", "--python", stack.python, *words, folder=checkout).data
    assert "_base_ = '../yolox/yolox_s_8x8_300e_coco.py'" in (checkout / "configs/mine/new.py").read_text()
    assert answer["check"]["ok"], answer["check"]["error"]
    assert answer["command"].endswith(" tools/train.py configs/mine/new.py --auto-scale-lr")
