"""The user's own data in the last step: typed, read on the training side, shown."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Final

from textual import on, work
from textual.content import Content
from textual.message import Message

from bbprobe.protocol import Dataset
from bbwizard import dataset
from bbwizard.errors import BbwizardError, ProbeCancelled
from bbwizard.language import N_, _, told
from bbwizard.plan import Plan
from bbwizard.resolved import resolved
from bbwizard.rules import own_data
from bbwizard.screens.dialogs import TextDialog
from bbwizard.screens.type_dialog import TypeDialog
from bbwizard.screens.weighing import Weighing
from bbwizard.widgets.options import Option
from bbwizard.widgets.phrases import caution, mark
from bbwizard.widgets.text import said, stack

OWN = N_("the base's own")
CLASSES: Final = (N_("{0} class"), N_("{0} classes"))
"""How a data set is summed up: too little to be gathered as a sentence."""

NOTES = (
    N_("a folder or an annotation file in COCO's format; nothing: the base's"),
    N_("or for each split: train=FILE:FOLDER val=FILE:FOLDER test=FILE:FOLDER"),
)


class OwnData(Weighing):
    """A step that asks for the user's own data."""

    class Read(Message):
        """A data set was read, or could not be; `first`: the user has just named it."""

        def __init__(self, words: tuple[str, ...], data: Dataset | BbwizardError, *, first: bool) -> None:
            super().__init__()
            self.words = words
            self.data = data
            self.first = first

    class Reading(Message):
        """How far the reading is."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    reading = ""
    """What is being read; empty where nothing is."""
    read_words: tuple[str, ...] = ()
    """The data set that was read last, or could not be."""

    def data_option(self, plan: Plan) -> Option:
        """The row of the options that says whose data it trains on."""
        words = shlex.join(short(plan.recipe.data, self.session.folder)) or _(OWN)
        known = _("not read") if plan.recipe.data else ""
        if plan.data is not None:
            known = told(dataset.summary(plan.data))
        return Option(N_("data"), words, (), self.reading or known, free=True)

    def action_data(self) -> None:
        """Ask where the data are."""
        folder = self.session.folder
        line = shlex.join(short(self.session.recipe.data, folder))

        def check(text: str) -> None:
            dataset.named(dataset.typed(text), folder)

        dialog = TypeDialog(_("Your own data"), line, "path/to/data", check=check, notes=[_(note) for note in NOTES])
        self.app.push_screen(dialog, self._named)

    def _named(self, line: str | None) -> None:
        if line is None:
            return
        words = dataset.named(dataset.typed(line), self.session.folder)
        if words:
            self._start(words, first=True)
        else:
            self._decide(words)

    def read_again(self) -> None:
        """Read the recipe's data set where a preset, or an undo, has brought one that was not read yet."""
        words = self.session.recipe.data
        if words and words != self.read_words and self.session.known_dataset(words) is None:
            self._start(words, first=False)

    def _start(self, words: tuple[str, ...], *, first: bool) -> None:
        self.read_words = words
        self.reading = _("reading…")
        self.renew()
        self._read(words, first=first)

    @work(group="dataset", exclusive=True, exit_on_error=False, description="read the user's data set")
    async def _read(self, words: tuple[str, ...], *, first: bool) -> None:
        def progress(text: str, done: int, total: int) -> None:
            self.post_message(self.Reading(text))

        try:
            data = await self.session.dataset(words, progress)
        except ProbeCancelled:
            return
        except BbwizardError as error:
            self.post_message(self.Read(words, error, first=first))
        else:
            self.post_message(self.Read(words, data, first=first))

    @on(Reading)
    def _reading(self, event: Reading) -> None:
        event.stop()
        if self.reading:
            self.reading = told(event.text)
            self.renew()

    @on(Read)
    def _was_read(self, event: Read) -> None:
        event.stop()
        self.reading = ""
        if isinstance(event.data, BbwizardError):
            self.renew()
            self.wizard.report(event.data)
            return
        self._decide(event.words)
        if event.first:
            plan = self.session.plan()
            self.app.push_screen(TextDialog(_("Your data"), of_dataset(event.data, plan)))

    def _decide(self, words: tuple[str, ...]) -> None:
        self.session.change(data=words)
        self.renew()
        self.post_message(self.Decided())


def short(words: tuple[str, ...], folder: Path) -> list[str]:
    """The words with paths below `folder` written from there on."""
    return [word.replace(f"{folder}/", "") for word in words]


def of_dataset(data: Dataset, plan: Plan | None) -> Content:
    """What was found, and what is wrong with it for this base config."""
    lines = [said(told(line)) for line in dataset.lines(data)]
    if plan is not None:
        lines += [mark(False, fault.text) for fault in plan.faults]
        lines += [caution(item.text) for item in own_data.said(data, resolved(plan.base.resolved))]
    return stack(*lines)
