"""The command that writes a config, from a preset or from options."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bbwizard import preset_book, weights
from bbwizard.commands.common import narrate, put, put_json, session
from bbwizard.dataset import named as named_data
from bbwizard.errors import DONE, FAILED, UsageError
from bbwizard.printed import (
    check_as_json,
    check_lines,
    finding_line,
)
from bbwizard.recipe import Recipe
from bbwizard.session import Session


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
