"""From nothing to a written, checked config with the keyboard alone, and back without losing anything."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual._compositor import Compositor
from textual.geometry import Size
from textual.widget import Widget

from bbwizard.app import BbwizardApp, Outcome
from bbwizard.environments import Candidate, remembered
from bbwizard.errors import ProbeCrashed
from bbwizard.grammar import LAUNCHERS
from bbwizard.recipe import Recipe
from bbwizard.session import Session

from . import fake_half
from .driving import SIZES, choose, press, screen_text, settle, to_stages, write
from .fake_half import FakeHalf


@pytest.mark.parametrize("size", SIZES)
async def test_a_config_is_written_and_checked_by_keyboard_alone(
    app: BbwizardApp, session: Session, size: tuple[int, int]
) -> None:
    async with app.run_test(size=size) as pilot:
        await settle(app, pilot)
        assert app.wizard_screen.at == 2, "one usable environment: the first step is skipped"
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        assert "wires to YOLOX at stride 8, 16, 32" in screen_text(app)
        await press(app, pilot, "enter", "w")
        text = screen_text(app)
        assert "check passed" in text
        assert "12.34" in text
        await press(app, pilot, "q")
    assert session.written == session.folder / "yolox_s_8x8_300e_coco_mobilenetv2_100.py"
    assert "in_channels=[32, 96, 320]" in session.written.read_text("utf-8")
    assert app.return_value == Outcome(session.written, session.command(session.written))


async def test_going_back_and_forth_keeps_everything(app: BbwizardApp, session: Session) -> None:
    async with app.run_test() as pilot:
        await to_stages(app, pilot, "yolov3", "swin")
        await press(app, pilot, "1")
        decided = session.recipe
        await press(app, pilot, "escape", "escape")
        assert app.wizard_screen.at == 2
        assert session.recipe == decided
        await press(app, pilot, "right_square_bracket", "right_square_bracket")
        assert app.wizard_screen.at == 4
        await press(app, pilot, "f1", "f3")
        assert app.wizard_screen.at == 3
        assert "swin" in screen_text(app), "the filter is still typed"
        assert session.recipe == decided


async def test_a_step_that_cannot_be_gone_to_says_why(app: BbwizardApp, found: list[Candidate]) -> None:
    found.clear()
    async with app.run_test(notifications=True) as pilot:
        await settle(app, pilot)
        assert "bbwizard env create DIR" in screen_text(app)
        await press(app, pilot, "f2")
        assert "choose a training environment first" in screen_text(app)
        assert app.wizard_screen.at == 1


async def test_a_wiring_that_would_not_train_is_not_reached_for_writing(app: BbwizardApp) -> None:
    async with app.run_test(notifications=True) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "5", "enter")
        assert app.wizard_screen.at == 4
        assert "the base takes 3 levels" in screen_text(app)


async def test_two_environments_are_asked_about(app: BbwizardApp, found: list[Candidate]) -> None:
    versions = {"torch": "1.11.0", "mmdet": "2.24.1"}
    found.append(Candidate("/envs/other/bin/python", "conda", versions, prefix="/envs/other"))
    async with app.run_test() as pilot:
        await settle(app, pilot)
        assert app.wizard_screen.at == 1
        await press(app, pilot, "j", "enter")
        assert app.opened_python == "/envs/other/bin/python"
        assert app.wizard_screen.at == 2


async def test_an_environment_that_cannot_be_opened_says_so_and_another_can(
    app: BbwizardApp, half: type[FakeHalf]
) -> None:
    half.failing["environment"] = ProbeCrashed("the probing half was ended by SIGSEGV: [/x] core dumped")
    async with app.run_test() as pilot:
        await settle(app, pilot)
        assert "ended by SIGSEGV: [/x] core dumped" in screen_text(app)
        half.failing.clear()
        await press(app, pilot, "escape", "enter")
        assert app.wizard_screen.at == 2


async def test_one_that_cannot_be_opened_does_not_stand_on_the_facts_of_the_one_before(
    app: BbwizardApp, session: Session, half: type[FakeHalf]
) -> None:
    async with app.run_test() as pilot:
        await settle(app, pilot)
        assert session.environment is not None
        half.failing["environment"] = ProbeCrashed("the probing half was ended by SIGSEGV")
        with pytest.raises(ProbeCrashed):
            await session.open("/envs/other/bin/python")
        assert session.environment is None


async def test_a_base_that_is_not_understood_is_refused_with_its_reason(app: BbwizardApp, session: Session) -> None:
    async with app.run_test() as pilot:
        await settle(app, pilot)
        await choose(app, pilot, "detectors")
        text = " ".join(screen_text(app).split())
        assert "detectors_[/x]_r50_1x_coco.py cannot be used: RFP builds a" in text
        await press(app, pilot, "escape")
        assert session.recipe == Recipe()
        assert app.wizard_screen.at == 2


async def test_names_with_brackets_reach_the_screen_as_they_are(app: BbwizardApp) -> None:
    async with app.run_test() as pilot:
        await to_stages(app, pilot, "yolox", "[/x]")
        assert "timm/resnet50[/x]" in screen_text(app)
        await press(app, pilot, "f3")
        assert screen_text(app).count("timm/resnet50[/x]") == 2


async def test_an_existing_file_is_not_overwritten_without_a_yes(app: BbwizardApp, session: Session) -> None:
    target = session.folder / "yolox_s_8x8_300e_coco_shufflenetv2.py"
    target.write_text("mine")
    async with app.run_test() as pilot:
        await to_stages(app, pilot, "yolox", "shufflenet")
        await press(app, pilot, "a", "4")
        await press(app, pilot, "4", "enter", "w")
        assert "is there already. Replace it?" in screen_text(app)
        await press(app, pilot, "n")
        assert target.read_text() == "mine"
        await press(app, pilot, "w", "y")
        assert "ShuffleNetV2" in target.read_text()


async def test_the_path_can_be_changed(app: BbwizardApp, session: Session) -> None:
    async with app.run_test() as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "enter", "t", "ctrl+u")
        await write(app, pilot, "configs/mine")
        await press(app, pilot, "enter")
        assert "a config's name ends in .py" in screen_text(app)
        await write(app, pilot, ".py")
        await press(app, pilot, "enter", "w")
    assert session.written == session.folder / "configs" / "mine.py"


async def test_a_check_that_cannot_be_done_is_said_and_the_command_stays(
    app: BbwizardApp, half: type[FakeHalf]
) -> None:
    half.failing["check"] = ProbeCrashed("the probing half was ended by SIGKILL")
    async with app.run_test(size=(160, 48)) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "enter", "w")
        assert "no check: the probing half was ended by SIGKILL" in screen_text(app)
        assert "train.py" in screen_text(app)
        half.failing.clear()
        await press(app, pilot, "r")
        assert "check passed" in screen_text(app)


async def test_the_check_shows_what_it_does_while_it_runs(app: BbwizardApp, half: type[FakeHalf]) -> None:
    half.held["check"] = asyncio.Event()
    async with app.run_test(size=(160, 48)) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "enter")
        await pilot.press("w")
        await pilot.pause()
        assert "checking: building the detector" in screen_text(app)
        half.held["check"].set()
        await settle(app, pilot)
        assert "check passed" in screen_text(app)


async def test_leaving_with_an_unwritten_recipe_asks_once(app: BbwizardApp) -> None:
    async with app.run_test() as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "q")
        assert "neither written nor saved" in screen_text(app)
        await press(app, pilot, "n")
        assert app.is_running
        await press(app, pilot, "q", "y")
    assert app.return_value == Outcome(None)


async def test_ctrl_c_leaves_when_pressed_twice(app: BbwizardApp) -> None:
    async with app.run_test() as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "ctrl+c")
        assert app.is_running
        await press(app, pilot, "ctrl+c")
    assert app.return_value == Outcome(None)


async def test_weights_gpus_and_launcher_change_text_and_command(app: BbwizardApp, session: Session) -> None:
    async with app.run_test(size=(160, 48)) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "enter")
        assert "pretrained=True" in screen_text(app)
        await press(app, pilot, "j", "right")
        assert session.recipe.weights == "none"
        assert "pretrained=True" not in screen_text(app)
        await press(app, pilot, "j", "j", "right", "j", *["right"] * LAUNCHERS.index("pytorch"))
        assert (session.recipe.gpus, session.recipe.launcher) == (2, "pytorch")
        assert "--launcher pytorch" in " ".join(screen_text(app).split())


async def test_nodes_and_going_on_are_options_too(app: BbwizardApp, session: Session) -> None:
    async with app.run_test(size=(160, 48)) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "enter")
        assert "nodes" not in screen_text(app)
        await press(app, pilot, *["j"] * 3, "right", "j", "j", "right", "right", "j", "enter")
        await write(app, pilot, "gpu07:29400")
        await press(app, pilot, "enter", "j", "right")
        recipe = session.recipe
        assert (recipe.gpus, recipe.nodes, recipe.meet, recipe.resume) == (2, 2, "gpu07:29400", "auto")
        text = "".join(line.strip() for line in screen_text(app).splitlines())
        assert "2 of 1 GPU each" in text
        assert "--auto-resume" in text.replace("│", "").replace(" ", "")
        await press(app, pilot, "k", "k", "right")
        assert "2 GPUs cannot be spread evenly over 4 nodes" in " ".join(screen_text(app).split())


async def test_undo_takes_back_the_last_decision_and_redo_makes_it_again(app: BbwizardApp, session: Session) -> None:
    async with app.run_test(notifications=True) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "1", "u")
        assert session.recipe.stages is None
        await press(app, pilot, "u")
        assert session.recipe.backbone == ""
        assert app.wizard_screen.at == 3, "there are no stages to show"
        await press(app, pilot, "U", "U", "f4")
        assert session.recipe.stages is not None
        assert session.recipe.backbone == "timm/mobilenetv2_100"
        await press(app, pilot, "u", "1", "U")
        assert "nothing was taken back" in screen_text(app)


async def test_a_base_of_ones_own_is_taken_by_its_path(
    app: BbwizardApp, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = session.folder / "own [v2].py"
    own.write_text("")
    monkeypatch.setattr(fake_half, "YOLOV3", str(own))
    async with app.run_test() as pilot:
        await settle(app, pilot)
        await press(app, pilot, "f")
        await write(app, pilot, str(own))
        await press(app, pilot, "enter", "enter")
    assert Path(session.recipe.base) == own


async def test_behind_a_launch_prefix_the_named_python_is_taken_as_it_is(
    found: list[Candidate], half: type[FakeHalf], tmp_path: Path
) -> None:
    found.clear()
    session = Session(launch_prefix=("ssh", "gpu07"), folder=tmp_path)
    app = BbwizardApp(lambda: session, python="/there/bin/python")
    async with app.run_test() as pilot:
        await settle(app, pilot)
        assert app.wizard_screen.at == 2
        assert app.opened_python == "/there/bin/python"


async def test_a_typed_path_is_opened_and_remembered(app: BbwizardApp, found: list[Candidate]) -> None:
    typed = found.pop()
    async with app.run_test() as pilot:
        await settle(app, pilot)
        assert remembered() is None
        await press(app, pilot, "t")
        found.append(typed)
        await write(app, pilot, typed.python)
        await press(app, pilot, "enter")
        assert app.wizard_screen.at == 2
    assert remembered() == typed.python


async def test_the_bar_says_of_the_written_config_what_the_step_says(
    app: BbwizardApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = FakeHalf.answer

    def failing(self: FakeHalf, method: str, params: Any) -> Any:
        found = answer(self, method, params)
        return replace(found, ok=False, stage="build", error="no") if method == "check" else found

    monkeypatch.setattr(FakeHalf, "answer", failing)
    async with app.run_test(size=(160, 48)) as pilot:
        await to_stages(app, pilot, "yolox", "shufflenet")
        await press(app, pilot, "enter", "w", "f4")
        bar = screen_text(app).splitlines()[:2]
        assert "✗ 5 Write" in bar[0]
        assert "check failed" in bar[1]
        await press(app, pilot, "f5", "t", "ctrl+u")
        await write(app, pilot, "elsewhere.py")
        await press(app, pilot, "enter")
        assert "check failed" not in screen_text(app).splitlines()[1]
        assert "not written yet" in screen_text(app)


async def test_no_step_is_ever_laid_out_beside_another(app: BbwizardApp, monkeypatch: pytest.MonkeyPatch) -> None:
    arranged = Compositor._arrange_root
    beside = []

    def arrange(self: Compositor, root: Widget, size: Size, visible_only: bool = True) -> Any:
        beside.append(sum(step.display for step in app.wizard_screen.steps.values() if step.is_attached))
        return arranged(self, root, size, visible_only)

    monkeypatch.setattr(Compositor, "_arrange_root", arrange)
    async with app.run_test(size=(80, 24)) as pilot:
        await to_stages(app, pilot, "yolox", "shufflenet")
        await press(app, pilot, "enter", "f2", "f4", "f1", "f5", "f3")
    assert max(beside) == 1


async def test_what_was_chosen_is_asked_of_an_environment_that_is_opened_anew(app: BbwizardApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await to_stages(app, pilot, "yolox", "shufflenet")
        chosen = app.base
        assert chosen is not None
        await press(app, pilot, "f1")
        app.wizard_screen.environment_step.open(app.opened_python, keep=False)  # as `r` does where one was named
        await settle(app, pilot)
        assert app.wizard_screen.at == 2
        assert app.base == chosen
        await press(app, pilot, "f3", "f4", "f5")
        assert app.wizard_screen.at == 5
