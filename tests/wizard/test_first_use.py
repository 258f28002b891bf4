"""What a machine has that nobody has set up for bbwizard: several environments, none, a broken one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bbprobe.protocol import Fault
from bbwizard.app import BbwizardApp
from bbwizard.environments import Candidate

from . import fake_half
from .driving import press, screen_text, settle

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
