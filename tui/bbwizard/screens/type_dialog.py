"""A dialog in which one line is typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from bbwizard.errors import BbwizardError
from bbwizard.inert import line
from bbwizard.language import _, told
from bbwizard.ordered_keys import LineInput, Typed
from bbwizard.screens.dialog import Dialog
from bbwizard.widgets.bound import bindings
from bbwizard.widgets.key_bar import KeyBar
from bbwizard.widgets.text import said


class TypeDialog(Typed[str | None], Dialog[str | None]):
    """Answers with the typed line, or None where it was left as it was."""

    BINDINGS = bindings("entry")

    def __init__(
        self,
        title: str,
        value: str = "",
        placeholder: str = "",
        *,
        check: Callable[[str], object] | None = None,
        notes: Sequence[str] = (),
    ) -> None:
        """`check` raises a BbwizardError for a line that cannot be taken; `notes` stand below it."""
        super().__init__()
        self.heading = title
        self.value = value
        self.placeholder = placeholder
        self.check = check
        self.notes = notes

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog panel") as dialog:
            dialog.border_title = said(self.heading)
            yield LineInput(self.value, placeholder=self.placeholder)
            for note in self.notes:
                yield Static(said(note), classes="note")
            yield Static("", markup=False, id="wrong")
        yield KeyBar()

    @on(Input.Changed)
    def _changed(self) -> None:
        self.query_one("#wrong", Static).update("")

    def action_take(self) -> None:
        shown = self.query_one(Input).value
        # What cannot be shown as it is cannot be typed either, and stays as long as nothing is changed around it.
        value = self.value if shown == line(self.value) else shown.strip()
        try:
            if self.check is not None:
                self.check(value)
        except BbwizardError as error:
            words = told(error.text)
            if error.hint:
                words = _("{text}: {hint}").format(text=words, hint=told(error.hint))
            self.query_one("#wrong", Static).update(said(f"✗ {words}", "$error"))
        else:
            self.dismiss(value)

    def action_cancel(self) -> None:
        self.dismiss(None)
