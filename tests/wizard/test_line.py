"""A line takes keys in the order in which they were typed, however fast they come."""

from __future__ import annotations

import pytest
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from bbwizard.ordered_keys import LineInput, OrderedKeys


class Typing(OrderedKeys[None]):
    def compose(self) -> ComposeResult:
        with Horizontal(), Vertical():
            yield LineInput("yolox", placeholder="", select_on_focus=False)


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
        for key in keys:
            pilot.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await pilot.pause()
        assert pilot.app.query_one(LineInput).value == line
