"""How far the config is: written or not, its check, its weights, the command that trains it."""

from __future__ import annotations

from pathlib import Path

from textual.content import Content

from bbwizard import keys, weights
from bbwizard.errors import BbwizardError
from bbwizard.language import _, told
from bbwizard.plan import Plan
from bbwizard.screens.elsewhere import Elsewhere
from bbwizard.widgets.about_check import of_check
from bbwizard.widgets.detail import Detail
from bbwizard.widgets.findings_list import FindingsList, of_finding
from bbwizard.widgets.phrases import QUIET, STRONG, mark, pair
from bbwizard.widgets.text import said, stack


class WriteResult(Elsewhere):
    """A step with a pane that says how far the config is."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.plan: Plan | None = None
        self.path: Path | None = None
        self.findings = FindingsList(classes="panel findings")
        self.result = Detail(classes="panel result")
        self.doing = ""
        self.trouble: BbwizardError | None = None

    @property
    def kept(self) -> bool:
        """Whether the file holds the recipe as it stands."""
        return self.session.written is not None and self.wizard.written_recipe == self.session.recipe

    def tick(self) -> None:
        self.show_result()

    def show_result(self) -> None:
        """Show what is known of the file: check, weights, command; or of the finding that is looked at."""
        plan, path = self.plan, self.path
        if plan is None or path is None:
            return
        looked_at = self.findings.row if self.findings.has_focus else None
        self.result.border_title = _("Check and train")
        if looked_at is not None:
            self.result.border_title = _("Finding: {code}").format(code=looked_at.code)
            self.result.show(of_finding(looked_at))
            return
        lines: list[Content] = []
        written, checked, report = self.session.written, self.session.checked, plan.start.report
        if written is None or written != path or not self.kept:
            why = plan.faults[0].text if plan.faults else plan.start.error
            words = _("not written yet: it would not train: {why}").format(why=told(why) or _("see the stages"))
            if plan.writable:
                words = _("not written yet: {key} writes it and checks it")
                if self.session.atlas is not None:
                    words = _("not written yet: {key} writes it; it is not checked without an environment")
                words = words.format(key=keys.key_for("write.write"))
            lines.append(Content.assemble(("○ ", QUIET), said(words)))
        else:
            lines.append(mark(True, _("written") if self.elapsed is None else _("written; now the check")))
            if self.elapsed is not None:
                doing = told(self.doing) or _("building the detector")
                words = _("  checking: {doing}… {seconds:.0f} s").format(doing=doing, seconds=self.elapsed)
                lines.append(said(words, QUIET))
            elif self.trouble is not None:
                lines.append(mark(False, _("no check: {why}").format(why=told(self.trouble.text))))
            elif self.session.atlas is not None:
                lines.append(said(_("  not checked: that needs a training environment"), QUIET))
            elif checked is not None:
                lines += of_check(checked)
                report = report if checked.weights is None else None  # the check has told of them
        if report is not None and not report.error:
            lines.append(pair(_("weights"), told(weights.said(report))))
        elif self.unweighed(plan):
            again = _("not looked into: {key} tries again").format(key=keys.key_for("write.write"))
            words = again if self.weighing_failed else _("looking into them…")
            lines.append(pair(_("weights"), words, QUIET))
        self.result.show(stack(*lines, self._train(path)))

    def _train(self, path: Path) -> Content:
        try:
            return Content.assemble((_("train "), QUIET), said(self.session.command(path), STRONG))
        except BbwizardError as error:
            return mark(False, error.text)
