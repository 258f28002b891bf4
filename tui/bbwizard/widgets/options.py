"""A few settings in a list, turned with left and right."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from bbwizard.language import _
from bbwizard.widgets.bound import bindings
from bbwizard.widgets.row_list import Column, RowList


@dataclass(frozen=True)
class Option:
    """One setting: its `value` among `choices`, and a word on what it means."""

    name: str
    value: str
    choices: tuple[str, ...]
    note: str = ""
    free: bool = False
    """Whether values other than the choices may be typed."""


class Options(RowList[Option]):
    """Settings and their values."""

    BINDINGS = bindings("options")

    class Turned(Message):
        """A setting has another value."""

        def __init__(self, name: str, value: str) -> None:
            super().__init__()
            self.name = name
            self.value = value

    class Typing(Message):
        """The user wants to type a setting's value."""

        def __init__(self, option: Option) -> None:
            super().__init__()
            self.option = option

    def __init__(self, *, classes: str = "") -> None:
        columns = [
            Column[Option](_("option"), lambda option: _(option.name), 9),
            Column[Option](_("value"), self._value),
        ]
        super().__init__(columns, identity=lambda option: option.name, classes=classes)

    @staticmethod
    def _value(option: Option) -> str:
        turned = f"◂ {option.value} ▸" if option.choices else option.value
        return f"{turned} {option.note}" if option.note else turned

    def action_turn(self, by: int) -> None:
        option = self.row
        if option is None:
            return
        if not option.choices:
            self.post_message(self.Typing(option))
            return
        at = option.choices.index(option.value) if option.value in option.choices else 0
        self.post_message(self.Turned(option.name, option.choices[(at + by) % len(option.choices)]))

    def action_type(self) -> None:
        if (option := self.row) is not None and option.free:
            self.post_message(self.Typing(option))
        else:
            self.action_turn(1)
