"""Taking decisions back, making them again, and what is asked where leaving would lose some."""

from __future__ import annotations

from pathlib import Path

from bbwizard import drafts
from bbwizard.app import BbwizardApp
from bbwizard.screens.write import WriteStep
from bbwizard.session import Session

from .comparing import PAIR, compare, to_backbones
from .driving import choose, press, screen_text, step, to_stages, write

WIDE = (160, 48)
SUGGESTED = "yolox_s_8x8_300e_coco_mobilenetv2_100.py"


def words(app: BbwizardApp) -> str:
    """The screen's words, one space between them."""
    return " ".join(screen_text(app).split())


async def test_where_the_config_goes_is_taken_back_and_made_again(app: BbwizardApp, session: Session) -> None:
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "enter", "t", "ctrl+u")
        await write(app, pilot, "other.py")
        await press(app, pilot, "enter")
        assert session.output == session.folder / "other.py"
        await press(app, pilot, "u")
        assert session.recipe.backbone == "timm/mobilenetv2_100"
        shown = step(app)
        assert isinstance(shown, WriteStep)
        assert shown.path == session.folder / SUGGESTED
        assert SUGGESTED in words(app)
        assert "file: the suggested name → " in words(app)
        await press(app, pilot, "U", "w")
        assert [path.name for path in session.folder.glob("*.py")] == ["other.py"]


async def test_marks_are_taken_back_and_made_again(app: BbwizardApp, session: Session) -> None:
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "f3", "space")
        assert "1 marked" in words(app)
        await press(app, pilot, "u")
        assert session.marked == ()
        assert "1 marked" not in words(app)
        assert "●" not in words(app)
        assert "marks: none → timm/mobilenetv2_100 taken back" in words(app)
        await press(app, pilot, "f4", "U", "f3")
        assert session.marked == ("timm/mobilenetv2_100",)
        assert "1 marked" in words(app)
        assert "marks: none → timm/mobilenetv2_100 made again" in words(app)


async def test_a_last_step_that_has_nothing_to_show_is_left(app: BbwizardApp, session: Session) -> None:
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "enter", "u")
        assert session.recipe.backbone == ""
        assert app.wizard_screen.at == 3
        assert "backbone: none → timm/mobilenetv2_100 taken back" in words(app)
        await press(app, pilot, "u")
        assert app.wizard_screen.at == 2
        assert "base config: none → yolox_s_8x8_300e_coco taken back" in words(app)
        await press(app, pilot, "u")
        assert "nothing to take back" in words(app)


async def test_a_last_step_without_a_plan_finds_nothing(app: BbwizardApp, session: Session) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await to_stages(app, pilot, "yolov3", "swin")
        await press(app, pilot, "enter")
        shown = step(app)
        assert isinstance(shown, WriteStep)
        assert shown.findings.rows
        session.history.undo()
        shown.renew()
        assert not shown.findings.rows
        assert "choose a base config and a backbone first" in words(app)


async def test_a_path_stays_typed_whatever_is_chosen_next(app: BbwizardApp, session: Session) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "enter", "t", "ctrl+u")
        await write(app, pilot, "/elsewhere/new.py")
        await press(app, pilot, "enter", "f3")
        await choose(app, pilot, "ShuffleNetV2")
        await press(app, pilot, "enter")
        shown = step(app)
        assert isinstance(shown, WriteStep)
        assert shown.path == Path("/elsewhere/new.py")


async def test_marks_of_which_nothing_was_written_are_asked_about(app: BbwizardApp, session: Session) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await compare(app, pilot, *PAIR)
        await press(app, pilot, "escape", "q")
        assert app.is_running
        assert "Nothing was written of the backbones that are marked" in words(app)
        await press(app, pilot, "n", "v", "W", "enter", "escape", "escape", "q")
    assert not app.is_running
    assert drafts.left() == []
    assert session.recipe.backbone == ""


async def test_a_base_config_alone_is_left_without_a_question(app: BbwizardApp, session: Session) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await to_backbones(app, pilot)
        await press(app, pilot, "q")
    assert not app.is_running
