"""Commands that ask about one thing: an environment, a backbone, a data set, a config."""

from __future__ import annotations

import argparse
import os
from dataclasses import asdict
from pathlib import Path

from bbprobe.protocol import Measurement, Probe
from bbwizard import doctor as diagnosis
from bbwizard import issue_report, paths
from bbwizard.asked import BATCH
from bbwizard.commands.common import narrate, put, put_json, session
from bbwizard.commands.sweeping import probe_all
from bbwizard.dataset import lines as dataset_lines
from bbwizard.dataset import named as named_data
from bbwizard.errors import DONE, FAILED, BbwizardError, NotWritable, ProbeBusy, UsageError
from bbwizard.grammar import DEFAULT_INPUT
from bbwizard.inert import say
from bbwizard.issue_report import Private
from bbwizard.printed import (
    check_as_json,
    check_lines,
    dataset_as_json,
    finding_head,
    measurement_lines,
    probe_lines,
)
from bbwizard.rules import own_data
from bbwizard.session import Session


async def doctor(options: argparse.Namespace) -> int:
    """What the training environment holds, and what is wrong with it."""
    if options.report:
        return await issue_ready(options)
    async with session(options, live=True) as sitting:
        report = diagnosis.report(sitting.facts, checkout=str(sitting.checkout.root) if sitting.checkout else "")
    if options.json:
        put_json(asdict(sitting.facts))
    else:
        put(report.lines)
    return report.status


async def issue_ready(options: argparse.Namespace) -> int:
    """The same and more as a text for an issue; that there is no environment is a finding too."""
    log = issue_report.last_log(paths.logs())  # before this very sitting writes one
    try:
        async with session(options, live=True) as sitting:
            found = diagnosis.report(sitting.facts).lines
    except BbwizardError as error:
        found = (error.text, error.hint)
    put(issue_report.report(found, issue_report.gathered(), log, Private.here()).splitlines())
    return DONE


async def env(options: argparse.Namespace) -> int:
    """Make a training environment."""
    from bbwizard.env_create import create

    create(options.folder, stack=options.stack, python=options.python)
    return DONE


async def probe(options: argparse.Namespace) -> int:
    """A backbone's stages, or those of all."""
    if options.all:
        return await probe_all(options)
    if not options.backbone:
        raise UsageError("probe needs a BACKBONE, or --all", "bbwizard backbones lists them")
    if options.jobs is not None:
        raise UsageError("--jobs goes with --all: one backbone is one process's work")
    async with session(options) as sitting:
        sitting.change(input=options.input or DEFAULT_INPUT)
        found = await sitting.probe(await sitting.entry(options.backbone))
    if options.json:
        put_json(asdict(found))
    else:
        put(probe_lines(found))
    return DONE


async def measure(options: argparse.Namespace) -> int:
    """How fast a backbone with all its stages is on the chosen device, and how much memory it takes there."""
    images = batch(options)
    async with session(options, live=True) as sitting:
        sitting.change(input=options.input or DEFAULT_INPUT)
        sitting.batch = images
        found = await measured(sitting, await sitting.probe(await sitting.entry(options.backbone)), options)
    if options.json:
        put_json(asdict(found))
    else:
        put(measurement_lines(found))
    return DONE if found.timings[0].latency is not None else FAILED


def batch(options: argparse.Namespace) -> int:
    """How many images at a time the options say.

    Raises:
        UsageError: fewer than one.
    """
    if options.batch is not None and options.batch < 1:
        raise UsageError(f"--batch {options.batch}: at least 1 is needed")
    return BATCH if options.batch is None else int(options.batch)


async def measured(sitting: Session, probed: Probe, options: argparse.Namespace) -> Measurement:
    """What the device says of a backbone; where others use it, how to measure all the same."""
    try:
        return await sitting.measure(probed, busy=options.busy, progress=narrate)
    except ProbeBusy as busy:
        raise ProbeBusy(busy.text, "--busy measures there all the same; --device names another") from busy


async def dataset(options: argparse.Namespace) -> int:
    """What a data set holds and what is wrong with it."""
    words = named_data(options.data, Path.cwd())
    async with session(options) as sitting:
        found = await sitting.dataset(words, narrate)
    problems, findings = own_data.problems(found, None), list(own_data.said(found, None))
    if options.json:
        put_json(dataset_as_json(found, problems, findings))
    else:
        put(dataset_lines(found))
        for problem in problems:
            say(problem.text, head=f"wrong ({problem.code}): ")
        for finding in findings:
            say(finding.text, head=finding_head(finding))
    return FAILED if problems else DONE


async def check(options: argparse.Namespace) -> int:
    """Build a config and train it for one step."""
    if not os.path.isfile(options.config):
        raise NotWritable(f"{options.config} is not there", "give a config file's path")
    async with session(options, live=True) as sitting:
        narrate(f"checking {options.config} on {sitting.facts.device}", 0, 0)
        found = await sitting.check(options.config, progress=narrate)
    if options.json:
        put_json(check_as_json(found))
    else:
        put(check_lines(found))
    return DONE if found.ok else FAILED
