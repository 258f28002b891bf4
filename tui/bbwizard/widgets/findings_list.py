"""What was found wrong with a swap, a row each, and which fixes are taken."""

from __future__ import annotations

from textual.content import Content
from textual.message import Message

from bbwizard import keys
from bbwizard.findings import Finding
from bbwizard.language import _, told
from bbwizard.widgets.bound import bindings
from bbwizard.widgets.phrases import GOOD, QUIET, STRONG, caution
from bbwizard.widgets.row_list import Column, RowList
from bbwizard.widgets.text import said, stack


class FindingsList(RowList[Finding]):
    """Findings; those with a fix can be taken and left."""

    BINDINGS = bindings("findings")

    class Toggled(Message):
        """The user takes a fix, or leaves it."""

        def __init__(self, finding: Finding) -> None:
            super().__init__()
            self.finding = finding

    def __init__(self, *, classes: str = "") -> None:
        columns = [
            Column[Finding]("", sign, 1, tone=tone),
            Column[Finding](_("finding"), lambda finding: finding.code, 15),
            Column[Finding](_("fix, or what to know"), in_short, prose=True),
        ]
        nothing = _("nothing to know")
        super().__init__(columns, identity=lambda finding: finding.code, empty=nothing, classes=classes)

    def action_take(self) -> None:
        if (finding := self.row) is None:
            return
        if finding.fix is None:
            self.app.notify(_("bbwizard has no fix for this: it is for you to know"), markup=False)
        else:
            self.post_message(self.Toggled(finding))


def sign(finding: Finding) -> str:
    """A mark that tells without colour: taken, left, or only said."""
    if finding.fix is None:
        return "!"
    return "✓" if finding.taken else "○"


def tone(finding: Finding) -> str:
    """The colour of the mark."""
    if finding.fix is None:
        return "warn"
    return "good" if finding.taken else "quiet"


def in_short(finding: Finding) -> str:
    """What the fix does, or else what was found."""
    return told(finding.text if finding.fix is None else finding.fix.label)


def of_finding(finding: Finding) -> Content:
    """Everything that there is to say of a finding."""
    lines = []
    if finding.fix is not None:
        words, key = _("offered: {fix}"), _("{key} takes it")
        if finding.taken:
            words, key = _("done: {fix}"), _("{key} leaves it")
        elif finding.certain:
            words = _("certain, but left: {fix}")
        fix = said(words.format(fix=told(finding.fix.label)), STRONG)
        pressing = f" ({key.format(key=keys.key_for('findings.take'))})"
        style = GOOD if finding.taken else QUIET
        lines.append(Content.assemble((f"{sign(finding)} ", style), fix, (pressing, QUIET)))
    return stack(*lines, caution(finding.text))


def title(findings: tuple[Finding, ...]) -> str:
    """How many there are, and what became of them."""
    taken = sum(finding.taken for finding in findings)
    offered = sum(finding.fix is not None and not finding.taken for finding in findings)
    words = _("Findings: {taken} fixed, {offered} offered, {known} to know")
    return words.format(taken=taken, offered=offered, known=len(findings) - taken - offered)
