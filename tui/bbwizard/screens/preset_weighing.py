"""What a saved recipe says otherwise: than another, than the recipe that stands, than the libraries here."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on, work
from textual.content import Content
from textual.message import Message

from bbwizard import differing, keys, preset_book, presets
from bbwizard.errors import BbwizardError
from bbwizard.language import _, told
from bbwizard.preset_book import Page
from bbwizard.screens.dialog import Dialog
from bbwizard.screens.dialogs import TextDialog
from bbwizard.widgets.phrases import caution
from bbwizard.widgets.row_list import RowList
from bbwizard.widgets.text import said, stack


class Weighed(Dialog[Page | None]):
    """A list of presets, of which one can be held against another."""

    rows: RowList[Page]
    marked: Page | None = None

    class Compared(Message):
        """What a preset says otherwise than the libraries here, or why that is not known."""

        def __init__(self, page: Page, changes: Sequence[str], error: BbwizardError | None = None) -> None:
            super().__init__()
            self.page = page
            self.changes = changes
            self.error = error

    def sign(self, page: Page) -> str:
        """What stands before a preset in the list."""
        return "✗" if page.error else "▸" if page == self.marked else " "

    def action_copy(self) -> None:
        if (page := self.rows.row) is not None:
            self.wizard.copy(page.name, _("name"))

    def action_mark(self) -> None:
        self.marked = None if self.rows.row == self.marked else self.rows.row
        self.rows.refresh()

    def action_against(self) -> None:
        page, session = self.rows.row, self.wizard.session
        if page is None:
            return
        try:
            if self.marked is not None:
                name, first = self.marked.name, preset_book.read(self.marked.path)
            elif session.environment is not None and session.recipe.base and session.recipe.backbone:
                name = _("the recipe that stands")
                first = presets.parse(session.preset_text(), name)
            else:
                words = _("{key} marks another one first").format(key=keys.key_for("presets.mark"))
                self.app.notify(words, severity="warning", markup=False)
                return
            found = differing.differences(first, preset_book.read(page.path))
        except BbwizardError as error:
            self.wizard.report(error)
            return
        lines = [said(told(difference.text)) for difference in found] or [said(_("they say the same"))]
        title = _("{first} → {second}").format(first=name, second=page.name)
        self.app.push_screen(TextDialog(title, stack(*lines)))

    def action_changes(self) -> None:
        page = self.rows.row
        if page is None:
            return
        if self.wizard.session.environment is None:
            self.app.notify(_("choose a training environment first"), severity="warning", markup=False)
            return
        self.app.notify(_("probing it here…"), markup=False)
        self._ask_changes(page)

    @work(group="changes", exclusive=True, exit_on_error=False, description="ask what changed since a preset was saved")
    async def _ask_changes(self, page: Page) -> None:
        try:
            changes = await self.wizard.session.changes(preset_book.read(page.path))
        except BbwizardError as error:
            self.post_message(self.Compared(page, (), error))
        else:
            self.post_message(self.Compared(page, changes))

    @on(Compared)
    def _compared(self, event: Compared) -> None:
        event.stop()
        if event.error is not None:
            self.wizard.report(event.error)
            return
        lines: list[Content] = [caution(text) for text in event.changes] or [said(_("nothing changed since then"))]
        title = _("{name}: what changed since it was saved").format(name=event.page.name)
        self.app.push_screen(TextDialog(title, stack(*lines)))
