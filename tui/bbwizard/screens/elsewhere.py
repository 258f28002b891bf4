"""Where mmdet lies on the machine that trains, asked for where the atlas answers in place of its environment."""

from __future__ import annotations

from textual import on, work

from bbwizard.language import N_, _
from bbwizard.screens import placing
from bbwizard.screens.own_data import OwnData
from bbwizard.screens.placing import Placed
from bbwizard.widgets.options import Option

OPTION = N_("mmdet at")


class Elsewhere(OwnData):
    """A step that writes for another machine where it has to."""

    write_when_placed = False
    """Whether the user wanted to write before it was known where."""

    @property
    def unplaced(self) -> bool:
        """Whether nobody has said yet where mmdet lies."""
        return placing.unplaced(self.session)

    def place_options(self) -> list[Option]:
        """The row of the options that says where mmdet lies, where that must be said."""
        if self.session.atlas is None:
            return []
        return [Option(OPTION, self.session.mmdet_root or _("not said"), (), "", free=True)]

    def ask_for_place(self, *, write: bool = False) -> None:
        """Let the user say where mmdet lies; `write`: and write then."""
        self.write_when_placed = write
        placing.ask(self.app, self.session, self._place)

    @work(group="place", exclusive=True, exit_on_error=False, description="put the base configs in their place")
    async def _place(self, root: str) -> None:
        self.post_message(await placing.place(self.session, root))

    @on(Placed)
    def _placed(self, event: Placed) -> None:
        event.stop()
        self.renew()
        if event.error is not None:
            self.wizard.report(event.error)
        elif self.write_when_placed and self.display:
            self.action_write()

    def action_write(self) -> None:
        """Write the config."""
        raise NotImplementedError
