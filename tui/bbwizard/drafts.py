"""Sittings that were not ended by their user: each keeps itself in a file of its own as it changes.

A connection that drops, a machine that goes down, a terminal that is killed: the file stays, and the next sitting
offers it. One that still runs on this host is not offered; of one on another host of a shared home nobody can tell.
"""

from __future__ import annotations

import contextlib
import os
import socket
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from bbwizard import atomic, kept, paths, presets
from bbwizard.atomic import NOTHING
from bbwizard.errors import WriteRefused
from bbwizard.recipe import Recipe

VERSION: Final = 1
"""Of the files; another one is set aside."""

YEAR_9999: Final = 253_370_764_800
"""Seconds since 1970 until that year: what is later has no date."""

DECLINED: Final = "declined"
"""The folder of sittings that the user did not want to go on with when they were offered."""
MOST_DECLINED: Final = 100
"""Of those, the newest so many are kept."""


@dataclass(frozen=True)
class Draft:
    """A sitting as it stood when it last changed.

    `python` is the open training environment, `launch` the prefix before it, `folder` where the wizard was started,
    `output` where the user wants the config, `filters` what is typed in the lists by the number of their step, `saved`
    seconds since 1970. `born` tells its process from a later one of the same number.
    """

    python: str
    step: Annotated[int, Meta(ge=1, le=5)]
    recipe: Recipe
    launch: tuple[str, ...] = ()
    folder: str = ""
    output: str = ""
    marked: tuple[str, ...] = ()
    filters: Mapping[int, str] = field(default_factory=dict)
    saved: Annotated[float, Meta(ge=0, le=YEAR_9999)] = 0.0
    host: str = field(default_factory=socket.gethostname)
    pid: int = field(default_factory=os.getpid)
    born: str = field(default_factory=lambda: born(os.getpid()))
    version: int = VERSION

    @property
    def empty(self) -> bool:
        """Whether nothing would be lost with it."""
        return self.recipe == Recipe() and not self.marked and not any(self.filters.values())

    @property
    def runs(self) -> bool:
        """Whether its process is still there, as far as this host can tell."""
        return bool(self.born) and self.host == socket.gethostname() and self.born == born(self.pid)


@dataclass(frozen=True)
class Left:
    """A draft whose sitting has ended, and the file that it lies in."""

    path: Path
    draft: Draft


def folder() -> Path:
    """Where drafts lie."""
    return paths.state() / "sittings"


class Desk:
    """Where one sitting keeps itself."""

    def __init__(self) -> None:
        self.path = folder() / f"{uuid.uuid4().hex}.json"
        self.kept: Draft | None = None
        self.ended = False
        self._turn = Lock()

    def keep(self, draft: Draft) -> None:
        """Put this in the sitting's file; nothing is written where it holds all but the time already.

        A folder whose name is no text is not kept.
        """
        with self._turn:
            if self.ended or self._holds(draft):
                return
            self.kept = draft
            if draft.empty:
                self._remove()
            else:
                kept.renew(self.path, lambda: msgspec.json.encode(draft).decode())

    def clear(self) -> None:
        """The sitting was ended by its user: there is nothing to go on with."""
        with self._turn:
            self.ended = True
            self._remove()

    def _holds(self, draft: Draft) -> bool:
        if self.kept is None or replace(draft, saved=self.kept.saved) != self.kept:
            return False
        return draft.empty or atomic.look(self.path) != NOTHING  # a wizard on another host may have gone on with it

    def _remove(self) -> None:
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)


def left(*, declined: bool = False) -> list[Left]:
    """The drafts of sittings that ended, the newest first; with `declined` those that were offered and not wanted."""
    found, place, unreadable = [], folder() / DECLINED if declined else folder(), list[str]()
    for path in sorted(place.glob("*.json")):
        draft = kept.read(path, decode, "an earlier sitting", unreadable.append)
        if draft is not None and not draft.runs:
            found.append(Left(path, draft))
    if len(unreadable) > 1:
        unreadable = [f"{len(unreadable)} earlier sittings cannot be read: they stay in {place}"]
    for words in unreadable:
        kept.say(words)
    return sorted(found, key=lambda one: -one.draft.saved)


def decode(data: bytes) -> Draft:
    """The draft that a file holds.

    Raises:
        ValueError, msgspec.MsgspecError: it holds none, or one of another version.
        PresetError, UsageError: no sitting could have kept it.
    """
    draft = msgspec.json.decode(data, type=Draft)
    if draft.version != VERSION:
        raise ValueError(f"version {draft.version}")
    paths.demand(draft.python)
    paths.demand(draft.output)
    recipe = draft.recipe
    whole = replace(recipe, base=recipe.base or "b", backbone=recipe.backbone or "k", stages=recipe.stages or None)
    presets.parse(presets.dump(whole), "draft")
    return draft


def claimed(one: Left) -> Desk | None:
    """Where this sitting goes on with a draft, in a file of its own; None where another sitting was faster.

    Of all that remove the draft's file one succeeds. It lies in both files until then, and never in none.
    """
    desk = Desk()
    desk.keep(replace(one.draft, host=socket.gethostname(), pid=os.getpid(), born=born(os.getpid())))
    if atomic.look(desk.path) != NOTHING:
        try:
            one.path.unlink()
        except FileNotFoundError:
            desk.clear()
            return None
        except OSError:
            pass  # it stays to be offered again
    return desk


def decline(one: Left) -> None:
    """Offer a draft no more at the start."""
    folder = one.path.parent / DECLINED
    if paths.made(folder) is not None:
        with contextlib.suppress(WriteRefused):
            atomic.move(one.path, folder / one.path.name)
        kept.prune(folder, "*.json", MOST_DECLINED)


def forget(one: Left) -> None:
    """It is not wanted any more."""
    with contextlib.suppress(OSError):
        one.path.unlink(missing_ok=True)


def born(pid: int) -> str:
    """When a process of this host was started, in whatever unit; empty where it has ended, or nothing tells.

    The fields after the name in parentheses that proc(5) calls `state` and `starttime`, the third and the
    twenty-second of all. A process whose end nobody has asked about yet, Z, is not there any more.
    """
    try:
        told = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return ""
    state, *others = told.rpartition(")")[2].split()
    return "" if state in "ZX" else others[18]
