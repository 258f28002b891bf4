"""What each command of the command line does: data on stdout, narration on stderr, the exit status back."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final, TypeVar

from bbprobe.protocol import BaseName, Entry
from bbwizard import doctor as diagnosis
from bbwizard import preset_book, verdicts, weights
from bbwizard.catalog import SOURCES
from bbwizard.dataset import lines as dataset_lines
from bbwizard.dataset import named as named_data
from bbwizard.environments import Candidate, find, named
from bbwizard.errors import DONE, FAILED, NotWritable, ProbeError, UsageError
from bbwizard.filtering import Names
from bbwizard.fits import fit
from bbwizard.printed import (
    base_as_json,
    check_as_json,
    check_lines,
    dataset_as_json,
    entry_as_json,
    entry_word,
    finding_line,
    fit_summary,
    fit_word,
    probe_lines,
)
from bbwizard.recipe import DEFAULT_INPUT, Recipe
from bbwizard.rules import own_data
from bbwizard.session import Session

Thing = TypeVar("Thing", BaseName, Entry)
KEEP_EVERY: Final = 20
"""Backbones asked until their answers are kept: asking all of them takes long, and may be interrupted."""


@asynccontextmanager
async def session(options: argparse.Namespace) -> AsyncIterator[Session]:
    """A sitting in the training environment that the options, or this machine, make clear.

    Raises:
        NoEnvironment: there is none, or no telling which.
    """
    sitting = Session(launch_prefix=options.launch, device=options.device)
    try:
        candidate = await asyncio.to_thread(environment, options)
        await sitting.open(candidate.python)
        yield sitting
    finally:
        await sitting.close()


def environment(options: argparse.Namespace) -> Candidate:
    """The training environment that the options name, or else the clear one here.

    Raises:
        NoEnvironment: there is none, or no telling which.
    """
    one = named(options.python, launch=options.launch)
    return one if one is not None else find()


async def doctor(options: argparse.Namespace) -> int:
    """What the training environment holds, and what is wrong with it."""
    async with session(options) as sitting:
        report = diagnosis.report(sitting.facts, checkout=str(sitting.checkout.root) if sitting.checkout else "")
    if options.json:
        put_json(asdict(sitting.facts))
    else:
        put(report.lines)
    return report.status


async def env(options: argparse.Namespace) -> int:
    """Make a training environment."""
    from bbwizard.env_create import create

    create(options.folder, stack=options.stack, python=options.python)
    return DONE


async def bases(options: argparse.Namespace) -> int:
    """Base configs and what they need from a backbone."""
    async with session(options) as sitting:
        names = kept(options.pattern, await sitting.bases())
        if options.names:
            put_json([asdict(name) for name in names]) if options.json else put(name.name for name in names)
            return DONE
        rows = []
        for number, name in enumerate(names):
            narrate(f"asking {name.name}", number, len(names))
            rows.append(await base_row(sitting, name))
        if options.json:
            put_json(rows)
        else:
            put(
                f"{row['name']:<64} {row['detector'] or '-':<20} "
                + (f"strides {', '.join(map(str, row['levels']))}" if row["supported"] else f"refused: {row['reason']}")
                for row in rows
            )
    return DONE


def kept(pattern: str, things: Sequence[Thing]) -> list[Thing]:
    """The things whose names a filter keeps, best first."""
    return [things[index] for index in Names([thing.name for thing in things]).find(pattern)]


async def base_row(sitting: Session, name: BaseName) -> dict[str, Any]:
    """One base config as `bases --json` has it."""
    try:
        facts = await sitting.base(name.name)
    except ProbeError as error:
        nothing: dict[str, Any] = {"detector": "", "neck": "", "levels": [], "supported": False, "reason": error.text}
        return {"name": name.name, "path": name.path, **nothing}
    return base_as_json(facts)


async def backbones(options: argparse.Namespace) -> int:
    """The catalogs; families that were never asked whether they give a pyramid are asked, once for an environment."""
    async with session(options) as sitting:
        sources = (options.source,) if options.source else SOURCES
        base = await sitting.base(options.fits) if options.fits else None
        if base is not None and not base.supported:
            raise NotWritable(f"{base.name}: {base.reason}", "choose another base config")
        found = kept(options.pattern, await sitting.entries(sources, progress=narrate))
        await (ask_each if options.ask_each else ask_families)(sitting, found)
        found = kept(options.pattern, await sitting.entries(sources))
        rows = [(entry, answer, fit(base, entry, answer)) for entry in found for answer in [sitting.answer(entry)]]
    if options.json:
        put_json([entry_as_json(*row) for row in rows])
    elif base is None:
        put(f"{entry.name:<52} {entry_word(entry)}" for entry in found)
    else:
        put(f"{entry.name:<52} {fit_word(entry, answer)}" for entry, answer, fits in rows if fits.taken is not False)
        print(fit_summary(base, [(entry.name, fits) for entry, _, fits in rows]), file=sys.stderr)
    return DONE


async def ask_families(sitting: Session, entries: Sequence[Entry]) -> None:
    """Ask one of each family that nothing is known of what it gives."""
    families = {verdicts.key(entry) for entry in entries if entry.pyramid is None}
    if families:
        print(f"asking {len(families)} families whether they give a pyramid, once and for all", file=sys.stderr)
    for number in range(len(families)):
        asked = await sitting.survey_next(families)
        narrate(f"asked {asked.family}" if asked is not None else "", number, len(families))


async def ask_each(sitting: Session, entries: Sequence[Entry]) -> None:
    """Ask every backbone that was not asked itself what it gives."""
    left = [entry for entry in entries if not sitting.was_asked(entry)]
    if left:
        print(f"asking {len(left)} backbones what they give, once and for all", file=sys.stderr)
    for number, entry in enumerate(left):
        narrate(f"asking {entry.name}", number, len(left))
        try:
            await sitting.survey(entry)
        except ProbeError as error:
            print(f"{entry.name} did not answer: {error.text}", file=sys.stderr)
        if number % KEEP_EVERY == KEEP_EVERY - 1:
            sitting.keep_verdicts()


async def probe(options: argparse.Namespace) -> int:
    """A backbone's stages."""
    async with session(options) as sitting:
        sitting.change(input=options.input or DEFAULT_INPUT)
        found = await sitting.probe(await sitting.entry(options.backbone))
    if options.json:
        put_json({**asdict(found), "origin": "live"})
    else:
        put(probe_lines(found))
    return DONE


async def write(options: argparse.Namespace) -> int:
    """Write a config, from a preset or from options."""
    async with session(options) as sitting:
        if options.preset:
            preset = preset_book.read(preset_book.find(options.preset).path)
            sitting.load(preset)
            sitting.change(input=options.input or sitting.recipe.input)
            for note in await sitting.settle(preset):
                print(f"changed since the preset was saved: {note}", file=sys.stderr)
        decide(sitting, recipe(options, sitting.recipe))
        if not sitting.recipe.base or not sitting.recipe.backbone:
            raise UsageError("write needs --preset, or --base and --backbone")
        if sitting.recipe.data:
            await sitting.dataset(sitting.recipe.data, narrate)
        plan = await sitting.advised(await sitting.weighed(await sitting.work_out()))
        path = sitting.write(plan, options.output, force=options.force)
        if plan.start.report is not None:
            print(f"weights: {weights.said(plan.start.report)}", file=sys.stderr)
        if options.check:
            plan = await sitting.prove(narrate)
        for finding in plan.findings:
            print(finding_line(finding), file=sys.stderr)
        command, checked = sitting.command(path), sitting.checked
    if options.json:
        answer = {"config": str(path), **plan.as_json(), "command": command}
        put_json(answer | ({"check": check_as_json(checked)} if checked is not None else {}))
    else:
        put([str(path)])
        print(f"train: {command}", file=sys.stderr)
        if checked is not None:
            print("\n".join(check_lines(checked)), file=sys.stderr)
    return DONE if checked is None or checked.ok else FAILED


def decide(sitting: Session, wanted: Recipe) -> None:
    """Make the sitting's recipe the wanted one."""
    sitting.change(**{name: getattr(wanted, name) for name in wanted.__dataclass_fields__})


def recipe(options: argparse.Namespace, start: Recipe) -> Recipe:
    """The recipe that the options of `write` make of `start`."""
    given = {
        "base": options.base,
        "backbone": options.backbone,
        "stages": options.stages,
        "weights": options.weights,
        "input": options.input,
        "gpus": options.gpus,
        "launcher": options.launcher,
        "override": options.override or None,
        "data": named_data(options.data, Path.cwd()) if options.data is not None else None,
    }
    if given["gpus"] is not None and given["gpus"] < 1:
        raise UsageError(f"--gpus {given['gpus']}: at least 1 is needed")
    both = set(options.fix) & set(options.leave)
    if both:
        raise UsageError(f"--fix and --leave both name {', '.join(sorted(both))}", "one of them")
    given["fixes"] = joined(start.fixes, options.fix, options.leave)
    given["leave"] = joined(start.leave, options.leave, options.fix)
    return replace(start, **{key: value for key, value in given.items() if value is not None})


def joined(before: Sequence[str], more: Sequence[str], without: Sequence[str]) -> tuple[str, ...]:
    """Codes of fixes, each once; what is newly said of a code goes before what was."""
    return tuple(code for code in dict.fromkeys([*before, *more]) if code not in without)


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
            print(f"wrong ({problem.code}): {problem.text}", file=sys.stderr)
        for finding in findings:
            print(f"note ({finding.code}): {finding.text}", file=sys.stderr)
    return FAILED if problems else DONE


async def check(options: argparse.Namespace) -> int:
    """Build a config and train it for one step."""
    if not options.config.is_file():
        raise NotWritable(f"{options.config} is not there", "give a config file's path")
    async with session(options) as sitting:
        narrate(f"checking {options.config} on {sitting.facts.device}", 0, 0)
        found = await sitting.check(options.config, progress=narrate)
    if options.json:
        put_json(check_as_json(found))
    else:
        put(check_lines(found))
    return DONE if found.ok else FAILED


async def presets(options: argparse.Namespace) -> int:
    """The presets there are, or one of them."""
    if options.show:
        sys.stdout.write(preset_book.find(options.show).path.read_text("utf-8"))
        return DONE
    pages = preset_book.pages()
    if options.json:
        put_json([{**asdict(page), "path": str(page.path)} for page in pages])
    else:
        put(f"{page.name:<32} {page.origin:<8} {page.error or page.summary}" for page in pages)
    return DONE


def put(lines: Iterable[str]) -> None:
    """Data for people, on stdout."""
    for line in lines:
        print(line)


def put_json(data: Any) -> None:
    """Data for programs, on stdout."""
    print(json.dumps(data, indent=2, ensure_ascii=False, default=str))


def narrate(text: str, done: int, total: int) -> None:
    """What is being done, on stderr; only where somebody watches."""
    if sys.stderr.isatty():
        print(f"{text} ({done + 1} of {total})" if total else text, file=sys.stderr)


COMMANDS: Final[Mapping[str, Callable[[argparse.Namespace], Coroutine[Any, Any, int]]]] = {
    "doctor": doctor,
    "env": env,
    "bases": bases,
    "backbones": backbones,
    "probe": probe,
    "write": write,
    "dataset": dataset,
    "check": check,
    "presets": presets,
}
