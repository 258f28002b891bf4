"""Step 3: the backbone, out of the catalogs of the training environment."""

from __future__ import annotations

from asyncio import sleep
from typing import Any, Final

from textual import on, work
from textual.content import Content
from textual.message import Message

from bbprobe.protocol import Entry, Probe
from bbwizard import keys
from bbwizard.catalog import SOURCES
from bbwizard.errors import BbwizardError, NotWritable, ProbeCancelled
from bbwizard.fits import Fit
from bbwizard.fits import fit as fit_of
from bbwizard.screens import browse
from bbwizard.screens.browse import Browse
from bbwizard.widgets.about import of_entry, of_probe
from bbwizard.widgets.row_list import Column

AHEAD: Final = 5
"""Rows on either side of the highlighted one that are probed while the user reads."""
SURVEY_AFTER: Final = 1.0
"""Seconds without a key until families are surveyed: the probing half does one thing at a time."""
CATALOGS: Final = ("all", *SOURCES)


class BackboneStep(Browse[str]):
    """Every backbone of the catalogs, by name; the entry behind a name may learn more while it is shown."""

    number = 3
    title = "Backbones · all"
    BINDINGS = keys.bindings("backbone")

    class Listed(Message):
        """The catalogs are there, or the reason why not."""

        def __init__(self, entries: list[Entry], error: BbwizardError | None = None) -> None:
            super().__init__()
            self.entries = entries
            self.error = error

    class Reading(Message):
        """How far the catalogs have been read."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Ahead(Message):
        """A row near the highlighted one was probed."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    class Surveyed(Message):
        """A family's entries know now whether they give a pyramid."""

        def __init__(self, entries: list[Entry]) -> None:
            super().__init__()
            self.entries = entries

    def __init__(self) -> None:
        columns = [
            Column[str]("", self._mark, 1),
            Column[str]("backbone", lambda name: name),
            Column[str]("class", lambda name: self.entries[name].family, 18, needs=72, tone=lambda name: "quiet"),
            Column[str]("wts", self._weights, 3, right=True, needs=40, tone=lambda name: "quiet"),
        ]
        super().__init__(columns, id="step-backbone")
        self.entries: dict[str, Entry] = {}
        self.catalog = "all"
        self.fitting = False
        """Whether only what the base config can take is listed."""
        self.fits: dict[str, Fit] = {}
        self.listed_for = ""

    # Rows

    def _mark(self, name: str) -> str:
        if name == self.session.recipe.backbone:
            return "✓"
        if self._unfit(name):
            return "✗"
        fit = self._fit(name)
        if self.fitting and fit.taken is None:
            return "?"
        return "~" if self.fitting and fit.asked != name else " "

    def _unfit(self, name: str) -> bool:
        """Whether it is known that the base config cannot take a backbone."""
        taken = self._fit(name).taken
        return self.entries[name].pyramid is False if taken is None else not taken

    def _fit(self, name: str) -> Fit:
        """Whether the base config can take a backbone, as far as it is known by now."""
        base = self.wizard.base
        if base is None:
            return Fit(None)
        if name not in self.fits:
            entry = self.entries[name]
            self.fits[name] = fit_of(base, entry, self.session.answer(entry))
        return self.fits[name]

    def _weights(self, name: str) -> str:
        number = len(self.entries[name].weights)
        return str(number) if number else "-"

    def tone(self, row: str) -> str:
        return {"✓": "good", "✗": "dim"}.get(self._mark(row), "")

    def name_of(self, row: str) -> str:
        return row

    def asked(self, row: str) -> object:
        return row, self.session.recipe.input

    def known(self, row: str) -> Probe | None:
        return self.session.probed(row)

    async def ask(self, row: str) -> Probe:
        return await self.session.probe(self.entries[row], highlight=True)

    def about(self, row: str, facts: Any | None, error: str = "") -> Content:
        if facts is None:
            chosen = row == self.choosing
            return of_entry(self.entries[row], self._fit(row), seconds=self.elapsed or 0, error=error, chosen=chosen)
        self.fits.pop(row, None)  # until now it may have been its family's
        return of_probe(self.entries[row], facts, self.wizard.base)

    def take(self, row: str, facts: Probe) -> None:
        base = self.wizard.base
        if not facts.pyramid and not (facts.flat and base is not None and base.rule == "deepest"):
            reason = facts.reason or "it gives no feature pyramid"
            self.wizard.report(NotWritable(f"{row} cannot be used: {reason}", "f lists what fits the base config"))
            return
        self.session.change(backbone=row)
        self.rows.refresh()
        self.post_message(self.Decided(forward=True))

    # The catalogs

    def arrive(self) -> None:
        super().arrive()
        height, width = self.session.recipe.input
        self.detail.border_title = f"Stages at {height}x{width}"
        environment = self.session.environment
        if environment is not None and self.listed_for != environment.executable:
            self.listed_for = environment.executable
            self.rows.empty = "reading the catalogs…"
            self.entries = {}
            self.show_all([])
            self._list()
        else:
            self.look()

    @work(group="list", exclusive=True, exit_on_error=False, description="read the catalogs")
    async def _list(self) -> None:
        def progress(text: str, done: int, total: int) -> None:
            self.post_message(self.Reading(text))

        try:
            entries = await self.session.entries(progress=progress)
        except BbwizardError as error:
            self.post_message(self.Listed([], error))
        else:
            self.post_message(self.Listed(entries))

    @on(Reading)
    def _reading(self, event: Reading) -> None:
        event.stop()
        self.rows.empty = f"{event.text}…"
        self.rows.refresh()

    @on(Listed)
    def _listed(self, event: Listed) -> None:
        event.stop()
        if event.error is not None:
            self.listed_for = ""
            self.rows.empty = "no catalog could be read"
            self.wizard.report(event.error)
        self.entries = {entry.name: entry for entry in event.entries}
        self.show_catalog()
        self.renew()

    def show_catalog(self) -> None:
        """Show the entries of the catalog that is switched on."""
        self.title = f"Backbones · {self.catalog}"
        if self.fitting:
            self.title += " · what fits"
        wanted = SOURCES if self.catalog == "all" else (self.catalog,)
        self.rows.empty = f"{self.catalog}: nothing in this environment{' fits' if self.fitting else ''}"
        listed = [name for name, entry in self.entries.items() if entry.source in wanted]
        self.show_all([name for name in listed if not (self.fitting and self._unfit(name))])

    def action_fits(self) -> None:
        self.fitting = not self.fitting
        self.show_catalog()

    def action_catalog(self) -> None:
        self.catalog = CATALOGS[(CATALOGS.index(self.catalog) + 1) % len(CATALOGS)]
        self.show_catalog()

    def renew(self) -> None:
        if self.seen is None or self.seen.base != self.session.recipe.base:
            self.fits.clear()
            if self.fitting:
                self.show_catalog()
        self.seen = self.session.recipe
        height, width = self.session.recipe.input
        self.detail.border_title = f"Stages at {height}x{width}"
        if self.session.recipe.backbone:
            self.rows.point_at(self.session.recipe.backbone)
        self.rows.refresh()
        self.look()

    # What is asked while nothing else is: the neighbours of the highlighted row, and which families give a pyramid

    def look(self) -> None:
        self.workers.cancel_group(self, "meanwhile")
        super().look()

    def rested(self) -> None:
        if self.display:
            self._ask_meanwhile()

    @work(group="meanwhile", exclusive=True, exit_on_error=False, description="ask about neighbours and families")
    async def _ask_meanwhile(self) -> None:
        await sleep(browse.DEBOUNCE)
        for name in self.rows.near(AHEAD):
            if self.known(name) is None:
                try:
                    await self.session.probe(self.entries[name], ahead=True)
                except ProbeCancelled:
                    return
                except BbwizardError:
                    continue  # whoever highlights it asks again, and is then told why
                self.post_message(self.Ahead(name))
        await sleep(SURVEY_AFTER)
        try:
            while await self.session.survey_next() is not None:
                self.post_message(self.Surveyed(await self.session.entries()))
        except BbwizardError:
            # The mark is a courtesy; choosing the entry asks again, and then says why.
            return

    @on(Ahead)
    def _ahead(self, event: Ahead) -> None:
        event.stop()
        self.fits.pop(event.name, None)
        self.rows.repaint_row(event.name)

    @on(Surveyed)
    def _surveyed(self, event: Surveyed) -> None:
        event.stop()
        for entry in event.entries:
            if self.entries.get(entry.name) != entry:
                self.entries[entry.name] = entry
                self.fits.pop(entry.name, None)
                self.rows.repaint_row(entry.name)
        if self.fitting:
            self.show_catalog()
