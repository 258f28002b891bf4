"""What differs between two presets, and between a preset and the libraries here, in words. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from bbwizard.grammar import LIBRARIES
from bbwizard.presets import Preset, SavedStage

NOTHING: Final = "none"
DEFAULT_WIRING: Final = "the deepest at each stride"


@dataclass(frozen=True)
class Difference:
    """One thing that two presets do not say alike, as each of them says it."""

    what: str
    first: str
    second: str

    @property
    def text(self) -> str:
        """The difference in a line."""
        return f"{self.what}: {self.first} → {self.second}"


SAID: Final[Mapping[str, Callable[[Preset], str]]] = {
    "base config": lambda preset: preset.recipe.base,
    "backbone": lambda preset: preset.recipe.backbone,
    "stages": lambda preset: stages(preset),
    "weights": lambda preset: preset.recipe.weights,
    "input size": lambda preset: "{}x{}".format(*preset.recipe.input),
    "GPUs": lambda preset: str(preset.recipe.gpus),
    "nodes": lambda preset: str(preset.recipe.nodes or "auto"),
    "launcher": lambda preset: preset.recipe.launcher,
    "meet at": lambda preset: preset.recipe.meet or "this host",
    "resume": lambda preset: preset.recipe.resume or "no",
    "written against advice": lambda preset: "yes" if preset.recipe.override else "no",
    "own data": lambda preset: listed(preset.recipe.data),
    "fixes taken": lambda preset: listed(preset.recipe.fixes),
    "fixes left": lambda preset: listed(preset.recipe.leave),
    "tags": lambda preset: listed(preset.tags),
    "note": lambda preset: preset.note or NOTHING,
    "made with": lambda preset: listed(f"{name} {found}" for name, found in preset.made_with.items() if found),
}
"""What a preset says, by what it says it of."""


def differences(first: Preset, second: Preset) -> list[Difference]:
    """What two presets do not say alike."""
    told = [Difference(what, say(first), say(second)) for what, say in SAID.items()]
    return [difference for difference in told if difference.first != difference.second]


def other_versions(preset: Preset, held: Mapping[str, str | None]) -> tuple[str, ...]:
    """The libraries that are of another version here than where a preset was saved, a sentence each."""
    return tuple(
        f"{name} was {preset.made_with[name]}, is {held.get(name) or 'missing'} here"
        for name in LIBRARIES
        if preset.made_with.get(name) not in (None, held.get(name))
    )


def stages(preset: Preset) -> str:
    """The chosen stages, with what was seen of them."""
    return ", ".join(map(stage, preset.stages)) if preset.recipe.stages is not None else DEFAULT_WIRING


def stage(saved: SavedStage) -> str:
    """A stage as `1 (232 at /16)`."""
    seen = saved.channels is not None and saved.stride is not None
    return f"{saved.index} ({saved.channels} at /{saved.stride})" if seen else str(saved.index)


def listed(words: Iterable[str]) -> str:
    """Words apart by commas."""
    return ", ".join(words) or NOTHING
