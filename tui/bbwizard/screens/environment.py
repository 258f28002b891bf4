"""Step 1: the training environment, whose libraries everything is asked of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from textual import on, work
from textual.app import ComposeResult
from textual.message import Message

from bbwizard import keys
from bbwizard.errors import BbwizardError, NoEnvironment, ProbeCancelled
from bbwizard.language import N_, _, told
from bbwizard.screens.step import Step
from bbwizard.widgets.bound import bindings
from bbwizard.widgets.detail import Detail
from bbwizard.widgets.phrases import QUIET, how
from bbwizard.widgets.row_list import Column, RowList
from bbwizard.widgets.text import said

if TYPE_CHECKING:
    from bbprobe.protocol import Environment, Fault
    from bbwizard.environments import Candidate


REMEMBERED: Final = N_("remembered")
"""How an environment was found, where one word says it: that is gathered as no sentence."""


class EnvironmentStep(Step):
    """The training environments found on this machine."""

    number = 1
    STOPS = frozenset({"find", "open"})
    BINDINGS = bindings("environment")
    DEFAULT_CLASSES = "browse"

    class Found(Message):
        """What discovery came to."""

        def __init__(self, candidates: list[Candidate], error: BbwizardError | None = None) -> None:
            super().__init__()
            self.candidates = candidates
            self.error = error

    class Opened(Message):
        """An environment is open, or the reason why not."""

        def __init__(self, environment: Environment | None, error: BbwizardError | None = None) -> None:
            super().__init__()
            self.environment = environment
            self.error = error

    class Said(Message):
        """What the environment that is being opened does, or its launch prefix says."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self) -> None:
        super().__init__(id="step-environment")
        columns: list[Column[Candidate]] = [
            Column("", self._mark, 1),
            Column(_("environment"), place),
            Column("mmdet", lambda found: found.versions.get("mmdet") or "-", 8),
            Column("torch", lambda found: found.versions.get("torch") or "-", 12, needs=64),
            Column(_("found by"), lambda found: told(found.origin), 16, needs=80, tone=lambda found: "quiet"),
        ]
        self.rows: RowList[Candidate] = RowList(
            columns, tone=self._tone, identity=lambda found: found.python, classes="panel rows"
        )
        self.detail = Detail(classes="panel")
        self.rows.empty = _("looking for training environments…")
        self.opening = ""
        self.doing = ""
        """What the environment that is being opened does, as far as it says so."""
        self.failed: dict[str, str] = {}
        self.named: str | None = None
        """The Python that the user named, on the command line or by typing its path here."""
        self.typed = False
        """Whether it was typed here: what is found there is a choice, to be remembered."""
        self.mending = ""
        """The environment that could not train, and is to be opened anew: it may be mended by now."""

    def compose(self) -> ComposeResult:
        self.rows.border_title = _("Training environments")
        yield self.rows
        self.detail.border_title = _("What it holds")
        yield self.detail

    def _mark(self, found: Candidate) -> str:
        environment = self.session.environment
        if environment is not None and environment.python and self.wizard.opened_python == found.python:
            return "!" if self.cannot_train else "✓"
        usable = found.usable or self.session.launch_prefix
        return " " if usable and found.python not in self.failed else "✗"

    def _tone(self, found: Candidate) -> str:
        return {"✓": "good", "!": "warn", "✗": "dim"}.get(self._mark(found), "")

    # Finding

    def arrive(self) -> None:
        self.take_keys(self.rows)
        self.show()

    def begin(self, named: str | None) -> None:
        """Open the environment that the user named, or look for those of this host."""
        from bbwizard import environments  # no sooner than the sitting, which the first frame does not wait for
        from bbwizard.atlas import shelf

        self.named = named
        if named is not None and named in shelf():
            self.show_found(())
            self.open(named, keep=False)
        elif self.session.launch_prefix and (there := environments.told(named)) is not None:
            self.open_there(there)
        else:
            self.find(named)

    def action_again(self) -> None:
        if self.cannot_train:
            self.mending, self.wizard.opened_python = self.wizard.opened_python, ""
        self.rows.empty = _("looking for training environments…")
        self.rows.set_rows([])
        self.show()
        self.begin(self.named)

    @property
    def cannot_train(self) -> list[Fault]:
        """What keeps the open environment from training."""
        opened = self.session.environment if self.wizard.opened_python else None
        return [fault for fault in opened.faults if fault.blocks] if opened is not None else []

    def action_copy(self) -> None:
        row = self.rows.row
        if row is not None and row.python == self.wizard.opened_python and self.cannot_train:
            self.wizard.copy("\n".join(fault.mend for fault in self.cannot_train), _("command"))
        elif row is not None:
            self.wizard.copy(row.python, _("path"))

    @work(group="find", exclusive=True, exit_on_error=False, description="look for training environments")
    async def find(self, explicit: str | None) -> None:
        """Look for environments; `explicit` is the one the user named."""
        try:
            candidates = await self.session.discover(explicit)
        except BbwizardError as error:
            self.post_message(self.Found([], error))
        else:
            self.post_message(self.Found(candidates))

    @on(Found)
    def _found(self, event: Found) -> None:
        # It goes on to the wizard, which may know which one is meant.
        if event.error is not None:
            self.wizard.report(event.error)
        self.show_found(event.candidates)
        self.show()

    def show_found(self, candidates: Sequence[Candidate]) -> None:
        """List environments, and below them what needs none."""
        from bbwizard.widgets.about_environment import books

        self.rows.empty = _("no training environment was found")
        self.rows.set_rows([*candidates, *books()])
        usable = next((found.python for found in candidates if found.usable), None)
        if usable is not None and self.rows.row is not None and not self.rows.row.usable:
            self.rows.point_at(usable)

    def action_path(self) -> None:
        from bbwizard.screens.type_dialog import TypeDialog

        title = _("The Python of a training environment")
        dialog = TypeDialog(title, "", _("/path/to/env/bin/python, or the environment's folder"))
        self.app.push_screen(dialog, self._typed)

    def _typed(self, text: str | None) -> None:
        if text:
            self.typed = not self.session.launch_prefix
            self.begin(text)

    # Opening

    @on(RowList.Chosen)
    def _chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        found: Candidate = event.row
        if not found.usable and not self.session.launch_prefix:
            self.wizard.report(NoEnvironment(f"{found.problem}", how()))
        elif self.wizard.opened_python == found.python:
            self.post_message(self.Decided(forward=True))
        else:
            self.open(found.python, keep=True)

    def open_there(self, python: str) -> None:
        """Open the environment at a path of another host, behind the launch prefix, where nothing can be looked up."""
        from bbwizard.environments.candidates import ASKED, Candidate

        self.rows.set_rows([Candidate(python, ASKED)])
        self.open(python, keep=False)

    def open(self, python: str, *, keep: bool) -> None:
        """Start the probing half there; `keep` remembers the environment for this host."""
        self.opening, self.doing, self.mending = python, "", ""
        self.wizard.opened_python = ""
        self.rows.point_at(python)
        self.wait()
        self.show()
        self._open(python, keep)

    @work(group="open", exclusive=True, exit_on_error=False, description="open the training environment")
    async def _open(self, python: str, keep: bool) -> None:
        def progress(text: str, done: int, total: int) -> None:
            self.post_message(self.Said(text))

        try:
            environment = await self.session.open(python, keep=keep, progress=progress)
        except ProbeCancelled:
            return
        except BbwizardError as error:
            self.post_message(self.Opened(None, error))
        else:
            self.post_message(self.Opened(environment))

    @on(Said)
    def _said(self, event: Said) -> None:
        event.stop()
        self.doing = event.text
        self.show()

    @on(Opened)
    def _opened(self, event: Opened) -> None:
        self.waited()
        python, self.opening = self.opening, ""
        if event.error is not None:
            self.failed[python] = event.error.text
            self.wizard.report(event.error)
        else:
            self.failed.pop(python, None)
            self.wizard.opened_python = python
        self.rows.refresh()
        self.show()

    def stopped(self) -> None:
        if self.opening:
            self.failed[self.opening] = _("stopped before it was open")
        self.opening, self.doing = "", ""
        if not self.rows.rows:
            self.rows.empty = _("stopped: {key} looks again").format(key=keys.key_for("environment.again"))
        self.rows.refresh()
        self.show()
        self._close()

    @work(group="close", exclusive=True, exit_on_error=False, description="end the probing half that was being started")
    async def _close(self) -> None:
        await self.session.close()

    # The pane

    @on(RowList.Highlighted)
    def _highlighted(self, event: RowList.Highlighted) -> None:
        event.stop()
        self.show()

    def tick(self) -> None:
        self.show()

    def show(self) -> None:
        """Show what is known of the highlighted environment."""
        found = self.rows.row
        if found is None:
            word = "" if self.rows.empty.endswith("…") or self.named else how()
            self.detail.show(said(word, QUIET))
        elif found.python == self.opening:
            from bbwizard.widgets import about_environment

            words = about_environment.of_opening(found.python, self.session.launch_prefix, self.doing, self.elapsed)
            self.detail.show(words)
        else:
            from bbwizard.widgets import about_environment

            opened = self.session.environment if found.python == self.wizard.opened_python else None
            failure, prefix = self.failed.get(found.python, ""), self.session.launch_prefix
            if prefix and opened is None and not found.versions:
                self.detail.show(about_environment.of_far(found.python, prefix, failure))
            else:
                self.detail.show(about_environment.of(found, opened, failure))


def place(found: Candidate) -> str:
    """Where an environment lies, as short as it can be told: its folder."""
    return found.python.removesuffix("/bin/python") or found.python
