"""Presets from the wizard, the one registry of keys, and what every screen has."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events

from bbwizard import keys, paths
from bbwizard.app import BbwizardApp
from bbwizard.screens.presets import PresetsDialog
from bbwizard.session import Session
from bbwizard.widgets.detail import Paragraphs
from bbwizard.widgets.filter_input import FilterInput
from bbwizard.widgets.key_bar import KeyBar, ranked
from bbwizard.widgets.text import fit, line, plain

from . import fake_half
from .driving import press, screen_text, settle, to_stages, write


async def test_a_recipe_is_saved_renamed_opened_and_deleted(app: BbwizardApp, session: Session) -> None:
    async with app.run_test(size=(160, 48)) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "s", "ctrl+u")
        await write(app, pilot, "mine")
        await press(app, pilot, "enter")
        assert (paths.presets() / "mine.yaml").is_file()
        saved = session.plan()
        await press(app, pilot, "1", "p", "r", "ctrl+u")
        await write(app, pilot, "my own")
        await press(app, pilot, "enter")
        assert [path.name for path in paths.presets().iterdir()] == ["my own.yaml"]
        await press(app, pilot, "enter")
        assert saved is not None
        assert session.recipe.stages == saved.stages == (2, 3, 4)
        await press(app, pilot, "p", "d", "n", "d", "y")
        assert list(paths.presets().iterdir()) == []
        await press(app, pilot, "escape", "q")
    assert app.return_value is not None, "an opened preset is no unsaved work"


async def test_a_renamed_preset_stays_in_sight_whatever_the_filter(app: BbwizardApp) -> None:
    paths.presets().mkdir(parents=True)
    for name in ("a first", "other", "zebra"):
        (paths.presets() / f"{name}.yaml").write_text(f"bbwizard: 1\nbase: {fake_half.YOLOV3}\nbackbone: timm/x\n")
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(app, pilot)
        await press(app, pilot, "p", "slash")
        await write(app, pilot, "other")
        await press(app, pilot, "tab", "r", "ctrl+u")
        await write(app, pilot, "my other")
        await press(app, pilot, "enter")
        dialog = app.screen
        assert isinstance(dialog, PresetsDialog)
        assert (dialog.filter.value, len(dialog.rows.rows)) == ("other", 1)
        for name in ("young", "b"):
            await press(app, pilot, "r", "ctrl+u")
            await write(app, pilot, name)
            await press(app, pilot, "enter")
            assert dialog.rows.row is not None
            assert (dialog.filter.value, dialog.rows.row.name) == ("", name)
        await press(app, pilot, "slash")
        await write(app, pilot, "nothing like it")
        assert "nothing matches; escape clears the filter" in screen_text(app).replace("esc ", "escape ")


async def test_a_preset_whose_stages_moved_says_so(session: Session) -> None:
    file = session.folder / "old.yaml"
    file.write_text(
        f"bbwizard: 1\nbase: {fake_half.YOLOV3}\nbackbone: mmcls/SwinTransformer/tiny\n"
        "stages: [{index: 0, channels: 192, stride: 8}, {index: 1, channels: 384, stride: 16},"
        " {index: 2, channels: 768, stride: 32}]\n"
    )
    app = BbwizardApp(lambda: session, preset=str(file))
    async with app.run_test(size=(160, 48)) as pilot:
        await settle(app, pilot)
        assert "stage 0 was 192 channels at stride 8" in screen_text(app)
        assert session.recipe.stages == (1, 2, 3)
        await press(app, pilot, "escape")
        assert app.wizard_screen.at == 4
        await press(app, pilot, "enter", "w")
        assert "check passed" in screen_text(app)


async def test_a_preset_is_held_against_another_and_against_what_is_here(app: BbwizardApp, session: Session) -> None:
    paths.presets().mkdir(parents=True)
    text = (
        f"bbwizard: 1\nbase: {fake_half.YOLOV3}\nbackbone: mmcls/SwinTransformer/tiny\nmade_with: {{mmcls: 0.23.2}}\n"
    )
    moved = "stages: [{index: 0, channels: 192, stride: 8}]\n"
    (paths.presets() / "a one.yaml").write_text(text + "gpus: 2\n")
    (paths.presets() / "a two.yaml").write_text(text + moved + "gpus: 4\n")
    async with app.run_test(size=(160, 48)) as pilot:
        await settle(app, pilot)
        await press(app, pilot, "p", "space", "j", "v")
        assert "GPUs: 2 → 4" in screen_text(app)
        await press(app, pilot, "escape", "c")
        said = screen_text(app)
        assert "stage 0 was 192 channels at stride 8" in said
        assert "mmcls was 0.23.2, is 0.25.0 here" in said
        assert session.recipe.backbone == "", "what is looked at is not taken"
        await press(app, pilot, "escape", "k", "v")
        assert "they say the same" in screen_text(app)


async def test_what_comes_right_behind_the_key_of_the_presets_filter_is_typed_into_it(app: BbwizardApp) -> None:
    async with app.run_test(size=(160, 48)) as pilot:
        await settle(app, pilot)
        await press(app, pilot, "p")
        for letter in ("slash", *"swind"):
            app.post_message(events.Key(letter, "/" if letter == "slash" else letter))
        await settle(app, pilot)
        assert app.screen.query_one(FilterInput).value == "swind"


async def test_a_preset_that_cannot_be_read_is_named_with_its_line(app: BbwizardApp) -> None:
    paths.presets().mkdir(parents=True)
    (paths.presets() / "a bad one.yaml").write_text("bbwizard: 1\nbase: x\nbackbone: y\ncolour: red\n")
    async with app.run_test(size=(160, 48)) as pilot:
        await settle(app, pilot)
        await press(app, pilot, "p", "enter")
        assert "line 4" in screen_text(app)
        await press(app, pilot, "escape", "escape")
        assert app.wizard_screen.at == 2


def test_every_key_has_an_id_a_label_and_a_tooltip() -> None:
    ids = [key.id for group in keys.GROUPS.values() for key in group.keys]
    assert len(ids) == len(set(ids))
    for key in keys.BY_ID.values():
        assert key.label
        assert key.tooltip[0].isupper()


def test_no_key_is_one_that_ssh_or_tmux_swallows() -> None:
    pressed = {one for key in keys.BY_ID.values() for one in key.keys.split(",")}
    assert not pressed & {"ctrl+h", "ctrl+i", "ctrl+m", "ctrl+left_square_bracket", "ctrl+j", "ctrl+a", "ctrl+s"}


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (160, 48)])
async def test_help_names_every_key_and_the_bar_never_overflows(app: BbwizardApp, size: tuple[int, int]) -> None:
    async with app.run_test(size=size) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        bar = app.screen.query_one(KeyBar)
        assert bar.max_scroll_x == 0
        shown = bar.fitting(bar.size.width)
        assert sum(len(pressed) + len(label) + 3 for pressed, label in shown) <= size[0]
        assert ("?", "keys") in shown
        every = {key.tooltip for key, _ in ranked(app.screen)}
        await press(app, pilot, "question_mark")
        text = app.screen.query_one(Paragraphs).content.plain
        assert all(tooltip in text for tooltip in every)
        assert "Take or leave the highlighted stage" in text
        assert "1 to 9" in text


async def test_every_step_has_a_way_through_the_palette(app: BbwizardApp) -> None:
    async with app.run_test() as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        titles = {command.title for command in app.get_system_commands(app.screen)}
        assert {f"go to: {name}" for name in keys.STEPS} <= titles
        assert {"presets", "save", "toggle", "default wiring", "override"} <= titles


async def test_a_terminal_that_is_too_small_says_what_is_needed_and_recovers(app: BbwizardApp) -> None:
    async with app.run_test(size=(50, 12), notifications=True) as pilot:
        await settle(app, pilot)
        assert "bbwizard needs 60x16, this is 50x12" in screen_text(app)
        await pilot.resize_terminal(20, 4)
        await press(app, pilot, "u")
        assert "this is 20x4" in screen_text(app)
        assert "take back" not in screen_text(app)
        await pilot.resize_terminal(80, 24)
        await settle(app, pilot)
        assert "Base configs" in screen_text(app)
        assert "needs 60x16" not in screen_text(app)


@pytest.mark.parametrize("dialog", [False, True], ids=["alone", "under a dialog"])
async def test_keys_go_where_they_went_before_the_terminal_was_too_small(app: BbwizardApp, dialog: bool) -> None:
    async with app.run_test() as pilot:
        await to_stages(app, pilot, "yolov3", "swin")
        for number in ("f2", "f3", "f4", "f5"):
            await press(app, pilot, number)
            focused = app.focused
            if dialog:
                await press(app, pilot, "question_mark")
            for size in ((20, 5), (80, 24)):
                await pilot.resize_terminal(*size)
                await settle(app, pilot)
            if dialog:
                await press(app, pilot, "escape")
            assert app.focused is focused is not None, number


async def test_the_log_is_shown_as_it_is(app: BbwizardApp, session: Session) -> None:
    async with app.run_test() as pilot:
        await settle(app, pilot)
        session.log.parent.mkdir(parents=True, exist_ok=True)
        session.log.write_text("UserWarning: [/x] is \x1b[31mred\x1b[0m\n")
        await press(app, pilot, "L")
        assert "UserWarning: [/x] is �[31mred�[0m" in screen_text(app)
        await press(app, pilot, "escape")


async def test_sixteen_colours_take_the_terminals_own(
    session: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TERM", "screen")
    monkeypatch.delenv("COLORTERM", raising=False)
    monkeypatch.delenv("TEXTUAL_COLOR_SYSTEM", raising=False)
    app = BbwizardApp(lambda: session)
    assert app.theme == "ansi-dark"
    async with app.run_test() as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        assert "wires to YOLOX" in screen_text(app)


def test_text_for_cells_is_cut_in_the_middle_and_harmless() -> None:
    assert fit("abcdefghij", 7) == "abc…hij"
    assert fit("ab", 4) == "ab  "
    assert fit("ab", 4, right=True) == "  ab"
    assert fit("鐵鐵鐵鐵", 5) == "鐵…鐵"
    assert plain("a\x1b[31mb\r\nc\x9b\u202e") == "a�[31mb\nc��"
    assert line("a\nb") == "a b"


async def test_a_report_has_what_an_issue_needs_and_is_copied(
    app: BbwizardApp, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/envs")
    copied: list[str] = []
    monkeypatch.setattr(app, "copy", lambda text, what: copied.append(text))
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(app, pilot)
        session.log.parent.mkdir(parents=True, exist_ok=True)
        session.log.write_text("File '/envs/train/x/secret.py'\n")
        await press(app, pilot, "D")
        assert "For an issue" in screen_text(app)
        await press(app, pilot, "y")
    [text] = copied
    assert "mmdet" in text and "textual" in text
    assert "secret.py" in text
    assert "/envs" not in text
