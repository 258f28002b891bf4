"""`python -m benchmarks.performance shapes|terminal|report`: run it at the top of the checkout, on a quiet machine."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from benchmarks.coverage import about
from benchmarks.performance import report, shapes, terminal, terminal_tables

OUT = Path(".cache/performance")
REPORT = Path("docs/performance.md")


def main() -> None:
    """Measure one part, or write the report of what was measured."""
    options = parser().parse_args()
    if options.part == "report":
        before = options.to.read_text("utf-8") if options.to.is_file() else ""
        options.to.write_text(report.text(options.out, before), "utf-8")
        return
    options.out.mkdir(parents=True, exist_ok=True)
    if options.part == "terminal":
        measured = terminal.measure(options.sittings, options.keys, options.idle, options.out)
        found = {**about.said(terminal.stack()), **measured}
        print("\n\n".join(terminal_tables.paragraphs(found)))
        (options.out / "terminal.json").write_text(json.dumps(found), "utf-8")
        return
    for python in options.python:
        stack = about.stack(python)
        found = shapes.said(stack, shapes.measure(python, options.count, options.seed))
        (options.out / f"shapes-{stack.folder}.json").write_text(json.dumps(found), "utf-8")


def parser() -> argparse.ArgumentParser:
    """The words of the call."""
    found = argparse.ArgumentParser(prog="python -m benchmarks.performance", description=__doc__)
    parts = found.add_subparsers(dest="part", required=True)
    part = parts.add_parser("shapes", help="time the probes of all backbones, and a hundred beside a script")
    part.add_argument("--python", required=True, action="append", help="of a training environment (repeatable)")
    part.add_argument("--count", type=int, default=100, help="backbones beside the script (%(default)s)")
    part.add_argument("--seed", type=int, default=0, help="of their choice (%(default)s)")
    part.add_argument("--out", type=Path, default=OUT, help="(%(default)s)")
    part = parts.add_parser("terminal", help="drive the wizard through a pseudo-terminal, 15 minutes")
    part.add_argument("--sittings", type=int, default=15, help="starts of each program (%(default)s)")
    part.add_argument("--keys", type=int, default=60, help="presses of each kind of key (%(default)s)")
    part.add_argument("--idle", type=float, default=10, help="seconds of rest (%(default)s)")
    part.add_argument("--out", type=Path, default=OUT, help="(%(default)s)")
    part = parts.add_parser("report", help=f"write {REPORT}, renewing what was measured")
    part.add_argument("--out", type=Path, default=OUT, help="(%(default)s)")
    part.add_argument("--to", type=Path, default=REPORT, help="(%(default)s)")
    return found


if __name__ == "__main__":
    main()
