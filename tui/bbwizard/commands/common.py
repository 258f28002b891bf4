"""What commands share: the sitting they work in, and how they speak."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from bbprobe.protocol import BaseName, Entry
from bbwizard.environments import Candidate, find, named
from bbwizard.filtering import Names
from bbwizard.session import Session

Thing = TypeVar("Thing", BaseName, Entry)


@asynccontextmanager
async def session(options: argparse.Namespace) -> AsyncIterator[Session]:
    """A sitting in the training environment that the options, or this machine, make clear.

    Raises:
        NoEnvironment: there is none, or no telling which.
    """
    sitting = Session(launch_prefix=options.launch, device=options.device, cache=options.cache)
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


def kept(pattern: str, things: Sequence[Thing]) -> list[Thing]:
    """The things whose names a filter keeps, best first."""
    return [things[index] for index in Names([thing.name for thing in things]).find(pattern)]


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
