"""The line in which a filter is typed; the list beside it can still be walked."""

from __future__ import annotations

from typing import Any

from textual.widgets import Input

from bbwizard import keys
from bbwizard.widgets.row_list import RowList


class FilterInput(Input):
    """An input that hands the keys it has no use for to its list."""

    BINDINGS = keys.bindings("filter")

    def __init__(self, rows: RowList[Any], *, placeholder: str, id: str | None = None) -> None:
        super().__init__(placeholder=placeholder, compact=True, select_on_focus=False, id=id)
        self.cursor_blink = False
        self.rows = rows

    def action_list(self, name: str, *parameters: int) -> None:
        getattr(self.rows, f"action_{name}")(*parameters)

    def action_leave(self) -> None:
        if self.value:
            self.value = ""
        else:
            self.rows.focus()

    def action_tab(self) -> None:
        self.rows.focus()
