"""The wizard's one screen: the step bar, the step, the keys."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, cast

from textual import events, on
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from bbwizard import keys
from bbwizard.errors import BbwizardError
from bbwizard.language import N_, _
from bbwizard.screens import reach
from bbwizard.screens.environment import EnvironmentStep
from bbwizard.screens.step import Step, Wizard
from bbwizard.widgets.bound import bindings
from bbwizard.widgets.key_bar import KeyBar, working
from bbwizard.widgets.step_bar import StepBar, StepState

if TYPE_CHECKING:
    from bbwizard.screens.keeper import Keeper

NEEDS = (60, 16)
"""Columns and rows below which nothing useful fits."""
AT_START: Final = tuple(StepState(name, "shut" if number else "current", "") for number, name in enumerate(keys.STEPS))
"""The steps before anything is known."""
STANDING: Final = N_("out of the atlas; live: bbwizard env create DIR, or --python PATH")
"""What is said all the time where no training environment answers."""


class WizardScreen(Screen[None]):
    """Holds the five steps, each made when it is first gone to and then kept as the user left it.

    The first frame is painted from this module's own imports: what a sitting stands on comes in while it is looked at.
    """

    AUTO_FOCUS = ""
    """The step that is shown takes the keys; the first widget that could have them may be of another."""
    BINDINGS = bindings("wizard")
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (NEEDS[0], "-narrow"), (100, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (NEEDS[1], "-short"), (20, "-tall")]

    def __init__(self, size: Iterable[int]) -> None:
        """`size` is the terminal's, in columns and rows."""
        # Textual sets these when the first frame is painted, which it then paints anew.
        breaks = zip(size, (self.HORIZONTAL_BREAKPOINTS, self.VERTICAL_BREAKPOINTS), strict=True)
        known = [max(one for one in points if one[0] <= length)[1] for length, points in breaks]
        super().__init__(classes=" ".join(known))
        self.environment_step = EnvironmentStep()
        self.steps: dict[int, Step] = {1: self.environment_step}
        self.at = 1
        self.keeper: Keeper | None = None
        """What keeps the sitting, from when there is one."""

    @property
    def wizard(self) -> Wizard:
        """The app, as the screens know it."""
        return cast(Wizard, self.app)

    def compose(self) -> ComposeResult:
        yield StepBar(AT_START)
        yield self.environment_step
        yield Static("", id="too-small", markup=False)
        yield Static(_(STANDING), id="standing", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self.environment_step.arrive()
        self.call_after_refresh(self.begin)

    def begin(self) -> None:
        """Start the sitting, or go on with one that was cut off."""
        self.show_steps()
        from bbwizard.screens.keeper import Keeper

        self.keeper = Keeper(self)
        self.keeper.offer(self.open_first)

    def on_unmount(self) -> None:
        if self.keeper is not None:
            self.keeper.close()

    def open_first(self) -> None:
        """Open the environment that was named, or look for those of this host."""
        self.wizard.session.heard = self._heard
        self.environment_step.begin(self.wizard.python)

    def _heard(self, line: str) -> None:
        """The launch prefix says something, now or whenever the probing half must be started again."""
        if self.environment_step.opening:
            self.environment_step.post_message(EnvironmentStep.Said(line))
        else:
            self.call_later(self.app.notify, line, markup=False)

    def on_resize(self, event: events.Resize) -> None:
        words = _("bbwizard needs {columns}x{rows}, this is {width}x{height}")
        words = words.format(columns=NEEDS[0], rows=NEEDS[1], width=event.size.width, height=event.size.height)
        self.query_one("#too-small", Static).update(words)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        # A worker's own errors are handled where they come up; what arrives here is a fault of bbwizard itself.
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.wizard.report(event.worker.error)

    # Going

    def make(self, number: int) -> Step:
        """A step behind the first, new."""
        from bbwizard.screens.backbone import BackboneStep
        from bbwizard.screens.base import BaseStep
        from bbwizard.screens.stages import StagesStep
        from bbwizard.screens.write import WriteStep

        return (BaseStep, BackboneStep, StagesStep, WriteStep)[number - 2]()

    def go(self, number: int) -> None:
        """Show a step, or say why it cannot be shown yet."""
        if why := reach.why_not(self.wizard, number):
            self.app.notify(why, severity="warning", markup=False)
            return
        if number > 1 and self.keeper is not None and self.keeper.resume():
            return  # past the environment, a sitting that is gone on with goes to its own step
        self.at = number
        self.call_later(self._show, number)

    async def _show(self, number: int) -> None:
        if number != self.at:
            return
        # A step is seen when it has the keys, and not before: what is typed then is meant for it. No two are ever laid
        # out at once: Textual keeps lines that it painted of a pane half as high.
        with self.app.batch_update():
            step = self.steps.get(number)
            if step is None:
                step = self.steps[number] = self.make(number)
                step.display = False
                await self.mount(step, before="#too-small")
                if self.keeper is not None:
                    self.keeper.refill(step)
            for other in self.steps.values():
                if other is not step:
                    other.display = False
            step.display = True
            step.arrive()
            self.show_steps()

    def action_step(self, number: int) -> None:
        if number != self.at:
            self.go(number)

    def action_next_step(self) -> None:
        if self.at < len(keys.STEPS):
            self.go(self.at + 1)

    def action_previous_step(self) -> None:
        if self.at > 1:
            self.go(self.at - 1)

    def action_back(self) -> None:
        self.action_previous_step()

    # What the steps say

    @on(Step.Decided)
    def _decided(self, event: Step.Decided) -> None:
        event.stop()
        self.show_steps()
        if event.forward:
            self.action_next_step()

    @on(EnvironmentStep.Found)
    def _found(self, event: EnvironmentStep.Found) -> None:
        """Skip the first step where the choice is clear."""
        from bbwizard import environments
        from bbwizard.atlas import shelf

        if self.wizard.opened_python or event.error is not None:
            return
        mending = [
            found for found in event.candidates if found.usable and found.python == self.environment_step.mending
        ]
        try:
            chosen = mending[0] if mending else environments.choose(event.candidates)
        except BbwizardError as error:
            self.wizard.report(error)
            return
        if chosen is None and shelf() and not any(found.usable for found in event.candidates):
            self.environment_step.open(next(iter(shelf())), keep=False)
        elif chosen is not None:
            self.environment_step.open(chosen.python, keep=self.environment_step.typed)

    @on(EnvironmentStep.Opened)
    def _opened(self, event: EnvironmentStep.Opened) -> None:
        self.show_steps()
        if event.error is not None or self.wizard.open_first_preset():
            return
        if self.environment_step.cannot_train:
            self.go(1)  # whatever else there is to see, nothing can be trained before these are mended
        elif self.at == 1:
            self.go(2)

    def renew(self) -> None:
        """The recipe was changed from outside the steps."""
        for step in self.steps.values():
            if step.number == self.at:
                step.renew()
        self.show_steps()

    def show_steps(self) -> None:
        """Bring the step bar up to date, and the sitting's file."""
        self.changed()
        self.query_one("#standing").display = self.wizard.session.atlas is not None
        self.query_one(StepBar).show(reach.states(self.wizard, self.at))

    def changed(self) -> None:
        """Something was decided, marked or typed that the next sitting should know of."""
        if self.keeper is not None:
            self.keeper.changed()

    # Actions of every step

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "stop" or self.steps[self.at].stoppable

    def action_stop(self) -> None:
        self.steps[self.at].stop()
        self.app.notify(_("stopped"), markup=False)

    def action_help(self) -> None:
        from bbwizard.screens.help import HelpDialog

        self.app.push_screen(HelpDialog(working(self)))

    def action_undo(self) -> None:
        from bbwizard.decision import undone

        self._moved(undone(self.wizard.session.history), _("nothing to take back"))

    def action_redo(self) -> None:
        from bbwizard.decision import redone

        self._moved(redone(self.wizard.session.history), _("nothing was taken back"))

    def _moved(self, done: str, nothing: str) -> None:
        """Show the decisions as they stand now, on the last step that can be shown then, and say what happened."""
        if done:
            shown = reach.last_open(self.wizard, self.at)
            if shown == self.at:
                self.renew()
            else:
                self.go(shown)
        self.app.notify(done or nothing, markup=False)

    def action_resume(self) -> None:
        if self.keeper is not None:
            self.keeper.choose()

    def action_presets(self) -> None:
        self.wizard.ask_for_preset()

    def action_save(self) -> None:
        self.wizard.save_preset()

    def action_log(self) -> None:
        from bbwizard.screens.debugging import log_dialog

        self.app.push_screen(log_dialog(self.wizard.session))

    def action_report(self) -> None:
        from bbwizard.screens.debugging import report_dialog

        self.app.push_screen(report_dialog(self.wizard.session))

    def action_quit(self) -> None:
        self.wizard.leave()
