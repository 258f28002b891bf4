"""The GPU test in a training environment with mmdet: through bbwizard itself, as a user goes."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bbprobe.protocol import Check, Probe
from bbwizard.session import Session
from benchmarks.gpu.trial import Row, Seen

BACKBONES = (
    "mmcls/ResNet/50",
    "mmcls/SwinTransformer/tiny",
    "mmcls/ShuffleNetV2",
    "timm/mobilenetv2_100",
    "timm/resnet50",
)
BASE = "retinanet/retinanet_r50_fpn_1x_coco.py"


async def seen(session: Session, many: int, *, busy: bool) -> Seen:
    """The whole test in an open sitting whose device was asked for by name; `many` images do not fit there."""
    rows = [await row(session, name, busy) for name in BACKBONES]
    probe = await session.probe(await session.entry(BACKBONES[0]))
    session.batch, usual = many, session.batch
    starved = await session.measure(probe, busy=busy)
    session.batch = usual
    after = await session.measure(probe, busy=busy)
    return Seen(rows, starved, after, await checked(session))


async def row(session: Session, name: str, busy: bool) -> Row:
    """One backbone: its shapes alone, its shapes on the device, its measurement."""
    entry, device = await session.entry(name), session.device
    session.device = "auto"
    alone = await session.probe(entry)
    session.device = device
    ran = await session.probe(entry)
    return Row(name, maps(alone), maps(ran), await session.measure(ran, busy=busy))


def maps(probe: Probe) -> list[list[int]]:
    """Channels, height and width of each stage; none where it ran elsewhere than asked, as its note says."""
    return [] if probe.note else [[stage.channels, stage.height, stage.width] for stage in probe.stages]


async def checked(session: Session) -> Check:
    """The check of a config that was just written."""
    session.change(base=BASE, backbone=BACKBONES[0])
    plan = await session.work_out()
    with tempfile.TemporaryDirectory() as folder:
        return await session.check(session.write(plan, Path(folder) / "new.py"))
