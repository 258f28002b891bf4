"""Step 2: the base config that the new one inherits from."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import Any

from textual import on, work
from textual.content import Content
from textual.message import Message

from bbprobe.protocol import Base, BaseName
from bbwizard import keys
from bbwizard.errors import BbwizardError, NotWritable
from bbwizard.screens.browse import Browse
from bbwizard.screens.type_dialog import TypeDialog
from bbwizard.widgets.about import of_base
from bbwizard.widgets.phrases import BAD, STRONG, pending
from bbwizard.widgets.row_list import Column
from bbwizard.widgets.text import said, stack


class BaseStep(Browse[BaseName]):
    """The base configs of the environment and of the checkout around the current folder."""

    number = 2
    title = "Base configs"
    BINDINGS = keys.bindings("base")

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
            Column[BaseName]("base config", lambda base: PurePath(base.name).stem, below=56),
            Column[BaseName]("base config", lambda base: base.name, needs=56),
            Column[BaseName]("from", lambda base: base.origin, 8, needs=56, tone=lambda base: "quiet"),
        ]
        super().__init__(columns, id="step-base")
        self.facts: dict[str, Base] = {}
        self.files: list[BaseName] = []
        self.listed_for = ""

    def _mark(self, base: BaseName) -> str:
        if base.name == self.session.recipe.base:
            return "✓"
        facts = self.facts.get(base.name)
        return "✗" if facts is not None and not facts.supported else " "

    def name_of(self, row: BaseName) -> str:
        return row.name

    def tone(self, row: BaseName) -> str:
        if row.name == self.session.recipe.base:
            return "good"
        facts = self.facts.get(row.name)
        return "dim" if facts is not None and not facts.supported else ""

    def known(self, row: BaseName) -> Base | None:
        return self.facts.get(row.name)

    async def ask(self, row: BaseName) -> Base:
        facts = await self.session.base(row.name if row.origin != "file" else row.path)
        self.facts[row.name] = facts
        return facts

    def about(self, row: BaseName, facts: Any | None, error: str = "") -> Content:
        if facts is not None:
            return of_base(facts)
        said_so = said(error, BAD) if error else pending("reading", self.elapsed or 0, row.name == self.choosing)
        return stack(said(row.name, STRONG), "", said_so)

    def take(self, row: BaseName, facts: Base) -> None:
        if not facts.supported:
            reason = f"{facts.name} cannot be used: {facts.reason}"
            self.wizard.report(NotWritable(reason, "choose another base config"))
            return
        self.session.change(base=row.name if row.origin != "file" else row.path)
        self.rows.refresh()
        self.post_message(self.Decided(forward=True))

    # The names

    def arrive(self) -> None:
        super().arrive()
        self.detail.border_title = "What it needs"
        if self.wizard.opened_python and self.listed_for != self.wizard.opened_python:
            self.listed_for = self.wizard.opened_python
            self.facts.clear()
            self.rows.empty = "listing the base configs…"
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
            self.listed_for = ""
            self.rows.empty = "no base config could be listed"
            self.wizard.report(event.error)
        self.show_all([*self.files, *event.names])
        self.renew()

    def renew(self) -> None:
        self.seen = self.session.recipe
        base = self.session.recipe.base
        if base and not self.rows.point_at(base) and base.endswith(".py") and Path(base).is_file():
            self._add_file(Path(base))
        self.rows.refresh()
        self.look()

    # A file of the user's own

    def action_file(self) -> None:
        dialog = TypeDialog("A config file of your own", self.session.recipe.base, "path of the file")
        self.app.push_screen(dialog, self._typed)

    def _typed(self, text: str | None) -> None:
        if text is None or not text.strip():
            return
        path = (self.session.folder / Path(text.strip()).expanduser()).resolve()
        if path.is_file():
            self._add_file(path)
        else:
            self.wizard.report(NotWritable(f"{path} is no file", "give the path of a config file"))

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
