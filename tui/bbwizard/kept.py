"""The files that bbwizard keeps for itself: what is wrong with one is said, is never deleted, and stops nothing.

What is said goes to `WORDS`. On the command line logging puts it on stderr as it is; the wizard shows it.
"""

from __future__ import annotations

import atexit
import logging
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

import msgspec

from bbwizard import atomic, paths
from bbwizard.errors import BbwizardError, ChangedMeanwhile, WriteRefused
from bbwizard.inert import plain
from bbwizard.refusals import reason

Thing = TypeVar("Thing")

WORDS: Final = logging.getLogger(__name__)

UNREADABLE: Final = ".unreadable"
"""What is put behind the name of a file that cannot be understood."""
TRIES: Final = 5
"""How often a file is written anew that other processes write too, until it is written whoever was faster."""

UNKEPT: Final = "unkept"
"""Stands for whatever says that nothing can be kept: it is said once, of whichever file comes first."""

LOGS: Final = 20
"""Logs that are kept, beside the one that is begun."""
TEMPORARY: Final[set[Path]] = set()
"""Logs among the temporary files that are deleted when this process ends."""

SAID: set[str] = set()
"""What was said already."""


def read(
    path: Path, decode: Callable[[bytes], Thing], what: str, tell: Callable[[str], object] | None = None
) -> Thing | None:
    """What lies in a file; None where there is none, or none that can be read.

    `decode` raises a ValueError, msgspec's own or one of ours for what it does not understand: that file is set aside,
    for another version or a curious person. `what` is what it holds, for the words, which `tell` is given if not `say`.
    """
    seen = atomic.look(path)
    try:
        data = paths.regular(path).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        (tell or say)(f"{what} cannot be read: {path}: {reason(error)}")
        return None
    try:
        return decode(data)
    except (ValueError, RecursionError, msgspec.MsgspecError, BbwizardError):
        if atomic.look(path) == seen:  # else another process has just written a whole one
            (tell or say)(set_aside(path, what))
    return None


def set_aside(path: Path, what: str) -> str:
    """Give a file that cannot be understood a name that is not read again, and what to say of it."""
    names = (path.with_name(f"{path.name}{UNREADABLE}{number or ''}") for number in count())
    for name in names:
        try:
            atomic.move(path, name)
        except ChangedMeanwhile:
            continue
        except WriteRefused as error:
            return f"{what} cannot be read, nor set aside: {error.text}"
        return f"{what} cannot be read: kept as {name}"
    raise AssertionError  # there are numbers without end


def renew(path: Path, change: Callable[[], str]) -> bool:
    """Keep what `change` makes of the file as it is now; whether that could be done.

    It is called again where another process was faster: no lock is needed, which some file servers do not have.
    """
    if paths.NOWHERE in path.parents:
        say("nothing is kept for the next time: there is no home folder (HOME is not set)", once=UNKEPT)
        return False
    paths.made(path.parent)
    for left in reversed(range(TRIES)):
        seen = atomic.look(path)
        try:
            atomic.write_text(path, change(), over=seen if left else atomic.ANYTHING)
        except ChangedMeanwhile:
            continue
        except WriteRefused as error:
            say(f"nothing is kept for the next time: {error.text}", once=UNKEPT)
            return False
        except UnicodeEncodeError:  # a name on this disk that is no text
            say(f"{path.name} is not kept: a name in it is no UTF-8")
            return False
        return True
    return False


def log(name: str) -> Path:
    """Where to keep what a process says, if it says something.

    Where there is no home to keep it in it lies among the temporary files, and goes with this process.
    """
    folder = paths.made(paths.logs())
    if folder is not None and os.access(folder, os.W_OK):
        return folder / name
    place = Path(tempfile.gettempdir(), f"bbwizard-{os.urandom(8).hex()}-{name}")
    TEMPORARY.add(place)
    return place


def appended(path: Path) -> BinaryIO:
    """A log to write on, unbuffered; what is written is lost where it cannot be opened."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.parent == paths.logs():
            prune(path.parent, "*.log", LOGS)
        mode = 0o600 if path in TEMPORARY else 0o666
        return open(path, "ab", buffering=0, opener=lambda name, flags: os.open(name, flags, mode))
    except OSError as error:
        say(f"no log is kept: {path}: {reason(error)}", once="no log is kept")
        return open(os.devnull, "ab", buffering=0)


def prune(folder: Path, pattern: str, most: int) -> None:
    """Delete all but the newest files of that pattern in a folder."""
    with suppress(OSError):
        found = sorted(folder.glob(pattern), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in found[most:]:
            path.unlink(missing_ok=True)


def outlast(path: Path) -> None:
    """Leave a log where it is when this process ends: the user was told of it."""
    TEMPORARY.discard(path)


@atexit.register
def _clear() -> None:
    for path in TEMPORARY:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def say(words: str, once: str = "") -> None:
    """Say something to the user, and never again what was said `once`."""
    if (once or words) not in SAID:
        SAID.add(once or words)
        WORDS.warning("%s", plain(words))
