"""What a rule judges. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bbprobe.protocol import Base, Check, Entry, Probe
from bbwizard.recipe import Recipe
from bbwizard.resolved import Resolved, resolved
from bbwizard.weights import Start
from bbwizard.wiring import Wiring


@dataclass(frozen=True)
class Situation:
    """A recipe with the facts it rests on; `seen` is what a check of the config written from it showed, once it ran."""

    recipe: Recipe
    base: Base
    entry: Entry
    probe: Probe
    wiring: Wiring
    start: Start
    seen: Check | None = None

    @property
    def config(self) -> Resolved:
        """The base config, resolved."""
        return resolved(self.base.resolved)
