"""What the chosen device says of the highlighted backbone, measured while the user reads."""

from __future__ import annotations

from asyncio import sleep
from collections.abc import Sequence
from typing import Final

from textual import on, work
from textual.content import Content
from textual.message import Message

from bbprobe.protocol import Measurement, Probe
from bbwizard import keys
from bbwizard.errors import BbwizardError, ProbeBusy, ProbeCancelled
from bbwizard.language import _, told
from bbwizard.screens.backbone_rows import BackboneRows
from bbwizard.widgets.about_measure import of_measurement

REST: Final = 1.5
"""Seconds that a row must stay highlighted until a GPU measures it unasked."""


class Measuring(BackboneRows):
    """Backbones of which the highlighted one is measured: by a key, and on a free GPU once the cursor rests."""

    class Rested(Message):
        """The cursor has stayed on a row; `asked` is what it was showing."""

        def __init__(self, asked: object) -> None:
            super().__init__()
            self.asked = asked

    class Measured(Message):
        """What is known by now of a row, `ended`: and nothing more will be, or why nothing is."""

        def __init__(
            self, asked: object, found: Measurement | None, error: BbwizardError | None = None, *, ended: bool = True
        ) -> None:
            super().__init__()
            self.asked = asked
            self.found = found
            self.error = error
            self.ended = ended

    def __init__(self) -> None:
        super().__init__()
        self.growing: Measurement | None = None
        self.measuring = False
        self.trouble: BbwizardError | None = None
        """Why the highlighted backbone was not measured."""

    def meanwhile(self) -> None:
        """Nothing is asked for the highlighted row now: what else is worth asking may be."""

    def look(self) -> None:
        self.workers.cancel_group(self, "rest")
        self.workers.cancel_group(self, "measure")
        self.growing, self.measuring, self.trouble = None, False, None
        super().look()

    def about_device(self, row: str) -> Sequence[Content]:
        if self.session.atlas is not None and self.trouble is None:
            return ()
        found = self.growing or (None if self.measuring else self.session.measured(row))
        trouble = self.trouble.text if self.trouble is not None else ""
        if isinstance(self.trouble, ProbeBusy):
            words = _("{trouble}; {key} measures all the same")
            trouble = words.format(trouble=told(trouble), key=keys.key_for("backbone.measure"))
        going = (self.elapsed or 0) if self.measuring else None
        return of_measurement(found, self.session.chosen_device, going=going, trouble=trouble)

    def tick(self) -> None:
        row = self.rows.row
        if self.measuring and row is not None:
            self.detail.renew(self.about(row, self.known(row)))
        else:
            super().tick()

    def rested(self) -> None:
        if not self.display:
            return
        self.meanwhile()
        row = self.rows.row
        if row is None or self.known(row) is None or self.session.measured(row) is not None:
            return
        if self.session.atlas is None and self.session.chosen_device != "cpu":
            self._rest(row)

    @work(group="rest", exclusive=True, exit_on_error=False, description="see whether the cursor rests")
    async def _rest(self, row: str) -> None:
        await sleep(REST)
        self.post_message(self.Rested(self.asked(row)))

    @on(Rested)
    def _rested(self, event: Rested) -> None:
        event.stop()
        row = self.rows.row
        if self.display and row is not None and self.asked(row) == event.asked and not self.measuring:
            self.measure(row)

    def action_measure(self) -> None:
        row = self.rows.row
        if row is None or self.measuring:
            return
        if self.known(row) is None:
            words = _("{name} has not said its stages yet").format(name=row)
            self.app.notify(words, severity="warning", markup=False)
            return
        self.measure(row, busy=isinstance(self.trouble, ProbeBusy))

    def measure(self, row: str, *, busy: bool = False) -> None:
        """Have a row measured, `busy`: also where others use the GPU; what can wait waits for it."""
        probe = self.known(row)
        if probe is None:
            return
        self.workers.cancel_group(self, "rest")
        self.workers.cancel_group(self, "meanwhile")
        self.growing, self.measuring, self.trouble = None, True, None
        self.wait()
        self._measure(row, probe, busy)
        self.detail.renew(self.about(row, probe))

    @work(group="measure", exclusive=True, exit_on_error=False, description="measure the highlighted backbone")
    async def _measure(self, row: str, probe: Probe, busy: bool) -> None:
        asked = self.asked(row)

        def grown(found: Measurement) -> None:
            self.post_message(self.Measured(asked, found, ended=False))

        try:
            found = await self.session.measure(probe, busy=busy, partial=grown)
        except ProbeCancelled:
            self.post_message(self.Measured(asked, None))
        except BbwizardError as error:
            self.post_message(self.Measured(asked, None, error))
        else:
            self.post_message(self.Measured(asked, found))

    @on(Measured)
    def _measured(self, event: Measured) -> None:
        event.stop()
        row = self.rows.row
        if row is None or self.asked(row) != event.asked or not self.measuring:
            return
        self.measuring, self.trouble = not event.ended, event.error
        self.growing = None if event.ended else event.found
        if event.ended:
            self.waited()
        self.detail.renew(self.about(row, self.known(row)))
        if event.ended and self.display:
            self.meanwhile()
