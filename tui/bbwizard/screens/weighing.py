"""What the chosen weights do, asked while the user looks at the step that shows it."""

from __future__ import annotations

import asyncio
from typing import Final

from textual import on, work
from textual.message import Message

from bbwizard.errors import BbwizardError, ProbeCancelled
from bbwizard.plan import Plan
from bbwizard.screens.step import Step

PAUSE: Final = 0.15
"""Seconds that a choice of weights must stand before it is asked about: options are turned through quickly."""


class Weighing(Step):
    """A step that shows what loading the weights does."""

    class Weighed(Message):
        """It is known now what the weights do, or why it cannot be."""

        def __init__(self, error: BbwizardError | None = None) -> None:
            super().__init__()
            self.error = error

    weighing_failed = False
    """Whether they could not be looked into when they were last."""

    def unweighed(self, plan: Plan) -> bool:
        """Whether a plan starts from weights that nobody has looked into yet."""
        return plan.writable and plan.start.report is None and plan.to_load is not None

    def weigh(self, plan: Plan) -> None:
        """Have the weights looked into; `weighed` is called then."""
        self.weighing_failed = False
        self._weigh(plan)

    def weigh_again(self, plan: Plan) -> None:
        """Have the weights looked into that could not be."""
        if self.weighing_failed:
            self.weigh(plan)

    def weighed(self, error: BbwizardError | None) -> None:
        """It is known now what the weights do, or an error says why it cannot be."""

    @work(group="weights", exclusive=True, exit_on_error=False, description="look into the weights")
    async def _weigh(self, plan: Plan) -> None:
        await asyncio.sleep(PAUSE)
        try:
            await self.session.weights(plan)
        except ProbeCancelled:
            return
        except BbwizardError as error:
            self.post_message(self.Weighed(error))
        else:
            self.post_message(self.Weighed())

    @on(Weighed)
    def _weighed(self, event: Weighed) -> None:
        event.stop()
        self.weighing_failed = event.error is not None
        if event.error is not None:
            self.wizard.report(event.error)
        self.weighed(event.error)
