"""The marked backbones side by side: a table, what the highlighted one is, and a plot of what they cost."""

from __future__ import annotations

import string
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.message import Message

from bbprobe.protocol import Entry
from bbwizard import atomic, comparison, keys, paths, tabular
from bbwizard.atomic import Seen
from bbwizard.comparison import Compared
from bbwizard.errors import BbwizardError, ProbeCancelled
from bbwizard.screens.dialogs import kept
from bbwizard.screens.filing import Filing
from bbwizard.screens.help import HelpDialog
from bbwizard.screens.shortlist import Shortlisting
from bbwizard.screens.type_dialog import TypeDialog
from bbwizard.widgets.about_compared import of_compared
from bbwizard.widgets.bound import bindings
from bbwizard.widgets.detail import Detail
from bbwizard.widgets.key_bar import KeyBar, working
from bbwizard.widgets.plot import Plot
from bbwizard.widgets.row_list import Column, RowList
from bbwizard.widgets.text import said

SIGNS: Final = string.ascii_lowercase + string.ascii_uppercase
"""What stands for a backbone in the plot; those after the last are in the table alone."""


class CompareScreen(Shortlisting):
    """Answers with the backbone that was taken, or None."""

    BINDINGS = bindings("compare")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]

    class Answered(Message):
        """A marked backbone was probed, or could not be."""

        def __init__(self, name: str, error: BbwizardError | None = None) -> None:
            super().__init__()
            self.name = name
            self.error = error

    def __init__(self, entries: Sequence[Entry]) -> None:
        super().__init__()
        self.entries = {entry.name: entry for entry in entries}
        self.signs = dict(zip(self.entries, SIGNS, strict=False))
        self.errors: dict[str, BbwizardError] = {}
        self.order = "marked"
        self.rows = RowList[Compared]((), tone=tone, identity=lambda row: row.name)
        self.facts = Detail(classes="panel facts")
        self.plot = Plot(classes="panel plot")

    def compose(self) -> ComposeResult:
        self.facts.border_title = "What it is"
        with Container(classes="compare"):
            with Vertical(classes="panel table"):
                yield self.rows
            yield self.facts
            yield self.plot
        yield KeyBar()

    def on_mount(self) -> None:
        self.rows.focus()
        self.renew()
        self._probe(list(self.entries.values()))

    @property
    def names(self) -> list[str]:
        return [name for name in self.entries if name in self.session.marked]

    # Facts

    @work(group="compare", exclusive=True, exit_on_error=False, description="probe the marked backbones")
    async def _probe(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if self.session.probed(entry.name) is not None:
                continue
            try:
                await self.session.probe(entry)
            except ProbeCancelled:
                return
            except BbwizardError as error:
                self.post_message(self.Answered(entry.name, error))
            else:
                self.post_message(self.Answered(entry.name))

    @on(Answered)
    def _answered(self, event: Answered) -> None:
        event.stop()
        if event.error is not None:
            self.errors[event.name] = event.error
        self.renew()

    def compared(self, name: str) -> Compared:
        """What is known of a marked backbone by now."""
        probe, measurement = self.session.probed(name), self.session.measured(name)
        return comparison.compared(self.entries[name], probe, self.wizard.base, measurement, self.errors.get(name))

    # Showing

    def renew(self) -> None:
        """Show what holds now."""
        rows = comparison.ordered(map(self.compared, self.names), self.order)
        self.rows.columns = columns(rows, self.signs)
        self.rows.set_rows(rows)
        base = Path(self.session.recipe.base).stem
        panel = self.query_one(".table", Vertical)
        panel.border_title = said(f"Compare in {base}" + ("" if self.order == "marked" else f" · by {self.order}"))
        waiting = sum(row.probe is None and not row.reason for row in rows)
        fitting = f"{sum(row.fits is True for row in rows)} of {len(rows)} fit"
        panel.border_subtitle = f"{waiting} still to be probed" if waiting else fitting
        self.show_row()

    @on(RowList.Highlighted)
    def show_row(self) -> None:
        """Show the highlighted backbone beside the table, and where it stands in the plot."""
        row = self.rows.row
        if row is None:
            return
        rows = self.rows.rows
        self.facts.show(of_compared(row, self.wizard.base))
        precision, costs = comparison.plotted(rows)
        params = {self.signs[one.name]: one.probe.params for one in rows if one.probe and one.name in self.signs}
        latencies = {self.signs[name]: cost for name, cost in costs.items() if name in self.signs}
        self.plot.show(params, latencies, self.signs.get(row.name, ""))
        self.plot.border_title = f"Latency ({precision}) over parameters" if costs else "Parameters"
        self.plot.border_subtitle = f"{len(costs)} of {len(rows)} measured" if costs else "none is measured yet"

    def on_resize(self) -> None:
        self.call_after_refresh(self.refresh_bindings)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return not (action == "turn" and self.has_class("-wide"))

    def action_turn(self) -> None:
        self.toggle_class("-facts")

    def action_order(self) -> None:
        self.order = comparison.next_order(self.rows.rows, self.order)
        self.renew()

    def action_unmark(self) -> None:
        if (row := self.rows.row) is not None:
            at = self.rows.cursor
            self.session.mark(row.name)
            self.renew()
            self.rows.move_to(at)
        if not self.names:
            self.dismiss(None)

    def action_help(self) -> None:
        self.app.push_screen(HelpDialog(working(self)))

    # Leaving

    def action_close(self) -> None:
        self.dismiss(None)

    @on(RowList.Chosen)
    def _chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        row: Compared = event.row
        if row.probe is not None:
            self.dismiss(row.name)
        elif row.name in self.errors:
            self.wizard.report(self.errors[row.name])
        else:
            self.app.notify(f"{row.name} is being probed", markup=False)

    # The table elsewhere

    def action_copy(self) -> None:
        self.wizard.copy(comparison.exported(self.rows.rows, "markdown"), "table")

    def action_export(self) -> None:
        name = f"backbones-{Path(self.session.recipe.base).stem}.csv"
        notes = ("the suffix says the format: .csv, .md or .txt",)
        dialog = TypeDialog("Where to write the table", name, "file.csv", check=check_path, notes=notes)
        self.app.push_screen(dialog, lambda text: self._export(text) if text else None)

    def _export(self, text: str) -> None:
        rows, path = list(self.rows.rows), self.session.folder / paths.typed(text)

        def put(path: Path, seen: Seen) -> None:
            atomic.write_text(path, comparison.exported(rows, tabular.format_of(path.name)), over=seen)
            self.app.notify(f"written: {path}", markup=False)

        table = comparison.exported(rows, tabular.format_of(path.name))
        note = kept(keys.key_for("compare.export"))
        Filing(self.app, self.wizard, "table", table, put, check=check_path, note=note).write(path)


def check_path(text: str) -> None:
    """Refuse what is no file name for a table."""
    tabular.format_of(paths.typed(text).name)


def tone(row: Compared) -> str:
    """The component class of a row."""
    return "dim" if row.fits is False or row.reason else ""


def columns(rows: Sequence[Compared], signs: dict[str, str]) -> list[Column[Compared]]:
    """The columns of the table: what was measured has some where anything was."""
    measured = any(row.measurement is not None for row in rows)
    strides = {comparison.strides(row) for row in rows if row.probe is not None}
    title = f"at {strides.pop()}" if len(strides) == 1 else "channels"

    def column(key: str, width: int, *, needs: int = 0, title: str = "", right: bool = True) -> Column[Compared]:
        told = title or key
        return Column(told, lambda row: comparison.words(row)[key], width, right, lambda row: "quiet", needs=needs)

    shown = [
        Column[Compared]("", lambda row: signs.get(row.name, " "), 1),
        Column[Compared]("", fit_mark, 1),
        Column[Compared]("backbone", lambda row: row.name),
        column("params", 7),
        column("channels", max([len(title), *(len(comparison.widths(row)) for row in rows)]), title=title),
        column("weights", 3, title="wts"),
    ]
    if any(row.licences for row in rows):
        shown.append(column("licences", 16, right=False, needs=130 if measured else 84))
    if measured:
        shown += [
            column("ms fp32/mixed", 13, needs=66),
            column("images/s", 9, needs=90),
            column("train GiB", 9, needs=90),
        ]
    return shown


def fit_mark(row: Compared) -> str:
    """Whether it fits, in one cell."""
    if row.fits is None:
        return "!" if row.reason else "…" if row.probe is None else " "
    return "✓" if row.fits else "✗"
