"""Having one backbone at a time measured, by a key: what the list and the comparison share."""

from __future__ import annotations

import re
from typing import ClassVar

from textual import on, work
from textual.dom import DOMNode
from textual.message import Message

from bbprobe.protocol import Measurement, Probe
from bbwizard import keys
from bbwizard.asked import BATCH
from bbwizard.errors import BbwizardError, ProbeBusy, ProbeCancelled, UsageError
from bbwizard.language import _, told
from bbwizard.screens.type_dialog import TypeDialog
from bbwizard.session import Session


class Measurer(DOMNode):
    """Measures the backbone at hand; what it is of is a `subject`, and a message for another one is stale."""

    measure_key: ClassVar[str]
    """The id of the key that measures."""
    subject: object = None
    """What is being measured; None where nothing is."""
    growing: Measurement | None = None
    """What is known by now of the subject."""
    trouble: BbwizardError | None = None
    """Why the last subject was not measured."""

    class Measured(Message):
        """What is known by now of a subject, `ended`: and nothing more will be, or why nothing is."""

        def __init__(
            self, subject: object, found: Measurement | None, error: BbwizardError | None = None, *, ended: bool = True
        ) -> None:
            super().__init__()
            self.subject = subject
            self.found = found
            self.error = error
            self.ended = ended

    # What a place with backbones says of itself

    @property
    def session(self) -> Session:
        """The sitting."""
        raise NotImplementedError

    @property
    def at_hand(self) -> tuple[str, Probe | None]:
        """The highlighted backbone's name, empty where there is none, and what it answered."""
        raise NotImplementedError

    def measure(self, name: str, probe: Probe, *, busy: bool = False) -> None:
        """Have a backbone measured, `busy`: also where others use the GPU; ends in `start`."""
        raise NotImplementedError

    def show_measured(self, *, ended: bool) -> None:
        """Show what is known of the subject by now, or why it was not measured."""
        raise NotImplementedError

    def measure_anew(self) -> None:
        """What was measured no longer holds: show that nothing is known."""
        raise NotImplementedError

    # Measuring

    def action_measure(self) -> None:
        name, probe = self.at_hand
        if not name or self.subject is not None:
            if name and isinstance(self.subject, str) and self.subject != name:
                words = _("{name} is being measured: one at a time").format(name=self.subject)
                self.app.notify(words, severity="warning", markup=False)
            return
        if probe is None:
            words = _("{name} has not said its stages yet").format(name=name)
            if self.session.atlas is not None:
                words = _("a measurement needs a training environment")
            self.app.notify(words, severity="warning", markup=False)
            return
        self.measure(name, probe, busy=isinstance(self.trouble, ProbeBusy))

    def action_batch(self) -> None:
        title = _("Images at a time, for images/s and memory")
        self.app.push_screen(TypeDialog(title, str(self.session.batch), str(BATCH), check=batch_of), self._batched)

    def _batched(self, text: str | None) -> None:
        if text is not None:
            self.session.batch = batch_of(text)
            self.measure_anew()
            self.action_measure()

    def start(self, subject: object, probe: Probe, *, busy: bool) -> None:
        """Measure a subject from now on."""
        self.growing, self.subject, self.trouble = None, subject, None
        self._measure(subject, probe, busy)

    def give_up(self) -> None:
        """Measure nothing any more."""
        self.workers.cancel_group(self, "measure")
        self.growing, self.subject, self.trouble = None, None, None

    @work(group="measure", exclusive=True, exit_on_error=False, description="measure the highlighted backbone")
    async def _measure(self, subject: object, probe: Probe, busy: bool) -> None:
        def grown(found: Measurement) -> None:
            self.post_message(self.Measured(subject, found, ended=False))

        try:
            found = await self.session.measure(probe, busy=busy, partial=grown)
        except ProbeCancelled:
            self.post_message(self.Measured(subject, None))
        except BbwizardError as error:
            self.post_message(self.Measured(subject, None, error))
        else:
            self.post_message(self.Measured(subject, found))

    @on(Measured)
    def _measured(self, event: Measured) -> None:
        event.stop()
        if event.subject != self.subject:
            return
        self.trouble = event.error
        self.growing = None if event.ended else event.found
        if event.ended:
            self.subject = None
        self.show_measured(ended=event.ended)

    @property
    def trouble_words(self) -> str:
        """Why the last subject was not measured, in the reader's language; empty where it was."""
        if self.trouble is None:
            return ""
        if not isinstance(self.trouble, ProbeBusy):
            return told(self.trouble.text)
        words = _("{trouble}; {key} measures all the same")
        return words.format(trouble=told(self.trouble.text), key=keys.key_for(self.measure_key))


def batch_of(text: str) -> int:
    """A number of images at a time.

    Raises:
        UsageError: it is none.
    """
    if re.fullmatch("[0-9]{1,6}", text.strip()) is None or int(text) < 1:
        raise UsageError(_("{text!r} is no number of images").format(text=text), _("1 or more"))
    return int(text)
