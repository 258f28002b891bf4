"""The command that writes a config, from a preset or from options."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from bbwizard import atomic, catalog, launch, paths, preset_book, weights
from bbwizard.answers import CommandAnswer
from bbwizard.atomic import ANYTHING, NOTHING
from bbwizard.commands.common import STDOUT, narrate, or_to_stdout, put_json, session
from bbwizard.dataset import named as named_data
from bbwizard.errors import DONE, FAILED, BbwizardError, Unknown, UsageError
from bbwizard.inert import put_path, put_text, say
from bbwizard.plan import Plan
from bbwizard.presets import Preset
from bbwizard.printed import check_lines, finding_head, finding_sentences
from bbwizard.recipe import Recipe
from bbwizard.session import Session


async def write(options: argparse.Namespace) -> int:
    """Write a config, from a preset or from options."""
    if options.output == STDOUT and (options.json or options.check):
        raise UsageError("-o - puts the config on stdout", "--check needs a file, and --json the whole of stdout")
    if options.save is not None:
        preset_book.place(options.save)
    paths.demand_printable(options.output.name)
    preset = preset_book.opened(options.preset) if options.preset else None
    async with session(options, live=options.check) as sitting:
        plan = await planned(sitting, options, preset)
        if options.output == STDOUT:
            put_text(sitting.whole_text(plan, sitting.suggested(plan)))
            keep(sitting, options)
            tell(plan)
            return DONE
        before = atomic.look(options.output)
        with or_to_stdout("-o - puts it on stdout"):
            path = written(sitting, plan, options)
        if atomic.look(path) == before:
            say(f"{path} holds this very config already and is left as it is")
        saved, unsaved = kept(sitting, options)
        if options.check:
            plan = await sitting.prove(narrate)
        tell(plan)
        command, checked = sitting.command(path), sitting.checked
    if options.json:
        answer: CommandAnswer = {**plan.as_json(), "config": str(path), "command": command}
        told = {"preset": str(saved) if saved is not None else None, "check": checked}
        put_json({**answer, **{name: value for name, value in told.items() if value is not None}})
    else:
        put_path(path)
        say(f"train: {command}")
        if checked is not None:
            say("\n".join(check_lines(checked)))
    if unsaved is not None:
        raise unsaved
    return DONE if checked is None or checked.ok else FAILED


def written(sitting: Session, plan: Plan, options: argparse.Namespace) -> Path:
    """Write the config, and the script that queues it where sbatch is to train it.

    Neither is written where one of them would replace another file.
    """
    plan.refuse()
    script = sitting.job_script(plan, sitting.folder / paths.typed(str(options.output)))
    over = ANYTHING if options.force else NOTHING
    if script is not None and not atomic.holds(*script):
        atomic.demand(script[0], script[0], over)
    path = sitting.write(plan, options.output, force=options.force)
    if script is not None:
        sitting.write_script(*script, over=over)
    return path


async def planned(sitting: Session, options: argparse.Namespace, preset: Preset | None) -> Plan:
    """What a preset and the options make, worked out; the options go before the preset."""
    if preset is not None:
        sitting.load(preset)
    await swap(sitting, options)
    if preset is not None and sitting.recipe == preset.recipe:
        sitting.change(input=options.input or sitting.recipe.input)
        for note in await sitting.settle(preset):
            say(f"changed since the preset was saved: {note}")
    decide(sitting, recipe(options, sitting.recipe))
    if not sitting.recipe.base or not sitting.recipe.backbone:
        raise UsageError("write needs --preset, or --base and --backbone")
    if sitting.recipe.data:
        await sitting.dataset(sitting.recipe.data, narrate)
    return await sitting.advised(await sitting.weighed(await sitting.work_out()))


def kept(sitting: Session, options: argparse.Namespace) -> tuple[Path | None, BbwizardError | None]:
    """The preset that the recipe was saved as, or why it could not be: the config is written all the same."""
    try:
        return keep(sitting, options), None
    except BbwizardError as error:
        return None, error


def keep(sitting: Session, options: argparse.Namespace) -> Path | None:
    """The preset that the recipe was saved as; None where `--save` names none."""
    if options.save is None:
        return None
    saved = preset_book.save(options.save, sitting.preset_text(), force=options.force)
    say(f"saved: {saved}")
    return saved


def tell(plan: Plan) -> None:
    """What the user should know of a plan that was written."""
    if plan.start.report is not None:
        say(weights.said(plan.start.report), head="weights: ")
    for finding in plan.findings:
        say(*finding_sentences(finding), head=finding_head(finding))


async def swap(sitting: Session, options: argparse.Namespace) -> None:
    """Take the base config and the backbone that the options name; another drops what was decided about the old one.

    One that the recipe has already may be typed otherwise, and drops nothing.
    """
    had, given = sitting.recipe, {}
    if options.base is not None and not (had.base and await base_at(sitting, options.base, had.base)):
        given["base"] = options.base
    if options.backbone is not None and not (had.backbone and await called(sitting, options.backbone, had.backbone)):
        given["backbone"] = options.backbone
    sitting.change(**given)


async def base_at(sitting: Session, name: str, other: str) -> bool:
    """Whether two names of base configs, or paths to them, are those of one."""
    bases = await sitting.bases()

    def place(typed: str) -> Path:
        path = sitting.folder / paths.typed(typed)
        return (path if path.is_file() else Path(catalog.find_base(typed, bases).path)).resolve()

    with suppress(Unknown):
        return place(name) == place(other)
    return name == other


async def called(sitting: Session, name: str, other: str) -> bool:
    """Whether two names are those of one backbone."""
    with suppress(Unknown):
        return (await sitting.entry(name)).name == (await sitting.entry(other)).name
    return name == other


def decide(sitting: Session, wanted: Recipe) -> None:
    """Make the sitting's recipe the wanted one."""
    sitting.change(**{name: getattr(wanted, name) for name in wanted.__dataclass_fields__})


def recipe(options: argparse.Namespace, start: Recipe) -> Recipe:
    """The recipe that the options of `write` make of `start`, which has their base config and backbone already."""
    given = {
        "stages": options.stages,
        "weights": options.weights,
        "input": options.input,
        "gpus": options.gpus,
        "launcher": options.launcher,
        "nodes": options.nodes,
        "meet": options.meet,
        "resume": options.resume,
        "override": options.override or None,
        "data": named_data(options.data, Path.cwd()) if options.data is not None else None,
    }
    if given["gpus"] is not None and given["gpus"] < 1:
        raise UsageError(f"--gpus {given['gpus']}: at least 1 is needed")
    if given["nodes"] is not None and given["nodes"] < 1:
        raise UsageError(f"--nodes {given['nodes']}: at least 1 is needed")
    both = set(options.fix) & set(options.leave)
    if both:
        raise UsageError(f"--fix and --leave both name {', '.join(sorted(both))}", "one of them")
    given["fixes"] = joined(start.fixes, options.fix, options.leave)
    given["leave"] = joined(start.leave, options.leave, options.fix)
    wanted = replace(start, **{key: value for key, value in given.items() if value is not None})
    launch.spread(wanted.gpus, wanted.nodes)
    return wanted


def joined(before: Sequence[str], more: Sequence[str], without: Sequence[str]) -> tuple[str, ...]:
    """Codes of fixes, each once; what is newly said of a code goes before what was."""
    return tuple(code for code in dict.fromkeys([*before, *more]) if code not in without)
