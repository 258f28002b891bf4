"""What the device of the open training environment said of backbones, in this sitting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from bbprobe.protocol import Measurement, Probe
from bbwizard.asked.backbones import Backbones
from bbwizard.asked.opening import MEANWHILE, MEASURE
from bbwizard.probe import Progress

BATCH: Final = 8
"""Images at a time where nothing else is said."""


class Measured(Backbones):
    """Latency, throughput and memory of backbones; nothing of it is kept for another sitting."""

    batch: int = BATCH
    """Images at a time."""

    def _forget(self) -> None:
        super()._forget()
        self._measurements: dict[tuple[str, int], Measurement] = {}

    def selected(self, probe: Probe) -> tuple[int, ...]:
        """The out indices that a backbone is measured with; none where it takes none."""
        return tuple(stage.index for stage in probe.stages) if probe.select is not None else ()

    async def measure(
        self,
        probe: Probe,
        *,
        busy: bool = False,
        progress: Progress | None = None,
        partial: Callable[[Measurement], None] | None = None,
    ) -> Measurement:
        """Measure a probed backbone with its `selected` stages on the chosen device, `batch` images at a time.

        Any other request overtakes it, but for those that are made ahead of need. `partial` gets the measurement as it
        grows.

        Raises:
            ProbeBusy: others are using the GPU, and `busy` does not allow to join them.
        """
        asked: dict[str, Any] = {
            "name": probe.backbone,
            "type": probe.type,
            "config": probe.config,
            "select": probe.select,
            "stages": list(self.selected(probe)),
            "input": probe.input,
            "device": self.chosen_device,
            "batch": self.batch,
            "busy": busy,
        }
        found: Measurement = await self._ask(
            "measure",
            asked,
            Measurement,
            group=MEASURE,
            overtakes=(MEANWHILE,),
            progress=progress,
            partial=partial,
        )
        self.keep_measurement(found)
        return found

    def keep_measurement(self, measurement: Measurement) -> None:
        """Keep what a backbone needs of the device, for this sitting, in place of what was measured of it before."""
        self._measurements[measurement.backbone, measurement.batch] = measurement

    def measured(self, name: str) -> Measurement | None:
        """The last measurement of the backbone of that name, where it holds for what would be asked now."""
        found, probe = self._measurements.get((name, self.batch)), self.probed(name)
        if found is None or probe is None:
            return None
        now = (probe.input, list(self.selected(probe)))
        return found if (found.input, found.stages) == now else None
