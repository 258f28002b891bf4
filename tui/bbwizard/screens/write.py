"""Step 5: the config's text, where it goes, its check, and the command that trains it."""

from __future__ import annotations

from pathlib import Path

from textual import events, on, work
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content
from textual.message import Message

from bbprobe.protocol import Check
from bbwizard import keys
from bbwizard.errors import BbwizardError, ProbeCancelled, UsageError, WriteRefused
from bbwizard.plan import Plan
from bbwizard.screens import elsewhere
from bbwizard.screens.dialogs import AskDialog
from bbwizard.screens.type_dialog import TypeDialog
from bbwizard.screens.write_options import options_of, parse_gpus
from bbwizard.screens.write_result import WriteResult
from bbwizard.widgets.findings_list import FindingsList, title
from bbwizard.widgets.options import Option, Options
from bbwizard.widgets.phrases import mark
from bbwizard.widgets.text import said
from bbwizard.widgets.text_lines import TextLines


class WriteStep(WriteResult):
    """The config before and after it is written."""

    number = 5
    BINDINGS = keys.bindings("write")

    class Checked(Message):
        """The check of the written file is done, or could not be."""

        def __init__(self, config: Path, check: Check | None, error: BbwizardError | None = None) -> None:
            super().__init__()
            self.config = config
            self.check = check
            self.error = error

    class Progress(Message):
        """How far the check is."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self) -> None:
        super().__init__(id="step-write")
        self.path_typed = False
        self.text = TextLines()
        self.options = Options()
        self.write_when_weighed = False

    def compose(self) -> ComposeResult:
        with Container(classes="write"):
            with Vertical(classes="panel config"):
                yield self.text
            with Vertical(classes="panel findings"):
                yield self.findings
            with Vertical(classes="panel options") as panel:
                panel.border_title = "Options"
                yield self.options
            self.result.border_title = "Check and train"
            yield self.result

    def arrive(self) -> None:
        self.options.focus()
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
            words = self.trouble.text if self.trouble is not None else "choose a base config and a backbone first"
            self.result.show(mark(False, words))
            return
        if self.path is None or not self.path_typed:
            self.path = self.session.suggested(self.plan)
        self._show(self.plan, self.path)
        self.read_again()
        if self.unweighed(self.plan):
            self.weigh(self.plan)

    def weighed(self) -> None:
        self.renew()
        self.post_message(self.Decided())
        if self.write_when_weighed:
            self.action_write()

    def _show(self, plan: Plan, path: Path) -> None:
        try:
            self.text.show(self.session.text(plan, path))
        except BbwizardError as error:
            self.text.show(f"# {error.text}")
        panel = self.query_one(".config", Vertical)
        panel.border_title = Content("Config" if self.session.written != path or not self.kept else "Config (written)")
        panel.border_subtitle = said(self._short(path))
        options = options_of(self.session.recipe, plan, self._short(path), self.session.launchers)
        self.options.set_rows([*options, self.data_option(plan), *self.place_options()])
        self.query_one(".findings", Vertical).border_title = title(plan.findings)
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
        self.findings.focus()

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
        check = parse_gpus if option.name == "GPUs" else None
        notes = option.choices if option.name == "weights" else ()
        dialog = TypeDialog(option.name, option.value, option.note, check=check, notes=notes)
        self.app.push_screen(dialog, lambda text: self._set(option.name, text) if text else None)

    def _set(self, name: str, value: str) -> None:
        field = {"weights": "weights", "GPUs": "gpus", "launcher": "launcher"}[name]
        before = self.session.recipe
        self.session.change(**{field: parse_gpus(value) if field == "gpus" else value})
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
            dialog = TypeDialog("Where to write the config", self._short(self.path), "file.py", check=check_path)
            self.app.push_screen(dialog, self._moved)

    def _moved(self, text: str | None) -> None:
        if text:
            self.path = self.session.folder / Path(text).expanduser()
            self.path_typed = True
            self.renew()

    # Writing and checking

    def action_write(self) -> None:
        if self.unplaced:
            self.ask_for_place(write=True)
            return
        self.write_when_weighed = self.plan is not None and self.unweighed(self.plan)
        if self.write_when_weighed:
            self.app.notify("looking into the weights first", markup=False)
            return
        self._write(force=self.session.written is not None and self.session.written == self.path)

    def _write(self, *, force: bool) -> None:
        if self.plan is None or self.path is None:
            return
        if self.path.is_file() and not force:
            words = f"{self._short(self.path)} is there already. Replace it?"
            question = AskDialog(words, "n keeps it; e writes elsewhere")
            self.app.push_screen(question, lambda yes: self._write(force=True) if yes else None)
            return
        try:
            self.path = self.session.write(self.plan, self.path, force=force)
        except BbwizardError as error:
            hint = "name another file with e" if isinstance(error, WriteRefused) else error.hint
            self.wizard.report(type(error)(error.text, hint))
            return
        self.wizard.written(self.path)
        self.renew()
        self.post_message(self.Decided())
        self.action_check()

    def action_check(self) -> None:
        if self.session.written is None:
            self.app.notify("write it first: w", markup=False)
            return
        self.doing, self.trouble = "", None
        self.options.focus()  # the pane beside it shows the check then, not a finding
        self.wait()
        self.show_result()
        self._check(self.session.written)

    @work(group="check", exclusive=True, exit_on_error=False, description="check the written config")
    async def _check(self, config: Path) -> None:
        def progress(text: str, done: int, total: int) -> None:
            self.post_message(self.Progress(text))

        try:
            await self.session.prove(progress)
        except ProbeCancelled:
            return
        except BbwizardError as error:
            self.post_message(self.Checked(config, None, error))
        else:
            self.post_message(self.Checked(config, self.session.checked))

    @on(Progress)
    def _progress(self, event: Progress) -> None:
        event.stop()
        self.doing = event.text
        self.show_result()

    @on(Checked)
    def _checked(self, event: Checked) -> None:
        event.stop()
        if event.config != self.session.written:
            return
        self.waited()
        self.trouble = event.error
        self.renew()
        self.post_message(self.Decided())

    # Copying

    def action_copy_command(self) -> None:
        if self.path is not None:
            try:
                self.wizard.copy(self.session.command(self.path), "train command")
            except BbwizardError as error:
                self.wizard.report(error)

    def action_copy_config(self) -> None:
        if self.plan is not None:
            self.wizard.copy("\n".join(self.text.lines), "config")


def check_path(text: str) -> None:
    """Refuse what is no file name for a config."""
    if not text.endswith(".py"):
        raise UsageError("a config's name ends in .py")
