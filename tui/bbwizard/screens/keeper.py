"""Keeps the sitting on disk as it changes, and goes on with one that was cut off."""

from __future__ import annotations

import time
from asyncio import Lock, sleep, to_thread
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from bbwizard import drafts, kept
from bbwizard.decision import Decision
from bbwizard.drafts import Desk, Draft, Left
from bbwizard.errors import BbwizardError
from bbwizard.language import _
from bbwizard.recipe import Recipe
from bbwizard.screens import reach
from bbwizard.screens.asides import Asides
from bbwizard.screens.browse import Browse
from bbwizard.screens.resume import ResumeDialog, summary

if TYPE_CHECKING:
    from bbwizard.screens.step import Step
    from bbwizard.screens.wizard import WizardScreen

PAUSE: Final = 0.5
"""Seconds of changes that are written as one."""


class Keeper:
    """What a wizard's screen keeps its sitting with."""

    def __init__(self, screen: WizardScreen) -> None:
        self.screen = screen
        self.desk = Desk()
        self.bound_for: Draft | None = None
        """The sitting that is gone on with, until its environment is open and its step is gone to."""
        self.filters: dict[int, str] = {}
        """What the lists that are not there yet will be filtered by."""
        self._due = False
        self._writing = Lock()
        self._asides = Asides(screen.app)
        kept.WORDS.addHandler(self._asides)

    def close(self) -> None:
        """Keep what has changed last, and show no more of what is said of the files."""
        kept.WORDS.removeHandler(self._asides)
        self.desk.keep(self.draft())

    # Keeping

    def changed(self) -> None:
        """Something that would be lost may be another now."""
        if not self._due:
            self._due = True
            self.screen.run_worker(self._keep(), group="keep", exit_on_error=False, description="keep the sitting")

    async def _keep(self) -> None:
        await sleep(PAUSE)
        self._due = False
        async with self._writing:
            await to_thread(self.desk.keep, self.draft())

    def draft(self) -> Draft:
        """The sitting as it stands; the environment and the step of one that is gone on with count as reached."""
        bound_for = self.bound_for
        wizard, session = self.screen.wizard, self.screen.wizard.session
        typed = {step.number: step.filter.value for step in self.screen.steps.values() if isinstance(step, Browse)}
        return Draft(
            python=bound_for.python if bound_for is not None else wizard.opened_python or wizard.python or "",
            step=bound_for.step if bound_for is not None else self.screen.at,
            recipe=session.recipe,
            launch=tuple(session.launch_prefix),
            folder=str(session.folder),
            output=session.history.now.output,
            marked=session.marked,
            filters={number: text for number, text in {**self.filters, **typed}.items() if text},
            saved=time.time(),
        )

    # Going on

    def offer(self, then: Callable[[], None]) -> None:
        """Ask whether to go on with a sitting, where one was cut off behind the same launch prefix; then go on."""
        found = drafts.left()
        offered = [one for one in found if one.draft.launch == tuple(self.screen.wizard.session.launch_prefix)]
        if not offered or self.screen.wizard.first_preset is not None:
            then()
            return

        def answered(chosen: Left | None) -> None:
            if chosen is None:
                for one in offered:
                    drafts.decline(one)
            elif self._take(chosen):
                self.screen.wizard.python = self.screen.wizard.python or chosen.draft.python or None
            then()

        self.screen.app.push_screen(ResumeDialog(offered), answered)

    def choose(self) -> None:
        """Let the user go on with any sitting that was cut off, those that were declined among them."""
        found = drafts.left() + drafts.left(declined=True)
        prefix = tuple(self.screen.wizard.session.launch_prefix)
        self.screen.app.push_screen(ResumeDialog([one for one in found if one.draft.launch == prefix]), self._chosen)

    def _chosen(self, chosen: Left | None) -> None:
        if chosen is None or not self._take(chosen):
            return
        if chosen.draft.python in ("", self.screen.wizard.opened_python):
            self.resume()
        else:
            self.screen.go(1)
            self.screen.environment_step.open(chosen.draft.python, keep=False)

    def _take(self, chosen: Left) -> bool:
        """Have a sitting for this wizard alone; whether it could be had."""
        desk = drafts.claimed(chosen)
        if desk is None:
            words = _("another wizard goes on with that sitting, or it was deleted")
            self.screen.app.notify(words, severity="warning", markup=False)
            return False
        self.desk.keep(self.draft())  # what it leaves behind is offered the next time
        self.desk, self.bound_for = desk, chosen.draft
        self._decide(chosen.draft)
        self.filters = dict(chosen.draft.filters)
        for step in self.screen.steps.values():
            self.refill(step)
        return True

    def _decide(self, draft: Draft) -> None:
        session = self.screen.wizard.session
        recipe = session.recipe if draft.recipe == Recipe() else draft.recipe
        decided = Decision(recipe, draft.output, draft.marked)
        if session.history.now == Decision():
            session.history.amend(decided)  # where nothing was decided yet, there is nothing to go back to
        else:
            session.history.add(decided)

    def resume(self) -> bool:
        """Go to where the sitting was that was chosen; whether there is one."""
        draft, self.bound_for = self.bound_for, None
        if draft is None:
            return False
        words = _("going on with {chosen}: asking it here…").format(chosen=summary(Left(self.desk.path, draft)))
        self.screen.app.notify(words, markup=False)
        self.screen.run_worker(self._settle(draft.step), group="settle", exclusive=True, exit_on_error=False)
        return True

    async def _settle(self, step: int) -> None:
        session, recipe = self.screen.wizard.session, self.screen.wizard.session.recipe
        error: BbwizardError | None = None
        try:
            if recipe.base and recipe.backbone:
                await session.entries()
                await session.work_out()
            elif recipe.base:
                await session.base(recipe.base)
        except BbwizardError as found:
            error = found
        self.screen.call_later(self._settled, step, error)

    def _settled(self, step: int, error: BbwizardError | None) -> None:
        self.screen.go(reach.last_open(self.screen.wizard, step))
        if error is not None:
            self.screen.wizard.report(error)

    def refill(self, step: Step) -> None:
        """Type into a list's filter what was typed there."""
        if isinstance(step, Browse) and step.number in self.filters:
            step.filter.value = self.filters.pop(step.number)
