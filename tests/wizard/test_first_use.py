"""What a machine has that nobody has set up for bbwizard: several environments, none, a broken one."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

import bbwizard.asked.opening
from bbprobe.protocol import Fault
from bbwizard.app import BbwizardApp
from bbwizard.environments import Candidate
from bbwizard.environments.candidates import ASKED

from . import fake_half, small_atlas
from .driving import press, screen_text, settle
from .fake_half import FakeHalf
from .test_stopping import shown

BROKEN = Fault("mmcv-ops", "mmcv's compiled ops do not run: no module named mmcv._ext", "pip install mmcv-full==1.7.2")
SLOW = Fault("torch-cuda", "nvidia-smi sees 1 GPU, but this torch is built without CUDA", "pip install torch", False)


def hold(monkeypatch: pytest.MonkeyPatch, *faults: Fault) -> None:
    """Have the environment hold these faults."""
    facts = replace(fake_half.environment(), faults=list(faults), ops=not any(fault.blocks for fault in faults))
    monkeypatch.setattr(fake_half, "environment", lambda: facts)


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
async def test_one_that_cannot_train_says_so_with_what_mends_it(app: BbwizardApp, monkeypatch, size) -> None:
    hold(monkeypatch, BROKEN, SLOW)
    async with app.run_test(size=size) as pilot:
        await settle(app, pilot)
        assert app.wizard_screen.at == 1
        text = " ".join(screen_text(app).split())
        assert "pip install" in text
        assert "compiled ops do not run" in text.replace("││", " ").replace("│ ", "")
        assert "! /envs/train" in text
        await press(app, pilot, "enter")
        assert app.wizard_screen.at == 2, "who knows better goes on"


async def test_one_that_trains_all_the_same_is_gone_on_with(app: BbwizardApp, monkeypatch) -> None:
    hold(monkeypatch, SLOW)
    async with app.run_test() as pilot:
        await settle(app, pilot)
        assert app.wizard_screen.at == 2


async def test_of_several_the_first_that_holds_a_stack_is_pointed_at(app: BbwizardApp, found: list[Candidate]) -> None:
    found.insert(0, Candidate("/usr/bin/python3", "this interpreter", {}))
    found.append(Candidate("/envs/old/bin/python", "conda", {"torch": "1.11.0", "mmdet": "2.24.1"}))
    async with app.run_test() as pilot:
        await settle(app, pilot)
        assert app.wizard_screen.at == 1
        text = screen_text(app)
        assert "/envs/old " in text, "the folder tells environments apart, and fits"
        await press(app, pilot, "enter")
        assert app.wizard_screen.at == 2
        assert app.opened_python == fake_half.PYTHON


async def test_looking_again_opens_what_was_mended_meanwhile(app: BbwizardApp, monkeypatch) -> None:
    whole = fake_half.environment
    hold(monkeypatch, BROKEN, SLOW)
    async with app.run_test() as pilot:
        await settle(app, pilot)
        await press(app, pilot, "y")
        assert app.clipboard == BROKEN.mend
        monkeypatch.setattr(fake_half, "environment", whole)
        await press(app, pilot, "r")
        assert app.wizard_screen.at == 2


async def test_looking_again_looks_at_the_one_that_was_named(
    app: BbwizardApp, half: type[FakeHalf], shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def discover(explicit: str | None) -> list[Candidate]:
        return [Candidate(explicit, ASKED, {"torch": "2.4.1", "mmdet": "2.28.2"})] if explicit else []

    small_atlas.put(shelf, "2.28")
    monkeypatch.setattr(bbwizard.asked.opening, "discover", discover)
    app.python = "/envs/named/bin/python"
    half.held["environment"] = asyncio.Event()
    async with app.run_test() as pilot:
        await shown(app, pilot, "starting it")
        await press(app, pilot, "x")
        half.held["environment"].set()
        await press(app, pilot, "r")
        assert app.opened_python == "/envs/named/bin/python"
