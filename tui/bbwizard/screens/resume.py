"""Which of the sittings that were cut off is gone on with."""

from __future__ import annotations

import time
from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from bbwizard import drafts, keys
from bbwizard.drafts import Left
from bbwizard.language import _
from bbwizard.screens.dialog import Dialog
from bbwizard.screens.dialogs import AskDialog
from bbwizard.widgets.bound import bindings
from bbwizard.widgets.key_bar import KeyBar
from bbwizard.widgets.row_list import Column, RowList
from bbwizard.widgets.text import said


class ResumeDialog(Dialog[Left | None]):
    """Answers with the sitting to go on with, or None."""

    BINDINGS = [*bindings("resume"), *bindings("dialog")[:1]]

    def __init__(self, left: Sequence[Left]) -> None:
        super().__init__()
        self.left = list(left)
        columns = [
            Column[Left](_("last change"), lambda one: when(one.draft.saved), 12),
            Column[Left](_("base + backbone"), lambda one: summary(one)),
            Column[Left](_("step"), lambda one: _(keys.STEPS[min(one.draft.step, len(keys.STEPS)) - 1]), 11, needs=50),
            Column[Left](_("host"), lambda one: one.draft.host, 12, needs=80, tone=lambda one: "quiet"),
        ]
        self.rows = RowList[Left](columns, identity=lambda one: one.path, empty=_("no sitting was cut off"))

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog tall panel") as panel:
            on, anew, again = map(keys.key_for, ("list.choose", "dialog.close", "wizard.resume"))
            words = _("Cut off: {on} goes on with one, {anew} starts anew, {again} finds them again")
            panel.border_title = said(words.format(on=on, anew=anew, again=again))
            yield self.rows
        yield KeyBar()

    def on_mount(self) -> None:
        self.rows.focus()
        self.rows.set_rows(self.left)

    @on(RowList.Chosen)
    def _chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        self.dismiss(event.row)

    def action_delete(self) -> None:
        if (one := self.rows.row) is not None:
            dialog = AskDialog(_("Delete {sitting}?").format(sitting=summary(one)))
            self.app.push_screen(dialog, lambda yes: self._deleted(one, yes))

    def _deleted(self, one: Left, yes: bool | None) -> None:
        if yes:
            drafts.forget(one)
            self.left.remove(one)
            self.rows.set_rows(self.left)

    def action_close(self) -> None:
        self.dismiss(None)


def when(seconds: float) -> str:
    """A moment, in seconds since 1970, by the clock of this host."""
    return time.strftime(_("%b %d %H:%M"), time.localtime(seconds))


def summary(one: Left) -> str:
    """What was chosen in a sitting."""
    recipe = one.draft.recipe
    base = recipe.base.rpartition("/")[2].removesuffix(".py")
    chosen = " + ".join(part for part in (base, recipe.backbone) if part)
    if chosen:
        return chosen
    return _("{count} marked").format(count=len(one.draft.marked)) if one.draft.marked else _("a filter")
