"""The marked backbones side by side: a table, what the highlighted one is, and a plot of what they cost."""

from __future__ import annotations

import string
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message

from bbprobe.protocol import Entry, Probe
from bbwizard import atomic, comparison, keys, paths, tabular
from bbwizard.atomic import Seen
from bbwizard.comparison import Compared
from bbwizard.errors import BbwizardError, ProbeCancelled
from bbwizard.fits import own
from bbwizard.language import N_, _
from bbwizard.screens.compared_columns import columns, tone
from bbwizard.screens.dialogs import kept
from bbwizard.screens.filing import Filing
from bbwizard.screens.help import HelpDialog
from bbwizard.screens.measurer import Measurer
from bbwizard.screens.shortlist import Shortlisting
from bbwizard.screens.type_dialog import TypeDialog
from bbwizard.widgets.about_compared import of_compared
from bbwizard.widgets.bound import bindings
from bbwizard.widgets.detail import Detail
from bbwizard.widgets.key_bar import KeyBar, working
from bbwizard.widgets.plot import Plot
from bbwizard.widgets.row_list import RowList
from bbwizard.widgets.text import said

SIGNS: Final = string.ascii_lowercase + string.ascii_uppercase
"""What stands for a backbone in the plot; those after the last are in the table alone."""
BY: Final = {
    "name": N_("by name"),
    "params": N_("by params"),
    "macs": N_("by macs"),
    "weights": N_("by weights"),
    "latency": N_("by latency"),
    "throughput": N_("by throughput"),
    "memory": N_("by memory"),
}
"""What is said of an order."""
PLOTTED: Final = {
    ("params", ""): N_("Parameters"),
    ("params", "fp32"): N_("Latency (fp32) over parameters"),
    ("params", "mixed"): N_("Latency (mixed) over parameters"),
    ("macs", ""): N_("Multiply-adds"),
    ("macs", "fp32"): N_("Latency (fp32) over multiply-adds"),
    ("macs", "mixed"): N_("Latency (mixed) over multiply-adds"),
}
"""What stands above the plot, by what it shows and the precision that was measured."""


class CompareScreen(Shortlisting, Measurer):
    """Answers with the backbone that was taken, or None."""

    measure_key = "compare.measure"

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
        self.cost = comparison.COSTS[0]
        self.rows = RowList[Compared]((), tone=tone, identity=lambda row: row.name, classes="panel table")
        self.facts = Detail(classes="panel facts")
        self.plot = Plot(classes="panel plot")

    def compose(self) -> ComposeResult:
        self.facts.border_title = _("What it is")
        with Container(classes="compare"):
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
        entry, probe, error = self.entries[name], self.session.probed(name), self.errors.get(name)
        measurement = self.growing if name == self.subject and self.growing else self.session.measured(name)
        elsewhere = own(entry, self.session.answer(entry))
        size = self.session.input
        return comparison.compared(entry, probe, self.wizard.base, measurement, error, elsewhere, size=size)

    # Measuring

    @property
    def at_hand(self) -> tuple[str, Probe | None]:
        row = self.rows.row
        return ("", None) if row is None else (row.name, row.probe)

    @property
    def waiting(self) -> int:
        """How many have not answered yet."""
        return sum(row.probe is None and not row.reason for row in self.rows.rows)

    def measure(self, name: str, probe: Probe, *, busy: bool = False) -> None:
        if self.waiting:  # probing would overtake it
            words = _("{count} still to be probed").format(count=self.waiting)
            self.app.notify(words, severity="warning", markup=False)
            return
        self.start(name, probe, busy=busy)
        self.renew()

    def measure_anew(self) -> None:
        self.give_up()
        self.renew()

    def show_measured(self, *, ended: bool) -> None:
        if self.trouble is not None:
            self.app.notify(self.trouble_words, severity="warning", markup=False)
        self.renew()

    # Showing

    def renew(self) -> None:
        """Show what holds now."""
        rows = comparison.ordered(map(self.compared, self.names), self.order)
        self.rows.columns = columns(rows, self.signs, self.session.batch)
        self.rows.set_rows(rows)
        base = Path(self.session.recipe.base).stem
        title = [_("Compare in {base}").format(base=base), *([_(BY[self.order])] if self.order in BY else [])]
        self.rows.border_title = said(" · ".join(title))
        self.rows.border_subtitle = said(self.doing)
        self.show_row()

    @property
    def doing(self) -> str:
        """What is being done about the backbones, or how many of them fit."""
        if self.subject is not None:
            words = _("measuring {name} on {device}…")
            return words.format(name=self.subject, device=self.session.chosen_device)
        if self.waiting:
            return _("{count} still to be probed").format(count=self.waiting)
        rows = self.rows.rows
        return _("{count} of {total} fit").format(count=sum(row.fits is True for row in rows), total=len(rows))

    @on(RowList.Highlighted)
    def show_row(self) -> None:
        """Show the highlighted backbone beside the table, and where it stands in the plot."""
        row = self.rows.row
        if row is None:
            return
        rows = self.rows.rows
        self.facts.show(of_compared(row, self.wizard.base))
        precision, known = comparison.plotted(rows, self.cost)
        costs = {self.signs[one.name]: getattr(one, self.cost) for one in rows if one.name in self.signs}
        latencies = {self.signs[name]: point for name, point in known.items() if name in self.signs}
        told = {sign: number for sign, number in costs.items() if number is not None}
        self.plot.show(told, latencies, self.signs.get(row.name, ""))
        measured = _("{count} of {total} measured").format(count=len(known), total=len(rows))
        self.plot.border_title = _(PLOTTED[self.cost, precision])
        self.plot.border_subtitle = measured if known else _("none is measured yet")

    def on_resize(self) -> None:
        self.call_after_refresh(self.refresh_bindings)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return not (action == "turn" and self.has_class("-wide"))

    def action_turn(self) -> None:
        self.toggle_class("-facts")

    def action_plot(self) -> None:
        costs = [cost for cost in comparison.COSTS if any(getattr(row, cost) for row in self.rows.rows)]
        self.cost = next((cost for cost in costs if cost != self.cost), self.cost)
        self.show_row()

    def action_order(self) -> None:
        self.order = comparison.next_order(self.rows.rows, self.order)
        self.renew()

    def action_unmark(self) -> None:
        if (row := self.rows.row) is not None:
            at = self.rows.cursor
            self.session.mark(row.name)
            self.wizard.changed()
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
            self.app.notify(_("{name} is being probed").format(name=row.name), markup=False)

    # The table elsewhere

    def action_copy(self) -> None:
        self.wizard.copy(comparison.exported(self.rows.rows, "markdown"), _("table"))

    def action_export(self) -> None:
        name = f"backbones-{Path(self.session.recipe.base).stem}.csv"
        notes = (_("the suffix says the format: .csv, .md or .txt"),)
        dialog = TypeDialog(_("Where to write the table"), name, "file.csv", check=check_path, notes=notes)
        self.app.push_screen(dialog, lambda text: self._export(text) if text else None)

    def _export(self, text: str) -> None:
        rows, path = list(self.rows.rows), self.session.folder / paths.typed(text)

        def put(path: Path, seen: Seen) -> None:
            atomic.write_text(path, comparison.exported(rows, tabular.format_of(path.name)), over=seen)
            self.wizard.written_marks = self.session.marked
            self.app.notify(_("written: {path}").format(path=path), markup=False)

        table = comparison.exported(rows, tabular.format_of(path.name))
        note = kept(keys.key_for("compare.export"))
        Filing(self.app, self.wizard, _("table"), table, put, check=check_path, note=note).write(path)


def check_path(text: str) -> None:
    """Refuse what is no file name for a table."""
    tabular.format_of(paths.typed(text).name)
