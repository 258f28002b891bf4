"""Why a file cannot be written: one sentence for each way it fails, and what to do."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bbwizard.errors import WriteRefused
from bbwizard.paths import NOWHERE

ROOM: Final = "make room there, or name a file on another disk"
OTHER: Final = "name another file, or make its folder writable"

REASONS: Final[Mapping[int, tuple[str, str]]] = {
    errno.ENOSPC: ("its disk is full", ROOM),
    errno.EDQUOT: ("your quota on its disk is used up", ROOM),
    errno.EFBIG: ("it is larger than this shell lets a file be", "raise `ulimit -f`"),
    errno.EROFS: ("its disk is read-only", "name a file on another disk"),
    errno.EACCES: ("permission is denied", OTHER),
    errno.EPERM: ("the system does not permit it", OTHER),
    errno.ETXTBSY: ("it is a program that runs", "name another file"),
    errno.EISDIR: ("it is a folder", "name a file in it"),
    errno.ENOTDIR: ("a part of its path is no folder", "name another file"),
    errno.ELOOP: ("its links lead in a circle", "remove the link, or name another file"),
    errno.ENAMETOOLONG: ("its name is too long", "give it a shorter one"),
    errno.ENOENT: ("it, or its folder, is not there", "do it again, or name another file"),
    errno.ESTALE: ("its file server has forgotten it", "write it again, or name a file on another disk"),
    errno.EIO: ("its disk fails", "name a file on another disk"),
}
"""What is said of a system's error, and what there is to do."""


def reason(error: OSError) -> str:
    """What went wrong, as the end of a sentence."""
    known = REASONS.get(error.errno or 0)
    return known[0] if known is not None else (error.strerror or str(error)).lower()


def refused(path: Path, error: OSError) -> WriteRefused:
    """The refusal to write there."""
    if NOWHERE in path.parents:
        return WriteRefused(f"{path.name} has no place: there is no home folder", "set HOME, or name another file")
    _, hint = REASONS.get(error.errno or 0, ("", OTHER))
    return WriteRefused(f"{path} cannot be written: {reason(error)}", hint)


@contextmanager
def told_of(path: Path) -> Iterator[None]:
    """Turn what the system says about a file into a refusal.

    Raises:
        WriteRefused: in place of an OSError, and of what a name cannot hold.
    """
    try:
        yield
    except OSError as error:
        raise refused(path, error) from error
    except ValueError as error:  # a NUL, or half of a sign
        raise WriteRefused(f"{str(path)!r} is no name for a file", "name another one") from error
