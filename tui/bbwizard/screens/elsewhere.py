"""Where mmdet lies on the machine that trains, asked for where the atlas answers in place of its environment."""

from __future__ import annotations

from textual import on, work
from textual.message import Message

from bbwizard.errors import BbwizardError, UsageError
from bbwizard.language import N_, _
from bbwizard.screens.own_data import OwnData
from bbwizard.screens.type_dialog import TypeDialog
from bbwizard.widgets.options import Option

OPTION = N_("mmdet at")

NOTES = (
    N_("the folder with its configs/ and tools/, on that machine: a checkout,"),
    N_("or .../site-packages/mmdet/.mim of the installed package"),
)


class Elsewhere(OwnData):
    """A step that writes for another machine where it has to."""

    class Placed(Message):
        """The base configs lie elsewhere now, or could not be read again."""

        def __init__(self, error: BbwizardError | None) -> None:
            super().__init__()
            self.error = error

    write_when_placed = False
    """Whether the user wanted to write before it was known where."""

    @property
    def unplaced(self) -> bool:
        """Whether nobody has said yet where mmdet lies."""
        return self.session.atlas is not None and not self.session.mmdet_root

    def place_options(self) -> list[Option]:
        """The row of the options that says where mmdet lies, where that must be said."""
        if self.session.atlas is None:
            return []
        return [Option(OPTION, self.session.mmdet_root or _("not said"), (), "", free=True)]

    def ask_for_place(self, *, write: bool = False) -> None:
        """Let the user say where mmdet lies; `write`: and write then."""
        self.write_when_placed = write
        dialog = TypeDialog(
            _("Where mmdet lies on the machine that trains"),
            self.session.mmdet_root,
            "/home/me/mmdetection",
            check=check_root,
            notes=[_(note) for note in NOTES],
        )
        self.app.push_screen(dialog, self._said)

    def _said(self, root: str | None) -> None:
        if root:
            self._place(root.rstrip("/"))

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
        self.renew()
        if event.error is not None:
            self.wizard.report(event.error)
        elif self.write_when_placed and self.display:
            self.action_write()

    def action_write(self) -> None:
        """Write the config."""
        raise NotImplementedError


def check_root(text: str) -> None:
    """Refuse what cannot be a folder of another machine."""
    if not text.startswith("/"):
        raise UsageError(_("a whole path is needed"), _("it begins with /"))
