"""What is remembered from one sitting to the next: the environment chosen on each host, those that were made,
and where mmdet lies on another machine. A convenience: a home that cannot be written to stops nothing."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from bbwizard import kept, paths

VERSION: Final = 1
"""Of the file; another one is set aside."""


class Memory(msgspec.Struct):
    """The file: the Python chosen on each host, those that `env create` made, mmdet's folder on the other machine."""

    chosen: dict[str, str] = {}
    made: list[str] = []
    mmdet_root: str = ""
    version: int = VERSION


def file() -> Path:
    return paths.state() / "environments.json"


def remember(python: str) -> None:
    """Keep `python` as this host's choice; nothing happens where the state folder cannot be written."""
    host, place = socket.gethostname(), os.path.abspath(python)
    change(lambda memory: memory.chosen.update({host: place}))


def remembered() -> str | None:
    """The Python last chosen on this host; home folders are shared by hosts whose disks are not."""
    return read().chosen.get(socket.gethostname())


def forget() -> None:
    """Keep no choice for this host."""
    if remembered() is not None:
        change(lambda memory: memory.chosen.pop(socket.gethostname(), None))


def record_made(python: str) -> None:
    """Keep `python` among the environments that `env create` made."""

    def add(memory: Memory) -> None:
        memory.made = [*(other for other in memory.made if other != python), python]

    change(add)


def made() -> list[str]:
    """The Pythons of the environments that `env create` made and that still exist, newest first."""
    return [python for python in reversed(read().made) if os.access(python, os.X_OK)]


def remember_mmdet_root(root: str) -> None:
    """Keep where mmdet lies on the machine that trains, for sittings without its environment."""
    change(lambda memory: setattr(memory, "mmdet_root", root))


def mmdet_root() -> str:
    """Where mmdet was last said to lie on the machine that trains; empty where nobody said."""
    return read().mmdet_root


def read() -> Memory:
    """What is remembered; nothing where the file is missing, or cannot be understood."""
    found = kept.read(file(), decode, "what was remembered of environments")
    return Memory() if found is None else found


def decode(data: bytes) -> Memory:
    """What a file remembers.

    Raises:
        ValueError, msgspec.MsgspecError: it is not one of this version.
        UsageError: a path in it can be none.
    """
    memory = msgspec.json.decode(data, type=Memory)
    if memory.version != VERSION:
        raise ValueError(f"version {memory.version}")
    for path in (*memory.chosen.values(), *memory.made, memory.mmdet_root):
        paths.demand(path)
    return memory


def change(what: Callable[[Memory], object]) -> None:
    """Remember something else, beside what other processes remembered meanwhile."""

    def changed() -> str:
        memory = read()
        what(memory)
        return msgspec.json.format(msgspec.json.encode(memory), indent=2).decode() + "\n"

    kept.renew(file(), changed)
