"""Step 2: the base config that the new one inherits from."""

from __future__ import annotations

import os
from pathlib import Path, PurePath
from typing import Any, Final

from textual import on, work
from textual.content import Content
from textual.message import Message

from bbprobe.protocol import Base, BaseName, Environment
from bbwizard import paths
from bbwizard.errors import BbwizardError, NotWritable
from bbwizard.language import N_, _, told
from bbwizard.screens.browse import Browse
from bbwizard.screens.dialogs import AskDialog
from bbwizard.screens.type_dialog import TypeDialog
from bbwizard.widgets.about import of_base
from bbwizard.widgets.bound import bindings
from bbwizard.widgets.phrases import BAD, STRONG, pending
from bbwizard.widgets.row_list import Column
from bbwizard.widgets.text import said, stack

SWAPPED: Final = frozenset(("mmcls", "mmcls.models", "mmcls.models.backbones"))
"""What a config imports whose backbone was put there by hand, or by bbwizard."""
APART: Final = N_("y goes on with its base, its backbone and its stages; n takes it as it is for a base")
NOTES: Final = (
    N_("a config is a program: it is run, as training runs it,"),
    N_("in the training environment and nowhere else"),
)
ORIGINS: Final = {"checkout": N_("checkout"), "file": N_("file")}
"""What is said of where a base config is from, where that is no name."""


class BaseStep(Browse[BaseName]):
    """The base configs of the environment and of the checkout around the current folder."""

    number = 2
    STOPS = frozenset({"list"})
    BINDINGS = bindings("base")
    shortest_first = True

    class Listed(Message):
        """The names are there, or the reason why not."""

        def __init__(self, names: list[BaseName], error: BbwizardError | None = None) -> None:
            super().__init__()
            self.names = names
            self.error = error

    def __init__(self) -> None:
        columns = [
            Column[BaseName]("", self._mark, 1),
            # Narrow lists leave out the folder and the ending, which say least.
            Column[BaseName](_("base config"), lambda base: PurePath(base.name).stem, below=56),
            Column[BaseName](_("base config"), lambda base: base.name, needs=56),
            Column[BaseName](_("from"), origin, 8, needs=56, tone=lambda base: "quiet"),
        ]
        super().__init__(columns, id="step-base")
        self.title = _("Base configs")
        self.facts: dict[str, Base] = {}
        self.told: dict[str, Base | None] = {}
        self.files: list[BaseName] = []
        self.listed_for: Environment | None = None
        """Whose are listed; one that is opened anew is another."""

    def _mark(self, base: BaseName) -> str:
        if base.name == self.session.recipe.base:
            return "✓"
        return "✗" if self._unfit(base) else " "

    def _unfit(self, base: BaseName) -> bool:
        """Whether it is known, or said by the atlas, that its backbone cannot be swapped."""
        facts = self.facts.get(base.name) or self._told(base)
        return facts is not None and not facts.supported

    def _told(self, base: BaseName) -> Base | None:
        """What the atlas says of a base config."""
        if base.name not in self.told:
            self.told[base.name] = self.session.expected_base(base)
        return self.told[base.name]

    def name_of(self, row: BaseName) -> str:
        return row.name

    def tone(self, row: BaseName) -> str:
        if row.name == self.session.recipe.base:
            return "good"
        return "dim" if self._unfit(row) else ""

    def known(self, row: BaseName) -> Base | None:
        return self.facts.get(row.name)

    async def ask(self, row: BaseName) -> Base:
        facts = await self.session.base(row.name if row.origin != "file" else row.path)
        self.facts[row.name] = facts
        return facts

    def about(self, row: BaseName, facts: Any | None, error: str = "") -> Content:
        expected = self._told(row) if self.session.atlas is None else None
        if facts is not None:
            return of_base(facts, told=expected)
        chosen, seconds = row.name == self.choosing, self.elapsed or 0
        if expected is not None and not error:
            return of_base(expected, confirming=pending(_("atlas; reading it here"), seconds, chosen))
        said_so = said(told(error), BAD) if error else pending(_("reading"), seconds, chosen)
        return stack(said(row.name, STRONG), "", said_so)

    def take(self, row: BaseName, facts: Base) -> None:
        if not facts.supported:
            reason = _("{name} cannot be used: {reason}").format(name=facts.name, reason=told(facts.reason))
            self.wizard.report(NotWritable(reason, _("choose another base config")))
            return
        if row.origin == "file" and SWAPPED & set(facts.custom_imports) and row.path != self.session.recipe.base:
            words = _("{detector} with {backbone} out of mmcls: take it apart?")
            question = words.format(detector=facts.detector, backbone=facts.backbone)
            self.app.push_screen(AskDialog(question, _(APART)), lambda yes: self._taken_apart(row, yes))
            return
        self._take(row)

    def _take(self, row: BaseName) -> None:
        self.session.change(base=row.name if row.origin != "file" else row.path)
        self.rows.refresh()
        self.post_message(self.Decided(forward=True))

    def _taken_apart(self, row: BaseName, yes: bool | None) -> None:
        if yes:
            self.wizard.adopt(Path(row.path))
        elif yes is not None:
            self._take(row)

    # The names

    def arrive(self) -> None:
        super().arrive()
        self.detail.border_title = _("What it needs")
        if self.wizard.opened_python and self.listed_for is not self.session.environment:
            self.listed_for = self.session.environment
            self.facts.clear()
            self.told.clear()
            self.rows.empty = _("listing the base configs…")
            self.show_all([])
            self._list()

    @work(group="list", exclusive=True, exit_on_error=False, description="list the base configs")
    async def _list(self) -> None:
        try:
            names = await self.session.bases()
        except BbwizardError as error:
            self.post_message(self.Listed([], error))
        else:
            self.post_message(self.Listed(names))

    @on(Listed)
    def _listed(self, event: Listed) -> None:
        event.stop()
        if event.error is not None:
            self.listed_for = None
            self.rows.empty = _("no base config could be listed")
            self.wizard.report(event.error)
        self.show_all([*self.files, *event.names])
        self.renew()

    def stopped(self) -> None:
        self.listed_for = None
        self.rows.empty = _("stopped: coming to this step lists them")
        self.rows.refresh()

    def renew(self) -> None:
        self.seen = self.session.recipe
        base = self.session.recipe.base
        if base and not self.rows.point_at(base) and base.endswith(".py") and os.path.isfile(base):
            self._add_file(Path(base))
        self.rows.refresh()
        self.look()

    # A file of the user's own

    def action_file(self) -> None:
        title, chosen, notes = _("A config file of your own"), self.session.recipe.base, [_(note) for note in NOTES]
        dialog = TypeDialog(title, chosen, _("path of the file"), check=paths.typed, notes=notes)
        self.app.push_screen(dialog, self._typed)

    def _typed(self, text: str | None) -> None:
        if text is None or not text.strip():
            return
        path = Path(os.path.realpath(self.session.folder / paths.typed(text.strip())))
        if os.path.isfile(path):
            self._add_file(path)
        else:
            words = _("{path} is no file").format(path=path)
            self.wizard.report(NotWritable(words, _("give the path of a config file")))

    def _add_file(self, path: Path) -> None:
        row = BaseName(str(path), str(path), "file")
        if row not in self.files:
            self.files.append(row)
            self.show_all([row, *(other for other in self.all if other.name != row.name)])
        if not self.rows.point_at(row.name):
            self.filter.value = ""
            self.filter_rows(keep=False)
            self.rows.point_at(row.name)
        self.rows.focus()


def origin(base: BaseName) -> str:
    """Where a base config is from, in a word."""
    return _(ORIGINS.get(base.origin, base.origin))
