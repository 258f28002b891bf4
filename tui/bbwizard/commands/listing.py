"""Commands that list: base configs, backbones."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict

from bbprobe.protocol import Base, BaseName, Entry
from bbwizard import conditions, image_sizes, verdicts
from bbwizard.answers import BaseAnswer
from bbwizard.commands.common import (
    demand_readable,
    kept,
    kept_backbones,
    narrate,
    possible_backbones,
    put,
    put_json,
    session,
)
from bbwizard.commands.sweeping import sweep
from bbwizard.errors import DONE, NotWritable, ProbeError, UsageError
from bbwizard.fits import macs_at
from bbwizard.grammar import DEFAULT_INPUT, SOURCES
from bbwizard.image_sizes import Shown, Size
from bbwizard.inert import say
from bbwizard.printed import (
    base_as_json,
    base_line,
    entry_as_json,
    entry_word,
    fit_summary,
    fit_word,
    headed,
)
from bbwizard.resolved import resolved
from bbwizard.session import Session


async def bases(options: argparse.Namespace) -> int:
    """Base configs and what they need from a backbone."""
    async with session(options) as sitting:
        names = kept(options.pattern, await sitting.bases(), shortest_first=True)
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
            put(map(base_line, rows))
    return DONE


async def base_row(sitting: Session, name: BaseName) -> BaseAnswer:
    """One base config as `bases --json` has it."""
    try:
        facts = await sitting.base(name.name)
    except ProbeError as error:
        return {
            "name": name.name,
            "path": name.path,
            "detector": "",
            "neck": "",
            "backbone": "",
            "levels": [],
            "supported": False,
            "reason": error.text,
            "origin": sitting.answers_from,
        }
    return base_as_json(facts, sitting.answers_from)


async def backbones(options: argparse.Namespace) -> int:
    """The catalogs; families that were never asked whether they give a pyramid are asked, once for an environment."""
    demand_readable(options.pattern)
    async with session(options) as sitting:
        sitting.change(input=options.input or DEFAULT_INPUT)
        sources = (options.source,) if options.source else SOURCES
        base = await sitting.base(options.fits) if options.fits else None
        if base is not None and not base.supported:
            raise NotWritable(f"{base.name}: {base.reason}", "choose another base config")
        plain, wanted = conditions.split(options.pattern)
        filtered = any(condition.name == "fits" for condition in wanted)
        if base is None and (filtered or options.sort == "fits"):
            word = "fits:" if filtered else "--sort fits"
            raise UsageError(f"{word} asks what a base config can take", "say which: --fits BASE")
        found = kept(plain, await sitting.entries(sources, progress=narrate))
        if options.ask_each:
            found = possible_backbones(options.pattern, sitting, found, base)
            await ask_each(sitting, found, at_input=conditions.sized(wanted, options.sort))
            await show_each(sitting, found, base)
        else:
            await ask_families(sitting, found)
        found = kept_backbones(options.pattern, sitting, await sitting.entries(sources), options.sort, base)
        answers = [(entry, sitting.answer(entry), sitting.counted(entry)) for entry in found]
        rows = [
            (entry, answer, sitting.fit(base, entry), macs_at(sitting.input, here)) for entry, answer, here in answers
        ]
        unshown = unseen(sitting, base, [entry for entry, _, fits, _ in rows if fits.taken])
    if options.json:
        put_json([entry_as_json(*row) for row in rows])
    elif base is None:
        put(f"{headed(f'{entry.name:<52}', sitting.answers_from)} {entry_word(entry)}" for entry in found)
    else:
        listed = [row for row in rows if filtered or row[2].taken is not False]
        put(f"{entry.name:<52} {fit_word(entry, answer)}" for entry, answer, _, _ in listed)
        say(fit_summary(base, [(entry.name, fits) for entry, _, fits, _ in rows]))
        if unshown and sitting.atlas is not None:
            say(f"{unshown} of these may refuse images of its size, at which the atlas knows none")
        elif unshown:
            say(f"{unshown} of these may refuse images of its size (--ask-each asks them all)")
    return DONE


async def ask_families(sitting: Session, entries: Sequence[Entry]) -> None:
    """Ask one of each family that nothing is known of what it gives."""
    families = {verdicts.key(entry) for entry in entries if entry.pyramid is None}
    if families:
        say(f"asking {len(families)} families whether they give a pyramid, once and for all")
    for number in range(len(families)):
        asked = await sitting.survey_next(families)
        narrate(f"asked {asked[0].family}" if asked else "", number, len(families))


async def ask_each(sitting: Session, entries: Sequence[Entry], *, at_input: bool) -> None:
    """Ask every backbone what it gives that was not asked itself, or not `at_input`."""
    await sweep(sitting, [entry for entry in entries if not sitting.was_asked(entry, at_input=at_input)])


async def show_each(sitting: Session, entries: Sequence[Entry], base: Base | None) -> None:
    """Probe the backbones that a base config would take at the unusual sizes of the images that it makes."""
    usual = sitting.input
    for size in fixed(sitting, base):
        fitting = [entry for entry in entries if sitting.fit(base, entry).taken]
        sitting.change(input=size)
        await sweep(sitting, fitting)
    sitting.change(input=usual)


def unseen(sitting: Session, base: Base | None, entries: Sequence[Entry]) -> int:
    """How many of these backbones were not probed at those sizes."""
    if base is None or not image_sizes.fixed(resolved(base.resolved)):
        return 0
    shown = [sitting.shown(base, entry) for entry in entries]
    return sum(1 for one in shown if not isinstance(one, Shown) or one.unasked)


def fixed(sitting: Session, base: Base | None) -> list[Size]:
    """Those sizes, where there is a base config; the atlas knows of none."""
    return image_sizes.fixed(resolved(base.resolved)) if base is not None and sitting.atlas is None else []
