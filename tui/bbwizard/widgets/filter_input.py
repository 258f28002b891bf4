"""The line in which a filter is typed; the list beside it can still be walked."""

from __future__ import annotations

from typing import Any

from textual.message import Message
from textual.suggester import Suggester

from bbwizard.conditions import completions
from bbwizard.ordered_keys import LineInput
from bbwizard.widgets.bound import bindings
from bbwizard.widgets.row_list import RowList


class Conditions(Suggester):
    """Offers the rest of a condition's name behind what is typed; right takes it."""

    def __init__(self) -> None:
        super().__init__(case_sensitive=True)  # the typed text would else be given, and taken, in lower case

    async def get_suggestion(self, value: str) -> str | None:
        return next(iter(completions(value)), None)


class FilterInput(LineInput):
    """An input that hands the keys it has no use for to its list."""

    BINDINGS = bindings("filter")

    def __init__(self, rows: RowList[Any], *, placeholder: str) -> None:
        super().__init__(placeholder=placeholder, select_on_focus=False)
        self.suggester = Conditions()
        self.rows = rows

    class ForList(Message):
        """A key for the list: a message, so that it comes behind the last change of the filter."""

        def __init__(self, name: str, parameters: tuple[int, ...]) -> None:
            super().__init__()
            self.name = name
            self.parameters = parameters

    def action_list(self, name: str, *parameters: int) -> None:
        self.post_message(self.ForList(name, parameters))

    def action_leave(self) -> None:
        if self.value:
            self.value = ""
        else:
            self.screen.set_focus(self.rows)

    def action_tab(self) -> None:
        self.screen.set_focus(self.rows)
