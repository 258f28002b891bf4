"""What commands share: the sitting they work in, and how they speak."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from bbprobe.protocol import Base, BaseName, Entry, plain
from bbwizard import atlas, conditions, language
from bbwizard.environments import find, named, told
from bbwizard.errors import ChangedMeanwhile, NoneFound, UsageError, WriteRefused
from bbwizard.filtering import Names
from bbwizard.inert import escaped, line, put_data, say
from bbwizard.language import _
from bbwizard.session import Session

Thing = TypeVar("Thing", BaseName, Entry)


@asynccontextmanager
async def session(options: argparse.Namespace, *, live: bool = False) -> AsyncIterator[Session]:
    """A sitting in the training environment that the options, or this machine, make clear.

    Where there is none at all the atlas answers, unless it must be `live`.

    Raises:
        NoEnvironment: there is none, or no telling which.
        UsageError: the atlas was asked for what it cannot say.
    """
    sitting = Session(
        launch_prefix=options.launch, device=options.device, cache=options.cache, mmdet_root=options.mmdet_root
    )
    try:
        sitting.heard = say
        await sitting.open(await asyncio.to_thread(environment, options, live))
        yield sitting
    finally:
        await sitting.close()


def environment(options: argparse.Namespace, live: bool) -> str:
    """The Python of the training environment that the options name, or of the clear one here; else the atlas.

    Raises:
        NoEnvironment: there is no telling which, or none where it must be `live`.
        UsageError: the atlas was asked for what it cannot say.
    """
    book = f"atlas {options.stack}"
    if options.atlas:
        if live:
            raise UsageError(f"{needing(options)} needs a training environment, which --atlas does without")
        return book
    if options.launch and (there := told(options.python)) is not None:
        return there
    one = named(options.python)
    try:
        return one.python if one is not None else find().python
    except NoneFound as error:
        if live:
            raise
        held = atlas.shelf()[book].about.versions
        versions = ", ".join(f"{name} {held[name]}" for name in ("mmdet", "mmcls", "timm"))
        say(f"{error.text}: answers come out of the atlas ({versions})\n  {error.hint}")
        return book


def needing(options: argparse.Namespace) -> str:
    """A command that needs a training environment, with the option by which it does."""
    return " ".join([options.command, *(f"--{name}" for name in ("check", "measure") if getattr(options, name, False))])


def kept(pattern: str, things: Sequence[Thing], *, shortest_first: bool = False) -> list[Thing]:
    """The things whose names a filter keeps, best first."""
    return [things[index] for index in Names([thing.name for thing in things], shortest_first).find(pattern)]


def demand_readable(pattern: str) -> None:
    """Refuse a filter with a condition that cannot be read: without it, it would keep what it was to leave out.

    Raises:
        UsageError: with what is wrong with it.
    """
    if mistaken := conditions.mistaken(pattern, whole=True):
        raise UsageError(mistaken)


def kept_backbones(
    pattern: str, sitting: Session, entries: Sequence[Entry], order: str = "match", base: Base | None = None
) -> list[Entry]:
    """The backbones that a filter with its conditions keeps, in order; what is not known is left out, counted."""
    _, wanted = conditions.split(pattern)
    told = judged(pattern, sitting, entries, base)
    say_untold(sitting, [(entry, conditions.untold(wanted, facts)) for entry, facts, held in told if held is None])
    found = sorted((row for row in told if row[2]), key=lambda row: conditions.place(order, row[1]))
    return [entry for entry, _, _ in found]


def possible_backbones(
    pattern: str, sitting: Session, entries: Sequence[Entry], base: Base | None = None
) -> list[Entry]:
    """The backbones that a filter with its conditions keeps, or may keep once they are asked."""
    return [entry for entry, _, held in judged(pattern, sitting, entries, base) if held is not False]


def judged(
    pattern: str, sitting: Session, entries: Sequence[Entry], base: Base | None
) -> list[tuple[Entry, conditions.Known, bool | None]]:
    """What the plain words of a filter keep: what is known of each, and whether its conditions hold."""
    plain, wanted = conditions.split(pattern)
    known = [
        (entry, replace(sitting.known(entry), fits=sitting.fit(base, entry).taken)) for entry in kept(plain, entries)
    ]
    return [(entry, facts, conditions.verdict(wanted, facts)) for entry, facts in known]


def say_untold(sitting: Session, left_out: Sequence[tuple[Entry, set[str]]]) -> None:
    """Say of how many backbones what is not known, by the names of the conditions, and what would tell."""
    unlicensed = [entry for entry, names in left_out if names == {"licence"}]
    others = [(entry, names) for entry, names in left_out if names != {"licence"}]
    silent = [entry for entry, names in others if sitting.was_asked(entry, at_input="macs" in names)]
    height, width = sitting.input
    if unlicensed:
        say(f"{len(unlicensed)} under a licence that is not known, and left out")
    if silent and sitting.atlas is not None:
        say(f"{len(silent)} of which the atlas does not know that at {height}x{width}, and left out")
    elif silent:
        say(f"{len(silent)} that did not say, and left out")
    if len(others) > len(silent):
        say(f"{len(others) - len(silent)} not asked yet, and left out (--ask-each asks them all)")


def put(lines: Iterable[str]) -> None:
    """Data for people, on stdout, in their language."""
    for text in lines:
        put_data(f"{line(language.told(text))}\n")


STDOUT: Final = Path("-")
"""What stands for stdout where a file is named."""


@contextmanager
def or_to_stdout(how: str) -> Iterator[None]:
    """Where a file cannot be written, say that its text can go to stdout, and how."""
    try:
        yield
    except ChangedMeanwhile:
        raise
    except WriteRefused as error:
        raise WriteRefused(error.text, f"{error.hint}; {how}") from error


def put_json(data: Any) -> None:
    """Data for programs, on stdout; JSON has no NaN and no infinity: null stands for them."""
    dumps = partial(json.dumps, indent=2, ensure_ascii=False, default=plain)
    try:
        text = dumps(data, allow_nan=False)
    except ValueError:
        text = dumps(json.loads(dumps(data), parse_constant=lambda name: None), allow_nan=False)
    put_data(f"{escaped(text)}\n")


def narrate(text: str, done: int, total: int) -> None:
    """What is being done, on stderr; only where somebody watches."""
    if sys.stderr.isatty():
        place = _("{what} ({number} of {total})")
        say(place.format(what=language.told(text), number=done + 1, total=total) if total else text)
