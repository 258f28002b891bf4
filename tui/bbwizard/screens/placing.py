"""The question where mmdet lies on the machine that trains, where the atlas answers in place of its environment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from textual.app import App
from textual.message import Message

from bbwizard import paths
from bbwizard.errors import BbwizardError
from bbwizard.language import N_, _
from bbwizard.screens.type_dialog import TypeDialog
from bbwizard.session import Session

NOTES: Final = (
    N_("the folder with its configs/ and tools/, on that machine: a checkout,"),
    N_("or .../site-packages/mmdet/.mim of the installed package"),
)


class Placed(Message):
    """The base configs lie elsewhere now, or could not be read again."""

    def __init__(self, error: BbwizardError | None) -> None:
        super().__init__()
        self.error = error


def unplaced(session: Session) -> bool:
    """Whether nobody has said yet where mmdet lies."""
    return session.atlas is not None and not session.mmdet_root


def ask(app: App[Any], session: Session, then: Callable[[str], object]) -> None:
    """Let the user say where it lies, and do that `then`."""

    def said(root: str | None) -> None:
        if root:
            then(root)

    dialog = TypeDialog(
        _("Where mmdet lies on the machine that trains"),
        session.mmdet_root,
        "/home/me/mmdetection",
        check=paths.there,
        notes=[_(note) for note in NOTES],
    )
    app.push_screen(dialog, said)


async def place(session: Session, root: str) -> Placed:
    """Have the base configs lie there."""
    try:
        await session.place_mmdet(paths.there(root))
    except BbwizardError as error:
        return Placed(error)
    return Placed(None)
