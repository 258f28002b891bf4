"""The saved recipes: open, rename, delete."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen

from bbwizard import keys, preset_book
from bbwizard.errors import BbwizardError
from bbwizard.preset_book import Page
from bbwizard.screens.dialogs import AskDialog, error_dialog
from bbwizard.screens.type_dialog import TypeDialog
from bbwizard.widgets.key_bar import KeyBar
from bbwizard.widgets.row_list import Column, RowList


class PresetsDialog(ModalScreen[Page | None]):
    """Answers with the preset to open, or None."""

    BINDINGS = [*keys.bindings("presets"), *keys.bindings("dialog")[:1]]

    def __init__(self) -> None:
        super().__init__()
        columns = [
            Column[Page]("", lambda page: "✗" if page.error else " ", 1),
            Column[Page]("preset", lambda page: page.name, 26),
            Column[Page]("from", lambda page: page.origin, 7, needs=50, tone=lambda page: "quiet"),
            Column[Page]("base + backbone", lambda page: page.error or page.summary, tone=lambda page: "quiet"),
        ]
        self.rows = RowList[Page](
            columns,
            tone=lambda page: "dim" if page.error else "",
            identity=lambda page: page.path,
            empty="no preset yet: s saves the recipe that stands",
        )

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog tall panel") as panel:
            panel.border_title = "Presets"
            yield self.rows
        yield KeyBar()

    def on_mount(self) -> None:
        self.rows.focus()
        self.renew()

    def renew(self) -> None:
        """Read the folders anew."""
        self.rows.set_rows(preset_book.pages())

    @on(RowList.Chosen)
    def _chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        page: Page = event.row
        if page.error:
            self.app.push_screen(error_dialog(page.error, f"mend or delete {page.path}"))
        else:
            self.dismiss(page)

    def action_rename(self) -> None:
        page = self.rows.row
        if page is not None and self._own(page):
            self.app.push_screen(
                TypeDialog("Rename", page.name, "name", check=preset_book.place), lambda name: self._renamed(page, name)
            )

    def _renamed(self, page: Page, name: str | None) -> None:
        if name and name != page.name:
            try:
                preset_book.rename(page, name)
            except BbwizardError as error:
                self.app.push_screen(error_dialog(error.text, error.hint))
            self.renew()

    def action_delete(self) -> None:
        page = self.rows.row
        if page is not None and self._own(page):
            self.app.push_screen(AskDialog(f"Delete the preset {page.name}?"), lambda yes: self._deleted(page, yes))

    def _deleted(self, page: Page, yes: bool | None) -> None:
        if yes:
            try:
                preset_book.delete(page)
            except BbwizardError as error:
                self.app.push_screen(error_dialog(error.text, error.hint))
            self.renew()

    def _own(self, page: Page) -> bool:
        try:
            preset_book.own(page)
        except BbwizardError as error:
            self.app.push_screen(error_dialog(error.text, "open it and save it under a name of your own: s"))
            return False
        return True

    def action_close(self) -> None:
        self.dismiss(None)
