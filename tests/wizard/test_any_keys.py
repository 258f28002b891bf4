"""Keys, pastes, clicks and resizes in any order: nothing breaks, and the way through is open afterwards."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Final

import pytest
from textual.pilot import Pilot

from bbwizard.app import BbwizardApp, Outcome
from bbwizard.keys import BY_ID

from .driving import choose, press, screen_text, settle, to_stages, write
from .test_hostile_names import clean

LEAVING: Final = {"q", "ctrl+q", "ctrl+c"}
KEYS: Final = sorted({key.strip() for bound in BY_ID.values() for key in bound.keys.split(",")} - LEAVING)
OFTEN: Final = ("enter", "escape", "down", "space", "slash", "colon", "question_mark")
TEXTS: Final = ("yolox", "swin", "params<30M", "stride:4 !vit", "out.py", "640", "/tmp", "[/x]", "\x1b[31m", "汉字", "")
SIZES: Final = ((80, 24), (160, 48), (60, 16), (20, 5))
ACTS: Final = 80


@pytest.fixture(autouse=True)
def own_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is opened, written or edited here is nobody's."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("EDITOR", "true")
    monkeypatch.chdir(tmp_path)


async def act(app: BbwizardApp, pilot: Pilot[Outcome], drawn: random.Random) -> str:
    """Do one thing, and what it was."""
    chance = drawn.random()
    if chance < 0.05:
        text = drawn.choice(TEXTS)
        await write(app, pilot, text)
        return f"paste {text!r}"
    if chance < 0.12:
        size = drawn.choice(SIZES)
        await pilot.resize_terminal(*size)
        return f"{size[0]}x{size[1]}"
    if chance < 0.14:
        spot = drawn.randrange(app.size.width), drawn.randrange(app.size.height)
        await pilot.click(offset=spot)
        return f"click {spot}"
    key = drawn.choice(KEYS if chance < 0.7 else OFTEN)
    await pilot.press(key)
    return key


def whole(app: BbwizardApp, done: list[str]) -> None:
    """The screen is fit to be seen, and keys go to what is shown."""
    clean(app)
    wizard = app.wizard_screen
    focused = wizard.focused
    assert focused is None or wizard.steps[wizard.at] in focused.ancestors_with_self, done


@pytest.mark.parametrize("seed", [0, 4, 5])
@pytest.mark.parametrize("ahead", [False, True], ids=["from the start", "from the stages"])
async def test_any_keys_leave_the_way_through_open(app: BbwizardApp, seed: int, ahead: bool) -> None:
    drawn, done = random.Random(seed), []
    async with app.run_test(notifications=True) as pilot:
        await settle(app, pilot)
        if ahead:
            await to_stages(app, pilot, "yolov3", "swin")
        for _ in range(ACTS):
            done.append(await act(app, pilot, drawn))
            if app._exit:
                return  # the palette leaves too
            if drawn.random() < 0.3:  # the others come while it is still busy
                await settle(app, pilot)
                whole(app, done)
        await pilot.resize_terminal(100, 30)
        await settle(app, pilot)
        while app.screen is not app.wizard_screen:
            dialog = app.screen
            await press(app, pilot, "escape", "escape", "escape")
            assert app.screen is not dialog, (done, screen_text(app))
        await press(app, pilot, "escape", "f1", "enter", "f2")  # the first takes an open line back
        assert app.wizard_screen.at == 2, (done, screen_text(app))
        await choose(app, pilot, "yolox")
        await choose(app, pilot, "mobilenetv2")
        assert app.wizard_screen.at == 4, (done, screen_text(app))
        plan = app.session.plan()
        assert plan is not None and plan.wired, done
