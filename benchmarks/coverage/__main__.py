"""`python -m benchmarks.coverage bases|backbones|report`: run it at the top of the checkout."""

from __future__ import annotations

import argparse
import asyncio
import os
from pathlib import Path

from benchmarks.coverage import about, backbones, bases, report
from benchmarks.coverage.options import Options

OUT = Path(".cache/coverage")


def main() -> None:
    """Run what is missing of one part, or write the report of what there is."""
    options = parser().parse_args()
    if options.part == "report":
        report.write(options.out.resolve(), options.to)
        return
    os.environ["OMP_NUM_THREADS"] = "1"  # the workers are what shares the cores out
    stack = about.stack(options.python)
    out = (options.out / stack.folder).resolve()
    about.keep(out, stack)
    run = {"bases": bases.cover, "backbones": backbones.cover}[options.part]
    asyncio.run(
        run(
            Options(
                python=options.python,
                out=out,
                workers=options.workers,
                memory=options.memory or about.memory() * 0.85 / options.workers,
                limit=options.limit,
                sample=options.sample,
                seed=options.seed,
                retry=tuple(kind for kind in options.retry.split(",") if kind),
                only=options.only,
            )
        )
    )


def parser() -> argparse.ArgumentParser:
    """The words of the call."""
    found = argparse.ArgumentParser(prog="python -m benchmarks.coverage", description=__doc__)
    parts = found.add_subparsers(dest="part", required=True)
    for name in ("bases", "backbones"):
        part = parts.add_parser(name, help=f"every one of the {name} of a training environment")
        part.add_argument("--python", required=True, help="the Python of the training environment")
        part.add_argument("--out", type=Path, default=OUT, help="a folder; each stack has its own in it (%(default)s)")
        part.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes (%(default)s)")
        part.add_argument("--memory", type=float, default=0, help="GiB for each worker (its part of 85 %% of all)")
        part.add_argument("--limit", type=float, default=600, help="seconds for one item (%(default)g)")
        part.add_argument("--sample", type=int, metavar="N", help="one of each kind, and N more at random")
        part.add_argument("--seed", type=int, default=0, help="of the sample (%(default)s)")
        part.add_argument("--retry", default="", metavar="KINDS", help="do these again, such as failed,refused")
        part.add_argument("--only", default="*", metavar="PATTERN", help="names, with * and ?")
    part = parts.add_parser("report", help="write docs/coverage.md from what was run")
    part.add_argument("--out", type=Path, default=OUT, help="where the results lie (%(default)s)")
    part.add_argument("--to", type=Path, default=Path("docs/coverage.md"), help="(%(default)s)")
    return found


if __name__ == "__main__":
    main()
