"""The stacks that bbwizard can build: each a pip constraints file shipped beside this package."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from bbwizard.errors import UsageError

FOLDER = Path(__file__).resolve().parents[1] / "stacks"
NAMES = ("2.28", "2.24")
"""The stacks, the one to take by default first."""


@dataclass(frozen=True)
class Stack:
    """One stack: its constraints file, and what that says.

    `pythons` are those that it runs on, best first; `room` is the bytes that it takes while it is built.
    """

    name: str
    file: Path
    pythons: tuple[str, ...]
    room: int
    rules: dict[str, str]
    """Distribution to version rule: {"torch": "==2.4.1", "numpy": "<1.24"}."""

    @property
    def pins(self) -> dict[str, str]:
        """The distributions that have one version and no other."""
        return {name: rule[2:] for name, rule in self.rules.items() if rule.startswith("==")}


def load_stack(name: str) -> Stack:
    """The stack of that name.

    Raises:
        UsageError: there is no such stack.
    """
    if name not in NAMES:
        raise UsageError(f"there is no stack {name!r}", hint=f"the stacks are {' and '.join(NAMES)}")
    file = FOLDER / f"{name}.txt"
    text = file.read_text("utf-8")
    pythons = re.search(r"^# python: (.+)$", text, re.MULTILINE)
    room = re.search(r"^# room: (\d+) GiB$", text, re.MULTILINE)
    assert pythons is not None, f"{file} does not say which Python it is for"
    assert room is not None, f"{file} does not say how much room it takes"
    rules = dict(re.findall(r"^([a-z][\w.-]*)([<>=!~].*)$", text, re.MULTILINE))
    return Stack(name, file, tuple(pythons[1].split()), int(room[1]) * 1024**3, rules)
