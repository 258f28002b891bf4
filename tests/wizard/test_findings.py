"""What was found wrong with a swap, in the last step: each with its mark, each fix taken and left by a key."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot

from bbwizard.app import BbwizardApp, Outcome
from bbwizard.screens.write import WriteStep
from bbwizard.session import Session

from . import fake_half
from .driving import SIZES, focus_name, press, screen_text, settle, step, to_stages
from .fake_half import FakeHalf

OPTIMIZER = {"type": "SGD", "lr": 0.02}
RESOLVED = {"model": {"backbone": {"type": "ResNet"}}, "optimizer": OPTIMIZER, "data": {"samples_per_gpu": 2}}
SCALED = {**RESOLVED, "auto_scale_lr": {"enable": False, "base_batch_size": 16}}


@pytest.fixture
def half(half: type[FakeHalf], monkeypatch: pytest.MonkeyPatch) -> type[FakeHalf]:
    """A probing half whose bases train with SGD for 16 images a step, and whose backbones are kinds of transformers."""
    base, probe = fake_half.base, fake_half.probe
    monkeypatch.setattr(fake_half, "base", lambda name: replace(base(name), resolved=repr(SCALED)))
    monkeypatch.setattr(fake_half, "probe", lambda *asked: replace(probe(*asked), transformer=True))
    return half


async def look_at(app: BbwizardApp, pilot: Pilot[Outcome], code: str) -> None:
    """Put the cursor on a finding."""
    await press(app, pilot, "f")
    found = step(app)
    assert isinstance(found, WriteStep) and found.findings.point_at(code), screen_text(app)
    await settle(app, pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_a_fix_is_taken_and_left_and_the_config_follows(
    app: BbwizardApp, session: Session, size: tuple[int, int]
) -> None:
    async with app.run_test(size=size) as pilot:
        await to_stages(app, pilot, "yolox", "swin")
        await press(app, pilot, "enter")
        assert "Findings: 1 fixed, 1 offered" in screen_text(app)
        await look_at(app, pilot, "adamw")
        assert focus_name(app) == "FindingsList"
        text = screen_text(app)
        assert "○ adamw" in text
        assert "offered: AdamW in place of SGD" in " ".join(text.replace("│", " ").split())
        assert "type='AdamW'" not in text
        await press(app, pilot, "space")
        text = screen_text(app)
        assert "✓ adamw" in text
        assert "type='AdamW'" in text, "the config shows the place that changed"
        assert session.recipe.fixes == ("adamw",)
        await press(app, pilot, "space", "u")
        assert session.recipe.fixes == ("adamw",), "a choice can be taken back"


async def test_what_comes_right_behind_the_key_of_the_findings_is_for_them(app: BbwizardApp, session: Session) -> None:
    async with app.run_test(size=(160, 48)) as pilot:
        await to_stages(app, pilot, "yolox", "swin")
        await press(app, pilot, "enter")
        for key, character in (("f", "f"), ("space", " ")):
            app.post_message(events.Key(key, character))
        await settle(app, pilot)
        assert focus_name(app) == "FindingsList"
        assert session.recipe.fixes == ("adamw",), screen_text(app)


async def test_a_certain_fix_that_is_left_goes_from_command_and_config(
    app: BbwizardApp, session: Session, monkeypatch: Any
) -> None:
    probe = fake_half.probe
    monkeypatch.setattr(fake_half, "probe", lambda *asked: replace(probe(*asked), transformer=False))
    async with app.run_test(size=(160, 48)) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "enter")
        assert "--auto-scale-lr" in session.command(Path("x.py"))
        await look_at(app, pilot, "batch-size")
        await press(app, pilot, "space")
        assert "○ batch-size" in screen_text(app)
        assert "certain, but left" in screen_text(app)
        assert "--auto-scale-lr" not in session.command(Path("x.py"))
        assert session.recipe.leave == ("batch-size",)


async def test_what_the_check_reveals_is_written_and_checked_again(
    app: BbwizardApp, session: Session, half: type[FakeHalf], monkeypatch: pytest.MonkeyPatch
) -> None:
    check = fake_half.check
    monkeypatch.setattr(
        fake_half, "check", lambda path: replace(check(path), unused_parameters=["backbone.[/x].weight"])
    )
    async with app.run_test(size=(160, 48)) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "enter")
        assert "no-gradient" not in screen_text(app)
        await press(app, pilot, "w")
        await settle(app, pilot)
        text = screen_text(app)
        assert "✓ no-gradient" in text
        assert "Config (written)" in text
        assert session.written is not None
        assert "find_unused_parameters = True" in session.written.read_text("utf-8")
        assert [method for method, _ in half.asked].count("check") == 2
        await look_at(app, pilot, "no-gradient")
        await press(app, pilot, "space")
        assert session.recipe.leave == ("no-gradient",)
        assert "find_unused_parameters = True" in session.written.read_text("utf-8"), "the file is as it was written"
        await press(app, pilot, "w")
        assert "find_unused_parameters" not in session.written.read_text("utf-8"), "left is left"
        assert [method for method, _ in half.asked].count("check") == 3


async def test_what_differs_from_the_base_takes_the_place_of_the_text_and_the_text_is_what_is_copied(
    app: BbwizardApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[str] = []
    monkeypatch.setattr(app, "copy", lambda text, what: copied.append(text))
    async with app.run_test(size=(160, 48)) as pilot:
        await to_stages(app, pilot, "yolox", "swin")
        await press(app, pilot, "enter", "b")
        assert "What differs from the base" in screen_text(app)
        assert "model.backbone.type = 'ResNet' → '" in screen_text(app)
        await press(app, pilot, "Y", "b")
        assert "╭─ Config" in screen_text(app)
        assert "_base_ = " in screen_text(app)
    assert "_base_ = " in copied[0]
