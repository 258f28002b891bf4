"""The user's own keys in the wizard, and the bar of keys on every screen and dialog."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from bbwizard import keymap
from bbwizard.app import BbwizardApp
from bbwizard.keymap import Keymap
from bbwizard.recipe import Recipe
from bbwizard.screens.help import HelpDialog
from bbwizard.session import Session
from bbwizard.widgets.key_bar import KeyBar, ranked, working

from . import fake_half
from .driving import choose, press, screen_text, settle, to_stages
from .test_drafts import cut_off


def own(session: Session, keys: Mapping[str, str]) -> BbwizardApp:
    return BbwizardApp(lambda: session, keymap=Keymap(keys))


async def test_the_users_key_does_it_and_is_what_is_shown(session: Session) -> None:
    app = own(session, {"wizard.undo": "z,f9", "wizard.back": "b", "list.choose": "greater_than_sign"})
    async with app.run_test(size=(160, 48)) as pilot:
        await settle(app, pilot)
        await press(app, pilot, "G", "greater_than_sign", "greater_than_sign", "1", "u")
        assert session.recipe.stages is not None, "the registry's key does nothing"
        assert "z undo" in screen_text(app)
        await press(app, pilot, "z")
        assert session.recipe.stages is None
        await press(app, pilot, "question_mark")
        assert "z f9" in screen_text(app)
        await press(app, pilot, "escape")
        assert app.wizard_screen.at == 4, "a dialog is closed by its own key"
        await press(app, pilot, "b")
        assert app.wizard_screen.at == 3


async def test_what_is_wrong_with_the_keys_is_said_and_the_rest_counts(session: Session) -> None:
    faults = ("wizard.undoo: there is no such action [/x]",)
    app = BbwizardApp(lambda: session, keymap=Keymap({"wizard.log": "f9"}, faults))
    async with app.run_test() as pilot:
        await settle(app, pilot)
        text = " ".join(screen_text(app).split())
        assert "wizard.undoo: there is no such action [/x]" in text
        assert "bbwizard keys prints" in text
        await press(app, pilot, "escape", "f9")
        assert "nothing was said yet" in screen_text(app)


def test_the_file_is_read_where_settings_are(session: Session) -> None:
    keymap.file().parent.mkdir(parents=True)
    keymap.file().write_text('wizard.undo = "z"\n', "utf-8")
    assert keymap.read() == Keymap({"wizard.undo": "z"})


STEPS: Sequence[tuple[str, ...]] = (
    ("f1",),
    ("f2",),
    ("f2", "slash"),
    ("f3",),
    ("f3", "slash"),
    ("f4",),
    ("f4", "tab"),
    ("f4", "enter"),
    ("f4", "enter", "tab"),
    ("f4", "enter", "f"),
)
"""Keys to each screen, from the fourth step."""
DIALOGS: Sequence[tuple[str, ...]] = (
    ("question_mark",),
    ("L",),
    ("p",),
    ("R",),
    ("s",),
    ("i",),
    ("q",),
    ("f3", "v"),
    ("f3", "v", "question_mark"),
    ("f3", "v", "E"),
    ("f3", "v", "W"),
)


@pytest.mark.parametrize("size", [(60, 16), (80, 24)])
async def test_no_bar_is_wider_than_its_screen_and_help_is_everywhere(
    app: BbwizardApp, session: Session, size: tuple[int, int]
) -> None:
    async with app.run_test(size=size) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        session.decide(marked=("timm/mobilenetv2_100", "mmcls/ShuffleNetV2"))
        cut_off(recipe=Recipe(base="yolox", backbone="timm/x"))
        for pressed in (*STEPS, *DIALOGS):
            await press(app, pilot, *pressed)
            bar = app.screen.query_one(KeyBar)
            shown = bar.fitting(bar.size.width)
            assert shown, pressed
            assert sum(len(key) + len(label) + 3 for key, label in shown) <= bar.size.width <= size[0], pressed
            assert all(len(line) <= size[0] for line in screen_text(app).splitlines()), pressed
            if "question_mark" in {key for held in working(app.screen).values() for key in held}:
                every = {key.tooltip for key, _ in ranked(app.screen)}
                below = isinstance(app.screen, HelpDialog)
                await press(app, pilot, "question_mark")
                if not below:
                    assert isinstance(app.screen, HelpDialog), pressed
                    assert all(tooltip in app.screen.copied for tooltip in every), pressed
            while len(app.screen_stack) > 1:
                app.pop_screen()
            await press(app, pilot, "f4")


async def test_palette_opens_from_a_colon_but_not_in_the_filter(app: BbwizardApp) -> None:
    async with app.run_test() as pilot:
        await settle(app, pilot)
        await press(app, pilot, "slash", "colon")
        assert len(app.screen_stack) == 1
        await press(app, pilot, "escape", "escape", "colon")
        assert "own file" in screen_text(app)


async def test_names_wirings_and_tables_are_copied(app: BbwizardApp, session: Session) -> None:
    async with app.run_test(notifications=True) as pilot:
        await settle(app, pilot)
        await press(app, pilot, "y")
        assert app.clipboard == fake_half.REFUSED
        await choose(app, pilot, "yolox")
        await choose(app, pilot, "mobilenetv2")
        await press(app, pilot, "y")
        assert "wires to YOLOX" in app.clipboard
        session.decide(marked=("timm/mobilenetv2_100", "mmcls/ShuffleNetV2"))
        await press(app, pilot, "f3", "v", "y")
        assert app.clipboard.startswith("| backbone")
