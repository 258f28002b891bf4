"""What a rule judges. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bbprobe.protocol import Base, Check, DataFile, Dataset, Entry, Probe
from bbwizard.image_sizes import Shown
from bbwizard.recipe import Recipe
from bbwizard.resolved import Resolved, resolved
from bbwizard.weights import NONE, Start
from bbwizard.wiring import Wiring

SAMPLES_PER_GPU: Final = 2
"""What mmdet's `train_detector` takes where the config does not say (`mmdet/apis/train.py`)."""


@dataclass(frozen=True)
class Situation:
    """A recipe with the facts it rests on.

    `seen` is what a check of the config written from it showed, once it ran; `files` what the base's data sets read.
    """

    recipe: Recipe
    base: Base
    entry: Entry
    probe: Probe
    wiring: Wiring
    start: Start
    seen: Check | None = None
    files: tuple[DataFile, ...] = ()
    data: Dataset | None = None
    """The user's own data, where the recipe names some and it was read."""
    shown: Shown = Shown()
    """What the backbone makes of the base's images, where they are of unusual sizes."""

    @property
    def config(self) -> Resolved:
        """The base config, resolved."""
        return resolved(self.base.resolved)

    @property
    def pretrained(self) -> bool:
        """Whether the new backbone starts from weights."""
        return self.start.label != NONE

    @property
    def samples_per_gpu(self) -> int:
        """Images that each GPU trains on in one step."""
        data = self.config.at(("data",), {})
        loader = data.get("train_dataloader") or {}
        found = loader.get("samples_per_gpu", data.get("samples_per_gpu"))
        return found if isinstance(found, int) else SAMPLES_PER_GPU

    @property
    def single_process(self) -> bool:
        """Whether it trains without `torch.distributed`."""
        return self.recipe.one_process

    @property
    def class_name(self) -> str:
        """The new backbone's class, without the scope of its registry."""
        return self.probe.type.rpartition(".")[2]
