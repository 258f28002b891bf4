"""A probing half that answers from memory, for the wizard's own tests: everything above the pipe is real."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bbprobe.protocol import (
    Base,
    BaseName,
    Category,
    Check,
    Dataset,
    Entry,
    Environment,
    Level,
    Measurement,
    Probe,
    Slot,
    Split,
    Stage,
    Strides,
    Timing,
    Weights,
    WeightsReport,
)
from bbwizard.errors import ProbeCancelled, ProbeRefused
from bbwizard.probe import ProbingHalf

PYTHON = "/envs/train/bin/python"
YOLOX = "yolox/yolox_s_8x8_300e_coco.py"
YOLOV3 = "yolo/yolov3_d53_mstrain-608_273e_coco.py"
RETINANET = "retinanet/retinanet_r50_fpn_1x_coco.py"
REFUSED = "detectors/detectors_[/x]_r50_1x_coco.py"

PYRAMIDS: dict[str, list[tuple[int, int, int]]] = {
    "mmcls/ShuffleNetV2": [(0, 116, 8), (1, 232, 16), (2, 464, 32), (3, 1024, 32)],
    "mmcls/SwinTransformer/tiny": [(0, 96, 4), (1, 192, 8), (2, 384, 16), (3, 768, 32)],
    "mmcls/MobileNetV3/small": [
        *((0, 16, 2), (1, 16, 4), (2, 24, 8), (3, 24, 8), (4, 40, 16), (5, 40, 16), (6, 40, 16), (7, 48, 16)),
        *((8, 48, 16), (9, 96, 32), (10, 96, 32), (11, 96, 32), (12, 576, 32)),
    ],
    "timm/mobilenetv2_100": [(0, 16, 2), (1, 24, 4), (2, 32, 8), (3, 96, 16), (4, 320, 32)],
    "timm/resnet50[/x]": [(0, 64, 2), (1, 256, 4), (2, 512, 8), (3, 1024, 16), (4, 2048, 32)],
}
"""Out index, channels and stride of each stage."""
FLAT = "timm/vit_base_patch16_224"
MORE = [f"timm/zoo_net_{number}" for number in range(200)]


def environment() -> Environment:
    versions = {"torch": "2.4.1", "torchvision": "0.19.1", "mmcv-full": "1.7.2", "mmdet": "2.28.2", "mmcls": "0.25.0"}
    return Environment(
        python="3.11.9",
        executable=PYTHON,
        versions={**versions, "timm": "1.0.31"},
        cuda="12.1",
        gpus=[],
        device="cpu",
        device_reason="torch sees no GPU",
        ops=True,
        ops_error="",
        configs="/envs/train/mmdet/.mim/configs",
        train_script="/envs/train/mmdet/.mim/tools/train.py",
        mim=None,
    )


def entry(name: str) -> Entry:
    source, _, rest = name.partition("/")
    weights = [Weights(f"{rest}_in1k", f"https://example.org/{rest}.pth", source)] if name in PYRAMIDS else []
    return Entry(name, source, f"{source}.{rest}", {"arch": rest}, rest.partition("/")[0], weights)


def probe(name: str, size: tuple[int, int]) -> Probe:
    height, width = size
    stages = [
        Stage(i, c, s, -(-height // s), -(-width // s))
        for i, c, s in PYRAMIDS.get(name, PYRAMIDS["timm/mobilenetv2_100"])
    ]
    flat = name == FLAT
    return Probe(
        backbone=name,
        type=entry(name).type,
        config={},
        select="out_indices",
        stages=[] if flat else stages,
        input=[224, 224] if flat else [height, width],
        device="cpu",
        layout="NCHW",
        fixed_input=[224, 224] if flat else None,
        params=3_504_872,
        seconds=0.21,
        pyramid=not flat,
        reason="all of its maps have stride 16" if flat else "",
        macs=50_200_000 if flat else 1_000 * height * width * len(stages),
    )


def base(name: str) -> Base:
    strides, form, neck = [8, 16, 32], "list", "YOLOXPAFPN"
    channels, detector = [128, 256, 512], "YOLOX"
    if name == YOLOV3:
        form, neck, detector, channels = "reversed", "YOLOV3Neck", "YOLOV3", [256, 512, 1024]
    elif name == RETINANET:
        strides, neck, detector, channels = [4, 8, 16, 32], "FPN", "RetinaNet", [256, 512, 1024, 2048]
    fpn = name == RETINANET
    return Base(
        name=name,
        path=f"/envs/train/mmdet/.mim/configs/{name}",
        detector=detector,
        neck=neck,
        backbone="CSPDarknet",
        levels=[Level(s, c, not (fpn and s == 4)) for s, c in zip(strides, channels, strict=True)],
        slots=[Slot(["neck", "in_channels"], form, "list")],
        rule="pyramid",
        start_level=1 if fpn else 0,
        end_level=-1,
        outs=[8, 16, 32, 64, 128] if fpn else [8, 16, 32],
        start_level_path=["neck", "start_level"] if fpn else None,
        end_level_path=None,
        head_strides=[8, 16, 32, 64, 128] if fpn else [8, 16, 32],
        custom_imports=[],
        neutralise=[],
        pretrained=True,
        lost={},
        input=[640, 640],
        supported=name != REFUSED,
        reason="RFP builds a second backbone inside the neck" if name == REFUSED else "",
        resolved=repr({"model": {"backbone": {"type": "ResNet"}}}),
    )


def check(path: str) -> Check:
    return Check(
        config=path,
        ok=True,
        error="",
        stage="",
        loss=12.34,
        losses={"loss_cls": 12.34},
        seconds=3.2,
        device="cpu",
        peak_memory=None,
        unused_parameters=[],
        strides=Strides([8, 16, 32], [8, 16, 32]),
        backbone_strides=[8, 16, 32],
        inputs=[[640, 640]],
    )


def measurement(params: Mapping[str, Any], *, whole: bool) -> Measurement:
    """What a device says: of fp32 all, of mixed precision nothing as long as it is not whole."""
    peaks = (None, None) if params["device"] == "cpu" else (2**30, 4 * 2**30)
    fp32 = Timing("fp32", 0.0123, 0.0119, 0.0131, 81.5, *peaks)
    note = "a forward needs more than 10.2 GiB [/x] at batch 8"
    mixed = Timing("mixed", 0.0071, 0.007, 0.0079, None, None, None, note)
    return Measurement(
        backbone=params["name"],
        device=params["device"],
        device_name="a device",
        input=params["input"],
        batch=params["batch"],
        timings=[fp32, mixed] if whole else [fp32],
        stages=params["stages"],
    )


def report(config: Any) -> WeightsReport:
    """What loading does, by the file's name: "bad" is refused, "cut" loads in part, any URL is not here."""
    init, source = config.get("init_cfg", {}), config.get("pretrained_cfg", {})
    name = init.get("checkpoint") or source.get("file") or "tag"
    if "bad" in name:
        return WeightsReport(name, config, name, error=f"{name} would load nothing", remedy="take another [/x]")
    if "://" in name:
        return WeightsReport(name, config, None, download=f"curl -fL -o a.pth {name}", destination="/hub/a.pth")
    missing = ["layer4.weight"] if "cut" in name else []
    return WeightsReport(name, config, f"/hub/{name}", 102 - len(missing), 102, missing)


def dataset(path: str) -> Dataset:
    """Two classes; in a folder whose name ends in "gaps" some images are not there, and some annotations not used."""
    missing = 3 if path.endswith("gaps") else 0
    categories = [Category("cat [/x]", "", 8), Category("dog", "", 4)]
    counts = {"images": 10, "annotations": 12, "boxes": 12, "polygons": 0, "encoded": 0, "trained": 10}
    counts |= {"unlabelled": 0, "small": 0, "empty": 0, "ignored": 0, "missing": missing}
    return Dataset(
        [
            Split(
                role=role,
                ann_file=f"{path}/{role}.json",
                folder=f"{path}/{role}",
                categories=categories,
                missing_example=f"{path}/{role}/1.jpg" if missing else "",
                astray={"images": 2} if missing else {},
                **counts,
            )
            for role in ("train", "val", "test")
        ]
    )


class FakeHalf(ProbingHalf):
    """Answers at once, unless a test holds a method back; remembers what it was asked."""

    asked: list[tuple[str, Mapping[str, Any]]] = []
    held: dict[str, asyncio.Event] = {}
    """Method, or `probe NAME`, to the event that lets it go."""
    failing: dict[str, Exception] = {}
    """Method, or `probe NAME`, to what it raises."""

    def __init__(self, python: str, *, launch: Any = (), log: Path, heard: Any = None) -> None:
        super().__init__(python, launch=launch, log=log, heard=heard)
        self.waiting: dict[str, asyncio.Future[None]] = {}

    async def request(
        self,
        method: str,
        params: Any,
        answer: Any,
        *,
        limit: float,
        group: Any = None,
        overtakes: Any = (),
        progress: Any = None,
        partial: Any = None,
    ) -> Any:
        self.asked.append((method, params))
        for other in {group, *overtakes} & set(self.waiting):
            if not self.waiting[other].done():
                self.waiting[other].set_exception(ProbeCancelled("overtaken"))
        if partial is not None:
            partial(measurement(params, whole=False))
        for key in (method, f"{method} {params.get('name', params.get('path', ''))}"):
            if key in self.held:
                await self._hold(self.held[key], group)
            if key in self.failing:
                raise self.failing[key]
        if progress is not None:
            progress(f"at {method}", 1, 2)
        return self.answer(method, params)

    async def _hold(self, event: asyncio.Event, group: str | None) -> None:
        overtaken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if group is not None:
            self.waiting[group] = overtaken
        going = asyncio.ensure_future(event.wait())
        try:
            done, _ = await asyncio.wait({going, overtaken}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            going.cancel()
            if group is not None and self.waiting.get(group) is overtaken:
                del self.waiting[group]
        if overtaken in done:
            overtaken.result()

    def answer(self, method: str, params: Any) -> Any:
        if method == "environment":
            return environment()
        if method == "catalog":
            names = [*PYRAMIDS, FLAT, *MORE]
            return [entry(name) for name in names if name.startswith(params["source"] + "/")]
        if method == "bases":
            return [BaseName(name, f"/configs/{name}", "mmdet") for name in (YOLOX, YOLOV3, RETINANET, REFUSED)]
        if method == "base":
            return base(params["path"].removeprefix("/configs/"))
        if method == "survey":
            return probe(params["name"], (256, 320))
        if method == "probe":
            return probe(params["name"], tuple(params["input"]))
        if method == "data_files":
            return []
        if method == "weights":
            return report(params["start"])
        if method == "check":
            return check(params["path"])
        if method == "measure":
            return measurement(params, whole=True)
        if method == "dataset":
            return dataset(params["path"])
        raise ProbeRefused(f"no method {method}")

    async def close(self) -> None:
        return
