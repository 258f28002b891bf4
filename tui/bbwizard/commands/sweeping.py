"""Probing many backbones: on several processes, with the time left on stderr; stopped, it goes on the next time."""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Sequence
from dataclasses import asdict, replace
from statistics import quantiles
from typing import Final

from bbprobe.protocol import Entry, Probe
from bbwizard import conditions
from bbwizard.commands.common import (
    demand_readable,
    kept_backbones,
    narrate,
    possible_backbones,
    put,
    put_json,
    session,
)
from bbwizard.errors import DONE, FAILED, UsageError
from bbwizard.grammar import DEFAULT_INPUT
from bbwizard.inert import plain, say
from bbwizard.printed import swept_line
from bbwizard.session import Session
from bbwizard.verdicts import is_refusal

MOST_JOBS: Final = 8
"""Processes that nobody asked for more of: the machine is shared, and each holds torch and its libraries in memory."""


async def probe_all(options: argparse.Namespace) -> int:
    """Probe every backbone that a pattern keeps; those that answered already are not asked again."""
    if options.jobs is not None and options.jobs < 1:
        raise UsageError(f"--jobs {options.jobs}: at least 1 is needed")
    demand_readable(options.backbone)
    _, wanted = conditions.split(options.backbone)
    if any(condition.name == "fits" for condition in wanted):
        raise UsageError("fits: asks what a base config can take", "say it to `bbwizard backbones --fits BASE`")
    async with session(options) as sitting:
        sitting.change(input=options.input or DEFAULT_INPUT)
        entries = possible_backbones(options.backbone, sitting, await sitting.entries(progress=narrate))
        await sweep(sitting, entries, options.jobs)
        if wanted:
            entries = kept_backbones(options.backbone, sitting, entries)
        found = [(entry, sitting.swept(entry.name)) for entry in entries]
    answers = [probe for _, probe in found if probe is not None]
    if options.json:
        put_json([asdict(replace(probe, origin=sitting.answers_from)) for probe in answers])
    else:
        put(swept_line(entry.name, probe, sitting.answers_from) for entry, probe in found)
    for line in summary(answers, len(found)):
        say(line)
    return DONE if len(answers) == len(found) else FAILED


async def sweep(sitting: Session, entries: Sequence[Entry], jobs: int | None = None) -> None:
    """Have these backbones probed, on `jobs` processes, and show how far it is to whoever watches."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    left = [entry for entry in entries if sitting.swept(entry.name) is None]
    if not left:
        return
    jobs = jobs or (1 if sitting.launch_prefix else min(len(os.sched_getaffinity(0)), MOST_JOBS))
    if sitting.atlas is None:
        once = ", once and for all" if sitting.cache else ""
        say(f"probing {len(left)} backbones on {min(jobs, len(left))} processes{once}")
    console = Console(stderr=True)
    columns = (MofNCompleteColumn(), BarColumn(), TimeRemainingColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        shown = bar.add_task("", total=len(left))
        try:
            await sitting.probe_all(
                left, jobs, lambda entry: bar.update(shown, advance=1, description=plain(entry.name))
            )
        except asyncio.CancelledError:
            if sitting.cache and sitting.atlas is None:
                missing = sum(sitting.swept(entry.name) is None for entry in left)
                say(f"{len(left) - missing} answered, which is kept; the next time it goes on with the other {missing}")
            raise


def summary(answers: Sequence[Probe], asked: int) -> list[str]:
    """How many gave what, and how long they took."""
    refused = sum(map(is_refusal, answers))
    pyramids = sum(probe.pyramid for probe in answers)
    said = [f"{pyramids} with a pyramid", f"{len(answers) - refused - pyramids} without", f"{refused} refused"]
    if len(answers) < asked:
        said.append(f"{asked - len(answers)} did not answer")
    lines = [f"{asked} backbones: {', '.join(said)}"]
    seconds = sorted(probe.seconds for probe in answers if not is_refusal(probe) and probe.origin == "live")
    if len(seconds) > 1:
        cuts = quantiles(seconds, n=20, method="inclusive")
        lines.append(f"seconds each: p50 {cuts[9]:.3f}, p95 {cuts[18]:.3f}, longest {seconds[-1]:.1f}")
    return lines
