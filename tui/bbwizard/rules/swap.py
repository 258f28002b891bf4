"""What the swap itself brings: advice overridden, arguments lost and set, weights not there."""

from __future__ import annotations

from collections.abc import Iterator

from bbwizard.findings import Finding
from bbwizard.rules.situation import Situation


def overridden(situation: Situation) -> Iterator[Finding]:
    """Problems of the wiring that the user has it written with."""
    if situation.recipe.override:
        for problem in situation.wiring.problems:
            yield Finding(problem.code, problem.text)


def lost(situation: Situation) -> Iterator[Finding]:
    """Arguments of the old backbone that changed how it trained."""
    base = situation.base
    if base.lost:
        told = ", ".join(f"{key}={value!r}" for key, value in base.lost.items())
        yield Finding("lost", f"the base's {base.backbone} had {told}, which the new backbone will not have")


def from_scratch(situation: Situation) -> Iterator[Finding]:
    """No weights where the base starts from some."""
    entry = situation.entry
    if situation.base.pretrained and situation.start.label == "none":
        why = "weights are set to none" if entry.weights else f"{entry.name} has no weights in this catalog"
        yield Finding("from-scratch", f"the base starts from pretrained weights, this does not: {why}")


def cured(situation: Situation) -> Iterator[Finding]:
    """Arguments that the backbone was given to be of use to a detector, and what its probe had to say."""
    for cure in situation.probe.cures:
        yield Finding("set", f"{cure.key}={cure.value!r}: {cure.reason}")
    if situation.probe.note:
        yield Finding("probe", situation.probe.note)
