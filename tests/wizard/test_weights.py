"""What the chosen weights do, shown in the last step while the user looks at it."""

from __future__ import annotations

import asyncio

from bbwizard.app import BbwizardApp
from bbwizard.errors import ProbeCrashed, ProbeRefused
from bbwizard.session import Session

from .driving import press, screen_text, settle, to_stages, write
from .fake_half import FakeHalf


async def weights(app: BbwizardApp, pilot: object, text: str) -> None:
    """Type a name, file or URL for the weights, the second option of the last step."""
    await press(app, pilot, "enter", "ctrl+u")
    await write(app, pilot, text)
    await press(app, pilot, "enter")


def words(app: BbwizardApp) -> str:
    """What the panes on the right say, their lines joined, and any message over them."""
    lines = [line.rpartition("││")[2].strip("│ ") for line in screen_text(app).splitlines()]
    return " ".join(" ".join(lines).split())


async def test_what_the_weights_load_is_shown(app: BbwizardApp) -> None:
    async with app.run_test(size=(200, 60)) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "enter")
        assert "102 of 102 tensors load out of /hub/" in words(app)
        await press(app, pilot, "j")
        await weights(app, pilot, "/w/cut.pth")
        assert "101 of 102 tensors load, missing layer4.weight" in words(app)
        assert "loads 101 of 102" in words(app), "in the option too"


async def test_what_is_not_here_comes_with_the_line_that_fetches_it(app: BbwizardApp) -> None:
    async with app.run_test(size=(200, 60)) as pilot:
        await to_stages(app, pilot, "yolox", "shufflenet")
        await press(app, pilot, "enter")
        assert "not on this machine" in words(app)
        assert "curl -fL -o a.pth https://example.org/ShuffleNetV2.pth" in words(app)


async def test_a_file_that_would_not_load_is_refused_with_the_reason(app: BbwizardApp, session: Session) -> None:
    async with app.run_test(size=(200, 60), notifications=True) as pilot:
        await to_stages(app, pilot, "yolox", "shufflenet")
        await press(app, pilot, "enter", "j")
        await weights(app, pilot, "/w/bad.pth")
        assert "it would not train: /w/bad.pth would load nothing" in words(app)
        await press(app, pilot, "w")
        assert session.written is None
        assert "take another [/x]" in words(app)


async def test_writing_waits_for_what_the_weights_do(app: BbwizardApp, session: Session, half: type[FakeHalf]) -> None:
    half.held["weights"] = asyncio.Event()
    async with app.run_test(size=(200, 60), notifications=True) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("w")
        await pilot.pause()
        assert session.written is None
        assert "looking into" in words(app)
        half.held["weights"].set()
        await settle(app, pilot)
        assert session.written is not None


async def test_weights_that_cannot_be_looked_into_do_not_stop_the_writing(
    app: BbwizardApp, session: Session, half: type[FakeHalf]
) -> None:
    half.failing["weights"] = ProbeRefused("no such [/x] class")
    async with app.run_test(size=(200, 60)) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "enter", "w")
        assert "could not be loaded: no such [/x] class" in words(app)
        assert session.written is not None


async def test_what_waited_for_weights_is_not_written_once_it_is_not_wanted_any_more(
    app: BbwizardApp, session: Session, half: type[FakeHalf]
) -> None:
    half.held["weights"] = asyncio.Event()
    async with app.run_test(size=(200, 60)) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("w", "f3")
        await pilot.pause()
        half.held["weights"].set()
        await settle(app, pilot)
        assert app.wizard_screen.at == 3
        assert session.written is None


async def test_a_failure_takes_the_wish_to_write_with_it(
    app: BbwizardApp, session: Session, half: type[FakeHalf]
) -> None:
    half.held["weights"] = asyncio.Event()
    half.failing["weights"] = ProbeCrashed("the probing half was ended by SIGKILL")
    async with app.run_test(size=(200, 60)) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("w")
        await pilot.pause()
        half.held["weights"].set()
        await settle(app, pilot)
        await press(app, pilot, "escape")
        half.failing.clear()
        await press(app, pilot, "f3", "f5")
        assert "102 of 102 tensors load" in words(app)
        assert session.written is None
