"""The config that the last step writes: its text, or what that says otherwise than its base."""

from __future__ import annotations

from pathlib import Path

from bbwizard import against_base, keys
from bbwizard.language import _
from bbwizard.plan import Plan
from bbwizard.screens.checking import Checking


class ConfigView(Checking):
    """A step that shows its config."""

    differing = False
    """Whether what differs from the base stands there in place of the text."""

    def text_of(self, plan: Plan, path: Path) -> str:
        """The config's text as it stands at `path`, or would."""
        by_hand = self.session.by_hand if self.kept and self.session.written == path else None
        return self.session.text(plan, path) if by_hand is None else by_hand

    def shown(self, plan: Plan, path: Path) -> str:
        """What the panel holds."""
        if not self.differing:
            return self.text_of(plan, path)
        found = against_base.lines(against_base.differences(plan))
        back = _("# {count} values are not the base's; {key} shows the config")
        return "\n".join([back.format(count=len(found), key=keys.key_for("write.differences")), *found])

    def heading(self, path: Path) -> str:
        """What stands above it."""
        if self.differing:
            return _("What differs from the base")
        if self.session.written != path or not self.kept:
            state = _("Config")
        else:
            state = _("Config (edited)") if self.session.by_hand is not None else _("Config (written)")
        key, does = keys.key_for("write.differences"), _(keys.BY_ID["write.differences"].label)
        return _("{heading} · {key} {does}").format(heading=state, key=key, does=does)

    def action_differences(self) -> None:
        self.differing = not self.differing
        self.renew()
