"""Shapes: every backbone's probe, and a random hundred beside the script that people write without bbwizard."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any

from bbprobe.protocol import Entry
from bbwizard.session import Session
from benchmarks.coverage import about
from benchmarks.coverage.backbones import drawn

SCRIPT = Path(__file__).with_name("naive.py")
SOURCES = Path(__file__).parents[2] / "tui"


def measure(python: str, count: int, seed: int) -> dict[str, Any]:
    """Both measurements in one training environment, one process each, one after the other."""
    entries, probes = asyncio.run(swept(python))
    chosen = sorted(entries, key=lambda entry: drawn(entry.name, seed))[:count]
    return {"probes": probes, "pairs": beside(python, chosen)}


async def swept(python: str) -> tuple[list[Entry], dict[str, float]]:
    """The entries of all catalogs, and the seconds from asking each to its answer, or to its refusal.

    The first one is left out: its probing half starts meanwhile.
    """
    session = Session(cache=False)
    ends: list[tuple[str, float]] = []

    def told(entry: Entry) -> None:
        ends.append((entry.name, perf_counter()))
        print(f"\r\033[K{entry.name}", end="", file=sys.stderr)

    try:
        await session.open(python)
        entries = await session.entries()
        await session.probe_all(entries, 1, told)
    finally:
        await session.close()
    return entries, {name: end - began for (_, began), (name, end) in pairwise(ends)}


def beside(python: str, entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Probe and script for each entry, timed in the training environment."""
    asked = [{"name": entry.name, "type": entry.type, "config": entry.config} for entry in entries]
    ran = subprocess.run(
        [python, str(SCRIPT)],
        input=json.dumps(asked),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(SOURCES), "OMP_NUM_THREADS": "1"},
    )
    return [json.loads(line) for line in ran.stdout.splitlines()]


def said(stack: about.Stack, found: dict[str, Any]) -> dict[str, Any]:
    """A measurement with what it stands on."""
    return {**about.said(stack), "stack": stack.folder, **found}


def lines(results: Sequence[dict[str, Any]]) -> list[str]:
    """The measurements of all stacks, in Markdown."""
    head = ["stack", "backbones", "p50", "p95", "longest", "over 5 s", "script p50", "script / probe, median", "of"]
    rows = [head, ["---"] * len(head)]
    for found in results:
        seconds = sorted(found["probes"].values())
        cuts = quantiles(seconds, n=20, method="inclusive")
        pairs = [pair for pair in found["pairs"] if not {str} & {type(pair["probe"]), type(pair["script"])}]
        ratios = [pair["script"] / pair["probe"] for pair in pairs]
        longest = max(found["probes"], key=lambda name: found["probes"][name])
        rows.append(
            [
                found["stack"],
                str(len(seconds)),
                f"{cuts[9] * 1000:.0f} ms",
                f"{cuts[18] * 1000:.0f} ms",
                f"{seconds[-1]:.1f} s ({longest})",
                str(sum(second > 5 for second in seconds)),
                f"{median(pair['script'] for pair in pairs):.2f} s",
                f"{median(ratios):.1f}",
                f"{len(ratios)} of {len(found['pairs'])}",
            ]
        )
    return ["| " + " | ".join(row) + " |" for row in rows]
