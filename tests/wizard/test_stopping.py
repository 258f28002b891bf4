"""What takes long is stopped by a key, which is offered only then, and can be begun again."""

from __future__ import annotations

import asyncio

from textual.pilot import Pilot

from bbwizard.app import BbwizardApp, Outcome
from bbwizard.environments import Candidate
from bbwizard.session import Session

from .driving import choose, press, screen_text, settle, to_stages
from .fake_half import FakeHalf


async def shown(app: BbwizardApp, pilot: Pilot[Outcome], word: str) -> None:
    """Wait for a word on the screen while something goes on."""
    for _ in range(200):
        if word in screen_text(app):
            return
        await pilot.pause()
    raise AssertionError(screen_text(app))


async def test_a_check_is_stopped_and_run_again(app: BbwizardApp, session: Session, half: type[FakeHalf]) -> None:
    half.held["check"] = asyncio.Event()
    async with app.run_test(size=(160, 48)) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "enter")
        assert "x stop" not in screen_text(app)
        await pilot.press("w")
        await pilot.pause()
        assert "checking: building the detector" in screen_text(app)
        assert "x stop" in screen_text(app)
        await press(app, pilot, "x")
        text = screen_text(app)
        assert "no check: it was stopped; r runs it again" in text
        assert "x stop" not in text
        assert "train.py" in text, "the file is written all the same"
        half.held["check"].set()
        await press(app, pilot, "r")
        assert "check passed" in screen_text(app)


async def test_the_opening_of_an_environment_is_stopped(
    app: BbwizardApp, found: list[Candidate], half: type[FakeHalf]
) -> None:
    half.held["environment"] = asyncio.Event()
    async with app.run_test(size=(160, 48)) as pilot:
        await shown(app, pilot, "starting it")
        await press(app, pilot, "x")
        assert "starting it" not in screen_text(app)
        assert app.wizard_screen.at == 1
        half.held["environment"].set()
        await press(app, pilot, "enter")
        assert app.wizard_screen.at == 2


async def test_the_reading_of_the_catalogs_is_stopped_and_begins_again(app: BbwizardApp, half: type[FakeHalf]) -> None:
    half.held["catalog"] = asyncio.Event()
    async with app.run_test(size=(160, 48)) as pilot:
        await settle(app, pilot)
        await pilot.press("G", "enter")
        await shown(app, pilot, "x stop")
        await press(app, pilot, "x")
        assert "stopped: coming to this step reads them" in screen_text(app)
        half.held["catalog"].set()
        await press(app, pilot, "f2", "f3")
        await choose(app, pilot, "mobilenetv2")
        assert app.wizard_screen.at == 4


async def test_where_nothing_goes_on_the_key_does_nothing(app: BbwizardApp, session: Session) -> None:
    async with app.run_test(notifications=True) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        before = session.recipe
        await press(app, pilot, "x")
        assert session.recipe == before
        assert "stopped" not in screen_text(app)
