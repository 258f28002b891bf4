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
from typing import Final

import msgspec

from bbwizard import atomic, paths
from bbwizard.errors import BbwizardError
from bbwizard.recipe import Recipe

VERSION: Final = 1
"""Of the files; another one is set aside."""

UNREADABLE: Final = ".unreadable"
"""What is put behind the name of a file that cannot be understood."""

DECLINED: Final = "declined"
"""The folder of sittings that the user did not want to go on with when they were offered."""


@dataclass(frozen=True)
class Draft:
    """A sitting as it stood when it last changed.

    `python` is the open training environment, `launch` the prefix before it, `folder` where the wizard was started,
    `filters` what is typed in the lists by the number of their step, `saved` seconds since 1970. `born` tells its
    process from a later one of the same number.
    """

    python: str
    step: int
    recipe: Recipe
    launch: tuple[str, ...] = ()
    folder: str = ""
    marked: tuple[str, ...] = ()
    filters: Mapping[int, str] = field(default_factory=dict)
    saved: float = 0.0
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

    def keep(self, draft: Draft) -> None:
        """Put this in the sitting's file; nothing is written where nothing but the time has changed.

        A home that cannot be written to keeps nothing: the wizard goes on all the same.
        """
        if self.ended or (self.kept is not None and replace(draft, saved=self.kept.saved) == self.kept):
            return
        self.kept = draft
        if draft.empty:
            with contextlib.suppress(OSError):
                self.path.unlink(missing_ok=True)
        elif paths.made(self.path.parent) is not None:
            with contextlib.suppress(BbwizardError):
                atomic.write_text(self.path, msgspec.json.encode(draft).decode())

    def clear(self) -> None:
        """The sitting was ended by its user: there is nothing to go on with."""
        self.ended = True
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)


def left(*, declined: bool = False) -> tuple[list[Left], list[Path]]:
    """The drafts of sittings that ended, the newest first, and files that cannot be read, set aside under these names.

    With `declined` those that were offered before and not wanted.
    """
    found, aside = [], []
    for path in sorted((folder() / DECLINED if declined else folder()).glob("*.json")):
        try:
            draft = msgspec.json.decode(path.read_bytes(), type=Draft)
            if draft.version != VERSION:
                raise msgspec.ValidationError(f"version {draft.version}")
        except OSError:
            continue  # another sitting has just taken it, or a file server is away
        except (msgspec.DecodeError, UnicodeDecodeError):
            aside += set_aside(path)
        else:
            if not draft.runs:
                found.append(Left(path, draft))
    return sorted(found, key=lambda one: -one.draft.saved), aside


def set_aside(path: Path) -> list[Path]:
    """Give a file that cannot be understood a name that is not read again; its name, where that could be done."""
    name = path.with_name(path.name + UNREADABLE)
    try:
        path.rename(name)
    except OSError:
        return []
    return [name]


def decline(one: Left) -> None:
    """Offer a draft no more at the start."""
    with contextlib.suppress(OSError):
        (one.path.parent / DECLINED).mkdir(mode=0o700, exist_ok=True)
        one.path.rename(one.path.parent / DECLINED / one.path.name)


def forget(one: Left) -> None:
    """It is not wanted any more."""
    with contextlib.suppress(OSError):
        one.path.unlink(missing_ok=True)


def born(pid: int) -> str:
    """When a process of this host was started, in whatever unit; empty where there is none, or nothing tells.

    The field after the name in parentheses that proc(5) calls `starttime`, the twenty-second of all.
    """
    try:
        told = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return ""
    return told.rpartition(")")[2].split()[19]
