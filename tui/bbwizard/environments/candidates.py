"""The training environments of this machine, and the one to take where it is clear."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from bbwizard.environments import memory
from bbwizard.environments.inquiry import LIMIT, inquire
from bbwizard.environments.sources import active, conda_folders, python_in
from bbwizard.errors import NoEnvironment, NoneFound

ASKED = "--python"
VARIABLE = "BBWIZARD_PYTHON"
OWN = "this interpreter"
ACTIVE = "active environment"
CONDA = "conda"
MADE = "made by bbwizard"
REMEMBERED = "remembered"

MAKE_ONE = "make one with `bbwizard env create DIR`, or name one with --python or $BBWIZARD_PYTHON"
MAKE_WHOLE = "make a whole one with `bbwizard env create DIR`, or name one with --python or $BBWIZARD_PYTHON"


@dataclass(frozen=True)
class Candidate:
    """A Python that may be the training environment: where it was found, and what it holds."""

    python: str
    origin: str
    versions: Mapping[str, str | None] = field(default_factory=dict)
    """"torch", "torchvision", "mmcv-full", "mmdet", "mmcls", "timm" to version, None where missing."""
    python_version: str = ""
    prefix: str = ""
    error: str = ""
    """Why it could not be asked at all."""

    @property
    def missing(self) -> tuple[str, ...]:
        """What it lacks to be a training environment at all."""
        return tuple(name for name in ("torch", "mmdet") if not self.versions.get(name))

    @property
    def usable(self) -> bool:
        return not self.error and not self.missing

    @property
    def problem(self) -> str:
        """Why it is not usable, in words; empty where it is."""
        if self.error:
            return self.error
        return f"{self.python} has no {' and no '.join(self.missing)}" if self.missing else ""


def discover(
    explicit: str | None = None, environ: Mapping[str, str] = os.environ, own: str = sys.executable
) -> list[Candidate]:
    """Every Python that may be a training environment, usable or not, in the order in which they are preferred.

    Each environment comes once, under the first origin it was found by.
    """
    found: dict[str, str] = {}
    for python, origin in places(explicit, environ, own):
        found.setdefault(python, origin)
    with ThreadPoolExecutor(8) as pool:
        asked = list(pool.map(inquired, found, found.values()))
    # One environment may be found as bin/python and as bin/python3.
    once: dict[str, Candidate] = {}
    for candidate in asked:
        once.setdefault(os.path.realpath(candidate.prefix) if candidate.prefix else candidate.python, candidate)
    return list(once.values())


def places(explicit: str | None, environ: Mapping[str, str], own: str) -> Iterator[tuple[str, str]]:
    """Python and origin, in order of preference."""
    if explicit:
        yield python_in(explicit), ASKED
    if environ.get(VARIABLE):
        yield python_in(environ[VARIABLE]), VARIABLE
    if own:
        yield own, OWN
    for folder in active(environ):
        yield python_in(folder), ACTIVE
    for folder in conda_folders(environ):
        if os.access(python := os.path.join(folder, "bin", "python"), os.X_OK):
            yield python, CONDA
    for python in memory.made():
        yield python, MADE
    if (chosen := memory.remembered()) and os.access(chosen, os.X_OK):
        yield chosen, REMEMBERED


def inquired(python: str, origin: str, limit: float = LIMIT) -> Candidate:
    """The candidate at `python`, asked what it holds."""
    held = inquire(python, limit)
    return Candidate(python, origin, held.versions, held.python, held.prefix, held.error)


def choose(candidates: Sequence[Candidate]) -> Candidate | None:
    """The clear choice among what `discover` found; None where there is none, or the user must say.

    Raises:
        NoEnvironment: the one that the user named is not usable.
    """
    for origin in (ASKED, VARIABLE):
        for candidate in candidates:
            if candidate.origin == origin:
                return demanded(candidate)
    usable = [candidate for candidate in candidates if candidate.usable]
    for origin in (OWN, ACTIVE):
        for candidate in usable:
            if candidate.origin == origin:
                return candidate
    chosen = memory.remembered()
    for candidate in usable:
        if chosen and same_environment(candidate, chosen):
            return candidate
    return usable[0] if len(usable) == 1 else None


def same_environment(candidate: Candidate, python: str) -> bool:
    """Whether `python` is that of the candidate, by this or another name (bin/python, bin/python3)."""
    folder = os.path.dirname(os.path.dirname(python))
    return candidate.python == python or os.path.realpath(folder) == os.path.realpath(candidate.prefix)


def demanded(candidate: Candidate) -> Candidate:
    """The candidate that the user named.

    Raises:
        NoEnvironment: it is not usable.
    """
    if candidate.usable:
        return candidate
    named_by = f"${VARIABLE}" if candidate.origin == VARIABLE else candidate.origin
    raise NoEnvironment(f"{named_by}: {candidate.problem}", hint=MAKE_WHOLE)


def told(explicit: str | None, environ: Mapping[str, str] = os.environ) -> str | None:
    """The Python that the user names with `--python` or $BBWIZARD_PYTHON, as it stands; None where neither is.

    Behind a launch prefix that is all there is to know of it: it is another host's.
    """
    return explicit or environ.get(VARIABLE) or None


def named(
    explicit: str | None = None, environ: Mapping[str, str] = os.environ, limit: float = LIMIT
) -> Candidate | None:
    """The environment that the user names with `--python` or $BBWIZARD_PYTHON, asked alone; None where neither is.

    Raises:
        NoEnvironment: it is not usable.
    """
    for path, origin in ((explicit, ASKED), (environ.get(VARIABLE), VARIABLE)):
        if path:
            return demanded(inquired(python_in(path), origin, limit))
    return None


def find(explicit: str | None = None, environ: Mapping[str, str] = os.environ, own: str = sys.executable) -> Candidate:
    """The training environment, for a command that cannot ask the user.

    Raises:
        NoEnvironment: there is none (`NoneFound`), or there are several and none is the clear choice.
    """
    if (one := named(explicit, environ)) is not None:
        return one
    candidates = discover(None, environ, own)
    if (chosen := choose(candidates)) is not None:
        return chosen
    usable = [candidate for candidate in candidates if candidate.usable]
    if not usable:
        raise NoneFound("no training environment found (a Python that holds torch and mmdet)", hint=MAKE_ONE)
    several = "".join(f"\n  {candidate.python}  ({candidate.origin})" for candidate in usable)
    raise NoEnvironment(f"there are {len(usable)} training environments:{several}", hint="choose with --python PATH")
