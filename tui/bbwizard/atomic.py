"""Writes a text file so that a reader sees the old one or the new one, never a half of it.

A link is written through to the file that it names, so that what is kept elsewhere stays there. One that leads nowhere
is followed as far as its folder is there: making folders on a disk that is not mounted would hide them later.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bbwizard.errors import ChangedMeanwhile, WriteRefused
from bbwizard.refusals import told_of

PREFIX: Final = ".bbwizard-"
SUFFIX: Final = ".new"
STALE: Final = 600.0
"""Seconds after which a file that is still being written was left by a process that was killed."""


@dataclass(frozen=True)
class Seen:
    """A file as it was at one moment: its bytes, and its last change in nanoseconds since 1970.

    Its number on its disk is left out: some network disks number it anew each time.
    """

    size: int
    changed: int


NOTHING: Final = Seen(-1, 0)
"""Where there was no file."""
ANYTHING: Final = None
"""Whatever is there."""


def look(path: Path) -> Seen:
    """What is there now; a file that cannot be looked at is none."""
    try:
        told = os.stat(path)
    except (OSError, ValueError):
        return NOTHING
    return Seen(told.st_size, told.st_mtime_ns)


def write_text(path: Path, text: str, *, over: Seen | None = ANYTHING) -> Seen:
    """Put `text` (UTF-8, line ends as they are) at `path`, and what it is there.

    It replaces what was seen there, `over`, and nothing else; permissions and owner of what it replaces are kept.

    Raises:
        ChangedMeanwhile: there is something else, or anything where nothing was seen.
        WriteRefused: the folder or the file cannot be written. In both cases nothing was changed.
    """
    try:
        content = text.encode()
    except UnicodeEncodeError as error:
        words = f"{path} cannot be written: UTF-8 has no {text[error.start]!r}"
        raise WriteRefused(words, "a file or folder that it names has such a name: rename that") from error
    with told_of(path):
        target = landing(path)
        demand(path, target, over)
        target.parent.mkdir(parents=True, exist_ok=True)
        new = target.with_name(f"{PREFIX}{os.urandom(8).hex()}{SUFFIX}")
        try:
            put(new, content, like=target)
            seen = look(new)
            demand(path, target, over)  # writing may have taken its time
            if over == NOTHING:
                appear(new, path, target)
            else:
                os.replace(new, target)
            outlast(target.parent)
        finally:
            with suppress(OSError):
                os.unlink(new)
    sweep(target.parent, seen.changed)
    return seen


def move(old: Path, new: Path) -> None:
    """Give a file another name, never that of another file.

    Raises:
        ChangedMeanwhile: there is a file of the new name.
        WriteRefused: it cannot be renamed.
    """
    with told_of(new):
        demand(new, new, NOTHING)
        appear(old, new, new)
        with suppress(FileNotFoundError):
            os.unlink(old)
        outlast(new.parent)


def landing(path: Path) -> Path:
    """The file that a path leads to through all links.

    Raises:
        OSError: what is there cannot be replaced by a file, or may not be written.
        WriteRefused: a link leads to a folder that is not there, or the path up from one.
    """
    target = Path(os.path.realpath(path))
    try:
        told = os.stat(path)
    except FileNotFoundError:
        # The system goes up from a folder that is there alone; the path would lead nowhere afterwards.
        above = next((part.parent for part in path.parents if part.name == ".." and not part.exists()), None)
        if above is not None:
            text = f"{path} cannot be written: {above} is not there"
            raise WriteRefused(text, "make that folder, or leave it out of the path") from None
        broken = next((part for part in (path, *path.parents) if part.is_symlink() and not part.exists()), None)
        if broken is not None and not (broken == path and target.parent.is_dir()):
            text = f"{path} cannot be written: {broken} is a link to {os.readlink(broken)}, which is not there"
            raise WriteRefused(text, "make that folder or mount its disk, or remove the link") from None
        return target
    if stat.S_ISDIR(told.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(told.st_mode):
        raise WriteRefused(f"{path} cannot be written: it is a device or a pipe", "name a file")
    # A folder lets what is write-protected in it be replaced: only the file itself says that it should not be.
    os.close(os.open(target, os.O_WRONLY))
    return target


def demand(path: Path, target: Path, over: Seen | None) -> None:
    """Refuse to replace anything but what was seen.

    Raises:
        ChangedMeanwhile: there is something else.
    """
    if over is ANYTHING or (now := look(target)) == over:
        return
    if over == NOTHING:
        raise ChangedMeanwhile(f"{path} is there already", "say --force to replace it, or name another file")
    text = f"{path} was {'changed' if now != NOTHING else 'removed'} by something else meanwhile"
    raise ChangedMeanwhile(text, "look at it, then write it again")


def put(new: Path, content: bytes, *, like: Path) -> None:
    """Write a file that is not there yet, with the permissions and the owner of another; else as the umask has it."""
    try:
        told = os.stat(like)
    except FileNotFoundError:
        told = None
    mode = 0o666 if told is None else 0o600
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        if told is not None:
            with suppress(OSError):  # it is another's, and so is the new one's from now on
                os.fchown(file.fileno(), told.st_uid, told.st_gid)
            os.fchmod(file.fileno(), stat.S_IMODE(told.st_mode))
        os.fsync(file.fileno())


def appear(new: Path, path: Path, target: Path) -> None:
    """Give a file its name where there must be none of it; unlike a rename, a link never replaces one."""
    try:
        os.link(new, target)
    except FileExistsError:
        demand(path, target, NOTHING)
        raise
    except FileNotFoundError:
        raise
    except OSError:  # a disk that knows no second names
        demand(path, target, NOTHING)
        os.replace(new, target)


def outlast(folder: Path) -> None:
    """Have the names in a folder outlast a loss of power, where its file system promises that."""
    with suppress(OSError):  # some refuse it for a folder
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def holds(path: Path, text: str) -> bool:
    """Whether a file holds this very text already."""
    try:
        content, told = text.encode(), os.stat(path)
        alike = stat.S_ISREG(told.st_mode) and told.st_size == len(content)
        return alike and path.read_bytes() == content
    except (OSError, ValueError):
        return False


def sweep(folder: Path, now: int) -> None:
    """Remove what killed processes left half written in a folder, at this time by its own clock, in nanoseconds."""
    with suppress(OSError):
        for left in folder.glob(f"{PREFIX}*{SUFFIX}"):
            with suppress(OSError):
                if now - left.stat().st_mtime_ns > STALE * 1e9:
                    left.unlink()
