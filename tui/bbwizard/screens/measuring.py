"""What the chosen device says of the highlighted backbone, measured while the user reads."""

from __future__ import annotations

from asyncio import sleep
from collections.abc import Sequence
from typing import Final

from textual import on, work
from textual.content import Content
from textual.message import Message

from bbprobe.protocol import Probe
from bbwizard.screens.backbone_rows import BackboneRows
from bbwizard.screens.measurer import Measurer
from bbwizard.widgets.about_measure import of_measurement

REST: Final = 1.5
"""Seconds that a row must stay highlighted until a GPU measures it unasked."""


class Measuring(BackboneRows, Measurer):
    """Backbones of which the highlighted one is measured: by a key, and on a free GPU once the cursor rests."""

    measure_key = "backbone.measure"

    class Rested(Message):
        """The cursor has stayed on a row; `asked` is what it was showing."""

        def __init__(self, asked: object) -> None:
            super().__init__()
            self.asked = asked

    def meanwhile(self) -> None:
        """Nothing is asked for the highlighted row now: what else is worth asking may be."""

    @property
    def at_hand(self) -> tuple[str, Probe | None]:
        row = self.rows.row
        return ("", None) if row is None else (row, self.known(row))

    def look(self) -> None:
        self.workers.cancel_group(self, "rest")
        self.give_up()
        super().look()

    def measure_anew(self) -> None:
        self.look()

    def about_device(self, row: str) -> Sequence[Content]:
        if self.session.atlas is not None and self.trouble is None:
            return ()
        measuring = self.subject is not None
        found = self.growing or (None if measuring else self.session.measured(row))
        going = (self.elapsed or 0) if measuring else None
        return of_measurement(found, self.session.chosen_device, going=going, trouble=self.trouble_words)

    def tick(self) -> None:
        row = self.rows.row
        if self.subject is not None and row is not None:
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
        row, probe = self.at_hand
        if self.display and probe is not None and self.asked(row) == event.asked and self.subject is None:
            self.measure(row, probe)

    def measure(self, name: str, probe: Probe, *, busy: bool = False) -> None:
        self.workers.cancel_group(self, "rest")
        self.workers.cancel_group(self, "meanwhile")
        self.wait()
        self.start(self.asked(name), probe, busy=busy)
        self.detail.renew(self.about(name, probe))

    def show_measured(self, *, ended: bool) -> None:
        if ended:
            self.waited()
        row = self.rows.row
        if row is not None:
            self.detail.renew(self.about(row, self.known(row)))
        if ended and self.display:
            self.meanwhile()
