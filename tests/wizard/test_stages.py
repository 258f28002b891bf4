"""The fourth step: which stages feed which levels, and what is said of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bbwizard.app import BbwizardApp
from bbwizard.errors import ProbeRefused
from bbwizard.session import Session

from .driving import press, screen_text, settle, to_stages, write
from .fake_half import FakeHalf
from .test_stopping import shown


def words(app: BbwizardApp) -> str:
    """The screen's text with the frame and the line breaks out of the way."""
    return " ".join(screen_text(app).replace("│", " ").split())


async def test_digits_and_space_toggle_and_a_takes_the_default_again(app: BbwizardApp, session: Session) -> None:
    async with app.run_test() as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        assert session.recipe.stages is None
        await press(app, pilot, "1")
        assert session.recipe.stages == (0, 2, 3, 4)
        await press(app, pilot, "j", "space")
        assert session.recipe.stages == (0, 1, 2, 3, 4)
        await press(app, pilot, "a")
        assert session.recipe.stages is None


async def test_what_is_wrong_is_said_on_its_level_with_what_would_work(app: BbwizardApp) -> None:
    async with app.run_test(size=(160, 48)) as pilot:
        await to_stages(app, pilot, "yolox", "shufflenet")
        await press(app, pilot, "1", "3")
        text = words(app)
        assert "[232, 464, 1024]" not in text, "a wiring with problems shows them, not its channels"
        assert "level 0 (stride 8) gets stage 1 at stride 16" in text
        assert "stages 0,1,3 would work" in text


async def test_that_no_stage_is_chosen_is_said_once(app: BbwizardApp) -> None:
    async with app.run_test(size=(160, 48)) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "3", "4", "5")
        text = words(app)
        assert "✗ the base takes 3 levels (stride 8, 16, 32), none is chosen" in text
        assert "no stage feeds it" not in text
        assert "stages 2,3,4 would work" in text


async def test_the_order_of_a_neck_that_reverses_is_shown(app: BbwizardApp) -> None:
    async with app.run_test(size=(160, 48)) as pilot:
        await to_stages(app, pilot, "yolov3", "mobilenetv3")
        await press(app, pilot, "4", "3")
        assert "neck.in_channels [576, 48, 24] (deepest first" in words(app)


async def test_an_override_is_loud_and_lasts_for_that_wiring_only(app: BbwizardApp, session: Session) -> None:
    async with app.run_test(size=(160, 48)) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "o")
        assert not session.recipe.override, "nothing is wrong: nothing to override"
        await press(app, pilot, "2", "3", "o")
        assert session.recipe.override
        assert "OVERRIDE" in words(app)
        await press(app, pilot, "enter")
        assert app.wizard_screen.at == 5
        await press(app, pilot, "escape", "1")
        assert not session.recipe.override


async def test_levels_without_a_stage_stand_in_the_picture(app: BbwizardApp) -> None:
    async with app.run_test(size=(160, 48)) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "5")
        assert "no stage ─✗ 2 /32" in words(app)


async def test_another_input_size_probes_again_and_keeps_the_choice(app: BbwizardApp, session: Session) -> None:
    async with app.run_test(size=(160, 48)) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "1", "i", "ctrl+u")
        await write(app, pilot, "800y")
        await press(app, pilot, "enter")
        assert "is not HxW" in words(app)
        await press(app, pilot, "ctrl+u")
        await write(app, pilot, "0x640")
        await press(app, pilot, "enter")
        assert "has a side of 0 pixels" in words(app)
        await press(app, pilot, "ctrl+u")
        await write(app, pilot, "800x1333")
        await press(app, pilot, "enter")
        assert session.recipe.input == (800, 1333)
        assert session.recipe.stages == (0, 2, 3, 4)
        assert "100x167" in words(app)


async def test_thirteen_stages_are_all_reached_at_80x24(app: BbwizardApp, session: Session) -> None:
    async with app.run_test() as pilot:
        await to_stages(app, pilot, "yolov3", "mobilenetv3")
        await press(app, pilot, "G", "space")
        assert session.recipe.stages == (3, 8)


async def test_a_level_that_the_neck_takes_but_never_reads_is_told_apart(app: BbwizardApp) -> None:
    async with app.run_test() as pilot:
        await to_stages(app, pilot, "retinanet", "mobilenetv2")
        text = words(app)
        assert "┄▷ 0 /4" in text
        assert "not read" in text
        assert "neck.in_channels [24, 32, 96, 320]" in text


async def test_a_backbone_that_refuses_the_bases_images_is_refused_on_sight(
    app: BbwizardApp, half: type[FakeHalf], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = FakeHalf.answer
    pipeline = [{"type": "Resize", "img_scale": (300, 300), "keep_ratio": False}, {"type": "DefaultFormatBundle"}]

    def of_one_size(self: FakeHalf, method: str, params: Any) -> Any:
        if method == "probe" and params["input"] == [300, 300] and "mobilenetv2" in params["name"]:
            raise ProbeRefused(f"{params['name']} refuses 300x300 images: no")
        found = answer(self, method, params)
        return replace(found, resolved=repr({"data": {"train": {"pipeline": pipeline}}})) if method == "base" else found

    monkeypatch.setattr(FakeHalf, "answer", of_one_size)
    async with app.run_test(size=(160, 48)) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        assert "refuses 300x300 images: no; yolox/yolox_s_8x8_300e_coco.py makes every image of that size" in words(app)
        await press(app, pilot, "]")
        assert app.wizard_screen.at == 4
        await press(app, pilot, "o", "]")
        assert app.wizard_screen.at == 5


async def test_another_input_size_opens_the_last_step_as_soon_as_the_backbone_is_probed(
    app: BbwizardApp, half: type[FakeHalf]
) -> None:
    async with app.run_test(size=(160, 48)) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "f3")
        assert "· 5 Write" not in screen_text(app)
        await press(app, pilot, "i", "ctrl+u")
        await write(app, pilot, "320x320")
        half.held["probe"] = asyncio.Event()
        await pilot.press("enter")
        await shown(app, pilot, "· 5 Write")
        half.held["probe"].set()
        await settle(app, pilot)
        assert "· 5 Write" not in screen_text(app)
        await press(app, pilot, "f5")
        assert app.wizard_screen.at == 5
