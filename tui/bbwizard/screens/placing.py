"""The question where mmdet lies on the machine that trains, where the atlas answers in place of its environment."""

from __future__ import annotations

from typing import Final

from textual import on, work
from textual.dom import DOMNode
from textual.message import Message

from bbwizard import paths
from bbwizard.errors import BbwizardError
from bbwizard.language import N_, _
from bbwizard.screens.step import Wizard
from bbwizard.screens.type_dialog import TypeDialog
from bbwizard.session import Session

NOTES: Final = (
    N_("the folder with its configs/ and tools/, on that machine: a checkout,"),
    N_("or .../site-packages/mmdet/.mim of the installed package"),
)


class Placing(DOMNode):
    """Has the user say where mmdet lies."""

    class Placed(Message):
        """The base configs lie elsewhere now, or could not be read again."""

        def __init__(self, error: BbwizardError | None) -> None:
            super().__init__()
            self.error = error

    # What a place that writes configs says of itself

    @property
    def wizard(self) -> Wizard:
        """The app, as the screens know it."""
        raise NotImplementedError

    @property
    def session(self) -> Session:
        """The sitting."""
        raise NotImplementedError

    def placed(self, error: BbwizardError | None) -> None:
        """It is known now, or an error, which was shown, says why not."""
        raise NotImplementedError

    # Asking

    @property
    def unplaced(self) -> bool:
        """Whether nobody has said yet where mmdet lies."""
        return self.session.atlas is not None and not self.session.mmdet_root

    def ask_where(self) -> None:
        """Let the user say where it lies."""
        dialog = TypeDialog(
            _("Where mmdet lies on the machine that trains"),
            self.session.mmdet_root,
            "/home/me/mmdetection",
            check=paths.there,
            notes=[_(note) for note in NOTES],
        )
        self.app.push_screen(dialog, self._said)

    def _said(self, root: str | None) -> None:
        if root:
            self._place(paths.there(root))

    @work(group="place", exclusive=True, exit_on_error=False, description="put the base configs in their place")
    async def _place(self, root: str) -> None:
        try:
            await self.session.place_mmdet(root)
        except BbwizardError as error:
            self.post_message(self.Placed(error))
        else:
            self.post_message(self.Placed(None))

    @on(Placed)
    def _placed(self, event: Placed) -> None:
        event.stop()
        if event.error is not None:
            self.wizard.report(event.error)
        self.placed(event.error)
