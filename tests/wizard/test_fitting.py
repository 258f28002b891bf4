"""The filter for what fits the base config, and the word on who else would take a backbone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.pilot import Pilot

from bbprobe.protocol import Base
from bbwizard.app import BbwizardApp, Outcome
from bbwizard.screens.backbone import BackboneStep

from . import fake_half
from .driving import choose, press, screen_text, settle, step, surveyed, write
from .fake_half import FakeHalf

DEEP = ("mmcls/Deep/large", "mmcls/Deep/small")
TWIN = ("mmcls/Twin/large", "mmcls/Twin/small")


@pytest.fixture(autouse=True)
def families(half: type[FakeHalf], monkeypatch: pytest.MonkeyPatch) -> None:
    """Two families of two: one lacks stride 8, one has all that YOLOX reads."""
    monkeypatch.setattr("bbwizard.screens.backbone.SURVEY_AFTER", 0)
    monkeypatch.setattr(fake_half, "MORE", [])
    for name in DEEP:
        monkeypatch.setitem(fake_half.PYRAMIDS, name, [(0, 64, 16), (1, 128, 32)])
    for name in TWIN:
        monkeypatch.setitem(fake_half.PYRAMIDS, name, [(0, 32, 8), (1, 64, 16), (2, 128, 32)])


async def to_backbones(app: BbwizardApp, pilot: Pilot[Outcome], base: str) -> BackboneStep:
    await settle(app, pilot)
    await choose(app, pilot, base)
    found = step(app)
    assert isinstance(found, BackboneStep)
    return found


async def test_one_key_lists_what_the_base_can_take_and_all_again(app: BbwizardApp) -> None:
    async with app.run_test(size=(100, 40)) as pilot:
        shown = await to_backbones(app, pilot, "yolox")
        everything = list(shown.rows.rows)
        await surveyed(app, pilot)
        assert "✗ mmcls/Deep/large" in screen_text(app) and "✗ mmcls/Deep/small" in screen_text(app)
        await press(app, pilot, "f")
        assert "what fits" in screen_text(app)
        assert set(everything) - set(shown.rows.rows) == {*DEEP, fake_half.FLAT}
        assert "~ mmcls/Twin/large" in screen_text(app)
        assert "  mmcls/Twin/small" in screen_text(app)
        await press(app, pilot, "f")
        assert list(shown.rows.rows) == everything


async def test_a_survey_lets_in_what_the_filter_asks_for(app: BbwizardApp) -> None:
    async with app.run_test(size=(100, 40)) as pilot:
        shown = await to_backbones(app, pilot, "yolox")
        await press(app, pilot, "slash")
        await write(app, pilot, "mmcls stride:8")
        await surveyed(app, pilot)
        assert set(TWIN) <= set(shown.rows.rows) and not set(DEEP) & set(shown.rows.rows)


async def test_what_nobody_was_asked_about_stays_listed_and_is_marked(
    app: BbwizardApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bbwizard.screens.backbone.SURVEY_AFTER", 3600)
    async with app.run_test(size=(100, 40)) as pilot:
        shown = await to_backbones(app, pilot, "yolox")
        await press(app, pilot, "f")
        assert "? mmcls/Twin/small" in screen_text(app)
        assert fake_half.FLAT in shown.rows.rows


async def test_a_member_that_is_highlighted_answers_for_itself(app: BbwizardApp) -> None:
    async with app.run_test(size=(100, 40)) as pilot:
        shown = await to_backbones(app, pilot, "yolox")
        await surveyed(app, pilot)
        await press(app, pilot, "f")
        shown.rows.point_at("mmcls/Twin/large")
        await settle(app, pilot)
        assert "~ mmcls/Twin/large" not in screen_text(app)


async def test_stages_that_cannot_fit_say_which_detectors_would_take_the_backbone(
    app: BbwizardApp, half: type[FakeHalf], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(fake_half.PYRAMIDS, DEEP[1], [(0, 64, 16), (1, 128, 32)])
    async with app.run_test(size=(140, 48)) as pilot:
        await to_backbones(app, pilot, "yolox")
        await choose(app, pilot, "deep small")
        assert app.wizard_screen.at == 4
        said = " ".join(screen_text(app).split())
        assert "mmcls/Deep/small has strides 16, 32" in said
        assert "none of RetinaNet, YOLOX, YOLOV3" in said
    asked = [params["path"] for method, params in half.asked if method == "base"]
    assert len(asked) == len(set(asked))


async def test_who_would_take_the_backbone_is_said_without_the_command_lines_words(
    app: BbwizardApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, strides = fake_half.base, [4, 8, 16, 32, 64]

    def base(name: str) -> Base:
        found = plain(name)
        if name != fake_half.RETINANET:
            return found
        levels = [replace(level, used=True) for level in found.levels]
        return replace(found, levels=levels, start_level=0, start_level_path=None, outs=strides, head_strides=strides)

    monkeypatch.setattr(fake_half, "base", base)
    async with app.run_test(size=(140, 48)) as pilot:
        await to_backbones(app, pilot, "retinanet")
        await choose(app, pilot, "twin small")
        assert app.wizard_screen.at == 4
        said = " ".join(screen_text(app).replace("│", " ").split())
        assert "YOLOX, YOLOV3 would take it" in said
        assert "--base" not in said
