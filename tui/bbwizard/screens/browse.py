"""A step in which one of many is picked: a filtered list, and beside it what the highlighted one is."""

from __future__ import annotations

from asyncio import sleep
from collections.abc import Sequence
from typing import Any, Final, Generic, TypeVar

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message

from bbwizard import keys
from bbwizard.conditions import Condition, split
from bbwizard.errors import BbwizardError, ProbeCancelled
from bbwizard.filtering import Names
from bbwizard.language import N_, _
from bbwizard.recipe import Recipe
from bbwizard.screens.step import Step
from bbwizard.widgets.bound import bindings
from bbwizard.widgets.detail import Detail
from bbwizard.widgets.filter_input import FilterInput
from bbwizard.widgets.row_list import Column, RowList
from bbwizard.widgets.text import count, said

Row = TypeVar("Row")

DEBOUNCE: Final = 0.08
"""Seconds the cursor must rest before its row is asked about: a held key runs through rows faster than that."""


class Browse(Step, Generic[Row]):
    """A list with a filter, and a pane with facts about the highlighted row. Facts of type `Any` come from `ask`."""

    BINDINGS = bindings("browse")
    DEFAULT_CLASSES = "browse"

    class Answered(Message):
        """Facts about a row, or why there are none; `asked` is what they hold for."""

        def __init__(self, asked: object, facts: Any, error: BbwizardError | None = None) -> None:
            super().__init__()
            self.asked = asked
            self.facts = facts
            self.error = error

    title = ""
    placeholder = N_("filter: words, * and ?, !word")
    shortest_first = False
    """Whether, of rows that match a filter equally well, the one with the shortest name comes first."""

    def __init__(self, columns: Sequence[Column[Row]], *, id: str) -> None:
        super().__init__(id=id)
        self.rows = RowList[Row](columns, tone=self.tone, identity=self.name_of)
        self.filter = FilterInput(self.rows, placeholder=f"{keys.key_for('browse.filter')} {_(self.placeholder)}")
        self.detail = Detail(classes="panel")
        self.all: Sequence[Row] = ()
        self.names = Names(())
        self.seen: Recipe | None = None
        """The recipe that the list's marks and cursor were last made to show."""
        self.choosing = ""
        """The name of the row that was chosen before its facts were there; they decide whether it can be."""

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel rows"):
            yield self.filter
            yield self.rows
        yield self.detail

    # What a kind of list says of itself

    def name_of(self, row: Row) -> str:
        """The name that is filtered and that tells rows apart."""
        raise NotImplementedError

    def tone(self, row: Row) -> str:
        """The component class of a row."""
        return ""

    def asked(self, row: Row) -> object:
        """What an answer about this row holds for; an answer for anything else is stale."""
        return self.name_of(row)

    def known(self, row: Row) -> Any | None:
        """The facts about a row, where they are there already."""
        return None

    async def ask(self, row: Row) -> Any:
        """The facts about a row; a newer question overtakes an older one."""
        raise NotImplementedError

    def holds(self, row: Row, wanted: Sequence[Condition]) -> bool | None:
        """Whether conditions hold for a row; None where that is not known yet."""
        return False

    def untold(self, rows: Sequence[Row], wanted: Sequence[Condition]) -> list[str]:
        """What is said of rows of which it is not known whether conditions hold."""
        return [_("{count} not asked yet").format(count=count(len(rows)))]

    def mistaken(self) -> str:
        """What is wrong with a condition in the filter, in the reader's language; empty where nothing is."""
        return ""

    def explained(self) -> str:
        """What a mark in the rows means, where there may be some."""
        return ""

    def ordered(self, rows: list[Row]) -> list[Row]:
        """The rows that a filter keeps, the best match first, in the order that they are shown in."""
        return rows

    def about(self, row: Row, facts: Any | None, error: str = "") -> Content:
        """What the pane says of a row."""
        raise NotImplementedError

    def take(self, row: Row, facts: Any) -> None:
        """The user chose this row."""
        raise NotImplementedError

    # The list

    def show_all(self, rows: Sequence[Row]) -> None:
        """Put other rows behind the filter."""
        if list(rows) != list(self.all):  # to sort thousands of names anew would hold up a key
            self.names = Names([self.name_of(row) for row in rows], self.shortest_first)
        self.all = rows
        self.filter_rows(keep=True)

    def filter_rows(self, *, keep: bool) -> None:
        """Show the rows that the filter keeps."""
        plain, wanted = split(self.filter.value)
        found = [self.all[index] for index in self.names.find(plain)]
        verdicts = [self.holds(row, wanted) if wanted else True for row in found]
        kept = self.ordered([row for row, held in zip(found, verdicts, strict=True) if held])
        mistaken = self.mistaken()
        if self.all:
            cleared = _("nothing matches; {key} clears the filter").format(key=keys.key_for("filter.leave"))
            self.rows.empty = mistaken or cleared
        self.rows.set_rows(kept, keep=keep)
        panel = self.query_one(".rows", Vertical)
        panel.border_title = self.title
        notes: list[str] = []
        if self.all:
            notes.append(_("{count} of {total}").format(count=count(len(kept)), total=count(len(self.all))))
        if self.all and (note := self.explained()):
            notes.append(note)
        if untold := [row for row, held in zip(found, verdicts, strict=True) if held is None]:
            notes += self.untold(untold, wanted)
        if mistaken and kept:
            notes.append(mistaken)
        panel.border_subtitle = " · ".join(notes)

    def on_mount(self) -> None:
        # Watched, and not told by a message: the letter, the rows that it leaves and the facts about one are one frame.
        self.watch(self.filter, "value", self._filtered, init=False)
        self.watch(self.rows, "highlighted", self.look, init=False)

    def _filtered(self, typed: str) -> None:
        self.filter_rows(keep=not typed)
        self.wizard.changed()

    @on(FilterInput.ForList)
    def _for_list(self, event: FilterInput.ForList) -> None:
        event.stop()
        getattr(self.rows, f"action_{event.name}")(*event.parameters)

    def action_copy(self) -> None:
        if (row := self.rows.row) is not None:
            self.wizard.copy(self.name_of(row), _("name"))

    def action_filter(self) -> None:
        self.screen.set_focus(self.filter)
        self.filter.select_all()  # what is typed now begins anew, as after any search

    def arrive(self) -> None:
        self.choosing = ""
        if not self.filter.has_focus:
            self.take_keys(self.rows)
        if self.session.recipe != self.seen:
            self.renew()

    # The pane

    def look(self) -> None:
        """Show the highlighted row's facts, asking for them where they are not there yet."""
        row = self.rows.row
        self.workers.cancel_group(self, "look")
        self.waited()
        if row is None:
            self.choosing = ""
            self.detail.show(said(self.mistaken()))
            return
        facts = self.known(row)
        # What was chosen stays so while the list is made anew around it.
        if self.choosing != self.name_of(row):
            self.choosing = ""
        elif facts is not None:
            self.choosing = ""
            self.take(row, facts)
        self.detail.show(self.about(row, facts))
        if facts is None and self.worth_asking(row):
            self.wait()
            self._ask_about(row)
        else:
            self.rested()

    def worth_asking(self, row: Row) -> bool:
        """Whether the probing half can be asked about a row."""
        return True

    @work(group="look", exclusive=True, exit_on_error=False, description="ask about the highlighted row")
    async def _ask_about(self, row: Row) -> None:
        asked = self.asked(row)
        await sleep(DEBOUNCE)
        try:
            facts = await self.ask(row)
        except ProbeCancelled:
            return
        except BbwizardError as error:
            self.post_message(self.Answered(asked, None, error))
        else:
            self.post_message(self.Answered(asked, facts))

    @on(Answered)
    def _answered(self, event: Answered) -> None:
        event.stop()
        row = self.rows.row
        if row is None or self.asked(row) != event.asked:
            return
        self.waited()
        chosen, self.choosing = self.choosing == self.name_of(row), ""
        self.detail.show(self.about(row, event.facts, event.error.text if event.error else ""))
        self.rows.repaint_rows({self.name_of(row)})
        if self.name_of(row) in (self.session.recipe.base, self.session.recipe.backbone):
            self.post_message(self.Decided())  # what was chosen can be worked out now: steps may open
        if chosen and event.error is not None:
            self.wizard.report(event.error)
        elif chosen:
            self.take(row, event.facts)
        else:
            self.rested()

    def rested(self) -> None:
        """The highlighted row's facts are shown; what can wait may be done now."""

    def tick(self) -> None:
        if (row := self.rows.row) is not None and self.known(row) is None:
            self.detail.show(self.about(row, None))

    # Choosing

    @on(RowList.Chosen)
    def _chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        self.rows.focus()
        row: Row = event.row
        if (facts := self.known(row)) is not None:
            self.take(row, facts)
            return
        self.choosing = self.name_of(row)
        if self.waiting_since is None:
            self.wait()
            self._ask_about(row)
        self.detail.show(self.about(row, None))
