"""One swapped config of each detector class, trained until its loss falls.

It takes the cheapest base config of each class that the run over the base configs has seen.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from bbwizard.plan import Plan
from benchmarks.coverage import swap
from benchmarks.coverage.bases import UNDERSTOOD
from benchmarks.coverage.options import Options
from benchmarks.coverage.runner import Item, Work, run
from benchmarks.coverage.sitting import Sitting, crew
from benchmarks.coverage.store import BASE, CHECKED, FAILED, UNFIT, Outcome, Result, Store

BACKBONES = ("mmcls/MobileNetV2", "timm/regnetx_002", "mmcls/ResNet/18")
"""Small ones; the first that has the strides is taken, the order turning from detector to detector."""

FALLS, LEVEL = "falls", "does not fall"
CLEARLY = 0.8
"""Of the loss of the first steps: below it, the loss has clearly fallen."""

STEPS, SECONDS = 160, 150.0
"""The most steps, and seconds of the processor, that one config is trained for."""

TOO_SMALL = "input image is smaller than kernel"
"""What mmcv's deformable convolution says of a map."""

DIVERGED = "FloatingPointError"
"""How the training's own error begins where the loss is no number any more."""

LARGER = 3
"""How many times larger the images are for a detector whose deformable convolutions find them too small."""

SLOWER = 4
"""How many times smaller the learning rate is, and longer the time, of a second try where the loss did not fall."""

TRAINING = Path(__file__).with_name("tiny_training.py")
SOURCES = Path(__file__).parents[2] / "tui"


async def cover(options: Options) -> None:
    """One config of every detector class."""
    facts, swaps, store = (Store(options.out, name) for name in ("facts", "bases", "learning"))
    store.forget(options.retry, [key for key in store.results if fnmatch(key, options.only)])
    picked = pick(facts.results, swaps.results)
    items = [
        Item(detector, training(result.key, turn, options.python))
        for turn, (detector, result) in enumerate(sorted(picked.items()))
        if detector not in store.results and fnmatch(detector, options.only)
    ]
    async with crew(options.python, options.out, options.workers, options.memory) as sittings:
        await run(items, store, sittings, 180 + 20 * SECONDS, "training")


def pick(facts: Mapping[str, Result], swaps: Mapping[str, Result]) -> dict[str, Result]:
    """The cheapest config of every detector class, of those that passed the check where some did."""
    kinds: dict[str, set[str]] = {}
    for key, result in swaps.items():
        kinds.setdefault(key.partition(" | ")[0], set()).add(result.kind)
    found: dict[str, tuple[tuple[bool, int, str], Result]] = {}
    for name, fact in facts.items():
        if fact.kind == UNDERSTOOD:
            rank = (CHECKED not in kinds.get(name, set()), fact.facts["size"], name)
            detector = fact.facts["detector"]
            if detector not in found or rank < found[detector][0]:
                found[detector] = rank, fact
    return {detector: fact for detector, (_, fact) in found.items()}


def training(name: str, turn: int, python: str) -> Work:
    """One config, swapped, written, trained."""
    start = turn % len(BACKBONES)

    async def do(sitting: Sitting) -> Outcome:
        session = await sitting.session()
        outcome = Outcome(UNFIT, "no backbone was tried")
        for backbone in BACKBONES[start:] + BACKBONES[:start]:
            plan = await swap.planned(session, name, backbone)
            if not isinstance(plan, Plan):
                outcome = plan
                continue
            written = swap.write(session, plan, sitting.file("falling", name, backbone))
            if isinstance(written, Outcome):
                return written
            facts = {"config": name, "backbone": backbone}
            said, scale = await trained(python, written), 1
            if TOO_SMALL in said.get("error", ""):
                scale = LARGER
                said = await trained(python, written, scale)
            if DIVERGED in said.get("error", DIVERGED) and not fallen(said):
                said = await trained(python, written, scale, SLOWER)
            if "error" not in said:
                return Outcome(FALLS if fallen(said) else LEVEL, "", {**facts, **said})
            check = swap.of_check(await session.check(written), plan)
            kind = BASE if check.kind == BASE else FAILED
            return Outcome(kind, check.said if kind == BASE else said["error"], {**facts, **said})
        return outcome

    return do


def fallen(said: Mapping[str, Any]) -> bool:
    """Whether the loss of a training has clearly fallen."""
    return bool(said.get("last", 1.0) < CLEARLY * said.get("first", 0.0))


async def trained(python: str, config: Path, scale: int = 1, slower: int = 1) -> dict[str, Any]:
    """What the training said, or its error; a slower one takes smaller steps, and more of them."""
    numbers = (STEPS, slower * SECONDS, scale, slower)
    process = await asyncio.create_subprocess_exec(
        *(python, str(TRAINING), str(config), str(config.with_suffix("")), *map(str, numbers)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(SOURCES)},
    )
    try:
        out, err = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode == 0:
        said: dict[str, Any] = json.loads(out.splitlines()[-1])
        return said
    lines = err.decode("utf-8", "replace").strip().splitlines() or [f"it ended with {process.returncode}"]
    return {"error": lines[-1], "traceback": "\n".join(lines[-30:])}
