"""Commands about several backbones at once: beside each other, and in one base config each."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bbprobe.protocol import Base
from bbwizard import atomic, candidates, comparison, paths, tabular
from bbwizard.atomic import ANYTHING, NOTHING
from bbwizard.candidates import Written
from bbwizard.commands.asking import batch, measured
from bbwizard.commands.common import STDOUT, narrate, or_to_stdout, put_json, session
from bbwizard.commands.writing import decide, recipe, swap
from bbwizard.comparison import Compared
from bbwizard.errors import DONE, FAILED, ProbeBusy, ProbeError, UsageError
from bbwizard.fits import own
from bbwizard.grammar import DEFAULT_INPUT, FORMATS
from bbwizard.inert import plain, put_data, put_path, say
from bbwizard.printed import finding_head, finding_sentences
from bbwizard.session import Session


async def compare(options: argparse.Namespace) -> int:
    """Backbones side by side."""
    if options.output == STDOUT and options.json:
        raise UsageError("-o - puts the table on stdout", "--json needs the whole of stdout")
    if options.json and options.format and options.output is None:
        text = "--format makes a table, and --json takes the whole of stdout"
        raise UsageError(text, "one of them, or -o FILE for the table")
    target = None if options.output in (None, STDOUT) else Path.cwd() / paths.typed(str(options.output))
    kind = options.format or (tabular.format_of(target.name) if target is not None else FORMATS[0])
    images = batch(options)
    if not options.measure:
        refuse_unmeasured(options)
    async with session(options, live=options.measure) as sitting:
        sitting.change(input=options.input or DEFAULT_INPUT)
        sitting.batch = images
        base = await sitting.base(options.base) if options.base else None
        rows = []
        for number, name in enumerate(dict.fromkeys(options.backbones)):
            narrate(f"probing {name}", number, len(options.backbones))
            row = await compared(sitting, name, base)
            rows.append(await measured_too(sitting, row, options) if options.measure else row)
    rows = comparison.ordered(rows, options.sort)
    if target is not None:
        over = ANYTHING if options.force else NOTHING
        with or_to_stdout("without -o it goes to stdout"):
            atomic.write_text(target, comparison.exported(rows, kind), over=over)
    if options.json:
        put_json([comparison.facts(row) for row in rows])
    elif target is not None:
        put_path(target)
    else:
        put_data(plain(comparison.exported(rows, kind)))
    return FAILED if options.measure and any(row.measurement is None for row in rows) else DONE


def refuse_unmeasured(options: argparse.Namespace) -> None:
    """Refuse what means something of measured backbones alone.

    Raises:
        UsageError: with what says it.
    """
    if options.sort in comparison.MEASURED:
        raise UsageError(f"--sort {options.sort} orders by what was measured", "say --measure too")
    if options.batch is not None or options.busy:
        raise UsageError("--batch and --busy say how to measure", "say --measure too")


async def compared(sitting: Session, name: str, base: Base | None) -> Compared:
    """One backbone, probed; one that cannot be stays in the table, with the reason."""
    entry = await sitting.entry(name)
    try:
        probe = await sitting.probe(entry)
    except ProbeError as error:
        elsewhere = own(entry, sitting.answer(entry))
        return comparison.compared(entry, None, base, error=error, elsewhere=elsewhere, size=sitting.input)
    return comparison.compared(entry, probe, base, size=sitting.input)


async def measured_too(sitting: Session, row: Compared, options: argparse.Namespace) -> Compared:
    """The same with what the device says of it; one that cannot be measured stays as it is, which is said."""
    if row.probe is None:
        return row
    try:
        return replace(row, measurement=await measured(sitting, row.probe, options))
    except ProbeBusy:
        raise
    except ProbeError as error:
        say(f"{row.name} was not measured: {error.text}")
        return row


async def write_candidates(options: argparse.Namespace) -> int:
    """One config for each of several backbones, and the scripts that train them all."""
    if options.output == STDOUT:
        raise UsageError("-o - puts one text on stdout, and these are several files", "name a folder")
    if options.resume not in (None, "", "auto"):
        text = f"--resume {options.resume} is one training's checkpoint, and these are several"
        raise UsageError(text, "--resume alone goes on with the latest of each")
    async with session(options) as sitting:
        entries = [await sitting.entry(name) for name in options.backbones]
        await swap(sitting, options)
        decide(sitting, recipe(options, sitting.recipe))
        if sitting.recipe.data:
            await sitting.dataset(sitting.recipe.data, narrate)
        found = await candidates.shortlist(sitting, [entry.name for entry in entries], narrate)
        folder = options.output or Path(candidates.suggested_folder(options.base))
        written = candidates.write(sitting, found, folder, force=options.force)
    for head, sentences in told_once(written):
        say(*sentences, head=head)
    for refused in written.refused:
        say(f"refused: {refused.text}")
    if options.json:
        put_json(written.as_json())
    else:
        for path, _ in written.configs:
            put_path(path)
        for command in written.commands:
            say(f"train them all: {command}")
    return FAILED if written.refused else DONE


def told_once(written: Written) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The sentences of each finding, once, behind the configs that it concerns and its code."""
    told: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for path, worked_out in written.configs:
        for finding in worked_out.findings:
            told.setdefault((finding_head(finding), finding_sentences(finding)), []).append(path.name)
    for (head, sentences), names in told.items():
        whose = "each" if len(names) == len(written.configs) > 1 else ", ".join(names)
        yield f"{whose}: {head}", sentences
