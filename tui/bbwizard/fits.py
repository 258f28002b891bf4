"""Which backbones a base config can take, and which base configs a backbone. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from bbprobe.protocol import Base, Entry, Probe, Stride
from bbwizard.wiring import default_stages, needed_levels, wire
from bbwizard.wording import numbers

KNOWN_DETECTORS: Final = (
    "retinanet/retinanet_r50_fpn_1x_coco.py",
    "fcos/fcos_r50_caffe_fpn_gn-head_1x_coco.py",
    "faster_rcnn/faster_rcnn_r50_fpn_1x_coco.py",
    "yolox/yolox_s_8x8_300e_coco.py",
    "yolo/yolov3_d53_mstrain-608_273e_coco.py",
    "ssd/ssd300_coco.py",
    "yolof/yolof_r50_c5_8x8_1x_coco.py",
    "detr/detr_r50_8x2_150e_coco.py",
    "deformable_detr/deformable_detr_r50_16x2_50e_coco.py",
)
"""Base configs that a user whose backbone does not fit is pointed to; what they need is asked, never known here."""


@dataclass(frozen=True)
class Answer:
    """What a backbone, or for it another of its family, gave when it was asked; `asked` names the one."""

    asked: str
    probe: Probe


@dataclass(frozen=True)
class Fit:
    """Whether a base config can take a backbone; None where neither it nor its family was asked."""

    taken: bool | None
    asked: str = ""
    """The entry whose answer this is; empty where the library itself says no, or nobody was asked."""


@dataclass(frozen=True)
class Instead:
    """What would work in place of something that does not: the words, and the base config among it, if any."""

    words: str = ""
    base: str = ""


def takes(base: Base, probe: Probe) -> bool:
    """Whether the backbone, wired by default, can be written into `base`."""
    stages = default_stages(base, probe)
    return base.supported and bool(stages) and wire(base, probe, stages).writable


def fit(base: Base | None, entry: Entry, answer: Answer | None) -> Fit:
    """Whether `base`, where there is one, can take `entry`, as far as it is known."""
    if base is None:
        return Fit(None)
    if answer is not None:
        return Fit(takes(base, answer.probe), answer.asked)
    return Fit(False) if entry.pyramid is False else Fit(None)


def own(entry: Entry, answer: Answer | None) -> Probe | None:
    """What a backbone itself answered, where it was asked and did not refuse; None where another of its family did."""
    return answer.probe if answer is not None and answer.asked == entry.name and answer.probe.input else None


def strides_of(probe: Probe) -> tuple[Stride, ...]:
    """The strides that a backbone has maps at, each once, the shallowest first."""
    return tuple(sorted({stage.stride for stage in probe.stages}))


def macs_at(size: Sequence[int], probe: Probe | None) -> int | None:
    """A backbone's multiply-adds for images of `size` (height, width), where its probe tells them for that size."""
    return probe.macs if probe is not None and list(probe.input) == list(size) else None


def takers(probe: Probe, bases: Iterable[Base]) -> tuple[Base, ...]:
    """Of `bases`, one for each detector, those that can take the backbone."""
    found: dict[str, Base] = {}
    for base in bases:
        if known_as(base) not in found and takes(base, probe):
            found[known_as(base)] = base
    return tuple(found.values())


def known_as(base: Base) -> str:
    """What people call a detector: its class, or its folder where that class is many detectors' (SSD)."""
    folder = PurePath(base.name).parent.name
    return base.detector if folder.replace("_", "") in base.detector.lower() else folder


def against(base: Base, probe: Probe) -> str:
    """What the backbone has, and what `base` needs."""
    has = numbers(strides_of(probe))
    needs = numbers(level.stride for level in needed_levels(base))
    return f"{probe.backbone} has {f'strides {has}' if has else 'no maps'}, {base.name} needs {needs or 'none'}"


def elsewhere(probe: Probe, bases: Sequence[Base]) -> Instead:
    """Which detectors here would take the backbone, with a base config for the first; empty where none was asked."""
    if not bases:
        return Instead()
    found = takers(probe, bases)
    if not found:
        asked = ", ".join(dict.fromkeys(known_as(base) for base in bases if base.supported))
        return Instead(f"none of {asked} would take it" if asked else "")
    return Instead(f"{', '.join(map(known_as, found))} would take it", found[0].name)
