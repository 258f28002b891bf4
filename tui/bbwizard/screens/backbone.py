"""Step 3: the backbone, out of the catalogs of the training environment."""

from __future__ import annotations

import gc
from asyncio import sleep
from typing import Final

from textual import on, work
from textual.containers import Vertical
from textual.message import Message

from bbprobe.protocol import Entry, Environment
from bbwizard import keys
from bbwizard.conditions import split
from bbwizard.errors import BbwizardError, ProbeCancelled
from bbwizard.grammar import ORDERS, SOURCES
from bbwizard.language import N_, _, told
from bbwizard.screens import browse
from bbwizard.screens.measuring import Measuring
from bbwizard.widgets.bound import bindings

AHEAD: Final = 5
"""Rows on either side of the highlighted one that are probed while the user reads."""
TOGETHER: Final = 0.5
"""Seconds for which what those rows answer is gathered: they answer one after the other, and need no frame each."""
SURVEY_AFTER: Final = 1.0
"""Seconds without a key until families are surveyed: the probing half does one thing at a time."""
CATALOGS: Final = (N_("all"), *SOURCES)
BY: Final = {
    "params": N_("by params"),
    "macs": N_("by macs"),
    "weights": N_("by weights"),
    "stages": N_("by stages"),
    "licence": N_("by licence"),
    "fits": N_("by what fits"),
}
"""What is said of an order."""


class BackboneStep(Measuring):
    """Every backbone of the catalogs; which they are, and what is asked of them while nothing else is."""

    number = 3
    STOPS = frozenset({"list", "measure"})
    BINDINGS = bindings("backbone")

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

    class Learnt(Message):
        """More is known of these entries than was asked for: a row near the highlighted one, or a whole family."""

        def __init__(self, entries: list[Entry]) -> None:
            super().__init__()
            self.entries = entries

    def __init__(self) -> None:
        super().__init__()
        self.listed_for: Environment | None = None
        """Whose are listed; one that is opened anew is another."""
        self.unread = False
        """Whether the list stands as the atlas has it, since the catalogs are still being read."""
        self.learnt: set[str] = set()
        """Rows that more is known of than they show yet."""

    # The catalogs

    def arrive(self) -> None:
        super().arrive()
        if self.wizard.opened_python and self.listed_for is not self.session.environment:
            self.listed_for = self.session.environment
            self.entries = {entry.name: entry for entry in self.session.expected_entries()}
            self.unread = bool(self.entries)
            self.show_catalog()
            self.rows.empty = _("reading the catalogs…")
            self._list()
        else:
            self._show_marks()
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
        self.rows.empty = f"{told(event.text)}…"
        self.rows.refresh()

    @on(Listed)
    def _listed(self, event: Listed) -> None:
        event.stop()
        self.unread = False
        if not event.entries:
            self.listed_for = None  # coming to this step reads them again
        if event.error is not None:
            self.wizard.report(event.error)
        self.entries = {entry.name: entry for entry in event.entries}
        self.show_catalog()
        if not event.entries:
            self.rows.empty = _("no catalog could be read: coming to this step tries again")
        self.renew()
        gc.freeze()  # the entries stay: to look through thousands of them for garbage would hold up a key

    def stopped(self) -> None:
        if self.unread or not self.entries:
            self.listed_for = None
            self.rows.empty = _("stopped: coming to this step reads them")
            self.rows.refresh()
        self.look()

    def entitle(self) -> None:
        """Say above the list what it holds."""
        words = [_("Backbones"), _(self.catalog)]
        if self.unread:
            words.append(_("atlas, reading the catalogs…"))
        elif self.session.atlas is not None:
            words.append(_("atlas"))
        if self.fitting:
            words.append(_("what fits"))
        if self.order != ORDERS[0]:
            words.append(_(BY[self.order]))
        if self.marked:
            words.append(_("{count} marked").format(count=len(self.marked)))
        self.title = " · ".join(words)
        self.query_one(".rows", Vertical).border_title = self.title

    def show_catalog(self) -> None:
        """Show the entries of the catalog that is switched on."""
        self.entitle()
        wanted = SOURCES if self.catalog == "all" else (self.catalog,)
        none, unfit = _("{catalog}: nothing in this environment"), _("{catalog}: nothing in this environment fits")
        self.rows.empty = (unfit if self.fitting else none).format(catalog=_(self.catalog))
        listed = [name for name, entry in self.entries.items() if entry.source in wanted]
        self.show_all([name for name in listed if not (self.fitting and self._unfit(name))])

    def action_order(self) -> None:
        self.order = ORDERS[(ORDERS.index(self.order) + 1) % len(ORDERS)]
        self.show_catalog()
        self.rows.move_to(0)  # who orders them wants to see the first

    def action_fits(self) -> None:
        self.fitting = not self.fitting
        self.show_catalog()

    def action_catalog(self) -> None:
        self.catalog = CATALOGS[(CATALOGS.index(self.catalog) + 1) % len(CATALOGS)]
        self.show_catalog()

    # Marks

    @property
    def marked(self) -> list[Entry]:
        """What is marked of the backbones that this environment has."""
        return [self.entries[name] for name in self.session.marked if name in self.entries]

    def action_mark(self) -> None:
        if (name := self.rows.row) is not None:
            self.session.mark(name)
            self.wizard.changed()
            self.rows.repaint_rows({name})
            self.entitle()

    def action_compare(self) -> None:
        if len(self.marked) < 2:
            marks, shows = keys.key_for("backbone.mark"), keys.key_for("backbone.compare")
            words = _("{marks} marks a backbone; with two or more marked {shows} shows them side by side")
            self.app.notify(words.format(marks=marks, shows=shows), severity="warning", markup=False)
            return
        from bbwizard.screens.compare import CompareScreen

        self.workers.cancel_group(self, "meanwhile")
        self.app.push_screen(CompareScreen(self.marked), self._compared)

    def _compared(self, chosen: str | None) -> None:
        self._show_marks()
        if chosen is None:
            self.look()
            return
        self.rows.point_at(chosen)
        if (facts := self.known(chosen)) is not None:
            self.take(chosen, facts)

    def renew(self) -> None:
        if self.seen is None or self.seen.base != self.session.recipe.base:
            self.fits.clear()
            if self.fitting:
                self.show_catalog()
        elif self.seen.input != self.session.recipe.input:
            self.filter_rows(keep=True)  # multiply-adds at another size are other numbers
        self.seen = self.session.recipe
        height, width = self.session.recipe.input
        self.detail.border_title = _("Stages at {height}x{width}").format(height=height, width=width)
        if self.session.recipe.backbone:
            self.rows.point_at(self.session.recipe.backbone)
        self._show_marks()
        self.look()

    def _show_marks(self) -> None:
        self.entitle()
        self.rows.refresh()

    # What is asked while nothing else is: the neighbours of the highlighted row, and which families give a pyramid

    def look(self) -> None:
        self.workers.cancel_group(self, "meanwhile")
        self.rows.repaint_rows(self.learnt)
        super().look()

    def meanwhile(self) -> None:
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
                self.post_message(self.Learnt([self.entries[name]]))
        await sleep(SURVEY_AFTER)
        try:
            while family := await self.session.survey_next():
                self.post_message(self.Learnt(family))
        except BbwizardError:
            # The mark is a courtesy; choosing the entry asks again, and then says why.
            return

    @on(Learnt)
    def _learnt(self, event: Learnt) -> None:
        event.stop()
        if not self.learnt:
            self.set_timer(TOGETHER, self._show_learnt)
        for entry in event.entries:
            self.entries[entry.name] = entry
            self.fits.pop(entry.name, None)
            self.learnt.add(entry.name)

    def _show_learnt(self) -> None:
        learnt, self.learnt = self.learnt, set()
        if self.fitting:
            self.show_catalog()
        elif split(self.filter.value)[1]:
            self.filter_rows(keep=True)
        self.rows.repaint_rows(learnt)
