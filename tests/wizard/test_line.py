"""A line takes keys in the order in which they were typed, however fast they come."""

from __future__ import annotations

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical

from bbwizard.app import BbwizardApp
from bbwizard.ordered_keys import LineInput, OrderedKeys
from bbwizard.screens.type_dialog import TypeDialog
from bbwizard.session import Session

from .comparing import to_backbones
from .driving import press, screen_text, settle, step


class Typing(OrderedKeys[None]):
    def compose(self) -> ComposeResult:
        with Horizontal(), Vertical():
            yield LineInput("yolox", placeholder="", select_on_focus=False)


def at_once(app: App[object], *keys: str) -> None:
    """Type all of these before the first can have had its effect."""
    for key in keys:
        app.post_message(events.Key(key, key if len(key) == 1 else None))


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (["backspace"] * 7 + list("swin"), "swin"),
        (["ctrl+u", *"swin", "home", *"a "], "a swin"),
        (["left", "left", "delete", *"OX"], "yolOXx"),
    ],
)
async def test_letters_do_not_overtake_the_keys_that_edit(keys: list[str], line: str) -> None:
    async with Typing().run_test() as pilot:
        at_once(pilot.app, *keys)
        await pilot.pause()
        assert pilot.app.query_one(LineInput).value == line


async def test_nothing_that_is_typed_into_a_dialog_is_overtaken_by_the_key_that_takes_it(
    app: BbwizardApp, session: Session
) -> None:
    async with app.run_test() as pilot:
        await settle(app, pilot)
        taken: list[str | None] = []
        app.push_screen(TypeDialog("A name", "", check=lambda text: None), taken.append)
        at_once(app, *"from the first letter on 0123456789 ", "backspace", *"x", "enter")
        await settle(app, pilot)
        app.push_screen(TypeDialog("A name", "before"), taken.append)
        app.post_message(events.Paste("/a/path.py\r"))
        at_once(app, *"x", "enter")
        await settle(app, pilot)
        app.push_screen(TypeDialog("A name", "before"), taken.append)
        at_once(app, *"gone", "escape")
        await settle(app, pilot)
        assert taken == ["from the first letter on 0123456789x", "/a/path.pyx", None]


async def test_the_key_that_opens_a_dialog_is_followed_by_what_is_meant_for_it(
    app: BbwizardApp, session: Session
) -> None:
    async with app.run_test() as pilot:
        await to_backbones(app, pilot)
        at_once(app, "i", *"320x480", "enter")
        await settle(app, pilot)
        assert session.recipe.input == (320, 480)


async def test_of_a_paste_the_first_line_counts_and_its_end_is_no_sign(app: BbwizardApp) -> None:
    async with app.run_test() as pilot:
        await settle(app, pilot)
        await press(app, pilot, "f2", "slash")
        app.post_message(events.Paste("yolox_s\r8x8"))
        await settle(app, pilot)
        assert step(app).query_one(LineInput).value == "yolox_s"
        assert "yolox_s_8x8_300e_coco" in screen_text(app)
