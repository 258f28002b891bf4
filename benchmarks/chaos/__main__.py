"""`python -m benchmarks.chaos`: sittings in which the probing half is killed, stopped, fed garbage, and worse.

Each must end with the text that an undisturbed one ends with, and the terminal half's heart must beat all the while:
a pause of more than two seconds counts as wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.chaos.mischief import KINDS, UNASKED
from benchmarks.chaos.sitting import Choice, Patience, Plan, Sat, plan, sit

REAL: Final = Choice("yolox_s_8x8_300e_coco", "mmcls/ShuffleNetV2")
PAUSE: Final = 2.0
"""Seconds between two beats from which on the terminal half counts as stuck; those that other programs had are not
counted."""
SLOW: Final = Patience(start=60, answer=60, check=240, giving_up=10, whole=1800)
"""For a half that imports torch each time that it is started."""


def main() -> int:
    """Sit, print, and leave with 1 where one sitting was not as it should be."""
    options = parser().parse_args()
    choice = Choice(REAL.base, REAL.backbone, options.python) if options.python else Choice()
    patience = SLOW if options.python else Patience()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
            os.environ[f"XDG_{kind}_HOME"] = str(folder / kind.lower())
        right = asyncio.run(sit(Plan(), folder / "undisturbed", choice, patience))
        print(f"undisturbed: {right.seconds:.1f} s, longest pause {right.longest * 1000:.0f} ms", flush=True)
        sat: list[Sat] = []
        wrong = 0
        for seed in range(options.seed, options.seed + options.sittings):
            planned = plan(seed, options.kinds)
            gc.unfreeze()  # an app says that what it listed stays for good
            try:
                one = asyncio.run(sit(planned, folder / str(seed), choice, patience))
            except Exception as error:  # whatever it is, the seed must be said, and the others go on
                wrong += 1
                print(f"seed {seed}, plan {planned}: {type(error).__name__}: {error}", flush=True)
                continue
            sat.append(one)
            if comparable(one.text) != comparable(right.text):
                wrong += 1
                print(f"seed {seed}, plan {planned}: another config was written:\n{one.text}", flush=True)
            elif one.longest > PAUSE:
                wrong += 1
                print(f"seed {seed}, plan {planned}: the terminal half stood still for {one.longest:.1f} s", flush=True)
            elif options.verbose:
                print(
                    f"seed {seed}: {one.seconds:.1f} s, {one.longest * 1000:.0f} ms, {', '.join(one.done)}", flush=True
                )
    print("\n".join(report(sat, wrong)))
    return 1 if wrong else 0


def comparable(text: str) -> str:
    """A config without its second line, which says how it was probed."""
    first, _, rest = text.split("\n", 2)
    return f"{first}\n{rest}"


def report(sat: Sequence[Sat], wrong: int) -> list[str]:
    """What came out."""
    lines = [f"{len(sat)} sittings came to an end, {wrong} not as they should"]
    if sat:
        pauses = [one.longest * 1000 for one in sat]
        lines.append(f"longest pause of the terminal half: median {median(pauses):.0f} ms, most {max(pauses):.0f} ms")
        lines.append(f"seconds of a sitting: median {median(one.seconds for one in sat):.1f}")
    done = Counter(kind for one in sat for kind in one.done)
    kinds = sorted([*KINDS, *(f"{kind}, unasked" for kind in UNASKED)])
    return [*lines, *(f"{done[kind]:>5} {kind}" for kind in kinds)]


def parser() -> argparse.ArgumentParser:
    """The grammar of the command."""
    found = argparse.ArgumentParser(prog="python -m benchmarks.chaos", description=__doc__)
    found.add_argument("--sittings", type=int, default=300, help="how many (default 300)")
    found.add_argument("--seed", type=int, default=0, help="of the first; each has the next (default 0)")
    found.add_argument("--python", default="", help="a training environment's, in place of made-up answers")
    found.add_argument("--kinds", nargs="+", choices=sorted(KINDS), default=sorted(KINDS), help="of mischief")
    found.add_argument("--verbose", action="store_true", help="say how each sitting went")
    return found


if __name__ == "__main__":
    sys.exit(main())
