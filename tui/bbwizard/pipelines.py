"""Data pipelines as a child config must write them: whole, since mmcv replaces lists. Pure."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace

from bbwizard.findings import Edit, Fix, Pipeline, Steps
from bbwizard.literals import Name
from bbwizard.resolved import Resolved, opaque


def edits(fixes: Sequence[Fix], base: Resolved) -> tuple[list[Edit], list[Edit]]:
    """Every pipeline that the fixes change: as a variable, as base configs have it, and where that is used."""
    variables: dict[str, Steps] = {}
    places: list[Edit] = []
    for pipeline in base.pipelines():
        steps = changed(fixes, pipeline)
        if steps == pipeline.steps or opaque(steps):
            continue
        name = variable(pipeline.role, pipeline.steps, steps, base, variables)
        variables[name] = steps
        places.append(Edit(pipeline.path, Name(name)))
    return [Edit((name,), steps) for name, steps in variables.items()], places


def changed(fixes: Sequence[Fix], pipeline: Pipeline) -> Steps:
    """The transforms of one pipeline after all fixes."""
    for fix in fixes:
        if fix.pipeline is not None:
            pipeline = replace(pipeline, steps=fix.pipeline(copy.deepcopy(pipeline)))
    return pipeline.steps


def variable(role: str, old: Steps, new: Steps, base: Resolved, taken: dict[str, Steps]) -> str:
    """The name for a changed pipeline: that of the base's variable with the old transforms, else one after its role."""
    known = [name for name, value in base.values.items() if name.endswith("pipeline") and value == old]
    name = next((name for name in known if taken.get(name, new) == new), f"{role}_pipeline")
    number = 2
    while name in taken and taken[name] != new:
        name, number = f"{role}_pipeline_{number}", number + 1
    return name
