"""How a test comes to the comparison."""

from __future__ import annotations

from textual.pilot import Pilot

from bbwizard.app import BbwizardApp, Outcome
from bbwizard.screens.backbone import BackboneStep
from bbwizard.screens.compare import CompareScreen

from .driving import choose, press, settle, step

SHUFFLENET, SWIN, MOBILENET, ODD = (
    "mmcls/ShuffleNetV2",
    "mmcls/SwinTransformer/tiny",
    "timm/mobilenetv2_100",
    "timm/resnet50[/x]",
)
PAIR = (SHUFFLENET, SWIN)


async def to_backbones(app: BbwizardApp, pilot: Pilot[Outcome], base: str = "yolox") -> BackboneStep:
    await settle(app, pilot)
    await choose(app, pilot, base)
    found = step(app)
    assert isinstance(found, BackboneStep)
    return found


async def compare(app: BbwizardApp, pilot: Pilot[Outcome], *names: str, base: str = "yolox") -> CompareScreen:
    """Mark these backbones, each by its key, and open the comparison."""
    shown = await to_backbones(app, pilot, base)
    for name in names:
        assert shown.rows.point_at(name)
        await press(app, pilot, "space")
    await press(app, pilot, "v")
    assert isinstance(app.screen, CompareScreen)
    return app.screen
