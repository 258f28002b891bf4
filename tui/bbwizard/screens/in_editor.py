"""The user's own editor in place of the wizard, for as long as it runs."""

from __future__ import annotations

from typing import Any

from textual.app import App, SuspendNotSupported

from bbwizard import editor
from bbwizard.errors import BbwizardError, EditorFailed
from bbwizard.language import _


def edited(app: App[Any], text: str, name: str) -> str:
    """A text as the user leaves it in their editor, as a file of this name.

    Raises:
        EditorFailed: there is no editor, no terminal for it, or it says that nothing is to be taken.
    """
    words, failure, found = editor.command(), None, text
    try:
        with app.suspend():
            try:
                found = editor.edited(words, text, name)
            except BbwizardError as error:
                failure = error  # raised in here it would leave the terminal as the editor did
    except SuspendNotSupported as error:
        raise EditorFailed(_("the editor has no terminal here"), _("copy the text instead")) from error
    if failure is not None:
        raise failure
    return found
