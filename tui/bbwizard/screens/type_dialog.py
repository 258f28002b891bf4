"""A dialog in which one line is typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from bbwizard import keys
from bbwizard.errors import BbwizardError
from bbwizard.ordered_keys import LineInput
from bbwizard.widgets.key_bar import KeyBar
from bbwizard.widgets.text import said


class TypeDialog(ModalScreen[str | None]):
    """Answers with the typed line, or None where it was left as it was."""

    BINDINGS = keys.bindings("entry")

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
            dialog.border_title = self.heading
            yield LineInput(self.value, placeholder=self.placeholder)
            for note in self.notes:
                yield Static(said(note), classes="note")
            yield Static("", markup=False, id="wrong")
        yield KeyBar()

    @on(Input.Changed)
    def _changed(self) -> None:
        self.query_one("#wrong", Static).update("")

    def action_take(self) -> None:
        value = self.query_one(Input).value.strip()
        try:
            if self.check is not None:
                self.check(value)
        except BbwizardError as error:
            words = f"{error.text}: {error.hint}" if error.hint else error.text
            self.query_one("#wrong", Static).update(said(f"✗ {words}", "$error"))
        else:
            self.dismiss(value)

    def action_cancel(self) -> None:
        self.dismiss(None)
