"""How the wizard looks: the theme, which is remembered for each kind of terminal, and whether it draws in ASCII."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from bbwizard import paths


@dataclass(frozen=True)
class Look:
    """What the command line asks for: one of `grammar.THEMES`, or "" for the last, and ASCII alone."""

    theme: str = ""
    ascii: bool = False


def file() -> Path:
    """Where the last theme stands for each number of colours."""
    return paths.state() / "looks.json"


def remembered(colours: str) -> str:
    """The name of the theme that was last chosen on a terminal with so many colours; empty where none was."""
    name = read().get(colours, "")
    return name if isinstance(name, str) else ""


def remember(colours: str, theme: str) -> None:
    """Keep a theme for terminals with so many colours; a file that cannot be understood is set aside first."""
    from bbwizard import kept  # not needed to begin with

    kept.read(file(), decoded, "the file of themes")
    kept.renew(file(), lambda: json.dumps({**read(), colours: theme}, indent=2) + "\n")


def read() -> dict[str, object]:
    """The file, as far as it can be understood."""
    try:
        return decoded(paths.regular(file()).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}


def decoded(data: bytes) -> dict[str, object]:
    """What the file holds.

    Raises:
        ValueError: it is something else.
    """
    found = json.loads(data)
    if not isinstance(found, dict):
        raise ValueError("not a mapping")
    return found
