"""`python -m benchmarks.coverage all|bases|backbones|learning|exact|report`: run it at the top of the checkout."""

from __future__ import annotations

import argparse
import asyncio
import os
from pathlib import Path

from benchmarks.coverage import about, backbones, bases, exact, learning, report
from benchmarks.coverage.options import Options

OUT = Path(".cache/coverage")
REPORT = Path("docs/coverage.md")
PARTS = {"bases": bases.cover, "backbones": backbones.cover, "learning": learning.cover, "exact": exact.cover}


def main() -> None:
    """Run what is missing of one part or of all, or write the report of what there is."""
    options = parser().parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"  # the workers are what shares the cores out
    for python in getattr(options, "python", ()):
        stack = about.stack(python)
        out = (options.out / stack.folder).resolve()
        how = Options(
            python=python,
            out=out,
            workers=options.workers,
            memory=options.memory or about.memory() * 0.85 / options.workers,
            limit=options.limit,
            sample=options.sample,
            seed=options.seed,
            retry=tuple(kind for kind in options.retry.split(",") if kind),
            only=options.only,
        )
        for name, cover in PARTS.items():
            if options.part in (name, "all"):
                about.keep(out, name, stack, whole=False)
                asyncio.run(cover(how))
                about.keep(out, name, stack, whole=options.sample is None and options.only == "*")
    if options.part in ("report", "all"):
        report.write(options.out.resolve(), options.to)


def parser() -> argparse.ArgumentParser:
    """The words of the call."""
    found = argparse.ArgumentParser(prog="python -m benchmarks.coverage", description=__doc__)
    parts = found.add_subparsers(dest="part", required=True)
    for name, what in {
        "bases": "swap and check every base config",
        "backbones": "wire every backbone, and check some",
        "learning": "train one config of each detector class",
        "exact": "compare every backbone's shapes with those of the network run",
        "all": "all of these, and the report",
    }.items():
        part = parts.add_parser(name, help=what)
        part.add_argument("--python", required=True, action="append", help="of a training environment (repeatable)")
        part.add_argument("--out", type=Path, default=OUT, help="a folder; each stack has its own in it (%(default)s)")
        part.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes (%(default)s)")
        part.add_argument("--memory", type=float, default=0, help="GiB for each worker (its part of 85 %% of all)")
        part.add_argument("--limit", type=float, default=600, help="seconds for one item (%(default)g)")
        part.add_argument("--sample", type=int, metavar="N", help="one of each kind, and N more at random")
        part.add_argument("--seed", type=int, default=0, help="of the sample (%(default)s)")
        part.add_argument("--retry", default="", metavar="KINDS", help="do these again, such as failed,refused")
        part.add_argument("--only", default="*", metavar="PATTERN", help="names, with * and ?")
        part.set_defaults(to=REPORT)
    part = parts.add_parser("report", help=f"write {REPORT} from what was run")
    part.add_argument("--out", type=Path, default=OUT, help="where the results lie (%(default)s)")
    part.add_argument("--to", type=Path, default=REPORT, help="(%(default)s)")
    return found


if __name__ == "__main__":
    main()
