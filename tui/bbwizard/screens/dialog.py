"""What every dialog is: over the step, with the keys that work there at its foot."""

from __future__ import annotations

from typing import TypeVar, cast

from textual.screen import ModalScreen

from bbwizard.screens.step import Wizard
from bbwizard.widgets.bound import bindings
from bbwizard.widgets.key_bar import working

Answer = TypeVar("Answer")


class Dialog(ModalScreen[Answer]):
    """Answers with something when it is closed."""

    BINDINGS = bindings("over")

    @property
    def wizard(self) -> Wizard:
        """The app, as the screens know it."""
        return cast(Wizard, self.app)

    def action_help(self) -> None:
        from bbwizard.screens.help import HelpDialog

        self.app.push_screen(HelpDialog(working(self)))
