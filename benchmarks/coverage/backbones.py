"""Every backbone of every catalog: stages, a written config, that file's own shapes; for some the whole check too."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from fnmatch import fnmatch
from typing import Any

from bbprobe.protocol import SHAPES, Entry
from bbwizard.errors import ProbeOutOfMemory, ProbeRefused
from bbwizard.plan import Plan
from bbwizard.verdicts import likely_size
from benchmarks.coverage import swap
from benchmarks.coverage.options import Options
from benchmarks.coverage.runner import Item, Work, run
from benchmarks.coverage.sitting import Sitting, crew
from benchmarks.coverage.store import FAILED, UNFIT, Outcome, Result, Store

DETECTORS = ("retinanet/retinanet_r50_fpn_1x_coco.py", "yolox/yolox_s_8x8_300e_coco.py")
"""What backbones are tried on: first the one that a name draws, and where that does not fit, the other."""

WIRED = "wired"
"""Written on a detector, and the file's own backbone gave the shapes that were promised."""

PART = 10
"""One in so many of those that are not the smallest of their family goes through the whole check."""

SHARE = 4
"""Of a sample one in so many goes through it: those with the fewest parameters."""

TO_RUN, TO_TRAIN = 8, 24
"""Bytes of memory for each parameter of a model that is run (its weights and as much again), or trained for a step
(gradients and two moments besides). What does not fit is asked for shapes alone, and counted so."""


async def cover(options: Options) -> None:
    """Wire and write every entry, then check the smallest of each family and a part of the others."""
    shapes, checks = Store(options.out, "backbones"), Store(options.out, "checks")
    shapes.forget(options.retry, [key for key in shapes.results if fnmatch(key, options.only)])
    checks.forget(options.retry, [key for key in checks.results if fnmatch(key, options.only)])
    # Weights that nobody touches take address space and no memory: no limit while shapes are asked.
    async with crew(options.python, options.out, options.workers, None) as sittings:
        entries = await (await sittings[0].session()).entries()
        asked = [entry for entry in sampled(entries, options) if fnmatch(entry.name, options.only)]
        waiting = [entry for entry in asked if entry.name not in shapes.results]
        items = [Item(entry.name, shapes_of(entry, options.memory)) for entry in sorted(waiting, key=likely_size)]
        await run(items, shapes, sittings, options.limit, "wiring backbones")
    async with crew(options.python, options.out, options.workers, options.memory) as sittings:
        named = [result for result in to_check(shapes.results, options) if fnmatch(result.key, options.only)]
        wanted = named if options.sample is None else named[: -(-options.sample // SHARE)]
        items = [Item(result.key, check_of(result)) for result in wanted if result.key not in checks.results]
        await run(items, checks, sittings, options.limit, "checking some")


def sampled(entries: Sequence[Entry], options: Options) -> list[Entry]:
    """All entries, or of a sample so many, by the number that each one's name is given."""
    if options.sample is None:
        return list(entries)
    return sorted(entries, key=lambda entry: drawn(entry.name, options.seed))[: options.sample]


def drawn(name: str, seed: int) -> int:
    """A number that a name always draws, whatever else is in the catalog."""
    return int.from_bytes(hashlib.sha256(f"{seed} {name}".encode()).digest()[:8], "big")


def shapes_of(entry: Entry, memory: float) -> Work:
    """What is done with every entry, `memory` GiB being there to run it."""

    async def do(sitting: Sitting) -> Outcome:
        session = await sitting.session()
        outcome = Outcome(FAILED, "no detector was tried")
        first = drawn(entry.name, 0) % len(DETECTORS)
        for base in DETECTORS[first:] + DETECTORS[:first]:
            plan = await swap.planned(session, base, entry.name)
            if isinstance(plan, Plan):
                return await compared(sitting, plan, entry, memory)
            outcome = plan
            if outcome.kind != UNFIT:
                break
        probe = session.probed(entry.name)
        return Outcome(outcome.kind, outcome.said, {**outcome.facts, **about(entry, probe.params if probe else 0)})

    return do


async def compared(sitting: Sitting, plan: Plan, entry: Entry, memory: float) -> Outcome:
    """The written file's own backbone, run where it fits, against what the screen shows of it."""
    session = await sitting.session()
    facts = about(entry, plan.probe.params) | {"base": plan.base.name, "stages": list(plan.stages)}
    written = swap.write(session, plan, sitting.file(plan.base.name, entry.name))
    if isinstance(written, Outcome):
        return Outcome(written.kind, written.said, {**facts, **written.facts})
    how = "cpu" if plan.probe.params * TO_RUN < memory * 2**30 else SHAPES
    try:
        found = await session.outputs(written, device=how)
    except ProbeOutOfMemory:
        how = SHAPES
        found = await session.outputs(written, device=how)
    except ProbeRefused as error:
        return Outcome(FAILED, error.text, {**facts, "stage": "outputs"})
    stages = [link.stage for link in plan.wiring.links]
    promised = [[1, stage.channels, stage.height, stage.width] for stage in stages]
    facts |= {"device": how, "strides": [stage.stride for stage in stages]}
    if found != promised:
        return Outcome(
            FAILED, f"the file's backbone gives {found}, shown were {promised}", {**facts, "stage": "shapes"}
        )
    return Outcome(WIRED, "", facts)


def about(entry: Entry, params: int) -> dict[str, Any]:
    """What the report needs of an entry."""
    return {"source": entry.source, "family": entry.family, "params": params}


def to_check(results: Mapping[str, Result], options: Options) -> list[Result]:
    """The wired backbones that go through the whole check, cheap ones first: of every family the one with the fewest
    parameters, and of the others those whose names drew it; none that a training step does not fit."""
    most = options.memory * 2**30 / TO_TRAIN
    wired = sorted(
        (result for result in results.values() if result.kind == WIRED and result.facts["params"] < most),
        key=lambda result: (result.facts["params"], result.key),
    )
    smallest = {f"{result.facts['source']}/{result.facts['family']}": result for result in reversed(wired)}.values()
    return [result for result in wired if result in smallest or drawn(result.key, options.seed) % PART == 0]


def check_of(result: Result) -> Work:
    """The whole check of a backbone on the detector that it was wired to."""

    async def do(sitting: Sitting) -> Outcome:
        outcome = await swap.checked(sitting, result.facts["base"], result.key)
        return Outcome(outcome.kind, outcome.said, {**result.facts, **outcome.facts})

    return do
