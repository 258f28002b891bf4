"""Writes a text file so that a reader sees the old one or the new one, never a half of it."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from bbwizard.errors import WriteRefused


def write_text(path: Path, text: str) -> None:
    """Put `text` (UTF-8, line ends as they are) at `path`, replacing what is there and keeping its permissions.

    Raises:
        WriteRefused: the folder or the file cannot be written; nothing was changed.
    """
    # A link is followed, so that a preset kept elsewhere stays a link.
    path = Path(os.path.realpath(path))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError(21, "is a folder", str(path))
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".new")
    except OSError as error:
        raise _refused(path, error) from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, _mode(path))
        os.replace(name, path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.unlink(name)
        if isinstance(error, OSError):
            raise _refused(path, error) from error
        raise


def _mode(path: Path) -> int:
    """The permissions of the file that is there, else those the user's umask gives."""
    with contextlib.suppress(OSError):
        return path.stat().st_mode & 0o7777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _refused(path: Path, error: OSError) -> WriteRefused:
    reason = (error.strerror or str(error)).lower()
    return WriteRefused(f"{path} cannot be written: {reason}", hint="Name another file, or make its folder writable.")
