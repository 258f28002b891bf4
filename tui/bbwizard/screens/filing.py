"""Writing a file of the user's: never over another unasked, and never lost where it cannot be written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import App, ComposeResult
from textual.content import Content

from bbwizard import atomic, keys, launch, paths
from bbwizard.atomic import NOTHING, Seen
from bbwizard.errors import BbwizardError, ChangedMeanwhile, WriteRefused
from bbwizard.language import N_, _, told
from bbwizard.screens.dialog import Dialog
from bbwizard.screens.dialogs import AskDialog
from bbwizard.screens.type_dialog import TypeDialog
from bbwizard.widgets.bound import bindings
from bbwizard.widgets.detail import Detail
from bbwizard.widgets.key_bar import KeyBar
from bbwizard.widgets.text import said, stack

if TYPE_CHECKING:
    from bbwizard.screens.step import Wizard


@dataclass(frozen=True)
class Filing:
    """One text that is to become a file: `put` writes it, over what was seen there; `check` refuses a path for it."""

    app: App[object]
    wizard: Wizard
    what: str
    text: str
    put: Callable[[Path, Seen], None]
    check: Callable[[str], object] = paths.typed
    note: str = ""
    """Stands below the question whether to replace a file."""
    found: str = N_("is there already")
    """What is said of a file of which nothing was seen."""
    own: bool = False
    """Whether the text is the user's own: nothing else would hold it."""

    def write(self, path: Path, seen: Seen = NOTHING) -> None:
        """Write it; where that cannot be, let the user say where to, or copy it."""
        try:
            self.put(path, seen)
        except ChangedMeanwhile:
            self._ask(path, seen)
        except WriteRefused as error:
            self._keep(path, error)
        except BbwizardError as error:
            self.wizard.report(error)

    def _ask(self, path: Path, seen: Seen) -> None:
        found = atomic.look(path)
        if found == NOTHING:  # what was to be replaced was removed: nothing is lost by writing it
            self.write(path)
            return
        name = launch.placed(str(path), str(self.wizard.session.folder))
        became = _(self.found) if seen == NOTHING else _("was changed by something else since it was written")
        question = _("{name} {became}. Replace it?").format(name=name, became=became)

        def answered(yes: bool | None) -> None:
            if yes:
                self.write(path, found)
            elif self.own:
                self._keep(path, WriteRefused(_("{name} stays as it is").format(name=name), ""))

        self.app.push_screen(AskDialog(question, self.note), answered)

    def _keep(self, path: Path, error: WriteRefused) -> None:
        """Say that the text is not written, and let the user say where to, or copy it."""
        dialog = UnwrittenDialog(self, path, error)
        self.app.push_screen(dialog, lambda other: self.write(self._place(other)) if other else None)

    def _place(self, typed: str) -> Path:
        return self.wizard.session.folder / paths.typed(typed)


class UnwrittenDialog(Dialog[str | None]):
    """Says why a text could not be written; answers with another path for it, or None."""

    BINDINGS = bindings("unwritten")

    def __init__(self, filing: Filing, path: Path, error: WriteRefused) -> None:
        super().__init__()
        self.filing = filing
        self.path = path
        self.error = error

    def compose(self) -> ComposeResult:
        detail = Detail(classes="dialog panel -error")
        detail.border_title = _("Not written")
        yield detail
        yield KeyBar()

    def on_mount(self) -> None:
        lines = [Content.assemble(("✗ ", "$error"), said(told(self.error.text))), Content("")]
        if self.error.hint:
            lines += [Content.assemble(("→ ", "$primary"), said(told(self.error.hint))), Content("")]
        other, copies = (keys.key_for(f"unwritten.{name}") for name in ("elsewhere", "copy"))
        words = _("The {what} is not lost: {other} writes it elsewhere, {copies} copies its text.")
        lines.append(said(words.format(what=self.filing.what, other=other, copies=copies)))
        detail = self.query_one(Detail)
        detail.show(stack(*lines))
        detail.focus()

    def action_elsewhere(self) -> None:
        place = str(paths.elsewhere(self.path))
        title = _("Where to write the {what} instead").format(what=self.filing.what)
        self.app.push_screen(TypeDialog(title, place, check=self.filing.check), self._named)

    def _named(self, other: str | None) -> None:
        if other:
            self.dismiss(other)

    def action_copy(self) -> None:
        self.filing.wizard.copy(self.filing.text, self.filing.what)

    def action_close(self) -> None:
        self.dismiss(None)
