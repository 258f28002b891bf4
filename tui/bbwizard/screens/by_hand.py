"""The config's text in the user's own editor: what they make of it is written as they left it, and checked."""

from __future__ import annotations

from bbwizard.errors import BbwizardError
from bbwizard.screens.config_view import ConfigView


class ByHand(ConfigView):
    """A step whose config can be edited."""

    def action_edit(self) -> None:
        plan, path = self.plan, self.path
        if plan is None or path is None:
            return
        if self.unplaced:
            self.ask_for_place()
            return
        try:
            plan.refuse()
            before = self.text_of(plan, path)
        except BbwizardError as error:
            self.wizard.report(error)
            return
        text = self.wizard.edit(before, path.name)
        if text is not None:
            self.write(by_hand=text)

    def write(self, by_hand: str | None = None) -> None:
        """Write the config, or what the user made of it, and check it."""
        raise NotImplementedError
