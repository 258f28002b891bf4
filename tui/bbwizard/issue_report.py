"""A text for an issue: what runs where and what is wrong, without what is private. Pure but for `gathered`."""

from __future__ import annotations

import getpass
import locale
import os
import platform
import re
import shutil
import socket
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from bbwizard import __version__

LIBRARIES: Final = ("textual", "rich", "msgspec", "PyYAML")
"""What draws and reads here."""
VARIABLES: Final = ("TERM", "COLORTERM", "TERM_PROGRAM", "TMUX", "STY", "SSH_TTY", "NO_COLOR", "LANG", "LC_ALL")
"""What decides how a terminal is drawn on."""
SET_ONLY: Final = ("TMUX", "STY", "SSH_TTY")
"""Of these it counts alone that they are set."""
LOG_LINES: Final = 40
"""The last lines of the probing half's log that are told."""

PUBLIC: Final = re.compile(r"(?:site-packages|dist-packages|lib/python[\d.]+|mmdetection|mmdet/\.mim)(?=/|$).*")
"""The part of a path that is the same for everybody."""
ABSOLUTE: Final = re.compile(r"(?<![\w.~/>:])/(?!/)[^\s'\"`<>|,;:()\[\]{}]+")
"""A path from the root, as it stands in a text."""
ADDRESS: Final = re.compile(r"(?:[\w.+-]+@)[\w.-]+|\b\d{1,3}(?:\.\d{1,3}){3}\b")
"""Somebody at some host, and an address of a host."""
PASSWORD: Final = re.compile(r"(?i)\b(token|password|passwd|secret|api_?key)(\s*[=:]\s*)\S+")


@dataclass(frozen=True)
class Private:
    """What must not be told: the user's name and home, and the host's name."""

    home: str
    user: str
    host: str

    @classmethod
    def here(cls) -> Private:
        """Of this process."""
        try:
            user = getpass.getuser()
        except (KeyError, OSError):
            user = ""  # a container's user without a name
        return cls(os.path.expanduser("~"), user, socket.gethostname())


def redacted(text: str, private: Private) -> str:
    """A text without paths but for their last part and what they share with everybody's, names and addresses."""
    if len(private.home) > 1:
        text = text.replace(private.home, "~")
    text = PASSWORD.sub(r"\1\2…", text)
    text = ADDRESS.sub("<address>", text)
    text = ABSOLUTE.sub(shortened, text)
    text = re.sub(r"~/[^\s'\"`<>|,;:()\[\]{}]+", shortened, text)
    for name, mark in ((private.user, "<user>"), (private.host, "<host>")):
        if len(name) > 2:
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", mark, text)
    return text


def shortened(found: re.Match[str]) -> str:
    """A path as `…/` and what of it tells a stranger something."""
    path = found[0].rstrip("/")
    public = PUBLIC.search(path)
    return f"…/{public[0] if public else path.rpartition('/')[2]}"


def report(doctor: Sequence[str], here: Sequence[tuple[str, str]], log: Iterable[str], private: Private) -> str:
    """The text: what draws, what `doctor` said, and the last lines of the probing half's log, in Markdown."""
    width = max(len(name) for name, _ in here) + 2
    parts = [
        "### bbwizard",
        fenced(f"{name:{width}}{value}" for name, value in here),
        "### Training environment",
        fenced(doctor),
        "### What the probing half said last",
        fenced(list(log)[-LOG_LINES:]),
    ]
    return redacted("\n".join(parts), private) + "\n"


def fenced(lines: Iterable[str]) -> str:
    """Lines as Markdown shows them unread."""
    return "\n".join(["```", *(line.replace("```", "'''") for line in lines), "```"])


def gathered(environ: Mapping[str, str] = os.environ) -> list[tuple[str, str]]:
    """What draws, and on what."""
    columns, lines = shutil.get_terminal_size()
    told = [("bbwizard", __version__), ("python", platform.python_version()), ("system", platform.platform(terse=True))]
    told += [(name, installed(name)) for name in LIBRARIES]
    told += [("terminal", f"{columns}x{lines}, {locale.getpreferredencoding(False)}")]
    told += [(name, "set" if name in SET_ONLY else environ[name]) for name in VARIABLES if environ.get(name)]
    return told


def installed(name: str) -> str:
    """The version of a distribution here."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


def last_log(folder: Path) -> list[str]:
    """The lines of the log that was written to last; none where there is none that can be read."""
    try:
        newest = max(folder.glob("probe-*.log"), key=lambda path: path.stat().st_mtime, default=None)
        return [] if newest is None else newest.read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
