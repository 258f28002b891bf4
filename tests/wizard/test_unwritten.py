"""A file that cannot be written loses nothing: its text goes elsewhere, or is copied, and no other file is replaced."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input

from bbwizard import atomic, paths, preset_book
from bbwizard.app import BbwizardApp
from bbwizard.screens.dialogs import AskDialog
from bbwizard.screens.filing import UnwrittenDialog
from bbwizard.screens.write import WriteStep
from bbwizard.session import Session
from bbwizard.widgets.detail import Paragraphs

from . import fake_half
from .comparing import PAIR, compare
from .driving import press, screen_text, settle, step, to_stages, write
from .fake_half import FakeHalf

CONFIG = "yolox_s_8x8_300e_coco_mobilenetv2_100.py"


@contextmanager
def full_disk() -> Iterator[None]:
    """No file can be written as long as this holds."""

    def refuse(new: Path, content: bytes, *, like: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(atomic, "put", refuse)
        yield


def refusal(app: BbwizardApp) -> str:
    """What the dialog about an unwritten text says."""
    assert isinstance(app.screen, UnwrittenDialog), screen_text(app)
    return " ".join(app.screen.query_one(Paragraphs).content.plain.split())


def question(app: BbwizardApp) -> str:
    """What is asked with yes and no."""
    assert isinstance(app.screen, AskDialog), screen_text(app)
    return app.screen.question


@pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=str)
async def test_a_config_goes_elsewhere_where_the_disk_is_full(
    app: BbwizardApp, session: Session, tmp_path: Path, size: tuple[int, int]
) -> None:
    async with app.run_test(size=size) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "enter")
        with full_disk():
            await press(app, pilot, "w")
            told = refusal(app)
            assert "cannot be written: its disk is full → make room there, or name a file on another disk" in told
            assert "enter write elsewhere" in screen_text(app)
            await press(app, pilot, "y")
            assert "in_channels=[32, 96, 320]" in app.clipboard
            await press(app, pilot, "enter", "home", "ctrl+k")
            await write(app, pilot, str(tmp_path / "still full.py"))
            await press(app, pilot, "enter")
            assert "still full.py cannot be written: its disk is full" in refusal(app)
            await press(app, pilot, "enter", "home", "ctrl+k")
            await write(app, pilot, str(tmp_path / "other" / "new"))
            await press(app, pilot, "enter")
            assert "a config's name ends in .py" in screen_text(app)
            await write(app, pilot, "'.py")
            await press(app, pilot, "enter")
            assert "no name to train under" in screen_text(app)
            await press(app, pilot, *["backspace"] * 4)
            await write(app, pilot, ".py")
        await press(app, pilot, "enter")
        assert "check passed" in screen_text(app)
    assert session.written == tmp_path / "other" / "new.py"
    assert not (session.folder / CONFIG).exists()


async def test_what_is_not_written_elsewhere_either_stays_as_it_was(app: BbwizardApp, session: Session) -> None:
    (session.folder / CONFIG).mkdir()
    async with app.run_test() as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        decided = session.recipe
        await press(app, pilot, "enter", "w", "enter")
        suggested = Path(app.screen.query_one(Input).value)
        assert suggested.name == CONFIG and os.access(suggested.parent, os.W_OK)
        await press(app, pilot, "escape")
        assert isinstance(app.screen, UnwrittenDialog), "back to what can be done"
        await press(app, pilot, "escape")
        assert "not written yet" in screen_text(app)
        assert (session.recipe, session.written) == (decided, None)
        await press(app, pilot, "q")
        assert "neither written nor saved" in screen_text(app)


async def test_a_preset_goes_elsewhere_and_opens_from_there(app: BbwizardApp, session: Session, tmp_path: Path) -> None:
    paths.presets().parent.mkdir(parents=True)
    paths.presets().write_text("a file where the folder should be")
    async with app.run_test() as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "s", "enter")
        assert "a part of its path is no folder" in refusal(app)
        await press(app, pilot, "y")
        assert app.clipboard.startswith("bbwizard: 1\n")
        await press(app, pilot, "enter", "home", "ctrl+k")
        await write(app, pilot, str(tmp_path / "mine.yaml"))
        await press(app, pilot, "enter", "q")
    assert app.return_value is not None, "a saved preset is no unsaved work"
    assert preset_book.read(tmp_path / "mine.yaml").recipe.backbone == session.recipe.backbone


async def test_a_table_goes_elsewhere(app: BbwizardApp, session: Session) -> None:
    async with app.run_test() as pilot:
        await compare(app, pilot, *PAIR)
        await press(app, pilot, "E")
        with full_disk():
            await press(app, pilot, "enter", "y")
            assert app.clipboard.startswith("backbone,")
            await press(app, pilot, "enter", "home", "ctrl+k")
            await write(app, pilot, "elsewhere.md")
        await press(app, pilot, "enter")
    assert (session.folder / "elsewhere.md").read_text().startswith("| backbone |")
    assert [path.name for path in session.folder.iterdir()] == ["elsewhere.md"]


async def test_what_the_user_made_of_a_written_config_is_replaced_only_when_asked(
    app: BbwizardApp, session: Session
) -> None:
    async with app.run_test() as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "enter", "w", "w")
        path = session.folder / CONFIG
        written = path.read_text()
        path.write_text("mine")
        await press(app, pilot, "w")
        assert question(app) == f"{CONFIG} was changed by something else since it was written. Replace it?"
        await press(app, pilot, "n")
        assert path.read_text() == "mine"
        await press(app, pilot, "w")
        path.write_text("mine too")
        await press(app, pilot, "y")
        assert path.read_text() == "mine too", "the yes was to another file"
        await press(app, pilot, "y")
        assert path.read_text() == written
        path.unlink()
        await press(app, pilot, "w")
        assert path.read_text() == written
        assert "check passed" in screen_text(app)


async def test_what_a_check_mends_is_not_written_over_what_the_user_made_of_the_config(
    app: BbwizardApp, session: Session, half: type[FakeHalf], monkeypatch: pytest.MonkeyPatch
) -> None:
    check, path = fake_half.check, session.folder / CONFIG

    def checked(place: str) -> object:
        path.write_text("mine")
        return replace(check(place), unused_parameters=["backbone.fc.weight"])

    monkeypatch.setattr(fake_half, "check", checked)
    async with app.run_test(size=(160, 48)) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "enter", "w")
        shown = step(app)
        assert isinstance(shown, WriteStep)
        result = shown.result.paragraphs
        assert f"{CONFIG} was changed by something else meanwhile" in " ".join(result.content.plain.split())
    assert path.read_text() == "mine"


async def test_what_the_user_made_of_the_script_for_sbatch_is_replaced_only_when_asked(
    app: BbwizardApp, session: Session
) -> None:
    script = (session.folder / CONFIG).with_suffix(".sbatch")
    script.write_text("another's")
    async with app.run_test() as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        session.change(launcher="sbatch")
        await press(app, pilot, "enter", "w")
        assert question(app) == f"{script.name} is there already. Replace it?"
        assert session.written == session.folder / CONFIG
        await press(app, pilot, "n", "w", "y")
        written = script.read_text()
        assert "#SBATCH" in written
        await press(app, pilot, "w")
        script.write_text(written + "#SBATCH --time=1:00\n")
        await press(app, pilot, "w")
        assert question(app) == f"{script.name} was changed by something else since it was written. Replace it?"
        await press(app, pilot, "n")
    assert script.read_text() == written + "#SBATCH --time=1:00\n"


async def test_configs_that_came_between_the_question_and_the_yes_are_asked_about_again(
    app: BbwizardApp, session: Session
) -> None:
    folder = session.folder / "candidates-yolox_s_8x8_300e_coco"
    folder.mkdir()
    (folder / "train_all.sh").write_text("mine")
    async with app.run_test(size=(120, 40)) as pilot:
        await compare(app, pilot, *PAIR)
        await press(app, pilot, "W", "enter")
        assert question(app) == f"{folder.name} already holds train_all.sh. Replace?"
        (folder / "train_array.sbatch").write_text("mine too")
        await press(app, pilot, "y")
        assert "train_array.sbatch" in question(app)
        assert (folder / "train_array.sbatch").read_text() == "mine too"
        await press(app, pilot, "y")
        assert "✓ yolox_s_8x8_300e_coco_shufflenetv2.py" in screen_text(app)


@pytest.mark.parametrize("typed", ["~nobody-of-that-name/x.py", "x" * 300 + ".py"])
async def test_no_path_that_is_typed_ends_the_wizard(app: BbwizardApp, session: Session, typed: str) -> None:
    async with app.run_test() as pilot:
        await settle(app, pilot)
        await press(app, pilot, "f")
        app.screen.query_one(Input).value = typed
        await press(app, pilot, "enter")
        shown = " ".join(screen_text(app).split())
        assert any(said in shown for said in ("is no file", "is no path", "there is no home folder ~nobody"))
        await press(app, pilot, "escape")
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "enter", "t")
        app.screen.query_one(Input).value = typed
        await press(app, pilot, "enter", "w")
        assert app.is_running
        assert session.written is None
