"""Where mmdet lies on the machine that trains, asked for where the atlas answers in place of its environment."""

from __future__ import annotations

from bbwizard.errors import BbwizardError
from bbwizard.language import N_, _
from bbwizard.screens.own_data import OwnData
from bbwizard.screens.placing import Placing
from bbwizard.widgets.options import Option

OPTION = N_("mmdet at")


class Elsewhere(OwnData, Placing):
    """A step that writes for another machine where it has to."""

    write_when_placed = False
    """Whether the user wanted to write before it was known where."""

    def place_options(self) -> list[Option]:
        """The row of the options that says where mmdet lies, where that must be said."""
        if self.session.atlas is None:
            return []
        return [Option(OPTION, self.session.mmdet_root or _("not said"), (), "", free=True)]

    def ask_for_place(self, *, write: bool = False) -> None:
        """Let the user say where mmdet lies; `write`: and write then."""
        self.write_when_placed = write
        self.ask_where()

    def placed(self, error: BbwizardError | None) -> None:
        self.renew()
        if error is None and self.write_when_placed and self.display:
            self.action_write()

    def action_write(self) -> None:
        """Write the config."""
        raise NotImplementedError
