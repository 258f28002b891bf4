"""The folders that bbwizard keeps its own files in, by the XDG rules; each is made for its user alone."""

from __future__ import annotations

import errno
import os
import re
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import platformdirs

from bbwizard.errors import UsageError, WriteRefused
from bbwizard.language import _

NAME = "bbwizard"

NOWHERE: Final = Path(os.devnull)
"""Stands for the home of a user who has none: nothing can be made below it, not by root either."""


UNPRINTABLE: Final = re.compile("['\\\\\n\r\ud800-\udfff]")
"""What mmcv's printer stops at in a text, in some of its versions, or makes another text of."""


def config() -> Path:
    """Settings that a person edits."""
    return own(platformdirs.user_config_dir)


def presets() -> Path:
    """The user's own presets."""
    return own(platformdirs.user_data_dir) / "presets"


def state() -> Path:
    """What bbwizard remembers from one sitting to the next: choices, drafts."""
    return own(platformdirs.user_state_dir)


def logs() -> Path:
    """What the probing half and `env create` had to say."""
    return state() / "logs"


def cache() -> Path:
    """What may be deleted at any time."""
    return own(platformdirs.user_cache_dir)


def own(place: Callable[[str], str]) -> Path:
    """One of the folders, below `NOWHERE` for a user without a home."""
    try:
        folder = Path(place(NAME))
    except RuntimeError:
        return NOWHERE / NAME
    return folder if folder.is_absolute() else NOWHERE / NAME


def made(folder: Path) -> Path | None:
    """`folder`, made with those above it, each with mode 0o700; None where it cannot be (a read-only home)."""
    try:
        for missing in [one for one in (folder, *folder.parents) if not one.exists()][::-1]:
            missing.mkdir(mode=0o700, exist_ok=True)
    except OSError:
        return None
    return folder if folder.is_dir() else None


def typed(text: str) -> Path:
    """A path as a person types it, `~` and `~user` included.

    Raises:
        UsageError: nobody knows that user's home, or it holds a sign that no path can.
    """
    demand(text)
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        home = text.partition("/")[0]
        raise UsageError(f"there is no home folder {home}", "give the whole path") from error


def demand(text: str) -> None:
    """Refuse what no system takes for a path.

    Raises:
        UsageError: it holds a NUL, or half of a sign.
    """
    try:
        sound = b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        sound = False
    if not sound:
        raise UsageError(f"{text!r} is no path", "it holds a sign that no path can")


def there(text: str) -> str:
    """A folder of another machine, where neither `~` nor this folder leads anywhere.

    Raises:
        UsageError: it is no whole path.
    """
    if not text.startswith("/"):
        raise UsageError(_("a whole path is needed"), _("it begins with /"))
    return text.rstrip("/") or text


def demand_printable(name: str) -> None:
    """Refuse a name that a training could not print in its config, in which its work dir has the config's.

    mmcv puts texts between single quotes as they are, and reads as Python what it made (`bbprobe.printing`).

    Raises:
        WriteRefused: it would end there, break the line, or be read as another.
    """
    if UNPRINTABLE.search(name):
        text = f"{name!r} is no name to train under: training prints it in its config, which mmcv cannot"
        raise WriteRefused(text, "name it otherwise, in UTF-8 without single quotes, backslashes and line breaks")


def regular(path: Path) -> Path:
    """`path`, of which reading comes to an end: that of a pipe may wait for ever, and a device may have none.

    Raises:
        OSError: it is a pipe or a device, or cannot be looked at.
    """
    mode = os.stat(path).st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise OSError(errno.EINVAL, "it is a device or a pipe")
    return path


def elsewhere(path: Path) -> Path:
    """The same file name in another folder that can be written: the user's home, else the one for temporary files."""
    places = [Path(os.path.expanduser("~")), Path(tempfile.gettempdir())]
    open_to_all = (place for place in places if place != path.parent and os.access(place, os.W_OK))
    return next(open_to_all, places[-1]) / path.name
