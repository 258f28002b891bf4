"""Step 4: which stages of the backbone feed the base's levels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from textual import events, on, work
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message

from bbprobe.protocol import Level, Stage
from bbwizard.errors import BbwizardError, ProbeCancelled
from bbwizard.language import _, told
from bbwizard.plan import Plan, nearest
from bbwizard.screens.step import Step
from bbwizard.widgets.about import at, verdict
from bbwizard.widgets.bound import bindings
from bbwizard.widgets.detail import Detail
from bbwizard.widgets.phrases import GOOD, QUIET, STRONG, caution, mark
from bbwizard.widgets.pyramid import loud, picture
from bbwizard.widgets.row_list import Column, RowList
from bbwizard.widgets.text import said, stack
from bbwizard.wiring import default_stages
from bbwizard.wording import numbers

SAID_ROWS: Final = 9
"""Rows of the wiring pane beside the picture's stages: its title, its head and the verdict."""


@dataclass(frozen=True)
class StageRow:
    """One stage of the table; `level` is the number of the level it feeds, None where it feeds none."""

    position: int
    stage: Stage
    taken: bool
    level: int | None
    fits: bool


class StageRows(RowList[StageRow]):
    """The table, in which Enter does not take a row but goes on."""

    BINDINGS = bindings("stage-list")


class StagesStep(Step):
    """The table of stages, and the picture of what they make."""

    number = 4
    STOPS = frozenset({"work out"})
    BINDINGS = bindings("stages")
    DEFAULT_CLASSES = "stages"

    class WorkedOut(Message):
        """The plan is there, or the reason why not."""

        def __init__(self, plan: Plan | None, error: BbwizardError | None = None) -> None:
            super().__init__()
            self.plan = plan
            self.error = error

    def __init__(self) -> None:
        super().__init__(id="step-stages")
        columns = [
            Column[StageRow](_("key"), lambda row: str(row.position) if row.position < 10 else "", 3, right=True),
            Column[StageRow](_("use"), lambda row: "[x]" if row.taken else "[ ]", 3),
            Column[StageRow](_("index"), lambda row: str(row.stage.index), 5, right=True),
            Column[StageRow](_("chan"), lambda row: str(row.stage.channels), 5, right=True),
            Column[StageRow](_("stride"), lambda row: numbers([row.stage.stride]), 6, right=True),
            Column[StageRow](_("size"), lambda row: at(row.stage), 9, right=True, needs=44),
            Column[StageRow](_(" level"), self._feeds),
        ]
        self.rows = StageRows(columns, tone=self._tone, identity=lambda row: row.stage.index, classes="panel rows")
        self.detail = Detail(classes="panel")
        self.plan: Plan | None = None
        self.advised_in = ""
        """The environment whose detectors were asked what they need, for whoever's backbone does not fit."""

    def compose(self) -> ComposeResult:
        yield self.rows
        self.detail.border_title = _("Wiring")
        yield self.detail

    @staticmethod
    def _feeds(row: StageRow) -> str:
        if not row.taken:
            return ""
        if row.level is None:
            return _(" ✗ none")
        return f" {'→' if row.fits else '✗'} {row.level}"

    @staticmethod
    def _tone(row: StageRow) -> str:
        if not row.taken:
            return "dim"
        return "good" if row.fits else "bad"

    # What holds

    def arrive(self) -> None:
        self.take_keys(self.rows)
        self.renew()

    def renew(self) -> None:
        try:
            plan = self.session.plan()
        except BbwizardError as error:
            self._show_error(error)
            return
        if plan is not None:
            self.waited()
            self._show(plan)
            return
        self.plan = None
        self.rows.empty = _("probing…")
        self.rows.set_rows([])
        self.detail.show(said(_("probing…"), QUIET))
        self.wait()
        self._work_out()

    @work(group="work out", exclusive=True, exit_on_error=False, description="probe what the recipe needs")
    async def _work_out(self) -> None:
        try:
            await self.session.entries()
            plan = await self.session.work_out()
        except ProbeCancelled:
            return
        except BbwizardError as error:
            self.post_message(self.WorkedOut(None, error))
        else:
            self.post_message(self.WorkedOut(plan))

    @work(group="advise", exclusive=True, exit_on_error=False, description="ask which detectors would take it")
    async def _advise(self, plan: Plan) -> None:
        try:
            advised = await self.session.advised(plan)
        except BbwizardError:
            self.advised_in = ""  # the reason why it does not fit stands without advice
        else:
            self.post_message(self.WorkedOut(advised))

    @on(WorkedOut)
    def _worked_out(self, event: WorkedOut) -> None:
        event.stop()
        self.waited()
        if event.error is not None:
            self._show_error(event.error)
        elif event.plan is not None and event.plan.recipe == self.session.recipe:
            self._show(event.plan)
            self.post_message(self.Decided())

    def tick(self) -> None:
        self.detail.show(said(_("probing… {seconds:.0f} s").format(seconds=self.elapsed or 0), QUIET))

    def stopped(self) -> None:
        self._show_error(ProbeCancelled(_("it was stopped"), _("coming to this step probes it")))

    # The table and the picture

    def _show_error(self, error: BbwizardError) -> None:
        self.plan = None
        self.rows.empty = _("no stages")
        self.rows.set_rows([])
        hint = [said(f"  {told(error.hint)}", QUIET)] if error.hint else []
        self.detail.show(stack(mark(False, error.text), *hint))

    def _show(self, plan: Plan) -> None:
        self.plan = plan
        links = {link.stage.index: link.level for link in plan.wiring.links}
        rows = []
        for position, stage in enumerate(plan.probe.stages, 1):
            level = links.get(stage.index)
            taken = stage.index in links
            rows.append(StageRow(position, stage, taken, number_of(level, plan), fits(level, stage, plan)))
        self.rows.set_rows(rows)
        if not plan.wired and self.advised_in != self.wizard.opened_python:
            self.advised_in = self.wizard.opened_python
            self._advise(plan)
        height, width = plan.recipe.input
        self.rows.border_title = _("Stages at {height}x{width}").format(height=height, width=width)
        default = tuple(plan.stages) == tuple(default_stages(plan.base, plan.probe))
        self.rows.border_subtitle = _("default wiring") if default else _("chosen by hand")
        self._paint()

    def _paint(self) -> None:
        plan = self.plan
        if plan is None:
            return
        into = _("into {base}").format(base=plan.base.name)
        title = [said(plan.entry.name, STRONG), said(into, QUIET), Content("")]
        drawn = [picture(plan.base, plan.probe, plan.wiring, self.detail.content_size.width - 1), Content("")]
        lines = []
        if not plan.wired:
            lines.append(Content.assemble(("→ ", GOOD), said(told(nearest(plan).words))))
        elif plan.wiring.problems:
            lines.append(loud(_("OVERRIDE: written all the same")))
        lines += verdict(plan.base, plan.wiring)
        if plan.wiring.produced and plan.base.head_strides and "level-count" not in problem_codes(plan):
            gets = _("  the head gets strides {strides}").format(strides=numbers(plan.wiring.produced))
            lines.append(said(gets, QUIET))
        lines += [caution(said_so.text) for said_so in plan.findings if said_so.code not in problem_codes(plan)]
        # Where a backbone has more stages than the pane has rows, what is to be known comes before the picture.
        short = self.detail.content_size.height < len(plan.probe.stages) + SAID_ROWS
        self.detail.show(stack(*title, *(lines + [Content("")] + drawn if short else drawn + lines)))

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self._paint)

    # Toggling

    def _choose(self, stages: tuple[int, ...] | None) -> None:
        # An override was given for the wiring that was seen, not for the next one.
        self.session.change(stages=stages, override=False)
        self.renew()
        self.post_message(self.Decided())

    def action_take_stage(self) -> None:
        if self.plan is not None and (row := self.rows.row) is not None:
            self._choose(tuple(sorted(set(self.plan.stages) ^ {row.stage.index})))

    def action_take_row(self, position: int) -> None:
        if position <= len(self.rows.rows):
            self.rows.move_to(position - 1)
            self.action_take_stage()

    def action_copy(self) -> None:
        self.wizard.copy(self.detail.text, _("wiring"))

    def action_default(self) -> None:
        self._choose(None)

    def action_override(self) -> None:
        plan = self.plan
        if plan is None:
            return
        if not plan.wiring.problems:
            self.app.notify(_("this wiring needs no override"), markup=False)
            return
        self.session.change(override=not plan.recipe.override)
        self.renew()
        self.post_message(self.Decided())

    @on(RowList.Chosen)
    def _chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        self.post_message(self.Decided(forward=True))


def number_of(level: Level | None, plan: Plan) -> int | None:
    """The number of a level among those of the base."""
    return next((number for number, other in enumerate(plan.base.levels) if other is level), None)


def fits(level: Level | None, stage: Stage, plan: Plan) -> bool:
    """Whether nothing is wrong with a stage at this level."""
    number = number_of(level, plan)
    wrong = {problem.level for problem in plan.wiring.problems}
    return level is not None and number not in wrong and (level.stride == stage.stride or not level.used)


def problem_codes(plan: Plan) -> set[str]:
    """The codes of what the verdict says already."""
    return {problem.code for problem in plan.wiring.problems}
