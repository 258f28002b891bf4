"""`python -m benchmarks.performance shapes|report`: run it at the top of the checkout, on a quiet machine."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from benchmarks.coverage import about
from benchmarks.performance import shapes

OUT = Path(".cache/performance")
REPORT = Path("docs/performance.md")

HEAD = """# Performance

Made by `python -m benchmarks.performance report` from what `python -m benchmarks.performance shapes --python PYTHON`
measured; nothing here is asserted by a test.

## Shapes

Every backbone of the three catalogs probed once, warm, in one process with one thread, without its cache; refused ones
left out. *Script*: the same backbone built through mmdet's registry and shown one 640x640 image, in the same process as
the probe, libraries imported and warm; the ratio is the median over a random hundred, those left out that one side
refuses.
"""


def main() -> None:
    """Measure one part, or write the report of what was measured."""
    options = parser().parse_args()
    if options.part == "shapes":
        for python in options.python:
            stack = about.stack(python)
            found = shapes.said(stack, shapes.measure(python, options.count, options.seed))
            options.out.mkdir(parents=True, exist_ok=True)
            (options.out / f"shapes-{stack.folder}.json").write_text(json.dumps(found), "utf-8")
        return
    results = [json.loads(file.read_text("utf-8")) for file in sorted(options.out.glob("shapes-*.json"), reverse=True)]
    stood = [
        f"- {found['stack']}: Python {found['python']}, "
        + ", ".join(f"{name} {version}" for name, version in found["versions"].items())
        + f"; {found['machine']}; {found['date']}, commit {found['commit']}"
        for found in results
    ]
    parts = [HEAD.strip(), "\n".join(shapes.lines(results)), "\n".join(stood)]
    options.to.write_text("\n\n".join(parts) + "\n", "utf-8")


def parser() -> argparse.ArgumentParser:
    """The words of the call."""
    found = argparse.ArgumentParser(prog="python -m benchmarks.performance", description=__doc__)
    parts = found.add_subparsers(dest="part", required=True)
    part = parts.add_parser("shapes", help="time the probes of all backbones, and a hundred beside a script")
    part.add_argument("--python", required=True, action="append", help="of a training environment (repeatable)")
    part.add_argument("--count", type=int, default=100, help="backbones beside the script (%(default)s)")
    part.add_argument("--seed", type=int, default=0, help="of their choice (%(default)s)")
    part.add_argument("--out", type=Path, default=OUT, help="(%(default)s)")
    part = parts.add_parser("report", help=f"write {REPORT}")
    part.add_argument("--out", type=Path, default=OUT, help="(%(default)s)")
    part.add_argument("--to", type=Path, default=REPORT, help="(%(default)s)")
    return found


if __name__ == "__main__":
    main()
