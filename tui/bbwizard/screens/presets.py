"""The saved recipes: find, open, rename, tag, delete."""

from __future__ import annotations

from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from bbwizard import keys, preset_book, presets
from bbwizard.errors import BbwizardError
from bbwizard.language import N_, _, told
from bbwizard.preset_book import Page
from bbwizard.screens.dialogs import AskDialog, error_dialog
from bbwizard.screens.preset_weighing import Weighed
from bbwizard.screens.type_dialog import TypeDialog
from bbwizard.widgets.bound import bindings
from bbwizard.widgets.filter_input import FilterInput
from bbwizard.widgets.key_bar import KeyBar
from bbwizard.widgets.row_list import Column, RowList
from bbwizard.widgets.text import said

ORIGINS: Final = {
    preset_book.FOLDER: N_("folder"),
    preset_book.YOURS: N_("yours"),
    preset_book.SHIPPED: N_("shipped"),
}
"""Where a preset comes from, in words."""


def empty() -> str:
    """What stands where there is no preset."""
    return _("no preset yet: {key} saves the recipe that stands").format(key=keys.key_for("wizard.save"))


def says(page: Page) -> str:
    """What a preset holds, or why it cannot be opened."""
    return told(page.error) or page.summary


class PresetsDialog(Weighed):
    """Answers with the preset to open, or None."""

    BINDINGS = [*bindings("browse"), *bindings("presets"), *bindings("dialog")[:1]]

    def __init__(self) -> None:
        super().__init__()
        columns = [
            Column[Page]("", self.sign, 1),
            Column[Page](_("preset"), lambda page: page.name, 26),
            Column[Page](_("tags"), lambda page: page.hashed, 16, needs=90),
            Column[Page](_("from"), lambda page: _(ORIGINS[page.origin]), 7, needs=50, tone=lambda page: "quiet"),
            Column[Page](_("base + backbone"), says, tone=lambda page: "quiet"),
        ]
        self.rows = RowList[Page](
            columns,
            tone=lambda page: "dim" if page.error else "",
            identity=lambda page: page.path,
            empty=empty(),
        )
        self.filter = FilterInput(self.rows, placeholder=_("/ filter: words, #tag, !word"))
        self.filter.suggester = None  # what it offers are conditions on backbones

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog tall panel") as panel:
            panel.border_title = _("Presets")
            yield self.filter
            yield self.rows
            yield Static("", markup=False, classes="note")
        yield KeyBar()

    def on_mount(self) -> None:
        self.rows.focus()
        self.renew()

    def renew(self) -> None:
        """Read the folders anew."""
        every = preset_book.pages()
        cleared = _("nothing matches; {key} clears the filter").format(key=keys.key_for("filter.leave"))
        self.rows.empty = cleared if every else empty()
        self.rows.set_rows(preset_book.kept(every, self.filter.value), keep=True)
        self.look()

    def look(self) -> None:
        """Show the highlighted preset's tags and note."""
        page = self.rows.row
        words = [page.hashed, page.note] if page is not None else []
        self.query_one(".note", Static).update(said("  ".join(filter(None, words))))

    @on(RowList.Highlighted)
    def _highlighted(self, event: RowList.Highlighted) -> None:
        event.stop()
        self.look()

    @on(FilterInput.Changed)
    def _filtered(self, event: FilterInput.Changed) -> None:
        event.stop()
        self.renew()

    @on(FilterInput.ForList)
    def _for_list(self, event: FilterInput.ForList) -> None:
        event.stop()
        getattr(self.rows, f"action_{event.name}")(*event.parameters)

    def action_filter(self) -> None:
        self.set_focus(self.filter)  # at once: what is typed behind this key is meant for the filter

    @on(RowList.Chosen)
    def _chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        page: Page = event.row
        if page.error:
            self.app.push_screen(error_dialog(page.error, _("mend or delete {path}").format(path=page.path)))
        else:
            self.dismiss(page)

    def action_rename(self) -> None:
        page = self.rows.row
        if page is not None and self._own(page):
            dialog = TypeDialog(_("Rename"), page.name, _("name"), check=preset_book.place)
            self.app.push_screen(dialog, lambda name: self._renamed(page, name))

    def _renamed(self, page: Page, name: str | None) -> None:
        if not name or name == page.name:
            return
        path = None
        try:
            path = preset_book.rename(page, name)
        except BbwizardError as error:
            self.app.push_screen(error_dialog(error.text, error.hint))
        self.renew()
        if path is not None and not self.rows.point_at(path):
            self.filter.value = ""
            self.renew()
            self.rows.point_at(path)

    def action_tags(self) -> None:
        page = self.rows.row
        if page is not None and self._own(page):
            dialog = TypeDialog(_("Tags"), " ".join(page.tags), _("words apart by spaces"), check=presets.parse_tags)
            self.app.push_screen(dialog, lambda typed: self._annotated(page, "tags", typed))

    def action_note(self) -> None:
        page = self.rows.row
        if page is not None and self._own(page):
            dialog = TypeDialog(_("Note"), page.note, _("what it is for"))
            self.app.push_screen(dialog, lambda typed: self._annotated(page, "note", typed))

    def _annotated(self, page: Page, key: str, typed: str | None) -> None:
        if typed is None:
            return
        try:
            preset_book.annotate(page, key, presets.parse_tags(typed) if key == "tags" else typed)
        except BbwizardError as error:
            self.app.push_screen(error_dialog(error.text, error.hint))
        self.renew()

    def action_delete(self) -> None:
        page = self.rows.row
        if page is not None and self._own(page):
            dialog = AskDialog(_("Delete the preset {name}?").format(name=page.name))
            self.app.push_screen(dialog, lambda yes: self._deleted(page, yes))

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
            hint = _("{hint}: {key}").format(hint=told(error.hint), key=keys.key_for("wizard.save"))
            self.app.push_screen(error_dialog(error.text, hint))
            return False
        return True

    def action_close(self) -> None:
        self.dismiss(None)
