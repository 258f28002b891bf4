"""`python -m benchmarks.falling_loss --python PYTHON`: one swapped config per detector, trained until its loss falls.

It takes the cheapest base config of each detector class that `python -m benchmarks.coverage bases` has seen, and
keeps its results beside that run's.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bbwizard.plan import Plan
from benchmarks.coverage import about, swap
from benchmarks.coverage.bases import UNDERSTOOD
from benchmarks.coverage.runner import Item, Work, run
from benchmarks.coverage.sitting import Sitting, crew
from benchmarks.coverage.store import BASE, CHECKED, FAILED, UNFIT, Outcome, Result, Store

BACKBONES = ("mmcls/MobileNetV2", "timm/regnetx_002", "mmcls/ResNet/18")
"""Small ones; the first that has the strides is taken, the order turning from detector to detector."""

FALLS, LEVEL = "falls", "does not fall"
CLEARLY = 0.8
"""Of the loss of the first steps: below it, the loss has clearly fallen."""

TRAINING = Path(__file__).with_name("tiny_training.py")
SOURCES = Path(__file__).parents[1] / "tui"


def main() -> None:
    """Train whatever was not trained yet."""
    found = argparse.ArgumentParser(prog="python -m benchmarks.falling_loss", description=__doc__)
    found.add_argument("--python", required=True, help="the Python of the training environment")
    found.add_argument(
        "--out", type=Path, default=Path(".cache/coverage"), help="where the coverage lies (%(default)s)"
    )
    found.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes (%(default)s)")
    found.add_argument("--steps", type=int, default=120, help="at most (%(default)s)")
    found.add_argument("--seconds", type=float, default=90, help="at most for each (%(default)g)")
    found.add_argument("--retry", default="", metavar="KINDS", help="do these again, such as failed")
    found.add_argument("--only", default="", metavar="DETECTOR", help="this detector class alone")
    options = found.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    stack = about.stack(options.python)
    out = (options.out / stack.folder).resolve()
    asyncio.run(cover(options, out))


async def cover(options: argparse.Namespace, out: Path) -> None:
    """One config of every detector class."""
    facts, swaps, store = Store(out, "facts"), Store(out, "bases"), Store(out, "falling")
    store.forget([kind for kind in options.retry.split(",") if kind], [options.only] if options.only else None)
    picked = pick(facts.results, swaps.results)
    items = [
        Item(detector, training(result.key, turn, options))
        for turn, (detector, result) in enumerate(sorted(picked.items()))
        if detector not in store.results and options.only in ("", detector)
    ]
    memory = about.memory() * 0.85 / options.workers
    async with crew(options.python, out, options.workers, memory) as sittings:
        await run(items, store, sittings, 180 + 6 * options.seconds, "training")


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


def training(name: str, turn: int, options: argparse.Namespace) -> Work:
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
            said = await trained(options.python, written, options.steps, options.seconds)
            if "error" not in said:
                fell = said["last"] < CLEARLY * said["first"]
                return Outcome(FALLS if fell else LEVEL, "", {**facts, **said})
            check = swap.of_check(await session.check(written), plan)
            kind = BASE if check.kind == BASE else FAILED
            return Outcome(kind, check.said if kind == BASE else said["error"], {**facts, **said})
        return outcome

    return do


async def trained(python: str, config: Path, steps: int, seconds: float) -> dict[str, Any]:
    """What the training said, or its error."""
    folder = config.with_suffix("")
    words: Sequence[str] = (python, str(TRAINING), str(config), str(folder), str(steps), str(seconds))
    process = await asyncio.create_subprocess_exec(
        *words,
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


if __name__ == "__main__":
    main()
