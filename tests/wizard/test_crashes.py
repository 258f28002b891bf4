"""What a user sees, and can do, where the probing half ends over something."""

from __future__ import annotations

from bbwizard.app import BbwizardApp
from bbwizard.errors import ProbeCrashed
from bbwizard.screens.dialogs import TextDialog
from bbwizard.session import Session

from . import fake_half
from .driving import choose, press, screen_text, settle
from .fake_half import FakeHalf


async def test_catalogs_over_which_it_ended_are_read_when_one_comes_back(
    app: BbwizardApp, half: type[FakeHalf]
) -> None:
    half.failing["catalog"] = ProbeCrashed("the probing half was ended by SIGKILL")
    async with app.run_test(size=(160, 48)) as pilot:
        await settle(app, pilot)
        await choose(app, pilot, "yolox")
        assert "ended by SIGKILL" in screen_text(app)
        half.failing.clear()
        await press(app, pilot, "escape", "left_square_bracket", "right_square_bracket")
        assert "206 of 206" in screen_text(app)


async def test_a_library_over_which_it_ends_every_time_is_broken(app: BbwizardApp, half: type[FakeHalf]) -> None:
    half.failing["catalog"] = ProbeCrashed("the probing half was ended by SIGSEGV")
    async with app.run_test(size=(160, 48)) as pilot:
        await settle(app, pilot)
        await choose(app, pilot, "yolox")
        for _ in range(3):  # each of the three is said once
            assert isinstance(app.screen, TextDialog)
            await press(app, pilot, "escape", "left_square_bracket", "right_square_bracket")
        assert "no catalog could be read: coming to this step tries again" in screen_text(app)
        half.failing.clear()
        await press(app, pilot, "left_square_bracket", "right_square_bracket")
        assert "206 of 206" in screen_text(app)


async def test_a_base_config_that_ends_the_process_is_named(app: BbwizardApp, half: type[FakeHalf]) -> None:
    half.failing["base"] = ProbeCrashed("the probing half was ended by SIGSEGV")
    async with app.run_test(size=(160, 48)) as pilot:
        await settle(app, pilot)
        await choose(app, pilot, "yolox")
        assert isinstance(app.screen, TextDialog)
        words = f"loading /configs/{fake_half.YOLOX}: the probing half was ended by SIGSEGV"
        assert words in app.screen.content.plain


async def test_weights_that_could_not_be_looked_into_are_asked_about_again(
    app: BbwizardApp, session: Session, half: type[FakeHalf]
) -> None:
    half.failing["weights"] = ProbeCrashed("the probing half was ended by SIGKILL")
    async with app.run_test(size=(160, 48)) as pilot:
        await settle(app, pilot)
        await choose(app, pilot, "yolox")
        await choose(app, pilot, "mobilenetv2")
        await press(app, pilot, "enter")
        assert "ended by SIGKILL" in screen_text(app)
        await press(app, pilot, "escape")
        assert "not looked into: w tries again" in screen_text(app)
        half.failing.clear()
        await press(app, pilot, "w")
        assert session.written is not None
