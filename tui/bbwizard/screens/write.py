"""Step 5: the config's text, where it goes, its check, and the command that trains it."""

from __future__ import annotations

from pathlib import Path

from textual import events, on
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message

from bbwizard import keys, paths
from bbwizard.atomic import NOTHING, Seen
from bbwizard.errors import BbwizardError, UsageError
from bbwizard.language import N_, _, told
from bbwizard.plan import Plan
from bbwizard.recipe import Recipe
from bbwizard.screens import elsewhere
from bbwizard.screens.by_hand import ByHand
from bbwizard.screens.dialogs import kept
from bbwizard.screens.filing import Filing
from bbwizard.screens.type_dialog import TypeDialog
from bbwizard.screens.write_options import FIELDS, options_of
from bbwizard.widgets.bound import bindings
from bbwizard.widgets.findings_list import FindingsList, title
from bbwizard.widgets.options import Option, Options
from bbwizard.widgets.phrases import mark
from bbwizard.widgets.python_lines import PythonLines
from bbwizard.widgets.text import said


class WriteStep(ByHand):
    """The config before and after it is written."""

    number = 5
    STOPS = frozenset({"check", "dataset", "weights"})
    BINDINGS = bindings("write")
    DEFAULT_CLASSES = "write"

    def __init__(self) -> None:
        super().__init__(id="step-write")
        self.text = PythonLines(classes="panel config")
        self.options = Options(classes="panel options")
        self.to_write: Recipe | None = None
        """What the user wanted to write before it was known what its weights do."""

    def compose(self) -> ComposeResult:
        yield self.text
        yield self.findings
        self.options.border_title = _("Options")
        yield self.options
        self.result.border_title = _("Check and train")
        yield self.result

    def arrive(self) -> None:
        self.take_keys(self.options)
        self.renew()
        report = self.plan.start.report if self.plan is not None else None
        if self.plan is not None and report is not None and (report.place is None or report.error):
            self.weigh(self.plan)  # the user may have brought the file meanwhile

    def renew(self) -> None:
        try:
            self.plan = self.session.plan()
        except BbwizardError as error:
            self.plan = None
            self.trouble = error
        if self.plan is None:
            self.text.show("")
            self.options.set_rows([])
            self.findings.border_title = title(())
            self.findings.set_rows(())
            first = _("choose a base config and a backbone first")
            self.result.show(mark(False, first if self.trouble is None else self.trouble.text))
            return
        self.path = self.session.output or self.session.suggested(self.plan)
        self._show(self.plan, self.path)
        self.read_again()
        if self.unweighed(self.plan):
            self.weigh(self.plan)

    def weighed(self, error: BbwizardError | None) -> None:
        wanted, self.to_write = self.to_write, None
        if error is not None:
            return
        self.renew()
        self.post_message(self.Decided())
        if wanted == self.session.recipe and self.display:
            self.action_write()

    def _show(self, plan: Plan, path: Path) -> None:
        try:
            self.text.show(self.shown(plan, path))
        except BbwizardError as error:
            self.text.show(f"# {told(error.text)}")
        self.text.border_title = Content(self.heading(path))
        self.text.border_subtitle = said(self._short(path))
        file, weights, *training = options_of(self.session.recipe, plan, self._short(path), self.session.launchers)
        self.options.set_rows([file, weights, self.data_option(plan), *self.place_options(), *training])
        self.findings.border_title = title(plan.findings)
        self.findings.set_rows(plan.findings)
        self.show_result()

    def _short(self, path: Path) -> str:
        folder = self.session.folder
        return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)

    # Findings

    @on(FindingsList.Highlighted)
    @on(events.DescendantFocus)
    @on(events.DescendantBlur)
    def _looked(self, event: Message) -> None:
        self.call_after_refresh(self.show_result)

    @on(FindingsList.Toggled)
    def _toggled(self, event: FindingsList.Toggled) -> None:
        event.stop()
        finding, before = event.finding, self.text.lines
        recipe = self.session.recipe.with_fix(finding.code, not finding.taken, certain=finding.certain)
        self.session.change(fixes=recipe.fixes, leave=recipe.leave)
        self.renew()
        self.text.look_at_change(before)
        self.post_message(self.Decided())

    def action_findings(self) -> None:
        self.take_keys(self.findings)

    # Options

    @on(Options.Turned)
    def _turned(self, event: Options.Turned) -> None:
        event.stop()
        self._set(event.name, event.value)

    @on(Options.Typing)
    def _typing(self, event: Options.Typing) -> None:
        event.stop()
        option: Option = event.option
        if option.name == "file":
            self.action_path()
            return
        if option.name == "data":
            self.action_data()
            return
        if option.name == elsewhere.OPTION:
            self.ask_for_place()
            return
        check = FIELDS[option.name][1]
        notes = option.choices if option.name == "weights" else ()
        dialog = TypeDialog(_(option.name), option.value, option.note, check=check, notes=notes)
        self.app.push_screen(dialog, lambda text: self._set(option.name, text) if text else None)

    def _set(self, name: str, value: str) -> None:
        field, parse = FIELDS[name]
        before = self.session.recipe
        self.session.change(**{field: parse(value)})
        try:
            self.session.plan()
        except BbwizardError as error:
            if self.session.recipe != before:
                self.session.history.drop()
            self.wizard.report(error)
        self.renew()
        self.post_message(self.Decided())

    def action_path(self) -> None:
        if self.path is not None:
            dialog = TypeDialog(_("Where to write the config"), self._short(self.path), "file.py", check=check_path)
            self.app.push_screen(dialog, self._moved)

    def _moved(self, text: str | None) -> None:
        if text:
            self._move(self.session.folder / paths.typed(text))
            self.renew()
            self.post_message(self.Decided())

    def _move(self, path: Path) -> None:
        if path != self.path:
            self.session.decide(output=str(path))

    # Writing and checking

    def action_write(self) -> None:
        if self.unplaced:
            self.ask_for_place(write=True)
            return
        if self.plan is not None and self.unweighed(self.plan):
            self.to_write = self.session.recipe
            self.weigh_again(self.plan)
            self.app.notify(_("looking into the weights first"), markup=False)
            return
        self.write()

    def write(self, by_hand: str | None = None) -> None:
        if self.plan is None or self.path is None:
            return
        ours = self.session.written == self.path
        edited = ours and self.session.by_hand is not None and by_hand is None
        filing = Filing(
            self.app,
            self.wizard,
            _("config"),
            self.text_of(self.plan, self.path) if by_hand is None else by_hand,
            lambda path, seen: self._write(path, seen, by_hand),
            check=check_path,
            note=kept(keys.key_for("write.path")),
            found=N_("holds your edits") if edited else N_("is there already"),
            own=by_hand is not None,
        )
        filing.write(self.path, self.session.as_written if ours and not edited else NOTHING)

    def _write(self, path: Path, seen: Seen, by_hand: str | None) -> None:
        assert self.plan is not None
        plan = self.plan
        self._move(self.session.write(plan, path, seen=seen, by_hand=by_hand))
        self.wizard.written(path)
        self.renew()
        self.post_message(self.Decided())
        if self.session.atlas is None:
            self.action_check()
        if (script := self.session.job_script(plan, path)) is not None:
            self._write_script(*script)

    def _write_script(self, path: Path, text: str) -> None:
        def put(path: Path, seen: Seen) -> None:
            self.session.write_script(path, text, seen)
            self.show_result()

        place, seen = self.session.script_written
        Filing(self.app, self.wizard, _("script"), text, put).write(path, seen if place == path else NOTHING)

    def action_check(self) -> None:
        if self.session.written is None:
            self.app.notify(_("write it first: {key}").format(key=keys.key_for("write.write")), markup=False)
            return
        self.take_keys(self.options)  # the pane beside it shows the check then, not a finding
        self.check(self.session.written)

    def stop(self) -> None:
        self.reading, self.to_write = "", None
        super().stop()

    # Copying

    def action_copy_command(self) -> None:
        if self.path is not None:
            try:
                self.wizard.copy(self.session.command(self.path), _("train command"))
            except BbwizardError as error:
                self.wizard.report(error)

    def action_copy_config(self) -> None:
        if self.plan is not None and self.path is not None:
            self.wizard.copy(self.text_of(self.plan, self.path), _("config"))


def check_path(text: str) -> None:
    """Refuse what is no file name for a config."""
    name = paths.typed(text).name
    if not name.endswith(".py"):
        raise UsageError(_("a config's name ends in .py"))
    paths.demand_printable(name)
