"""Writing a config for each of several backbones: where, which, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import cast

from textual import on, work
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from bbwizard import candidates, keys, paths, results
from bbwizard.atomic import Seen
from bbwizard.candidates import Shortlist, Written
from bbwizard.errors import BbwizardError, ChangedMeanwhile, ProbeCancelled, WriteRefused
from bbwizard.language import _, told
from bbwizard.screens.dialogs import AskDialog, LinesDialog, TextDialog, kept
from bbwizard.screens.placing import Placing
from bbwizard.screens.step import Wizard
from bbwizard.screens.type_dialog import TypeDialog
from bbwizard.session import Session
from bbwizard.tabular import as_text
from bbwizard.widgets.phrases import STRONG, mark
from bbwizard.widgets.text import said, stack
from bbwizard.wording import some


class Shortlisting(Placing, Screen[str | None]):
    """A screen about several backbones, which can write a config for each."""

    class WorkedOut(Message):
        """What becomes of each is known, or why it cannot be; `folder` is where the configs are to be written."""

        def __init__(self, folder: Path, found: Shortlist | BbwizardError) -> None:
            super().__init__()
            self.folder = folder
            self.found = found

    @property
    def wizard(self) -> Wizard:
        """The app, as the screens know it."""
        return cast(Wizard, self.app)

    @property
    def session(self) -> Session:
        """The sitting."""
        return self.wizard.session

    @property
    def names(self) -> Sequence[str]:
        """The backbones that it is about."""
        raise NotImplementedError

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        # A worker's own errors come as messages; what arrives here is a fault of bbwizard itself.
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.wizard.report(event.worker.error)

    class Trained(Message):
        """What became of the trainings in the sitting's folder, as lines, or why nothing can be said."""

        def __init__(self, text: str, error: BbwizardError | None = None) -> None:
            super().__init__()
            self.text = text
            self.error = error

    def action_results(self) -> None:
        self._read_results(self.session.folder)

    @work(group="results", exclusive=True, thread=True, exit_on_error=False, description="read the trainings' logs")
    def _read_results(self, folder: Path) -> None:
        try:
            text = as_text(results.rows(results.results([folder])))
        except BbwizardError as error:
            self.post_message(self.Trained("", error))
        else:
            self.post_message(self.Trained(text))

    @on(Trained)
    def _trained(self, event: Trained) -> None:
        event.stop()
        if event.error is not None:
            self.wizard.report(event.error)
        else:
            self.app.push_screen(LinesDialog(_("Trainings in this folder"), event.text))

    def action_candidates(self) -> None:
        if self.unplaced:
            self.ask_where()
            return
        folder = candidates.suggested_folder(self.session.recipe.base)
        notes = (_("a config for each that fits, and the scripts that train them all"),)
        title = _("The folder to write them into")
        dialog = TypeDialog(title, folder, _("folder"), check=partial(candidates.place, self.session), notes=notes)
        self.app.push_screen(dialog, self._named)

    def placed(self, error: BbwizardError | None) -> None:
        if error is None:
            self.action_candidates()

    def _named(self, text: str | None) -> None:
        if text:
            self.app.notify(_("working out each of them…"), markup=False)
            self._work_out(self.session.folder / paths.typed(text), list(self.names))

    @work(group="candidates", exclusive=True, exit_on_error=False, description="work out each marked backbone")
    async def _work_out(self, folder: Path, names: Sequence[str]) -> None:
        try:
            found = await candidates.shortlist(self.session, names)
        except ProbeCancelled:
            return
        except BbwizardError as error:
            self.post_message(self.WorkedOut(folder, error))
        else:
            self.post_message(self.WorkedOut(folder, found))

    @on(WorkedOut)
    def _worked_out(self, event: WorkedOut) -> None:
        event.stop()
        if isinstance(event.found, BbwizardError):
            self.wizard.report(event.found)
        else:
            self._write(event.folder, event.found)

    def _write(self, folder: Path, found: Shortlist, seen: Mapping[str, Seen] = candidates.UNSEEN) -> None:
        try:
            written = candidates.write(self.session, found, folder, seen=seen)
        except ChangedMeanwhile:
            there = candidates.taken(found, folder)
            words = _("{folder} already holds {files}. Replace?")
            words = words.format(folder=folder.name, files=told(some(there)))
            question = AskDialog(words, kept(keys.key_for("compare.candidates")))
            self.app.push_screen(question, lambda yes: self._write(folder, found, there) if yes else None)
        except WriteRefused as error:
            hint = _("{hint}; {key} writes them into another folder")
            hint = hint.format(hint=told(error.hint), key=keys.key_for("compare.candidates"))
            self.wizard.report(WriteRefused(error.text, hint))
        except BbwizardError as error:
            self.wizard.report(error)
        else:
            self.wizard.written_marks = self.session.marked
            dialog = TextDialog(_("Written"), of_written(written), copied="\n".join(written.commands))
            self.app.push_screen(dialog)


def of_written(written: Written) -> Content:
    """What was written, what was not and why, and how to train it all."""
    lines = [said(str(written.folder), STRONG), Content("")]
    lines += [mark(True, config.name) for config, plan in written.configs]
    lines += [mark(False, refused.text) for refused in written.refused]
    lines += [Content(""), said(_("written, not checked; to train them in turn, or as a Slurm array:"))]
    return stack(*lines, *(said(f"  {command}", STRONG) for command in written.commands))
