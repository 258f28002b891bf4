"""The swaps that must work, through the wizard by keyboard alone, on the real stacks, one after another."""

from __future__ import annotations

from pathlib import Path

import pytest

from bbwizard.app import BbwizardApp
from bbwizard.session import Session
from wizard.driving import choose, press, screen_text, settle

YOLOX = "yolox/yolox_s_8x8_300e_coco.py"
YOLOV3 = "yolo/yolov3_d53_mstrain-608_273e_coco.py"
SWAPS = [
    # base, backbone, rows to toggle away from the default wiring, out indices by stack, channels in the neck's order
    (YOLOX, "mmcls/ShuffleNetV2", (), (0, 1, 3), "116, 232, 1024"),
    (YOLOX, "timm/mobilenetv2_100", (), (2, 3, 4), "32, 96, 320"),
    (YOLOV3, "mmcls/MobileNetV3/small", (11, 12), (3, 8, 11), "96, 48, 24"),
    (YOLOV3, "mmcls/SwinTransformer/tiny", (), {"2.24": (0, 1, 3), "2.28": (1, 2, 3)}, "768, 384, 192"),
    ("retinanet/retinanet_r50_fpn_1x_coco.py", "timm/efficientnet_b1", (), (1, 2, 3, 4), "24, 40, 112, 320"),
    ("faster_rcnn/faster_rcnn_r50_fpn_1x_coco.py", "mmcls/ConvNeXt/tiny", (), (0, 1, 2, 3), "96, 192, 384, 768"),
]


@pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=["80x24", "160x48"])
async def test_every_swap_is_walked_to_its_check(stack, tmp_path: Path, size: tuple[int, int]) -> None:
    swaps = SWAPS[::2] if size == (80, 24) else SWAPS[1::2]
    session = Session(folder=tmp_path)
    app = BbwizardApp(lambda: session, python=stack.python)
    async with app.run_test(size=size) as pilot:
        await settle(app, pilot)
        for number, (base, backbone, rows, indices, channels) in enumerate(swaps):
            await press(app, pilot, "f2")
            await choose(app, pilot, base)
            await choose(app, pilot, backbone)
            assert app.wizard_screen.at == 4, screen_text(app)
            for row in rows:
                await press(app, pilot, "g", *["j"] * row, "space")
            assert f"neck.in_channels [{channels}]" in screen_text(app)
            await press(app, pilot, "enter", "w")
            assert "check passed" in screen_text(app), screen_text(app)
            plan = session.plan()
            assert plan is not None
            assert plan.stages == (indices[stack.name] if isinstance(indices, dict) else indices)
            assert session.written is not None
            assert f"in_channels=[{channels}]" in session.written.read_text("utf-8")
            assert len(list(tmp_path.glob("*.py"))) == number + 1
        await press(app, pilot, "q")
    assert app.return_value is not None
    assert app.return_value.path == session.written


async def test_the_published_shufflenet_wiring_is_refused_and_an_override_is_loud(stack, tmp_path: Path) -> None:
    session = Session(folder=tmp_path)
    app = BbwizardApp(lambda: session, python=stack.python)
    async with app.run_test(size=(160, 48), notifications=True) as pilot:
        await settle(app, pilot)
        await choose(app, pilot, YOLOX)
        await choose(app, pilot, "mmcls/ShuffleNetV2")
        await press(app, pilot, "1", "3")
        text = screen_text(app)
        assert "level 0 (stride 8) gets stage 1 at stride 16" in text
        assert "the head gets strides 16, 32, 32" in text
        await press(app, pilot, "enter")
        assert app.wizard_screen.at == 4
        await press(app, pilot, "o", "enter")
        assert app.wizard_screen.at == 5
        assert "WARNING: written against advice" in screen_text(app)
        await press(app, pilot, "ctrl+q")
    assert not list(tmp_path.glob("*.py"))
