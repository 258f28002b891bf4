"""What went on behind the screen: the log of the probing half, and all that a report of a fault needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bbwizard.language import _
from bbwizard.screens.dialogs import LinesDialog, TextDialog
from bbwizard.widgets.text import said, stack

if TYPE_CHECKING:
    from bbwizard.session import Session

LOG_TAIL: Final = 1 << 18
"""Bytes of the log that are shown."""


def logged(session: Session) -> str:
    """The end of what the probing half and its libraries said on stderr."""
    try:
        return session.log.read_bytes()[-LOG_TAIL:].decode("utf-8", "replace")
    except OSError:
        return ""


def log_dialog(session: Session) -> LinesDialog:
    """The log, from its end."""
    return LinesDialog(str(session.log), logged(session) or _("nothing was said yet"))


def report_dialog(session: Session) -> TextDialog:
    """The text for an issue: versions, terminal, environment and the log's last lines, without what is private."""
    from bbwizard import doctor, issue_report

    facts = session.environment
    found = doctor.report(facts).lines if facts is not None else ("no training environment is open",)
    private = issue_report.Private.here()
    text = issue_report.report(found, issue_report.gathered(), logged(session).splitlines(), private)
    title = _("For an issue: read it before you post it")
    return TextDialog(title, stack(*map(said, text.splitlines())), copied=text)
