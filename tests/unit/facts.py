"""Facts as the probing half would send them, for tests of what follows from them."""

from __future__ import annotations

from typing import Any

from bbprobe.protocol import Base, Check, Entry, Environment, Level, Probe, Slot, Stage, Strides, Weights


def stages(*rows: tuple[int, int, int]) -> list[Stage]:
    """Stages from (index, channels, stride), at 640x640."""
    return [Stage(index, channels, stride, 640 // stride, 640 // stride) for index, channels, stride in rows]


def probe(*rows: tuple[int, int, int], **other: Any) -> Probe:
    """A probe that found these stages."""
    fields: dict[str, Any] = {
        "backbone": "mmcls/ShuffleNetV2",
        "type": "mmcls.ShuffleNetV2",
        "config": {},
        "select": "out_indices",
        "stages": stages(*rows),
        "input": [640, 640],
        "device": "cpu",
        "layout": "NCHW",
        "fixed_input": None,
        "params": 1_253_604,
        "seconds": 0.1,
        "pyramid": True,
        "reason": "",
    }
    return Probe(**{**fields, **other})


SHUFFLENET = probe((0, 116, 8), (1, 232, 16), (2, 464, 32), (3, 1024, 32))
RESNET = probe(
    (0, 64, 4),
    (1, 128, 8),
    (2, 256, 16),
    (3, 512, 32),
    backbone="mmcls/ResNet/18",
    type="mmcls.ResNet",
    config={"depth": 18},
)


def base(*levels: tuple[int, int], **other: Any) -> Base:
    """A base config that takes (stride, channels) from its backbone through a YOLOXPAFPN."""
    fields: dict[str, Any] = {
        "name": "yolox/yolox_s_8x8_300e_coco.py",
        "path": "/env/configs/yolox/yolox_s_8x8_300e_coco.py",
        "detector": "YOLOX",
        "neck": "YOLOXPAFPN",
        "backbone": "CSPDarknet",
        "levels": [Level(stride, channels, True) for stride, channels in levels],
        "slots": [Slot(["neck", "in_channels"], "list", "list")],
        "rule": "pyramid",
        "start_level": 0,
        "end_level": -1,
        "outs": [stride for stride, _ in levels],
        "start_level_path": None,
        "end_level_path": None,
        "head_strides": [stride for stride, _ in levels],
        "custom_imports": [],
        "neutralise": [],
        "pretrained": False,
        "lost": {},
        "input": [640, 640],
        "supported": True,
        "reason": "",
        "resolved": repr({"model": {"backbone": {"type": "Old"}}}),
    }
    return Base(**{**fields, **other})


YOLOX = base((8, 128), (16, 256), (32, 512))
RETINANET = base(
    (4, 256),
    (8, 512),
    (16, 1024),
    (32, 2048),
    name="retinanet/retinanet_r50_fpn_1x_coco.py",
    path="/env/configs/retinanet/retinanet_r50_fpn_1x_coco.py",
    detector="RetinaNet",
    neck="FPN",
    backbone="ResNet",
    levels=[Level(4, 256, False), Level(8, 512, True), Level(16, 1024, True), Level(32, 2048, True)],
    start_level=1,
    outs=[8, 16, 32, 64, 128],
    start_level_path=["neck", "start_level"],
    head_strides=[8, 16, 32, 64, 128],
    pretrained=True,
)
YOLOV3 = base(
    (8, 256),
    (16, 512),
    (32, 1024),
    detector="YOLOV3",
    neck="YOLOV3Neck",
    backbone="Darknet",
    slots=[Slot(["neck", "in_channels"], "reversed", "list")],
)
YOLOF = base(
    (32, 2048), detector="YOLOF", slots=[Slot(["neck", "in_channels"], "deepest", "int")], rule="deepest", outs=[32]
)

WEIGHTS = Weights("shufflenetv2_1x_in1k", "https://example.org/shufflenet_v2.pth", "mmcls", prefix="backbone.")
ENTRY = Entry("mmcls/ShuffleNetV2", "mmcls", "mmcls.ShuffleNetV2", {}, "ShuffleNetV2", [WEIGHTS])
TIMM_ENTRY = Entry(
    "timm/mobilenetv2_100",
    "timm",
    "mmcls.TIMMBackbone",
    {"model_name": "mobilenetv2_100", "features_only": True},
    "EfficientNet",
    [Weights("ra_in1k", "mobilenetv2_100.ra_in1k", "timm")],
)
ENVIRONMENT = Environment(
    python="3.11.7",
    executable="/env/bin/python",
    versions={"torch": "2.4.1", "mmdet": "2.28.2", "mmcls": "0.25.0", "timm": "1.0.31"},
    cuda=None,
    gpus=[],
    device="cpu",
    device_reason="no CUDA device",
    ops=True,
    ops_error="",
    configs="/env/configs",
    train_script="/env/tools/train.py",
    mim=None,
)


def check(**other: Any) -> Check:
    """A check that passed."""
    fields: dict[str, Any] = {
        "config": "/work/cfg.py",
        "ok": True,
        "error": "",
        "stage": "",
        "loss": 1.0,
        "losses": {},
        "seconds": 1.0,
        "device": "cpu",
        "peak_memory": None,
        "unused_parameters": [],
        "strides": Strides([8, 16, 32], [8, 16, 32]),
        "backbone_strides": [8, 16, 32],
        "inputs": [[128, 128]],
    }
    return Check(**{**fields, **other})
